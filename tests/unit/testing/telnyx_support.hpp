#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/wire_sink.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

inline const TimePoint kStart{std::chrono::hours(1)};

/// Keeps what the carrier sends on the media socket.
struct SocketLog : WireSink {
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    texts.push_back(std::string(head).append(payload).append(tail));
    return SendStatus::sent;
  }
  void close(std::uint16_t code, std::string_view) override { closes.push_back(code); }
  std::size_t backlog() const override { return 0; }

  /// The messages of one kind.
  std::vector<Json> events(std::string_view kind) const {
    std::vector<Json> found;
    for (const std::string& text : texts) {
      auto json = Json::parse(text);
      if (json && (*json)["event"].string_or("") == kind) found.push_back(*json);
    }
    return found;
  }

  std::vector<std::string> texts;
  std::vector<int> closes;
};

/// Runs every deadline up to `until`, each at its own time.
template <class Rules>
void run_until(Rules& rules, TimePoint until) {
  while (rules.next_deadline() && *rules.next_deadline() <= until)
    rules.on_deadline(*rules.next_deadline());
}

inline std::string media_message(ByteView audio) {
  return R"({"event":"media","media":{"payload":")" + base64_encode(audio) + R"("}})";
}
inline std::string mark_message(const std::string& name) {
  return R"({"event":"mark","mark":{"name":")" + name + R"("}})";
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
