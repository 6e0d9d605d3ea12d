#include "voicebridge/twilio/twilio_sip_desk.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "value_checks.hpp"
#include "voicebridge/core/ids.hpp"
#include "voicebridge/twilio/twiml.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr const char* kAgentLabel = "virtual agent";
constexpr const char* kCallerLabel = "customer";

/// The caller's part: without them there is no conference.
twilio::TwimlElement caller_room(const std::string& name) {
  auto room = twilio::conference(name);
  room.flag("startConferenceOnEnter", true).flag("endConferenceOnExit", true);
  room.set("beep", "false").set("participantLabel", kCallerLabel);
  return twilio::dial().add(std::move(room));
}

std::chrono::seconds whole_seconds(Millis value) {
  return std::chrono::duration_cast<std::chrono::seconds>(value);
}

}  // namespace

struct TwilioSipDesk::State : std::enable_shared_from_this<State> {
  struct Entry {
    TwilioSipCaller caller;
    TimePoint forget_at;
    bool served = false;  ///< The service has told of the call.
  };

  State(TwilioCallControl call_control, TwilioSipDeskOptions opts)
      : control(std::move(call_control)), options(std::move(opts)) {}

  bool remember(TwilioSipCaller caller, TimePoint now);
  /// Empty: this caller has none.
  std::string conference_of(const std::string& call_sid);
  void ring_service(const TwilioSipCaller& caller, const std::string& call_token, Scheduler& on);
  void apologise(const std::string& call_sid, Scheduler& on);

  const TwilioCallControl control;
  const TwilioSipDeskOptions options;
  std::mutex mutex;
  std::map<std::string, Entry> entries;  ///< By the conference's name.
};

bool TwilioSipDesk::State::remember(TwilioSipCaller caller, TimePoint now) {
  const std::lock_guard<std::mutex> lock(mutex);
  for (auto entry = entries.begin(); entry != entries.end();) {
    entry = entry->second.forget_at <= now ? entries.erase(entry) : std::next(entry);
  }
  if (entries.size() >= options.max_calls) return false;
  const std::string name = caller.talk.conference;
  entries[name] = {std::move(caller), now + options.forget_after, false};
  return true;
}

std::string TwilioSipDesk::State::conference_of(const std::string& call_sid) {
  const std::lock_guard<std::mutex> lock(mutex);
  for (const auto& [name, entry] : entries) {
    if (entry.caller.call_sid == call_sid) return name;
  }
  return {};
}

void TwilioSipDesk::State::ring_service(const TwilioSipCaller& caller,
                                        const std::string& call_token, Scheduler& on) {
  const std::string& name = caller.talk.conference;
  twilio::CreateParticipantRequest request;
  request.from = caller.from.empty() ? caller.to : caller.from;
  request.to = options.sip_address + "?" + std::string(kConferenceHeader) + "=" + name;
  request.label = kAgentLabel;
  // Its From may be the caller's number only with the token of their call.
  request.call_token = call_token;
  request.timeout = whole_seconds(options.ring_timeout);
  request.time_limit = whole_seconds(options.max_length);
  request.early_media = false;
  request.beep = "false";
  request.start_conference_on_enter = true;
  // An agent who says goodbye leaves nobody alone there; see TwilioSipConference::join.
  request.end_conference_on_exit = true;
  request.wait_url = "";
  request.jitter_buffer_size = "small";
  if (!options.status_url.empty()) {
    request.status = twilio::StatusCallback{
        options.status_url, {}, {twilio::CallEvent::answered, twilio::CallEvent::completed}};
  }
  control.create_participant(
      name, request, on,
      [self = shared_from_this(), name, &on](const Result<twilio::Participant>& made) {
        std::string caller_sid;
        {
          const std::lock_guard<std::mutex> lock(self->mutex);
          const auto found = self->entries.find(name);
          if (found == self->entries.end()) return;
          if (made) found->second.caller.talk.agent_call = made->call_sid;
          if (!made) caller_sid = found->second.caller.call_sid;
        }
        if (!caller_sid.empty()) self->apologise(caller_sid, on);
      });
}

/// Better than music without an end.
void TwilioSipDesk::State::apologise(const std::string& call_sid, Scheduler& on) {
  auto say = twilio::say(options.apology);
  if (!options.voice.empty()) say.set("voice", options.voice);
  twilio::UpdateCallRequest request;
  request.twiml = twilio::Twiml().add(std::move(say)).add(twilio::hangup()).xml().value_or("");
  control.update_call(call_sid, request, on,
                      [self = shared_from_this(), call_sid, &on](const Result<twilio::Call>& told) {
                        if (told) return;
                        self->control.end_call(call_sid, on, [](const Result<TwilioEnded>&) {});
                      });
}

TwilioSipDesk::TwilioSipDesk(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<TwilioSipDesk> TwilioSipDesk::create(TwilioCallControl control,
                                            TwilioSipDeskOptions options) {
  const bool sip =
      options.sip_address.rfind("sip:", 0) == 0 || options.sip_address.rfind("sips:", 0) == 0;
  if (!sip || options.sip_address.find('?') != std::string::npos) {
    return fail(Errc::invalid_argument, "must be a SIP address without headers", "sip_address");
  }
  if (!options.status_url.empty() && !twilio::is_web_url(options.status_url)) {
    return fail(Errc::invalid_argument, "must be an absolute URL", "status_url");
  }
  return TwilioSipDesk(std::make_shared<State>(std::move(control), std::move(options)));
}

std::string TwilioSipDesk::welcome(const twilio::WebhookEvent& event, Scheduler& on) const {
  // Asked again, Twilio had got no answer: there is a conference already, and the service is rung.
  if (const std::string known = state_->conference_of(event.call_sid); !known.empty()) {
    return twilio::Twiml().add(caller_room(known)).xml().value_or("");
  }
  const auto* voice = std::get_if<twilio::VoiceRequest>(&event.what);
  TwilioSipCaller caller;
  caller.call_sid = event.call_sid;
  caller.from = voice != nullptr && voice->anonymous ? "" : event.from;
  caller.to = event.to;
  // Not the number, nor the call's own name: who reads it in a SIP header can do nothing with it.
  caller.talk.conference = random_id("desk_");
  const std::string name = caller.talk.conference;
  twilio::Twiml twiml;
  if (!state_->remember(caller, on.now())) {
    return twiml.add(twilio::reject("busy")).xml().value_or("");
  }
  state_->ring_service(caller, voice != nullptr ? voice->call_token : std::string(), on);
  return twiml.add(caller_room(name)).xml().value_or("");
}

void TwilioSipDesk::on_status(const twilio::WebhookEvent& event, Scheduler& on) const {
  if (!twilio::is_final(event.call_status)) return;
  std::string lonely;
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    for (auto entry = state_->entries.begin(); entry != state_->entries.end(); ++entry) {
      const TwilioSipCaller& caller = entry->second.caller;
      const bool ended = caller.call_sid == event.call_sid;
      const bool refused = caller.talk.agent_call == event.call_sid &&
                           event.call_status != twilio::CallStatus::completed;
      if (!ended && !refused) continue;
      if (refused) lonely = caller.call_sid;
      state_->entries.erase(entry);
      break;
    }
  }
  if (!lonely.empty()) state_->apologise(lonely, on);
}

std::optional<TwilioSipCaller> TwilioSipDesk::find(const std::string& conference,
                                                   const std::string& agent_call,
                                                   TimePoint now) const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  const auto found = state_->entries.find(conference);
  if (found == state_->entries.end() || found->second.forget_at <= now) return std::nullopt;
  TwilioSipTalk& talk = found->second.caller.talk;
  // The webhook may be quicker than the answer that names the leg; but it names one leg only.
  if (talk.agent_call.empty()) talk.agent_call = agent_call;
  if (!agent_call.empty() && talk.agent_call != agent_call) return std::nullopt;
  if (std::exchange(found->second.served, true)) return std::nullopt;
  return found->second.caller;
}

std::size_t TwilioSipDesk::callers() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->entries.size();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
