#pragma once

#include "voicebridge/store/call_store.hpp"
#include "web_book.hpp"

namespace server {

/// An ephemeral session that is over, as a call is kept: nothing of its talk has passed here but
/// what the page has told. No I/O, no clock.
voicebridge::StoredCallRecord told_record(const WebBook::Seen& seen, voicebridge::UnixMillis ended);

}  // namespace server
