#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/openai_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// One client's connection with what goes wrong on it: counts the events that are sent and lets the
/// faults of the scenario happen among them. Events of a slow connection wait here.
class ConnectionWire final : public WireSink {
 public:
  ConnectionWire(WireSink& under, ConnectionFault fault)
      : under_(under), fault_(std::move(fault)) {}

  /// Told before each input of the connection's owner: when what is sent from now on is sent.
  void set_now(TimePoint now) { now_ = now; }

  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t backlog() const override { return under_.backlog(); }
  /// The connection is gone; nothing is sent any more.
  void stop();

  bool closed() const { return closed_; }
  std::uint64_t events() const { return events_; }
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

 private:
  struct Waiting {
    TimePoint due;
    std::string text;
    std::uint16_t close_code = 0;  ///< Not 0: the connection is closed, `text` is the reason.
  };
  SendStatus put(std::string text);
  SendStatus put_error();
  bool mute() const { return fault_.mute_after && events_ > *fault_.mute_after; }

  WireSink& under_;
  const ConnectionFault fault_;
  TimePoint now_{};
  std::uint64_t events_ = 0;
  bool closed_ = false;
  std::deque<Waiting> waiting_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
