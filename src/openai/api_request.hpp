#pragma once

#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/openai/api_options.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// Whether every character can stand in a header.
bool is_header_text(std::string_view text);

/// The headers of every request, the key's included. @return `Errc::invalid_argument` naming the
/// option at fault.
Result<HttpHeaders> api_headers(const ApiOptions& options);

/// Puts the key where the options want it.
void set_key(HttpHeaders& headers, const ApiOptions& options, const Secret& key);

/// `base_url` and `path`, without a slash at the end. `scheme` is "http" or "ws"; an address of the
/// other kind is taken as well.
Result<std::string> api_address(const ApiOptions& options, std::string_view scheme);

/// The same for any address, which is checked. `field` names the option in the error.
Result<std::string> with_scheme(std::string_view url, std::string_view scheme,
                                const std::string& field);

/// Adds `name=value` pairs that are already encoded.
std::string with_query(std::string url, std::string_view query);

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
