#include "voicebridge/twilio/twilio_carrier.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "value_checks.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using Dialed = std::function<void(Result<std::string>)>;

/// What is asked at one time; each is over within a minute or two.
constexpr std::size_t kMaxQuestions = 1000;
/// Behind the words; then they are said again.
constexpr std::int64_t kSecondsToAnswer = 5;
/// Behind a key, until the application says what becomes of the leg.
constexpr std::int64_t kSecondsToDecide = 30;

/// A map that forgets its oldest entries.
template <class Value>
class Remembered {
 public:
  explicit Remembered(std::size_t max) : max_(max) {}

  Value* find(const std::string& key) {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  Value& insert(const std::string& key) {
    while (values_.size() >= max_ && !order_.empty()) {
      values_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(key);
    return values_[key];
  }
  void erase(const std::string& key) {
    values_.erase(key);
    const auto found = std::find(order_.rbegin(), order_.rend(), key);
    if (found != order_.rend()) order_.erase(std::next(found).base());
  }

 private:
  std::size_t max_;
  std::map<std::string, Value> values_;
  std::deque<std::string> order_;
};

/// A call that was dialled: who waits for the leg, or what came of it.
struct DialledCall {
  struct Waiter {
    Scheduler* on;
    Dialed done;
  };
  std::vector<Waiter> waiters;
  std::optional<Result<std::string>> outcome;
};

std::string with_call(const std::string& url, const std::string& call_id) {
  return url.empty() ? url : url + "?call_id=" + url_encode(call_id);
}

/// Nobody knows whether the phone rings: it must not be dialled again.
bool is_unknown(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::deadline_exceeded ||
         error.code == Errc::protocol_error || error.code == Errc::cancelled;
}

template <class T>
TwilioCallControl::Done<T> forward(Carrier::Done done) {
  return [done = std::move(done)](Result<T> result) {
    done(result ? Result<>() : Result<>(fail(result.error())));
  };
}

std::chrono::seconds clamp_seconds(Millis value, int low, int high) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(value).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, low, high));
}

}  // namespace

struct TwilioCarrier::State {
  State(TwilioCallControl call_control, TwilioStreamServer stream_server, TwilioCarrierOptions opts)
      : control(std::move(call_control)),
        streams(std::move(stream_server)),
        options(std::move(opts)),
        dialled(options.max_remembered),
        incoming(options.max_remembered),
        questions(std::min(options.max_remembered, kMaxQuestions)) {}

  twilio::TwimlElement say(const std::string& text) const;
  twilio::Twiml listen(const CarrierQuestion& question) const;
  /// Tells those who wait; a call that surely was not made may be dialled again.
  void on_dialled(const std::string& call_id, const Result<std::string>& outcome);
  std::function<void(std::string)> take_incoming(const std::string& leg_id);

  const TwilioCallControl control;
  const TwilioStreamServer streams;
  const TwilioCarrierOptions options;
  std::mutex mutex;
  Remembered<DialledCall> dialled;
  Remembered<std::function<void(std::string)>> incoming;
  Remembered<CarrierQuestion> questions;  ///< By the leg that hears them.
};

twilio::TwimlElement TwilioCarrier::State::say(const std::string& text) const {
  auto element = twilio::say(text);
  if (!options.voice.empty()) element.set("voice", options.voice);
  if (!options.language.empty()) element.set("language", options.language);
  return element;
}

twilio::Twiml TwilioCarrier::State::listen(const CarrierQuestion& question) const {
  auto gather = twilio::gather();
  gather.set("input", "dtmf").number("numDigits", 1).number("timeout", kSecondsToAnswer);
  gather.set("finishOnKey", "").flag("actionOnEmptyResult", true);
  gather.set("action", with_call(options.keys_url, question.call_id));
  return twilio::Twiml().add(gather.add(say(question.text)));
}

void TwilioCarrier::State::on_dialled(const std::string& call_id,
                                      const Result<std::string>& outcome) {
  std::vector<DialledCall::Waiter> waiters;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (DialledCall* const call = dialled.find(call_id)) {
      waiters.swap(call->waiters);
      call->outcome = outcome;
      if (!outcome && !is_unknown(outcome.error())) dialled.erase(call_id);
    }
  }
  for (auto& waiter : waiters) {
    waiter.on->post([done = std::move(waiter.done), outcome] { done(outcome); });
  }
}

std::function<void(std::string)> TwilioCarrier::State::take_incoming(const std::string& leg_id) {
  const std::lock_guard<std::mutex> lock(mutex);
  auto* const found = incoming.find(leg_id);
  if (found == nullptr) return nullptr;
  auto respond = std::move(*found);
  incoming.erase(leg_id);
  return respond;
}

TwilioCarrier::TwilioCarrier(std::shared_ptr<State> state) : state_(std::move(state)) {}
TwilioCarrier::~TwilioCarrier() = default;

Result<std::unique_ptr<TwilioCarrier>> TwilioCarrier::create(TwilioCallControl control,
                                                             TwilioStreamServer streams,
                                                             TwilioCarrierOptions options) {
  if (!options.caller_id.empty() && !looks_like_e164(options.caller_id)) {
    return fail(Errc::invalid_argument, "the caller id is not a number such as +15550100",
                "caller_id");
  }
  const std::pair<const std::string&, const char*> urls[] = {
      {options.status_url, "status_url"},       {options.detection_url, "detection_url"},
      {options.recording_url, "recording_url"}, {options.spoken_url, "spoken_url"},
      {options.keys_url, "keys_url"},           {options.dialled_url, "dialled_url"}};
  for (const auto& [url, name] : urls) {
    const bool plain = url.find_first_of("?#") == std::string::npos;
    if (!url.empty() && (!plain || !twilio::is_web_url(url))) {
      return fail(Errc::invalid_argument, "must be an absolute URL without a query", name);
    }
  }
  return std::unique_ptr<TwilioCarrier>(new TwilioCarrier(
      std::make_shared<State>(std::move(control), std::move(streams), std::move(options))));
}

void TwilioCarrier::ringing(const std::string& leg_id,
                            std::function<void(std::string twiml)> respond) {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->incoming.find(leg_id) != nullptr) state_->incoming.erase(leg_id);
  state_->incoming.insert(leg_id) = std::move(respond);
}

Result<std::string> TwilioCarrier::stream_document(const std::string& call_id,
                                                   const std::string& leg_id, TimePoint now,
                                                   Millis waiting) const {
  twilio::Twiml twiml;
  twiml.add(state_->streams.connect(call_id, leg_id, now, waiting));
  if (!state_->options.apology.empty()) twiml.add(state_->say(state_->options.apology));
  return twiml.xml();
}

Result<std::string> TwilioCarrier::apology_document() const {
  twilio::Twiml twiml;
  if (!state_->options.apology.empty()) twiml.add(state_->say(state_->options.apology));
  return twiml.add(twilio::hangup()).xml();
}

void TwilioCarrier::dial(const CarrierDial& dial, Scheduler& on, Dialed done) {
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    if (DialledCall* const known = state_->dialled.find(dial.call_id)) {
      if (!known->outcome) {
        known->waiters.push_back({&on, std::move(done)});
      } else {
        on.post([done = std::move(done), outcome = *known->outcome] { done(outcome); });
      }
      return;
    }
    state_->dialled.insert(dial.call_id).waiters.push_back({&on, std::move(done)});
  }
  const TwilioCarrierOptions& options = state_->options;
  const auto twiml = stream_document(dial.call_id, {}, on.now(), dial.ring_timeout);
  twilio::CreateCallRequest request;
  request.to = dial.to;
  request.from = options.caller_id;
  request.twiml = twiml.value_or("");
  request.timeout = clamp_seconds(dial.ring_timeout, 5, 600);
  request.time_limit = clamp_seconds(dial.max_length, 1, 86400);
  if (!options.status_url.empty()) {
    using Event = twilio::CallEvent;
    request.status = twilio::StatusCallback{
        with_call(options.status_url, dial.call_id),
        {},
        {Event::initiated, Event::ringing, Event::answered, Event::completed}};
  }
  if (dial.detect_machine && !options.detection_url.empty()) {
    request.machine_detection.emplace();
    request.machine_detection->wait_for_beep = options.wait_for_beep;
    request.machine_detection->async_callback = with_call(options.detection_url, dial.call_id);
  }
  state_->control.create_call(
      request, on, [state = state_, call_id = dial.call_id](const Result<twilio::Call>& call) {
        state->on_dialled(call_id, call ? Result<std::string>(call->sid)
                                        : Result<std::string>(fail(call.error())));
      });
}

void TwilioCarrier::answer(const std::string& leg_id, const std::string& call_id, Scheduler& on,
                           Done done) {
  const auto respond = state_->take_incoming(leg_id);
  Result<> result;
  if (!respond) {
    result = fail(Errc::not_found, "no incoming leg waits for an answer by this id");
  } else if (auto twiml = stream_document(call_id, leg_id, on.now())) {
    respond(std::move(*twiml));
  } else {
    result = fail(twiml.error());
  }
  on.post([done = std::move(done), result] { done(result); });
}

void TwilioCarrier::hang_up(const std::string& leg_id, Scheduler& on, Done done) {
  if (const auto respond = state_->take_incoming(leg_id)) {
    respond(twilio::Twiml().add(twilio::reject()).xml().value_or(""));
    on.post([done = std::move(done)] { done({}); });
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->questions.erase(leg_id);
  }
  state_->control.end_call(leg_id, on, forward<TwilioEnded>(std::move(done)));
}

void TwilioCarrier::speak(const std::string& leg_id, const std::string& text, Scheduler& on,
                          Done done) {
  twilio::Twiml twiml;
  twiml.add(state_->say(text));
  if (!state_->options.spoken_url.empty()) {
    twiml.add(twilio::redirect(state_->options.spoken_url));
  }
  redirect(leg_id, twiml, on, std::move(done));
}

void TwilioCarrier::ask(const std::string& leg_id, const CarrierQuestion& question, Scheduler& on,
                        Done done) {
  if (state_->options.keys_url.empty()) return speak(leg_id, question.text, on, std::move(done));
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    if (state_->questions.find(leg_id) != nullptr) state_->questions.erase(leg_id);
    state_->questions.insert(leg_id) = question;
  }
  redirect(leg_id, state_->listen(question), on, std::move(done));
}

Result<std::string> TwilioCarrier::after_keys(const std::string& keys,
                                              const std::string& leg_id) const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  const CarrierQuestion* const asked = state_->questions.find(leg_id);
  if (asked == nullptr) return fail(Errc::not_found, "nothing was asked on this leg", "CallSid");
  const bool answered = keys.size() == 1 && asked->keys.find(keys) != std::string::npos;
  if (!answered) return state_->listen(*asked).xml();
  return twilio::Twiml().add(twilio::pause(kSecondsToDecide)).xml();
}

void TwilioCarrier::start_media(const std::string&, const std::string&, Scheduler& on, Done done) {
  on.post([done = std::move(done)] { done({}); });
}

void TwilioCarrier::transfer(const std::string& leg_id, const CarrierTransfer& transfer,
                             Scheduler& on, HandedOver done) {
  const std::string& to = transfer.to;
  const TwilioCarrierOptions& options = state_->options;
  const bool by_sip = to.compare(0, 4, "sip:") == 0 || to.compare(0, 5, "sips:") == 0;
  auto dial = twilio::dial();
  if (!by_sip && !options.caller_id.empty()) dial.set("callerId", options.caller_id);
  dial.number("timeout", clamp_seconds(transfer.ring_timeout, 5, 600).count());
  if (!options.dialled_url.empty()) {
    dial.set("action", with_call(options.dialled_url, transfer.call_id));
  }
  auto other = by_sip ? twilio::sip(to) : twilio::number(to);
  if (!options.status_url.empty()) {
    other.set("statusCallback", with_call(options.status_url, transfer.call_id));
    other.set("statusCallbackEvent", "answered");
  }
  dial.add(std::move(other));
  const bool told = !options.dialled_url.empty() && !options.status_url.empty();
  redirect(leg_id, twilio::Twiml().add(std::move(dial)), on,
           [done = std::move(done), told](const Result<>& result) {
             if (!result) return done(fail(result.error()));
             done(told ? HandOver::under_way : HandOver::done);
           });
}

Result<std::string> TwilioCarrier::after_transfer(const twilio::DialEnded& ended,
                                                  const std::string& call_id,
                                                  const std::string& leg_id, TimePoint now) const {
  if (!twilio::was_taken(ended)) return stream_document(call_id, leg_id, now);
  return twilio::Twiml().add(twilio::hangup()).xml();
}

void TwilioCarrier::redirect(const std::string& leg_id, const twilio::Twiml& twiml, Scheduler& on,
                             Done done) const {
  auto document = twiml.xml();
  if (!document) {
    on.post([done = std::move(done), error = document.error()] { done(fail(error)); });
    return;
  }
  twilio::UpdateCallRequest request;
  request.twiml = std::move(*document);
  state_->control.update_call(leg_id, request, on, forward<twilio::Call>(std::move(done)));
}

namespace {

Error stream_would_end(const char* what) {
  return fail(Errc::unsupported, std::string("Twilio ends the media stream of a call to ") + what)
      .value();
}

}  // namespace

void TwilioCarrier::send_dtmf(const std::string&, const std::string&, Scheduler& on, Done done) {
  on.post([done = std::move(done)] { done(fail(stream_would_end("send keys"))); });
}

void TwilioCarrier::start_recording(const std::string& leg_id, Scheduler& on,
                                    std::function<void(Result<std::string>)> done) {
  twilio::StartRecordingRequest request;
  request.parameters.channels = "dual";
  if (!state_->options.recording_url.empty()) {
    request.parameters.status_callback = state_->options.recording_url;
    request.parameters.status_callback_events = {"completed", "absent"};
  }
  state_->control.start_recording(
      leg_id, request, on, [done = std::move(done)](const Result<twilio::Recording>& recording) {
        if (!recording) return done(fail(recording.error()));
        done(recording->sid);
      });
}

void TwilioCarrier::change_recording(const std::string& leg_id, const std::string& recording_id,
                                     CarrierRecording change, Scheduler& on, Done done) {
  const auto what = change == CarrierRecording::pause    ? twilio::RecordingChange::pause
                    : change == CarrierRecording::resume ? twilio::RecordingChange::resume
                                                         : twilio::RecordingChange::stop;
  state_->control.change_recording(leg_id, recording_id, what, on,
                                   forward<twilio::Recording>(std::move(done)));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
