#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "openai_api_error.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/openai_scenario.hpp"
#include "voicebridge/testing/openai_sim_record.hpp"

namespace voicebridge::testing::detail {

/// Where a session puts its events: gives each its id, counts them, and lets the connection's
/// faults happen.
class EventOut {
 public:
  EventOut(WireSink& sink, IdGenerator& ids, ConnectionFault fault, OpenAiSimRecord& record)
      : sink_(sink), ids_(ids), fault_(std::move(fault)), record_(record) {}

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

  void malformed();  ///< Text that is no JSON.
  void unknown();    ///< An event of a type that nobody knows.
  void close(unsigned code, std::string_view reason);
  void stop() { closed_ = true; }  ///< The connection is gone.

  bool closed() const { return closed_; }

 private:
  void send(const std::string& text);
  void put(const std::string& text);

  WireSink& sink_;
  IdGenerator& ids_;
  const ConnectionFault fault_;
  OpenAiSimRecord& record_;
  bool closed_ = false;
};

/// The `error` object: `type`, `code`, `message`, `param`, with nulls for what is empty.
void write_error_fields(JsonWriter& out, const ApiError& error);

}  // namespace voicebridge::testing::detail
