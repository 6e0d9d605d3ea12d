#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/briefing.hpp"
#include "agent/ordered_writes.hpp"
#include "agent/redial.hpp"
#include "core/deadline_timer.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/audio/call_recorder.hpp"
#include "voicebridge/call/conference_control.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

class LiveCall;

/// What the calls of an agent share.
struct CallShop {
  PhoneAgentParts parts;
  PhoneAgentOptions options;
  ToolBulkhead bulkhead;
  PhoneAgent::Ended ended;  ///< The agent's own; before the application's.
  std::shared_ptr<RedialDesk> redial;
  /// What the application wants to be told; see the functions of `PhoneAgent` of the same names.
  struct Hooks {
    std::vector<PhoneAgent::Ended> ended;
    std::vector<std::function<void(const std::string&, const TimelineEntry&)>> timeline;
    std::vector<std::function<void(const TranscriptUpdate&)>> transcript;
    std::vector<std::function<void(const std::string&, bool)>> speaking;
    std::vector<std::function<void(const std::string&, const Lead&)>> lead_saved;
    std::vector<std::function<void(const std::string&, const CallStatus&)>> lead_called;
  } hooks;

  bool can_dial() const { return parts.carrier != nullptr || !parts.more_carriers.empty(); }
  /// Empty: the usual one. Null: there is none of this name.
  Carrier* carrier_named(const std::string& name) const {
    if (name.empty() || (name == options.carrier_name && parts.carrier != nullptr)) {
      return parts.carrier;
    }
    const auto found = parts.more_carriers.find(name);
    return found == parts.more_carriers.end() ? nullptr : found->second;
  }
  /// The same for what joins legs of that carrier.
  ConferenceControl* conference_of(const std::string& carrier) const {
    if (carrier.empty() || carrier == options.carrier_name) return parts.conference;
    const auto found = parts.more_conferences.find(carrier);
    return found == parts.more_conferences.end() ? nullptr : found->second;
  }
  /// A call that lingered does so no longer.
  std::function<void(const std::string& call_id)> let_go;
  /// Begins a warm transfer of that call. False: there is nothing to do it by.
  std::function<bool(LiveCall& caller, const TransferTarget& target)> transfer_warmly;
};

/// Follows one call and its leg beside the session, on the call's scheduler.
class LegWatcher {
 public:
  virtual ~LegWatcher() = default;
  virtual void on_leg_answered(const std::string& call_id) = 0;
  /// The session has ended, and not because somebody else has the leg.
  virtual void on_leg_gone(const std::string& call_id, const std::string& cause) = 0;
  /// True: it was for the watcher, and the session does not hear of it.
  virtual bool on_leg_key(const std::string& call_id, char digit) = 0;
  virtual bool on_leg_tool(const std::string& call_id, const ToolCall& call) = 0;
};

/// Writes into the store what came of a recording after its call had ended.
void store_recording(const CallShop& shop, const std::string& call_id,
                     const LegRecorded& recording);
/// Removes calls whose time is over, on the offload pool.
void sweep_calls(const CallShop& shop, Scheduler& on);

/// One call and the world around it: owns the session, the model and the tools, keeps the timer,
/// asks the carrier, and stores what happened. Everything on the call's scheduler, unless it says
/// otherwise.
class LiveCall final : public MediaObserver,
                       public CallHost,
                       public CallTap,
                       public std::enable_shared_from_this<LiveCall> {
 public:
  enum class Kind { outbound, inbound, stream_only, service };
  struct Plan {
    Kind kind = Kind::outbound;
    bool web = false;      ///< With somebody on a web page.
    std::string language;  ///< As it was asked for; empty: nobody has.
    std::string call_id;
    std::string leg_id;                ///< Of an inbound call.
    std::string phone_leg;             ///< The carrier's, where the service has named `leg_id`.
    Millis ring_timeout{30000};        ///< Of an outbound call.
    std::shared_ptr<Carrier> carrier;  ///< Null: the agent's.
    std::shared_ptr<Carrier> phone_carrier;  ///< Of `phone_leg`; null: the agent's.
    std::string carrier_name;                ///< Empty: the agent's.
    std::function<std::unique_ptr<SpeechSession>(Scheduler&)> open_speech;  ///< Null: the agent's.
    std::shared_ptr<ConferenceControl> conference;                          ///< Null: the agent's.
    std::string answer_keys;  ///< That answer what the carrier's own voice says; empty: none do.
    std::shared_ptr<LegWatcher> watcher;  ///< From the beginning on; null: nobody.
    Lead lead;                            ///< Empty id: nobody we know.
    CallNotes notes;
    std::string profile;       ///< As it was asked for by name.
    std::int64_t attempt = 0;  ///< Of a lead that is called again.
    std::string from;
    std::string to;
    CallOptions options;
    std::map<std::string, std::string> context;
    std::map<std::string, ToolOptions> tool_options;
  };

  LiveCall(std::shared_ptr<CallShop> shop, Scheduler& scheduler, Plan plan);
  ~LiveCall() override;

  Scheduler& scheduler() const { return scheduler_; }           ///< Any thread.
  const std::string& id() const { return plan_.call_id; }       ///< Any thread.
  const std::string& lead_id() const { return plan_.lead.id; }  ///< Any thread.
  Kind kind() const { return plan_.kind; }                      ///< Any thread.
  TimePoint created_at() const { return created_at_; }          ///< Any thread.
  CallStatus status() const;                                    ///< Any thread.
  /// As it is kept; anywhere before `begin`.
  StoredCall stored() const;

  void begin();
  /// Tells what came of dialing, at once when it is known.
  void when_dialed(std::function<void(const Result<std::string>& leg_id)> told);
  std::shared_ptr<MediaObserver> attach(std::shared_ptr<MediaStream> stream);
  void on_event(const CarrierEvent& event);
  void add_text(const std::string& text);
  void add_note(const AddNote& note);
  void keep();  ///< Writes into the store where the call stands.
  /// A person who was met in the call: it is kept as theirs, and they get its summary. Any thread.
  void met(const std::string& lead_id);
  std::string met_lead() const;  ///< Any thread.
  Result<> collect_digits(const DigitRules& rules,
                          std::function<void(const CollectedDigits&)> done);
  void end_politely();
  void cancel(const std::string& why);
  std::vector<TranscriptEntry> transcript() const;
  void summarize(std::function<void(const TalkSummary&)> done);
  /// The call is over, but a summary of it is being made.
  bool lingers() const { return session_ && session_->summarizing(); }

  // For a warm transfer: the two legs of it.
  const std::string& leg_id() const { return leg_id_; }
  const std::string& phone_leg() const {
    return plan_.phone_leg.empty() ? leg_id_ : plan_.phone_leg;
  }
  const Plan& plan() const { return plan_; }
  /// What a session needs that speaks with somebody else for this one, which may be transferred.
  CallOptions kin() const { return kin_ ? *kin_ : briefing_kin(plan_.options); }
  void watch(std::shared_ptr<LegWatcher> watcher) { plan_.watcher = std::move(watcher); }
  void leaving();
  void handed_over(const Result<>& taken_over);
  void let_go(const std::string& to);

  void on_media_start(const MediaStart& start, TimePoint now) override;
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) override;
  void on_media_mark(std::string_view name, TimePoint now) override;
  void on_media_played(Micros played, TimePoint now) override;
  void on_media_dtmf(char digit, TimePoint now) override;
  void on_media_stop(const std::optional<Error>& why, TimePoint now) override;
  void audio_footprint(Footprint& to) const override;

 private:
  class ObservedSpeech;
  class Ear;

  std::unique_ptr<SpeechSession> open_speech() override;
  void run_tools(const std::vector<ToolCall>& calls) override;
  void cancel_tools() override;
  void hang_up() override;
  bool speak(const std::string& text) override;
  bool transfer(const TransferTarget& target) override;
  bool send_dtmf(const std::string& digits) override;
  bool record(RecordingChange change) override;
  void on_ended(const CallRecord& record) override;
  void on_summary(const TalkSummary& summary, const CallRecord& record) override;

  void on_timeline(const TimelineEntry& entry) override;
  void on_transcript(const TranscriptEntry& entry, bool final) override;
  void on_agent_speaking(bool speaking) override;
  void on_caller_audio(const AudioPayload& audio, Millis at) override;
  void on_agent_audio(const AudioPayload& audio, Millis at) override;
  void on_agent_cut(Millis at) override;
  void on_keys(const std::string& keys) override;

  void dial();
  void answer();
  void answer_taken(const Result<>& answered);
  void dialed(Result<std::string> leg_id);
  void hang_up_leg();
  void leg_answered();
  void leg_handed_on(const LegHandedOn& event);
  void open_recorder();
  void close_recorder();
  bool record_at_carrier(RecordingChange change);
  void next_recording_change();
  void recording_changed(const Result<>& done);
  void make_runner();
  void rearm();
  void own_footprint(Footprint& to) const;
  void on_timer();
  void save_progress();
  void save_record(const CallRecord& record);
  void save_summary(const std::string& summary);
  std::string carrier_name() const;
  void set_leg_id(const std::string& leg_id);
  /// What the carrier can do with the leg beside carrying it; null: nothing, or there is no leg.
  LegControls* controls() const;
  Carrier* carrier() const { return plan_.carrier ? plan_.carrier.get() : shop_->parts.carrier; }
  TimePoint now() const { return scheduler_.now(); }

  std::shared_ptr<CallShop> shop_;
  Scheduler& scheduler_;
  Plan plan_;
  const TimePoint created_at_;
  UnixMillis created_unix_;
  UnixMillis answered_unix_ = 0;
  std::unique_ptr<CallSession> session_;
  std::unique_ptr<ToolRunner> runner_;
  std::unique_ptr<const CallOptions> kin_;  ///< Null: nobody was named to transfer to.
  std::shared_ptr<MediaStream> stream_;
  unsigned streams_ = 0;    ///< That were attached, one after the other …
  bool streaming_ = false;  ///< … and the last of them has not ended.
  std::optional<CallRecorder> recorder_;
  std::string recording_;
  bool records_ = false;                            ///< By `recorder_`, now.
  std::vector<RecordingChange> recording_changes_;  ///< For the carrier, one after the other.
  bool recording_busy_ = false;
  bool carrier_records_ = false;
  std::string recording_id_;  ///< The carrier's.
  std::string recording_url_;
  std::string leg_id_;
  mutable std::mutex shown_mutex_;  ///< Of the two below.
  std::string shown_leg_id_;        ///< `leg_id_` for `status`, from any thread.
  std::string met_lead_;
  std::optional<Result<std::string>> dialed_;
  std::vector<std::function<void(const Result<std::string>&)>> when_dialed_;
  RedialOptions retry_;
  bool hang_up_wanted_ = false;
  bool leg_gone_ = false;
  bool lingered_ = false;  ///< It ended, and its summary was being made.
  bool media_asked_ = false;
  bool media_started_ = false;
  detail::DeadlineTimer timer_;
  std::shared_ptr<OrderedWrites> writes_ = std::make_shared<OrderedWrites>();
  std::uint64_t last_write_ = 0;
  Histogram* uplink_ = nullptr;
  Histogram* downlink_ = nullptr;
  std::atomic<CallState> state_{CallState::created};
  std::atomic<int> end_reason_{-1};
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
