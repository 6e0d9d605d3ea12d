#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "testing/agenda.hpp"
#include "testing/wall_clock.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/call_plan.hpp"
#include "voicebridge/testing/telnyx_sim_media.hpp"
#include "voicebridge/testing/webhook_outbox.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

class TelnyxCall;

/// What a call needs of the carrier around it.
class TelnyxCallHost {
 public:
  virtual ~TelnyxCallHost() = default;
  virtual void emit(TelnyxCall& call, std::string_view event_type, std::string payload,
                    TimePoint now) = 0;
  virtual void open_stream(TelnyxCall& call, const TelnyxStreamParams& params) = 0;
  virtual void on_answered(TelnyxCall& call, TimePoint now) = 0;
  virtual void on_ended(TelnyxCall& call, TimePoint now) = 0;
  /// 20 ms of the far party's voice, or of what the application plays to the others (`opposite`).
  virtual void on_said(TelnyxCall& call, TimePoint now) = 0;
  virtual std::string new_uuid() = 0;
};

/// Who the call is and what was asked for when it was made.
struct TelnyxCallSetup {
  TelnyxLegIdentity leg;
  std::string leg_id;
  std::string connection_id;
  bool incoming = false;
  Millis ring_timeout{30000};
  Millis time_limit{14400000};
  std::string amd_mode = "disabled";
  Millis amd_analysis_time{30000};
  std::optional<TelnyxStreamParams> stream;
  WebhookTarget webhook;
  bool record_from_answer = false;
  std::string linked_call;  ///< call_control_id of `link_to`, or of the leg that is transferred.
  bool bridge_on_answer = false;
  bool park_after_unbridge = false;
  Millis whisper{0};        ///< Of `audio_url`, played at the answer and before bridging.
  std::string whisper_url;  ///< Empty: `whisper_media`, or nothing is played.
  std::string whisper_media;
  std::string conference_config;  ///< JSON of the dial; empty: none.
  std::string supervised_call;    ///< call_control_id that this leg listens in on.
  std::string supervisor_role;    ///< "monitor", "whisper", "barge"
  std::uint64_t seed = 1;
};

/// What runs on a call besides its audio.
struct TelnyxCallFeatures {
  bool forked = false;
  bool siprec = false;
  bool transcribing = false;
  bool assistant = false;
};

/// Why a call ended, in Telnyx' words.
struct TelnyxHangup {
  std::string_view cause;
  std::string_view source;
  std::string_view sip;
};

/// The carrier's side of one call: its life, what the far party does, and the commands on it.
/// Commands assume that the carrier has checked the state.
class TelnyxCall {
 public:
  enum class State { parked, establishing, ringing, answered, ended };

  TelnyxCall(TelnyxCallSetup setup, CallPlan plan, TelnyxCallHost& host, WallClock wall);

  void begin(TimePoint now);

  const std::string& id() const { return setup_.leg.call_control_id; }
  const TelnyxCallSetup& setup() const { return setup_; }
  State state() const { return state_; }
  TelnyxSimMedia& media() { return media_; }
  const TelnyxSimMedia& media() const { return media_; }
  const std::string& hangup_cause() const { return hangup_cause_; }
  TimePoint ended_at() const { return ended_at_; }
  /// The body that dial and GET answer with.
  std::string describe(TimePoint now) const;
  Millis duration(TimePoint now) const;  ///< Since the answer.
  bool stream_in_use() const { return stream_state_ != StreamState::none; }
  bool recording() const { return recording_since_.has_value(); }
  bool recording_paused() const { return recording() && recording_paused_; }
  std::size_t announcements() const { return announcements_.size(); }
  const std::string& peer() const { return peer_; }
  TelnyxCallFeatures& features() { return features_; }
  const std::string& recording_id() const { return recording_id_; }
  /// How long this party has heard each other leg, by call_control_id.
  const std::map<std::string, Millis>& heard_from() const { return heard_from_; }
  /// The keys that commands have sent to this party.
  const std::string& digits_heard() const { return digits_heard_; }
  bool supervises() const { return !setup_.supervised_call.empty(); }

  /// The members that all webhooks of a leg begin with; the object is left open.
  static JsonWriter event_payload(const TelnyxCallSetup& setup, bool with_parties);
  JsonWriter event_payload(bool with_parties) const { return event_payload(setup_, with_parties); }
  void emit(std::string_view type, JsonWriter& payload, TimePoint now);
  void hear(const std::string& speaker);  ///< 20 ms of another leg.
  void hear_digits(const std::string& digits) { digits_heard_ += digits; }

  // Commands.
  void set_client_state(const std::string& base64);
  void set_webhook(WebhookTarget target) { setup_.webhook = std::move(target); }
  void answer(std::optional<TelnyxStreamParams> stream, TimePoint now);
  void hang_up(TelnyxHangup why, TimePoint now);
  void start_stream(TelnyxStreamParams params, TimePoint now);
  void stop_stream(TimePoint now);
  void speak(Millis length, TimePoint now);
  void play(Millis length, JsonView request, TimePoint now);
  void stop_announcements(bool all, std::string_view status, TimePoint now);
  void gather(JsonView request, TimePoint now);
  /// gather_using_*: a prompt of `length` first, and again as often as `maximum_tries` allows.
  void gather_using(bool speech, Millis length, JsonView request, TimePoint now);
  void stop_gather(TimePoint now);
  void start_recording(bool dual, TimePoint now);
  void pause_recording(bool paused) { recording_paused_ = paused; }
  void stop_recording(TimePoint now);
  void bridge_with(const std::string& peer, bool park_after, TimePoint now);
  void forget_peer() { peer_.clear(); }
  void set_supervisor_role(std::string role) { setup_.supervisor_role = std::move(role); }
  void refer(TimePoint now);
  void fail_playback(JsonView request, TimePoint now);
  /// Does something later unless the call ends before.
  void later(TimePoint when, Agenda::Task task) { agenda_.add(when, std::move(task)); }

  // The media WebSocket.
  void on_stream_open(WireSink& sink, TimePoint now);
  void on_stream_refused(TimePoint now);

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

 private:
  enum class StreamState { none, connecting, open };

  struct Announcement {
    bool speech = true;
    Millis length{0};  ///< 0: for ever.
    std::string media_url;
    std::string media_name;
    std::uint64_t number = 0;
  };

  struct Gather {
    std::string digits;
    std::string valid;
    std::string terminator;
    std::size_t minimum = 1;
    std::size_t maximum = 128;
    Millis between_digits{5000};
    Millis first_digit{5000};
    Millis whole{60000};
    Millis prompt{0};
    bool prompt_is_speech = true;
    std::string prompt_url;
    int tries_left = 0;
    std::uint64_t number = 0;  ///< Tells a timer that its gather is over.
  };

  void originate(TimePoint now);
  void schedule_outcome(TimePoint now);
  void answered(TimePoint now);
  void schedule_amd(TimePoint now);
  void schedule_verdict(TimePoint now);
  void end_features(TimePoint now);
  void emit_amd(std::string_view event, std::string_view result, TimePoint now);
  void emit_initiated(TimePoint now);
  void emit_answered(TimePoint now);
  void emit_hangup(TelnyxHangup why, TimePoint now);
  void connect_stream();
  void end_stream(TimePoint now);
  void on_digit(char digit, TimePoint now);
  void announce(Announcement announcement, TimePoint now);
  void start_announcement(TimePoint now);
  void end_announcement(std::string_view status, TimePoint now);
  JsonWriter announcement_payload(const Announcement& announcement) const;
  void begin_gather(TimePoint now);
  void say_prompt(TimePoint now);
  void expect_digit(Millis within, TimePoint now);
  void fail_gather(std::string_view status, TimePoint now);
  void end_gather(std::string_view status, TimePoint now);
  void report_transcripts(TimePoint now);

  TelnyxCallSetup setup_;
  const CallPlan plan_;
  TelnyxCallHost& host_;
  const WallClock wall_;
  Agenda agenda_;
  State state_ = State::ringing;
  StreamState stream_state_ = StreamState::none;
  std::string start_time_;
  std::string end_time_;
  TimePoint ended_at_{};
  std::string hangup_cause_;
  std::string peer_;  ///< call_control_id of the leg it is bridged with.
  std::deque<Announcement> announcements_;
  std::uint64_t last_number_ = 0;
  std::optional<Gather> gather_;
  std::optional<std::string> recording_since_;
  bool recording_dual_ = true;
  bool recording_paused_ = false;
  std::string recording_id_;
  TelnyxCallFeatures features_;
  std::map<std::string, Millis> heard_from_;
  std::string digits_heard_;
  std::size_t transcripts_ = 0;  ///< Utterances of the callee that have been told.
  TelnyxSimMedia media_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
