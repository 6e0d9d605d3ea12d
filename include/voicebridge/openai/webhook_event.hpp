#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/http.hpp"

/// What the service posts to an application (guide "Webhooks").
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// An address as it stands in a SIP header. Written by the caller's side: no proof of who it is.
struct SipAddress {
  std::string uri;           ///< "sip:+15550100@pstn.example.com;transport=tls"
  std::string user;          ///< "+15550100", decoded; empty when the address has none.
  std::string host;          ///< In lower case and without the port; empty for a tel: address.
  std::string number;        ///< E.164; empty when the user is no such number.
  std::string display_name;  ///< "Ada Lovelace"

  /// The number, or the address when there is none.
  const std::string& text() const noexcept { return number.empty() ? uri : number; }
};

/// Reads the value of a From, To or similar header: `"Ada" <sip:a@b;x=y>;tag=1`, `<tel:+1-555…>`,
/// `sip:a@b;tag=1`. What cannot be read is empty.
VOICEBRIDGE_API SipAddress parse_sip_address(std::string_view header);

/// `realtime.call.incoming`: somebody calls the project by SIP, and it rings.
struct IncomingSipCall {
  std::string webhook_id;       ///< The same in every delivery of this webhook.
  std::string event_id;         ///< "evt_…"
  std::string call_id;          ///< "rtc_…"; what `RealtimeApi` and the sideband want.
  std::int64_t created_at = 0;  ///< Unix seconds.
  HttpHeaders headers;          ///< Of the INVITE, in order, repeats kept. Look-up ignores case.
  SipAddress from;              ///< The `From` header's address.
  SipAddress to;                ///< The `To` header's address.
  std::string media_security;   ///< "rtp", "srtp"; empty when not told.
};

/// An event of any type.
struct WebhookEvent {
  std::string webhook_id;               ///< From the headers, so `parse_webhook` leaves it empty.
  std::string id;                       ///< The event's, the same for every delivery.
  std::string type;                     ///< Such as "realtime.call.incoming".
  std::int64_t created_at = 0;          ///< Unix seconds.
  std::optional<IncomingSipCall> call;  ///< Of `realtime.call.incoming`.
  Json json;                            ///< The whole event, for the types that are not read here.
};

/// @return `Errc::protocol_error` when it is no event, or an incoming call without its id.
VOICEBRIDGE_API Result<WebhookEvent> parse_webhook(std::string_view body);

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
