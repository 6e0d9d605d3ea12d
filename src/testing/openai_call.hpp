#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "openai_session.hpp"
#include "openai_sidebands.hpp"
#include "testing/wall_clock.hpp"
#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/testing/openai_call_record.hpp"
#include "voicebridge/testing/openai_sip_plan.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// What all calls of a service share.
struct CallStage {
  std::shared_ptr<const OpenAiScenario> scenario;
  std::shared_ptr<const VoiceSource> voice;
  OpenAiSimOptions options;
  WallClock wall;
};

/// One WebRTC or SIP call: its caller, the session behind it and the sidebands attached to it.
class Call {
 public:
  /// `number` among the calls, from 0.
  Call(const CallStage& stage, std::string id, std::string kind, SipCallPlan plan,
       std::size_t number, TimePoint now);

  // What the application asks for.
  void connect(JsonView session, TimePoint now);
  void reject(int sip_status, TimePoint now);
  void refer(std::string target, TimePoint now);
  void hang_up(TimePoint now);
  void note_request(OpenAiCallRecord::Request request);

  // What the caller does.
  void leave(TimePoint now);
  void press(std::string_view keys, TimePoint now);

  // The sidebands.
  void attach(std::uint64_t id, WireSink& sink, ConnectionFault fault, TimePoint now);
  void receive(std::uint64_t id, std::string_view text, TimePoint now);
  void detach(std::uint64_t id, TimePoint now);

  void shut_down(TimePoint now);
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  bool ringing() const { return record_.state == OpenAiCallRecord::State::ringing; }
  bool connected() const { return record_.state == OpenAiCallRecord::State::connected; }
  bool ended() const { return record_.state == OpenAiCallRecord::State::ended; }
  /// Nobody is attached any more.
  bool gone() const { return sidebands_.size() == 0; }
  const std::string& id() const { return record_.call_id; }
  const SipCallPlan& plan() const { return plan_; }
  /// The answer that the plan wants instead of the real one; nothing when it has none.
  const SipApiFault* take_fault(std::string_view verb);
  Millis since(TimePoint now) const { return std::chrono::duration_cast<Millis>(now - arrived_); }
  std::vector<OpenAiCallRecord::Webhook>& webhooks() { return record_.webhooks; }
  /// As it stands now.
  OpenAiCallRecord record() const;

 private:
  void tick(TimePoint now);
  void end(OpenAiCallRecord::End end, int sip_status, TimePoint now, unsigned close_code = 1000);
  void check_session(TimePoint now);

  const CallStage& stage_;
  SipCallPlan plan_;
  const std::size_t number_;
  const TimePoint arrived_;
  OpenAiCallRecord record_;
  Sidebands sidebands_;
  std::optional<Session> session_;
  ScriptedCallee caller_;
  std::unique_ptr<AudioCodec> mouth_;  ///< Encodes what the caller says.
  std::unique_ptr<AudioCodec> ear_;    ///< Decodes what the caller hears.
  TimePoint connected_{};
  Deadline next_tick_;
  Samples heard_samples_;
  Bytes said_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
