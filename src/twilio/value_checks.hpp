#pragma once

#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

// What Twilio takes for what, in TwiML and in requests alike.

/// http(s), absolute.
bool is_web_url(std::string_view text);
/// A path, to be taken relative to the document: not empty, without scheme, space and fragment.
bool is_relative_url(std::string_view text);
/// wss without a query. Plain ws is for simulators on loopback.
bool is_stream_url(std::string_view text);
/// Two letters and 32 hexadecimal digits in lower case.
bool is_sid(std::string_view text, std::string_view prefix);
/// Who can call: E.164, `client:name`, or the user of a SIP address.
bool is_caller(std::string_view text);
/// Who can be called: E.164, `sip:…`, `client:…`.
bool is_callee(std::string_view text);
/// What is wrong with `sip:user@host;transport=tls?X-a=b`; empty when nothing is.
std::string fault_of_sip_uri(std::string_view text);
/// Characters of UTF-8 text.
std::size_t character_count(std::string_view text);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
