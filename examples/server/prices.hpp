#pragma once

#include <memory>
#include <string>

#include "voicebridge/agent/price_list.hpp"
#include "voicebridge/core/error.hpp"

namespace server {

/// Reads prices such as
/// `{"as_of":"2026-11","models":{"gpt-realtime-2.1":{"audio_in":32,"audio_out":64,…}}}`; the names
/// are those of `ModelPrice`.
/// @return All faults of the file in one message.
voicebridge::Result<std::shared_ptr<const voicebridge::PriceList>> load_prices(
    const std::string& path);

}  // namespace server
