// The TwiML interpreter of a call: documents, and verbs that take their time.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "testing/twilio_call.hpp"
#include "testing/twilio_text.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kSlowTwiml{5000};
constexpr unsigned kMaxRedirects = 10;
/// A document that only leads to itself must not keep the simulator busy for ever.
constexpr std::size_t kMaxVerbs = 10'000;
constexpr Millis kErrorPrompt{3000};
constexpr Millis kTwilioKeyTime{250};

std::string twiml_type(const HttpResponse& answer) {
  const auto value = answer.headers.find("content-type");
  std::string type(value.value_or("text/xml"));
  type.erase(std::min(type.find(';'), type.size()));
  return std::string(trimmed_xml(type));
}

Millis verb_length(const XmlElement& verb, Millis once) {
  const long times = std::strtol(verb.get("loop", "1").c_str(), nullptr, 10);
  return times <= 0 ? Millis(0) : once * std::min(times, 1000L);
}

std::string_view twiml_error_code(const HttpResponse& answer) {
  return answer.status == 0 ? "11205" : "11200";
}

}  // namespace

// --- documents ----------------------------------------------------------------------------------

void TwilioCall::start_document(TimePoint now) {
  if (!setup_.conference.empty()) {
    in_conference_ = true;
    blocking_.kind = Blocking::Kind::conference;
    return host_.enter_conference(*this, {}, {}, {}, now);
  }
  const TwilioDocumentSource& from = setup_.document;
  if (from.url.empty() && !from.twiml.empty()) return run_text(from.twiml, "", now);
  // The leg that a <Dial> has called has nothing to do but to talk.
  if (from.url.empty()) return setup_.parent_sid.empty() ? end_of_document(now) : void();
  FormFields more;
  if (setup_.inbound()) {
    more = {{"CallToken", setup_.call_token}, {"StirVerstat", "TN-Validation-Passed-A"}};
    for (const char* who : {"From", "Caller", "To", "Called"}) {
      for (const char* what : {"City", "State", "Zip"}) more.add(std::string(who) + what, "");
      more.add(std::string(who) + "Country", "US");
    }
  }
  if (!answered_by_.empty()) more.add("AnsweredBy", answered_by_);
  load(from.url, from.method, std::move(more), now);
}

void TwilioCall::run(TwilioDocumentSource source, TimePoint now) {
  release("participant_updated_via_api", now);
  setup_.conference.clear();
  if (!source.fallback_url.empty()) setup_.document.fallback_url = source.fallback_url;
  if (!source.url.empty()) return load(source.url, source.method, {}, now);
  run_text(source.twiml, "", now);
}

void TwilioCall::load(const std::string& url, const std::string& method, FormFields more,
                      TimePoint now) {
  document_ = {};
  next_ = 0;
  blocking_ = {};
  TwilioFetch fetch;
  fetch.url = fetching_url_ = url;
  fetch.method = method;
  fetch.number = pending_fetch_ = ++run_;
  fetch.fields = parameters();
  for (const auto& [name, value] : more.fields()) fetch.fields.add(name, value);
  fetch_begin_ = now;
  host_.fetch(*this, std::move(fetch), now);
}

void TwilioCall::on_document(std::uint64_t number, const HttpResponse& answer, TimePoint now) {
  if (ended() || number != pending_fetch_) return;
  pending_fetch_ = 0;
  if (now - fetch_begin_ > kSlowTwiml) ++host_.warnings().slow_twiml;
  const auto location = answer.headers.find("location");
  if (answer.status >= 300 && answer.status < 400 && location && redirects_++ < kMaxRedirects) {
    return load(resolve_url(fetching_url_, *location), "GET", {}, now);
  }
  redirects_ = 0;
  if (answer.status < 200 || answer.status >= 300) {
    return on_fetch_failed(std::string(twiml_error_code(answer)), now);
  }
  fetching_fallback_ = false;
  const std::string type = twiml_type(answer);
  if (type.rfind("audio/", 0) == 0) {
    return run_text("<Response><Play>" + std::string("audio") + "</Play></Response>", fetching_url_,
                    now);
  }
  if (type != "text/plain") return run_text(answer.body, fetching_url_, now);
  document_ = {"Response", {}, {}, {}};
  document_.children.push_back({"Say", {}, {}, answer.body});
  document_url_ = fetching_url_;
  next_verb(now);
}

/// The fallback is asked once; when it fails as well the caller hears that there was an error.
void TwilioCall::on_fetch_failed(const std::string& code, TimePoint now) {
  ++host_.warnings().http_failure;
  const bool had_fallback = std::exchange(fetching_fallback_, false);
  if (!had_fallback && !setup_.document.fallback_url.empty()) {
    fetching_fallback_ = true;
    const std::string failed = fetching_url_;
    return load(setup_.document.fallback_url, setup_.document.fallback_method,
                {{"ErrorCode", code}, {"ErrorUrl", failed}}, now);
  }
  if (!in_progress()) return end(Status::failed, "500", now);
  announcing_ = true;
  after(kErrorPrompt, now, &TwilioCall::hang_up);
}

void TwilioCall::run_text(const std::string& text, const std::string& url, TimePoint now) {
  ++run_;
  blocking_ = {};
  next_ = 0;
  document_url_ = url;
  auto parsed = parse_xml(text);
  if (!parsed || parsed->name != "Response") {
    ++host_.warnings().bad_twiml;
    document_ = {};
    if (!in_progress()) return end(Status::failed, "500", now);
    announcing_ = true;
    return after(kErrorPrompt, now, &TwilioCall::hang_up);
  }
  document_ = std::move(*parsed);
  next_verb(now);
}

void TwilioCall::next_verb(TimePoint now) {
  blocking_ = {};
  announcing_ = false;
  // A verb that is done at once may have brought a new document, and so be in here already.
  if (running_) return;
  running_ = true;
  bool go_on = true;
  while (go_on && !ended() && blocking_.kind == Blocking::Kind::none && pending_fetch_ == 0) {
    if (next_ >= document_.children.size() || verbs_.size() >= kMaxVerbs) {
      end_of_document(now);
      break;
    }
    // A copy: the document may be replaced by what the verb does.
    const XmlElement verb = document_.children[next_++];
    verbs_.push_back(verb.name);
    go_on = do_verb(verb, now);
  }
  running_ = false;
}

void TwilioCall::end_of_document(TimePoint now) {
  TwilioCall* const parent = host_.find(setup_.parent_sid);
  if (parent != nullptr && parent->awaits(*this)) {  // Its whisper is over.
    setup_.document = {};
    return parent->bridge(*this, now);
  }
  if (!in_progress() && setup_.inbound()) return end(Status::failed, "603", now);
  end(Status::completed, "200", now);
}

bool TwilioCall::do_verb(const XmlElement& verb, TimePoint now) {
  using Verb = void (TwilioCall::*)(const XmlElement&, TimePoint);
  static const std::pair<std::string_view, Verb> kVerbs[] = {
      {"Say", &TwilioCall::say},        {"Play", &TwilioCall::say},
      {"Pause", &TwilioCall::pause},    {"Gather", &TwilioCall::gather},
      {"Dial", &TwilioCall::dial},      {"Start", &TwilioCall::fork},
      {"Stop", &TwilioCall::stop_fork}, {"Record", &TwilioCall::record},
  };
  if (verb.name == "Connect") return connect(verb, now);
  if (verb.name == "Hangup") {
    end(in_progress() ? Status::completed : Status::failed, "200", now);
  } else if (verb.name == "Reject") {
    if (in_progress()) return end(Status::completed, "200", now), false;
    const bool busy = verb.get("reason", "rejected") == "busy";
    end(busy ? Status::busy : Status::failed, busy ? "486" : "603", now);
  } else if (verb.name == "Redirect") {
    const std::string url = resolve(std::string(trimmed_xml(verb.text)));
    if (url.empty()) return on_fetch_failed("11100", now), false;
    load(url, verb.get("method", "POST"), {}, now);
  } else if (verb.name == "Enqueue") {
    answer_first(now);
    blocking_.kind = Blocking::Kind::forever;
  } else if (verb.name == "Leave") {
    return true;
  } else {
    const auto known = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                    [&](const auto& entry) { return entry.first == verb.name; });
    if (known == std::end(kVerbs)) {
      ++host_.warnings().unknown_twiml;
      return true;
    }
    (this->*known->second)(verb, now);
    return true;
  }
  return false;
}

/// What plays or listens picks up the phone.
void TwilioCall::answer_first(TimePoint now) {
  if (!in_progress()) answer(now);
}

void TwilioCall::after(Millis time, TimePoint now, void (TwilioCall::*then)(TimePoint)) {
  agenda_.add(now + time, [this, then, run = run_](TimePoint at) {
    if (run == run_) (this->*then)(at);
  });
}

void TwilioCall::verb_over(TimePoint now) { next_verb(now); }

/// A verb that took its time is over: its action is asked, or the next verb is done.
void TwilioCall::finish(FormFields more, TimePoint now) {
  const Blocking was = std::exchange(blocking_, {});
  ++run_;
  announcing_ = false;
  if (was.action.empty()) return next_verb(now);
  load(was.action, was.method, std::move(more), now);
}

std::string TwilioCall::resolve(const std::string& url) const {
  return resolve_url(document_url_, url);
}

// --- verbs that play ----------------------------------------------------------------------------

/// How long it takes; 0: for ever.
Millis TwilioCall::announcement(const XmlElement& verb) {
  const TwilioCarrierOptions& options = host_.options();
  if (verb.name == "Pause") {
    return std::chrono::seconds(std::strtol(verb.get("length", "1").c_str(), nullptr, 10));
  }
  if (verb.name == "Say") {
    const std::string text(trimmed_xml(verb.text));
    said_.push_back(text);
    return verb_length(verb, options.speak_per_character * static_cast<int>(text.size()));
  }
  const std::string digits = verb.get("digits");
  if (digits.empty()) return verb_length(verb, options.playback_length);
  digits_sent_ += digits;
  return kTwilioKeyTime * static_cast<int>(digits.size());
}

void TwilioCall::say(const XmlElement& verb, TimePoint now) {
  answer_first(now);
  const Millis length = announcement(verb);
  blocking_.kind = Blocking::Kind::timer;
  announcing_ = verb.find("digits") == nullptr;
  if (length > Millis(0)) return after(length, now, &TwilioCall::verb_over);
  if (verb.get("loop") != "0") after(Millis(0), now, &TwilioCall::verb_over);
}

void TwilioCall::pause(const XmlElement& verb, TimePoint now) {
  answer_first(now);
  blocking_.kind = Blocking::Kind::timer;
  after(announcement(verb), now, &TwilioCall::verb_over);
}

// --- streams ------------------------------------------------------------------------------------

std::optional<TwilioStreamSetup> TwilioCall::stream_setup(const XmlElement& verb, bool two_way) {
  const auto stream = std::find_if(verb.children.begin(), verb.children.end(),
                                   [](const auto& child) { return child.name == "Stream"; });
  if (stream == verb.children.end()) return std::nullopt;
  TwilioStreamSetup setup;
  setup.two_way = two_way;
  setup.url = resolve(stream->get("url"));
  // A relative address has the document's host.
  if (setup.url.rfind("http", 0) == 0) setup.url.replace(0, 4, "ws");
  setup.name = stream->get("name");
  const std::string track = stream->get("track", "inbound_track");
  setup.inbound_track = two_way || track != "outbound_track";
  setup.outbound_track = !two_way && track != "inbound_track";
  setup.status_callback = stream->get("statusCallback");
  setup.status_method = stream->get("statusCallbackMethod", "POST");
  for (const XmlElement& parameter : stream->children) {
    if (parameter.name == "Parameter")
      setup.parameters.emplace_back(parameter.get("name"), parameter.get("value"));
  }
  return setup;
}

bool TwilioCall::connect(const XmlElement& verb, TimePoint now) {
  answer_first(now);
  auto setup = stream_setup(verb, true);
  if (!setup || setup->url.empty()) {
    ++host_.warnings().unknown_twiml;
    return true;
  }
  blocking_.kind = Blocking::Kind::connect;
  const std::string* const action = verb.find("action");
  if (action != nullptr) blocking_.action = resolve(*action);
  blocking_.method = verb.get("method", "POST");
  const bool query = setup->url.find('?') != std::string::npos;
  TwilioStream& stream = start_stream(std::move(*setup));
  blocking_.stream = stream.setup().sid;
  // No stream has a query.
  if (query) after(Millis(0), now, &TwilioCall::refuse_query);
  return true;
}

void TwilioCall::refuse_query(TimePoint now) {
  TwilioStream* const stream = leg_.find_stream(blocking_.stream);
  if (stream != nullptr && !stream->open()) on_stream_refused(*stream, 400, now);
}

void TwilioCall::fork(const XmlElement& verb, TimePoint) {
  auto setup = stream_setup(verb, false);
  if (setup && !setup->url.empty()) {
    start_stream(std::move(*setup));
  } else {
    ++host_.warnings().unknown_twiml;
  }
}

void TwilioCall::stop_fork(const XmlElement& verb, TimePoint now) {
  for (const XmlElement& child : verb.children) {
    TwilioStream* const stream = leg_.find_stream(child.get("name"));
    if (stream != nullptr) stop_stream(*stream, now);
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
