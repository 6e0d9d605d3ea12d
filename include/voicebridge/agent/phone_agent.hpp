#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "voicebridge/agent/call_session.hpp"
#include "voicebridge/agent/dial_policy.hpp"
#include "voicebridge/call/conference_control.hpp"
#include "voicebridge/core/metrics.hpp"
#include "voicebridge/store/call_store.hpp"
#include "voicebridge/store/lead_store.hpp"
#include "voicebridge/tools/tool_runner.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What an agent is made of. All of it must outlive the agent and its calls.
struct PhoneAgentParts {
  std::function<Scheduler&()> next_scheduler;  ///< Where the next call shall live.
  /// A session with the speech model, not started, for a call on that scheduler.
  std::function<std::unique_ptr<SpeechSession>(Scheduler&)> open_speech;
  Carrier* carrier = nullptr;  ///< Dials when no other is named. Null: nothing can be dialed.
  /// Joins legs of that carrier; null: every transfer is a cold one.
  ConferenceControl* conference = nullptr;
  const ToolRegistry* tools = nullptr;  ///< What its models may call; null: no tools.
  std::shared_ptr<LeadStore> leads;     ///< Null: in memory, gone with the process; so the next.
  std::shared_ptr<CallStore> calls;     ///< Where calls are kept.
  Logger log;                           ///< Where it reports; by default nowhere.
  MetricsRegistry* metrics = nullptr;   ///< Where it counts; null: nowhere.
  std::map<std::string, Carrier*> more_carriers;               ///< By name, beside `carrier`.
  std::map<std::string, ConferenceControl*> more_conferences;  ///< Of those carriers.
};

/// What is known of a call before it begins.
struct CallFacts {
  /// Where a call comes from.
  enum class Way {
    outbound,  ///< A lead is to be dialed.
    inbound,   ///< Somebody calls a number of ours.
    web,       ///< A browser.
    stream,    ///< A media stream that nobody announced.
  };
  Way way = Way::outbound;  ///< Where it comes from.
  std::string profile;      ///< As it was asked for by name; empty: by what follows.
  std::string from;         ///< Of an inbound call. Can be forged: no proof of who it is.
  std::string to;           ///< The number dialed, by them or by us.
  std::string lead_id;      ///< Of the person called; empty: nobody we know.
  std::string carrier;      ///< Of a phone call, by name.
  std::string language;  ///< ISO 639-1, as the visitor's page or the talk before it has it; empty:
                         ///< not known.
};

/// The tools of one call.
struct CallTools {
  std::vector<std::string> names;              ///< Of those offered; empty: all.
  std::optional<std::vector<ToolSpec>> specs;  ///< Those offered, in other words than their own;
                                               ///< then the names do not matter.
  std::map<std::string, ToolOptions> options;  ///< By name: in place of what it was added with.
  std::map<std::string, std::string> context;  ///< More for `ToolInvocation::context`.
};

/// What one call is made of, in place of what all calls share.
struct CallProfile {
  CallOptions options;  ///< Placeholders as in `PhoneAgentOptions::phone`.
  CallTools tools;      ///< The tools of the call.
  /// A session with its model, not started; null: the agent's.
  std::function<std::unique_ptr<SpeechSession>(Scheduler&)> open_speech;
};

/// A call whose audio the model service carries, such as one that came to it by SIP.
struct ServiceCall {
  std::string leg_id;                ///< The service's id of the call. Served once only.
  std::string from;                  ///< The caller's number or address; can be forged.
  std::string to;                    ///< The number that was called.
  CallOptions options;               ///< `speech.media` is set to `MediaOwner::service`.
  CallTools tools;                   ///< The tools of the call.
  std::shared_ptr<Carrier> carrier;  ///< Answers the leg, hands it on and hangs it up.
  /// Joins the caller with a person whom `phone_carrier` dials; null: transfers are cold.
  std::shared_ptr<ConferenceControl> conference;
  std::shared_ptr<Carrier> phone_carrier;  ///< Has the caller's line; null: the agent's own.
  std::string phone_leg_id;                ///< The caller's leg there; empty: `leg_id`.
  /// A session that attaches to the call, not started. Asked for when the leg was answered, and
  /// again when it was lost.
  std::function<std::unique_ptr<SpeechSession>(Scheduler&)> open_speech;
  std::string carrier_name;  ///< As it is stored with the call.
  std::string lead_id;       ///< Empty: nobody we know.
  bool web = false;  ///< It comes from a web page: there is no telephone, and placeholders stay.
  std::string language;  ///< Of the page; empty: not known.
};

/// The rules of an agent. Calls take them over when they are made.
struct PhoneAgentOptions {
  /// Rules of phone calls. Instructions and greeting may hold {{first_name}}, {{last_name}} and
  /// {{summary}} of a lead, {{contact_name}}, {{business_name}} and {{metadata.NAME}} of
  /// `CallNotes`.
  CallOptions phone;
  /// Rules of sessions on a web page.
  CallOptions web;
  std::vector<std::string> phone_tools;  ///< Names of the tools offered; empty: all.
  std::vector<std::string> web_tools;    ///< The same for sessions on a web page.
  std::string carrier_name = "telnyx";   ///< Of `PhoneAgentParts::carrier`; stored with calls.
  std::size_t max_calls = 100;           ///< At once, of all kinds.
  std::string record_dir;                ///< Folder for stereo recordings; empty: none are made.
  Millis same_call{60000};  ///< A number that is to be called again within it, or while it is
                            ///< being called, is the same call.
  /// Which numbers `call_lead` and `call_number` may dial; transfers go where profiles say.
  DialPolicy dial;
  /// Chooses what a call is made of; unset: `phone` and `web`. An error: the call is not made, an
  /// incoming one is declined. Called once for each call, on any thread, and must not block.
  std::function<Result<CallProfile>(const CallFacts&)> profile_for;
};

/// Asks for a lead to be called.
struct CallLeadRequest {
  std::string lead_id;       ///< Who is to be called.
  std::string session_id;    ///< The web session whose talk is handed over, summarised by its model
                             ///< or from its transcript; empty: what is kept with the lead.
  std::string summary;       ///< Instead of what the session yields.
  std::string profile;       ///< Given to `PhoneAgentOptions::profile_for`.
  std::string carrier;       ///< By name; empty: the usual one.
  std::string language;      ///< Empty: that of the session.
  std::int64_t attempt = 0;  ///< How often the lead has been called before because of retries.
};

/// Asks for a number to be called that need not be a lead's. Whoever asks has the right to call it.
struct CallNumberRequest {
  std::string to;       ///< E.164
  std::string from;     ///< The carrier's number, as it is stored with the call.
  std::string carrier;  ///< By name; empty: the usual one.
  std::string profile;  ///< Given to `PhoneAgentOptions::profile_for`.
  CallNotes notes;      ///< What is told to the agent, and kept with the call.
  std::string key;  ///< Asked for again with the same key within a day, it is the same call; with
                    ///< the key of a different request it is a conflict. Empty: none.
};

/// A call as the outside sees it.
struct CallStatus {
  std::string call_id;        ///< Ours.
  std::string lead_id;        ///< Empty: nobody we know.
  std::string state;          ///< As `to_string(CallState)`.
  std::string end_reason;     ///< Empty while it runs.
  bool existed = false;       ///< It was there already: the request did not start another.
  std::string carrier;        ///< By name; empty for a call without one.
  std::string leg_id;         ///< The carrier's id; empty until it is known.
  std::string from;           ///< Number or address of the calling side.
  std::string to;             ///< Number or address of the called side.
  UnixMillis created_at = 0;  ///< When it was asked for, or came.
};

/// A turn of a running call, as it is known by now.
struct TranscriptUpdate {
  std::string call_id;    ///< Whose turn it is.
  TranscriptEntry entry;  ///< `heard_text`: what of it was heard, or will be unless it is cut.
  bool final = false;     ///< No words will be added; a cut may still take some away.
};

/// A call that waits for its audio.
struct StreamSeat {
  std::string call_id;             ///< Ours.
  Scheduler* scheduler = nullptr;  ///< Where the stream has to live.
  /// Takes the stream and gives its observer; on the scheduler. Null: the call has a stream
  /// already, or is over.
  std::function<std::shared_ptr<MediaObserver>(std::shared_ptr<MediaStream>)> attach;
};

/// Runs calls: dials leads, seats media streams, gives carrier events to their calls, keeps what
/// happened.
/// @par Threads Any, unless a function says otherwise.
class VOICEBRIDGE_API PhoneAgent {
 public:
  /// Takes the call that was made, or why there is none.
  using Called = std::function<void(Result<CallStatus>)>;
  /// Takes what is known of a call that is over.
  using Ended = std::function<void(const CallRecord& record, const std::string& lead_id)>;

  /// Nothing happens before its functions are called.
  PhoneAgent(PhoneAgentParts parts, PhoneAgentOptions options);
  ~PhoneAgent();  ///< Call `stop` first; what still runs is dropped.

  /// Calls a lead. `Errc::not_found`: no such lead; `conflict`: no consent to be called;
  /// `resource_exhausted`: too many calls; `invalid_argument`: no carrier has this name. A lead
  /// that is being called is not called twice. `done` runs on the offload pool, once.
  void call_lead(CallLeadRequest request, Called done);

  /// Says goodbye and ends a call when it has been heard. `Errc::not_found` when it is over.
  Result<> say_goodbye(const std::string& call_id);

  /// Calls a number; see `call_lead`. `done` runs when the carrier has taken the call or refused
  /// it, which is its error then; on any thread, once. What surely does not ring may be asked for
  /// again.
  void call_number(CallNumberRequest request, Called done);

  /// Ends a call at once, without a goodbye. One that is over already is a success.
  /// `Errc::not_found`: no such call, or one that is long over.
  Result<CallStatus> hang_up(const std::string& call_id);

  /// Answers a call whose audio the model service carries, and runs it. `resource_exhausted`: too
  /// many calls; `unavailable`: the agent is being stopped; `invalid_argument`: a part is missing.
  /// A leg that is served already is not served twice (`CallStatus::existed`). An answer that fails
  /// ends the call as not reached.
  Result<CallStatus> serve(ServiceCall call);

  /// An event of any leg; unknown legs are ignored, incoming ones answered.
  /// @param carrier  Who tells it, by name; empty: the usual one.
  void on_carrier_event(const CarrierEvent& event, const std::string& carrier = {});

  /// The call that a media stream belongs to, by its own id or the carrier's.
  Result<StreamSeat> seat(const std::string& call_or_leg);
  /// A call that is nothing but its stream: a browser, or a load tool.
  /// @param profile,language  Given to `PhoneAgentOptions::profile_for`.
  /// @param on  Where its stream is; null: on a scheduler of the agent's choice.
  Result<StreamSeat> seat_web(const std::string& profile = {}, Scheduler* on = nullptr,
                              const std::string& language = {});
  /// A call for a media stream that belongs to none: as `seat_web`, told as `Way::stream`.
  Result<StreamSeat> seat_unknown(Scheduler* on);

  /// The lead that a talk is about: the summary of the talk is stored with it
  /// (`CallOptions::summary_at_end`). The tools `save_lead` and `trigger_call` do it by themselves.
  /// A session that is over is ignored.
  void remember_lead(const std::string& session_id, const std::string& lead_id);

  /// A turn of the caller that was typed. `Errc::not_found` when the call is over.
  Result<> send_text(const std::string& call_id, std::string text);

  /// Something that the model of a running call shall know; it does not speak because of it.
  /// `Errc::not_found` when the call is over.
  Result<> add_note(const std::string& call_id, AddNote note);

  /// Keeps a lead that a call is about, and tells `on_lead_saved`; the call is kept as the lead's
  /// when it is nobody's. A call that is over, or none, matters not. Blocks: not on a shard.
  Result<Lead> save_lead(const LeadInput& input, const std::string& call_id);

  /// Has the caller of a running call enter something on the phone's keys. `done` runs once, on
  /// the call's scheduler, or on `otherwise` when there is no such call: with what came, or an
  /// error
  /// (`Errc::not_found`, `conflict`, `invalid_argument` naming the field of `DigitRules`).
  void collect_digits(const std::string& call_id, DigitRules rules,
                      std::function<void(Result<CollectedDigits>)> done, Scheduler& otherwise);

  /// Of a call that runs or has ended not long ago; nothing: unknown.
  std::optional<CallStatus> status(const std::string& call_id) const;
  /// How many calls have not ended.
  std::size_t live_calls() const;
  // Hooks: set before the first call. Each may be set several times; all are told, in that order.

  /// Told of every call that ended, on the call's scheduler.
  void on_ended(Ended hook);
  /// Told of every timeline entry as it is made, on the call's scheduler.
  void on_timeline(std::function<void(const std::string& call_id, const TimelineEntry&)> hook);
  /// Told of every turn of a transcript as it grows or is cut, on the call's scheduler.
  void on_transcript(std::function<void(const TranscriptUpdate&)> hook);
  /// Told when the agent begins to be heard in a call and when it is heard no more, on the call's
  /// scheduler.
  void on_agent_speaking(std::function<void(const std::string& call_id, bool speaking)> hook);
  /// Told of every lead that `save_lead` has kept, where that was called.
  void on_lead_saved(std::function<void(const std::string& call_id, const Lead&)> hook);
  /// Told of every call that `call_lead` has made, or found under way, for a session; on the
  /// offload pool, before `done`.
  void on_lead_called(std::function<void(const std::string& session_id, const CallStatus&)> hook);

  /// What outlives a process: takes up the retries that the store knows of, and removes calls whose
  /// time is over, now and every `sweep` from then on. Once, before the first call.
  void start_upkeep(Millis sweep = std::chrono::hours(1));

  /// No new calls; live ones say goodbye, those that have not ended after `grace` are hung up.
  void stop(Millis grace);

  /// Where leads are kept.
  LeadStore& leads();
  /// As given.
  const PhoneAgentOptions& options() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
