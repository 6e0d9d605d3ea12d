#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "testing/faulty_line.hpp"
#include "testing/virtual_socket.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/carrier_under_test.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/playout.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A web page with a person before it, in virtual time: says hello on its stream, plays what it is
/// sent, counts the samples, and sends what the person says. Troubles as the plan has them.
/// @par Threads The clock's.
class WebPage final : private PlayoutObserver {
 public:
  using Connect = std::function<WebSocketDecision(const HttpServerRequest&)>;

  /// @param hung_up  The person has left the page.
  WebPage(ManualScheduler& clock, const CarrierPlan& plan, Connect connect,
          std::function<void()> hung_up);
  ~WebPage() override;

  /// The person is there: their script begins.
  void arrive();
  /// The page opens its stream.
  void open(const std::string& session_id, const std::string& token);
  /// The person leaves, or is told that it is over.
  void leave();
  const FarEnd& far_end();

 private:
  struct Line;

  void connect();
  Line& join(const WebSocketAccept& accepted, bool first);
  void say_hello(Line& line);
  void on_text(std::string_view text);
  void on_binary(std::string_view data);
  void on_closed(Line& line, std::uint16_t code);
  void trouble_line(Line& line);
  void send_bad_frame(BadFrame kind);
  void tick();
  void send_frame(const std::int16_t* samples);
  void tell_position();
  void send_later(std::string text, Millis delay);

  void on_played(ByteView audio, TimePoint now) override;
  void on_dropped(ByteView audio, TimePoint now) override;
  void on_mark_echo(std::string_view name, TimePoint now) override;

  ManualScheduler& clock_;
  const CarrierPlan plan_;
  const Connect connect_;
  const std::function<void()> hung_up_;
  std::string session_id_;
  std::string token_;
  std::unique_ptr<AudioCodec> codec_;
  SeededRandom random_;
  ScriptedCallee person_;
  FaultyLine microphone_;
  Playout playout_;
  DeadlineDriver<Playout> driver_;
  FarEnd far_end_;
  MessageCount messages_;
  std::vector<std::unique_ptr<Line>> lines_;
  Line* open_ = nullptr;  ///< The stream, once it is ready.
  bool clearing_ = false;
  bool agent_audible_ = false;
  std::uint64_t ticks_ = 0;
  Scheduler::TimerId tick_timer_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
