#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "openai_api_error.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// What no client can read.
inline constexpr std::string_view kMalformedText =
    R"({"type":"response.output_audio.delta","delta":)";
/// An event of a type that nobody knows.
inline constexpr std::string_view kUnknownEvent =
    R"({"event_id":"event_unknown","type":"response.telepathy.delta",)"
    R"("delta":{"thought":[1,null]}})";

/// Where a session puts its events: gives each its id and counts them.
class EventOut {
 public:
  EventOut(WireSink& sink, IdGenerator& ids, OpenAiSimRecord& record)
      : sink_(sink), ids_(ids), record_(record) {}

  /// Sends one event; `fill` gets the writer inside the object, behind `event_id` and `type`.
  template <class Fill>
  void event(std::string_view type, Fill&& fill) {
    JsonWriter writer;
    writer.object().field("event_id", ids_.make("event_")).field("type", type);
    fill(writer);
    send(writer.end().take());
  }
  void event(std::string_view type) {
    event(type, [](JsonWriter&) {});
  }
  /// An `error` event; `client_event_id` is the id of the client's event that caused it.
  void error(const ApiError& error, const std::optional<std::string>& client_event_id);
  /// An event as it is; the only one of the service that has no `event_id` goes this way.
  void send(const std::string& text);

  void malformed() { put(kMalformedText); }
  void unknown() { put(kUnknownEvent); }
  void close(unsigned code, std::string_view reason);
  void stop() { closed_ = true; }  ///< The connection is gone.

  bool closed() const { return closed_; }

 private:
  void put(std::string_view text);

  WireSink& sink_;
  IdGenerator& ids_;
  OpenAiSimRecord& record_;
  bool closed_ = false;
};

/// The `error` object: `type`, `code`, `message`, `param`, with nulls for what is empty.
void write_error_fields(JsonWriter& out, const ApiError& error);

/// The text of an `error` event.
std::string error_event(std::string_view event_id, const ApiError& error,
                        const std::optional<std::string>& client_event_id);

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
