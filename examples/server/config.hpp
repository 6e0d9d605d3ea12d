#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/agent/dial_policy.hpp"
#include "voicebridge/agent/price_list.hpp"
#include "voicebridge/audio/format.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/log.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"
#include "voicebridge/net/runtime.hpp"

namespace server {

/// All that the environment decides. Each variable is described once, in the table of config.cpp.
struct Config {
  std::string host;
  std::uint16_t port = 0;
  std::string public_app_url;
  std::string tls_certificate_file;
  std::string tls_key_file;
  voicebridge::Secret api_token;

  voicebridge::Secret openai_api_key;
  std::string openai_base_url;
  std::string openai_realtime_url;
  std::string openai_path;
  std::string openai_query;
  std::string openai_auth_header;
  voicebridge::HttpHeaders openai_headers;
  std::vector<voicebridge::Secret> openai_webhook_secrets;  ///< None: no calls by SIP.
  std::string openai_project_id;
  std::string openai_model;
  std::string openai_voice;
  std::string openai_transcription_model;

  voicebridge::Secret telnyx_api_key;
  std::string telnyx_api_base;
  std::string telnyx_public_key;
  std::string telnyx_app_id;
  std::string telnyx_caller_id;
  std::string telnyx_webhook_url;
  std::string telnyx_stream_url;
  voicebridge::AudioFormat telnyx_codec;
  voicebridge::AudioEncoding telnyx_l16 = voicebridge::AudioEncoding::l16le;
  bool telnyx_stream_at_dial = false;
  /// What media streams are asked for in.
  voicebridge::AudioFormat stream_format() const {
    const bool linear = telnyx_codec.encoding == voicebridge::AudioEncoding::l16le;
    return linear ? voicebridge::AudioFormat{telnyx_l16, telnyx_codec.sample_rate} : telnyx_codec;
  }
  std::string telnyx_voice;

  std::string carrier;  ///< Dials when a request names none: "telnyx" or "twilio"; "": neither.
  std::string twilio_account_sid;
  voicebridge::Secret twilio_auth_token;
  voicebridge::Secret twilio_auth_token_secondary;
  std::string twilio_api_key;
  voicebridge::Secret twilio_api_secret;
  std::string twilio_api_base;
  std::string twilio_caller_id;
  std::string twilio_voice;
  bool twilio_by_sip = false;  ///< Who calls a number gets their agent by OpenAI's SIP connector.

  bool server_vad = true;
  int min_commit_ms = 0;
  int max_commit_ms = 0;
  bool detect_machine = true;
  bool leave_message = false;

  voicebridge::DialPolicy dial;

  std::string agents;  ///< File or folder of profiles; empty: the sample agent.
  std::string language;
  std::string business;
  std::string region;
  std::string database;
  std::string record_dir;
  struct Stores {
    std::string leads;  ///< "sqlite", "supabase", "memory"
    std::string supabase_url;
    voicebridge::Secret supabase_key;
  };
  Stores stores;
  struct Web {
    bool on = true;
    std::vector<std::string> origins;     ///< Beside the server's own.
    std::vector<std::string> transports;  ///< "webrtc", "ephemeral", "websocket"; the best first.
    int starts = 0;                       ///< Sessions that one address may start in a minute …
    int total_starts = 0;                 ///< … and all together.
    int per_address = 0;                  ///< Sessions at once of one address …
    int sessions = 0;                     ///< … and of all together.
    int token_seconds = 0;     ///< How long a session's token is good without being used.
    std::string proxy_header;  ///< Of the visitor's address; empty: that of the connection.
  };
  Web web;
  int max_calls = 0;
  double budget_usd = 0;                                 ///< Of one call; 0: no limit.
  std::shared_ptr<const voicebridge::PriceList> prices;  ///< Null: those built in.
  int threads = 0;
  voicebridge::TickPolicy tick;
  bool accept_unknown_streams = false;

  voicebridge::LogLevel log_level = voicebridge::LogLevel::info;
  bool log_json = false;
  bool log_phones = false;
  bool log_transcripts = false;

  bool on_loopback() const;
  /// Nobody but this machine reaches the server: neither directly nor through a proxy, which a
  /// public address tells of.
  bool is_private() const;
  bool has_telnyx() const { return !telnyx_api_key.empty(); }
  bool has_twilio() const { return !twilio_account_sid.empty(); }
  voicebridge::LogOptions log_options() const;
};

/// Where a variable's value comes from; nothing for one that is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();
/// `NAME=value` lines of a file, behind the process' own environment, which wins.
voicebridge::Result<Environment> environment_with_file(const std::string& path);

/// Something wrong with one variable, in words that say what to do.
struct Fault {
  std::string variable;
  std::string message;
};

/// Which accounts a run cannot do without. A carrier: the one or those that something is said of.
struct Needs {
  bool openai = true;
  bool carrier = true;
};
/// Every fault at once, so that nobody has to start the server once for each.
tl::expected<Config, std::vector<Fault>> load_config(const Environment& environment,
                                                     Needs needs = {});

/// The variables with their meaning and default, as `--help` prints them.
std::string describe_variables();
/// The same as a file to copy.
std::string env_example();

}  // namespace server
