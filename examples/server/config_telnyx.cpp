#include "config_values.hpp"
#include "voicebridge/core/crypto.hpp"
#include "voicebridge/telnyx/media_format.hpp"

namespace server {

using namespace values;
using voicebridge::AudioEncoding;

namespace {

Result<> public_key(Config& config, const std::string& value) {
  if (!value.empty() && !voicebridge::Ed25519PublicKey::parse(value)) {
    return wrong(
        "is no Ed25519 public key: copy it from the portal, Keys & Credentials, Public Key");
  }
  config.telnyx_public_key = value;
  return {};
}

Result<> codec(Config& config, const std::string& value) {
  const auto format = voicebridge::telnyx::stream_format(value);
  if (!format) return wrong(format.error().message);
  config.telnyx_codec = *format;
  return {};
}

Result<> l16_byte_order(Config& config, const std::string& value) {
  if (value != "little" && value != "big") return wrong("must be little or big");
  config.telnyx_l16 = value == "big" ? AudioEncoding::l16be : AudioEncoding::l16le;
  return {};
}

Result<> stream_start(Config& config, const std::string& value) {
  if (value != "answer" && value != "dial") return wrong("must be answer or dial");
  config.telnyx_stream_at_dial = value == "dial";
  return {};
}

}  // namespace

std::vector<Variable> telnyx_variables() {
  return {
      {"Telnyx", "TELNYX_API_KEY", "", true, "Key of the API (begins with KEY)",
       secret<&Config::telnyx_api_key>},
      {"Telnyx", "TELNYX_API_BASE", "https://api.telnyx.com/v2", false, "Address of the API",
       http_url<&Config::telnyx_api_base>},
      {"Telnyx", "TELNYX_PUBLIC_KEY", "", true,
       "Verifies webhooks: portal, Keys & Credentials, Public Key", public_key},
      {"Telnyx", "TELNYX_CALL_CONTROL_APP_ID", "", true, "The Call Control application's id",
       text<&Config::telnyx_app_id>},
      {"Telnyx", "TELNYX_OUTBOUND_CALLER_ID", "", true, "Number of yours that calls come from",
       caller_id<&Config::telnyx_caller_id>},
      {"Telnyx", "TELNYX_WEBHOOK_URL", "", false,
       "Where call events go; empty: PUBLIC_APP_URL/telnyx/webhooks",
       http_url<&Config::telnyx_webhook_url>},
      {"Telnyx", "TELNYX_STREAM_URL", "", false,
       "wss:// address of the media stream, or a template with {call_control_id}; empty: from "
       "PUBLIC_APP_URL",
       text<&Config::telnyx_stream_url>},
      {"Telnyx", "TELNYX_STREAM_CODEC", "PCMU", false,
       "Codec asked for: PCMU, PCMA, G722, L16/8000, L16/16000, L16/24000, OPUS/8000, OPUS/16000, "
       "OPUS/48000",
       codec},
      {"Telnyx", "TELNYX_L16_BYTE_ORDER", "little", false,
       "Byte order of L16, which Telnyx does not document: little or big", l16_byte_order},
      {"Telnyx", "TELNYX_STREAM_START", "answer", false,
       "When the media stream is asked for: answer, or dial, which saves a round trip",
       stream_start},
      {"Telnyx", "TELNYX_VOICE", "AWS.Polly.Joanna-Neural", false,
       "The carrier's own voice, heard when the model is lost", text<&Config::telnyx_voice>},
  };
}

}  // namespace server
