// <Dial>, <Gather> and <Record>: verbs that wait for somebody.
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "testing/twilio_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kSpeechPause{1000};

std::int64_t twiml_number(const XmlElement& verb, std::string_view attribute,
                          std::int64_t fallback) {
  const std::string* const text = verb.find(attribute);
  return text == nullptr ? fallback : std::strtoll(text->c_str(), nullptr, 10);
}

bool twiml_flag(const XmlElement& element, std::string_view attribute, bool fallback) {
  return element.get(attribute, fallback ? "true" : "false") == "true";
}

std::set<std::string> twiml_words(const std::string& text) {
  std::istringstream in(text);
  std::set<std::string> words;
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

TwilioCallback twiml_callback(const XmlElement& element) {
  return {element.get("statusCallback"), element.get("statusCallbackMethod", "POST"),
          twiml_words(element.get("statusCallbackEvent"))};
}

}  // namespace

// --- <Gather> -----------------------------------------------------------------------------------

void TwilioCall::gather(const XmlElement& verb, TimePoint now) {
  answer_first(now);
  const std::string input = verb.get("input", "dtmf");
  Gather wanted;
  wanted.digits = input.find("dtmf") != std::string::npos;
  wanted.speech = input.find("speech") != std::string::npos;
  wanted.num_digits = static_cast<std::size_t>(twiml_number(verb, "numDigits", 0));
  wanted.finish_on = verb.get("finishOnKey", "#");
  wanted.timeout = std::chrono::seconds(twiml_number(verb, "timeout", 5));
  wanted.empty_result = twiml_flag(verb, "actionOnEmptyResult", false);
  wanted.utterances = leg_.callee().utterances().size();
  gather_ = std::move(wanted);
  blocking_.kind = Blocking::Kind::gather;
  blocking_.action = resolve(verb.get("action", document_url_));
  blocking_.method = verb.get("method", "POST");
  Millis prompt{0};
  for (const XmlElement& child : verb.children) prompt += announcement(child);
  announcing_ = prompt > Millis(0);
  after(prompt, now, &TwilioCall::gather_prompt_over);
}

void TwilioCall::gather_prompt_over(TimePoint now) {
  if (blocking_.kind != Blocking::Kind::gather) return;
  announcing_ = false;
  gather_.prompt_over = true;
  expect_input(now);
}

/// The time for the next key, or the first word, begins.
void TwilioCall::expect_input(TimePoint now) {
  agenda_.add(now + gather_.timeout, [this, run = run_, turn = ++gather_.turn](TimePoint at) {
    if (run == run_ && turn == gather_.turn) gather_over(gather_.collected.empty(), "", at);
  });
}

void TwilioCall::on_digit(char digit, TimePoint now) {
  if (blocking_.kind == Blocking::Kind::record) return record_over(std::string(1, digit), now);
  if (blocking_.kind != Blocking::Kind::gather || !gather_.digits) return;
  announcing_ = false;  // A key cuts the prompt off.
  if (gather_.finish_on.find(digit) != std::string::npos) {
    return gather_over(gather_.collected.empty(), std::string(1, digit), now);
  }
  gather_.collected += digit;
  if (gather_.num_digits != 0 && gather_.collected.size() >= gather_.num_digits) {
    return gather_over(false, "", now);
  }
  expect_input(now);
}

void TwilioCall::gather_over(bool empty, const std::string& finished_on, TimePoint now) {
  if (empty && !gather_.empty_result) blocking_.action.clear();
  FormFields more = {{"Digits", gather_.collected}};
  if (!finished_on.empty()) more.add("FinishedOnKey", finished_on);
  more.add("msg", "Gather End");
  finish(std::move(more), now);
}

void TwilioCall::heard_speech(TimePoint now) {
  const auto& said = leg_.callee().utterances();
  if (said.size() <= gather_.utterances) return;
  const auto since_answer = std::chrono::duration_cast<Millis>(now - *leg_.answered_at());
  if (since_answer - said.back().end < kSpeechPause) return;
  std::string words;
  for (std::size_t i = gather_.utterances; i < said.size(); ++i) {
    if (!words.empty()) words += ' ';
    words += said[i].text;
  }
  finish({{"SpeechResult", words}, {"Confidence", "0.9"}, {"Language", "en-US"}}, now);
}

// --- <Record> -----------------------------------------------------------------------------------

void TwilioCall::record(const XmlElement& verb, TimePoint now) {
  answer_first(now);
  blocking_.kind = Blocking::Kind::record;
  blocking_.action = resolve(verb.get("action", document_url_));
  blocking_.method = verb.get("method", "POST");
  record_timeout_ = std::chrono::seconds(twiml_number(verb, "timeout", 5));
  record_silence_ = now + record_timeout_;
  TwilioRecordRequest request;
  request.source = "RecordVerb";
  request.track = "inbound";
  request.callback = {verb.get("recordingStatusCallback"),
                      verb.get("recordingStatusCallbackMethod", "POST"),
                      twiml_words(verb.get("recordingStatusCallbackEvent"))};
  start_recording(std::move(request), now);
  agenda_.add(now + std::chrono::seconds(twiml_number(verb, "maxLength", 3600)),
              [this, run = run_](TimePoint at) {
                if (run == run_) record_over("", at);
              });
}

void TwilioCall::record_over(const std::string& digits, TimePoint now) {
  record_silence_.reset();
  TwilioRecording& recording = recordings_.back();
  stop_recording(recording, now);
  const std::string url = "https://api.twilio.com/2010-04-01/Accounts/" + setup_.account_sid +
                          "/Recordings/" + recording.sid;
  FormFields more = {
      {"RecordingUrl", url},
      {"RecordingSid", recording.sid},
      {"RecordingDuration", std::to_string((recording.length.count() + 999) / 1000)}};
  more.add("Digits", digits.empty() ? "hangup" : digits);
  finish(std::move(more), now);
}

void TwilioCall::on_step(TimePoint now) {
  if (blocking_.kind == Blocking::Kind::gather && gather_.speech) return heard_speech(now);
  if (blocking_.kind != Blocking::Kind::record || !record_silence_) return;
  if (!leg_.callee_is_silent()) record_silence_ = now + record_timeout_;
  if (now >= *record_silence_) record_over("", now);
}

// --- <Dial> -------------------------------------------------------------------------------------

void TwilioCall::dial(const XmlElement& verb, TimePoint now) {
  blocking_.kind = Blocking::Kind::dial;
  blocking_.answer_on_bridge = twiml_flag(verb, "answerOnBridge", false);
  if (const std::string* const action = verb.find("action")) blocking_.action = resolve(*action);
  blocking_.method = verb.get("method", "POST");
  if (!blocking_.answer_on_bridge) answer_first(now);
  const std::string number(trimmed_xml(verb.text));
  if (!number.empty()) dial_child(verb, nullptr, number, now);
  for (const XmlElement& noun : verb.children) {
    if (noun.name == "Conference") return dial_conference(noun, now);
    if (noun.name == "Number" || noun.name == "Sip" || noun.name == "Client") {
      dial_child(verb, &noun, std::string(trimmed_xml(noun.text)), now);
    } else {
      ++host_.warnings().unknown_twiml;
    }
  }
  if (blocking_.kind == Blocking::Kind::dial && blocking_.children.empty()) {
    finish({{"DialCallStatus", "failed"}, {"DialBridged", "false"}}, now);
  }
}

void TwilioCall::dial_child(const XmlElement& dial, const XmlElement* noun, const std::string& to,
                            TimePoint now) {
  const bool sip = noun != nullptr && noun->name == "Sip";
  TwilioCallSetup child;
  child.parent_sid = setup_.sid;
  child.direction = "outbound-dial";
  child.to = to;
  child.from = dial.get("callerId", setup_.inbound() || sip ? setup_.from : setup_.to);
  child.ring_timeout = std::chrono::seconds(twiml_number(dial, "timeout", 30));
  child.time_limit = std::chrono::seconds(twiml_number(dial, "timeLimit", 14400));
  if (noun != nullptr) {
    child.status = twiml_callback(*noun);
    child.send_digits = noun->get("sendDigits");
    if (const std::string* const whisper = noun->find("url")) {
      child.document.url = resolve(*whisper);
      child.document.method = noun->get("method", "POST");
    }
  }
  blocking_.children.push_back(host_.dial(std::move(child), now).sid());
}

void TwilioCall::on_child_answered(TwilioCall& child, TimePoint now) {
  if (blocking_.kind != Blocking::Kind::dial || !bridged_.empty()) return;
  // The first to answer has it.
  const std::vector<std::string> all = std::exchange(blocking_.children, {child.sid()});
  for (const std::string& other : all) {
    TwilioCall* const leg = other == child.sid() ? nullptr : host_.find(other);
    if (leg != nullptr) leg->hang_up(now);
  }
  if (child.setup_.document.empty()) bridge(child, now);
}

bool TwilioCall::awaits(const TwilioCall& child) const {
  const auto& all = blocking_.children;
  return blocking_.kind == Blocking::Kind::dial && bridged_.empty() &&
         std::find(all.begin(), all.end(), child.sid()) != all.end();
}

void TwilioCall::bridge(TwilioCall& child, TimePoint now) {
  if (!awaits(child)) return;
  answer_first(now);
  bridged_ = child.sid();
  child.bridged_ = setup_.sid;
  blocking_.bridged_at = now;
}

void TwilioCall::on_child_ended(TwilioCall& child, TimePoint now) {
  if (blocking_.kind != Blocking::Kind::dial) return;
  auto& children = blocking_.children;
  const auto found = std::find(children.begin(), children.end(), child.sid());
  if (found == children.end()) return;
  children.erase(found);
  if (!children.empty()) return;
  const bool bridged = bridged_ == child.sid();
  bridged_.clear();
  FormFields more = {{"DialCallSid", child.sid()},
                     {"DialCallStatus", std::string(twilio::to_string(child.status()))},
                     {"DialBridged", bridged ? "true" : "false"}};
  if (bridged) {
    const auto time = std::chrono::duration_cast<std::chrono::seconds>(now - blocking_.bridged_at);
    more.add("DialCallDuration", std::to_string(time.count()));
  }
  if (child.setup_.to.rfind("sip:", 0) == 0) {
    more.add("DialSipCallId", child.sid() + "@simulated");
    more.add("DialSipResponseCode", child.sip_code());
  }
  if (!in_progress() && blocking_.action.empty()) answer_first(now);
  finish(std::move(more), now);
}

void TwilioCall::dial_conference(const XmlElement& noun, TimePoint now) {
  answer_first(now);
  if (ended()) return;
  blocking_.kind = Blocking::Kind::conference;
  in_conference_ = true;
  TwilioParticipant me;
  me.call_sid = setup_.sid;
  me.label = noun.get("participantLabel");
  me.muted = twiml_flag(noun, "muted", false);
  me.start_on_enter = twiml_flag(noun, "startConferenceOnEnter", true);
  me.end_on_exit = twiml_flag(noun, "endConferenceOnExit", false);
  me.wait_url = noun.get("waitUrl", "default");
  me.call_sid_to_coach = noun.get("coach");
  me.coaching = !me.call_sid_to_coach.empty();
  host_.enter_conference(*this, std::string(trimmed_xml(noun.text)), std::move(me),
                         twiml_callback(noun), now);
}

void TwilioCall::on_left_conference(TimePoint now) {
  if (!in_conference_ && setup_.conference.empty()) return;
  in_conference_ = false;
  // A leg that the API has brought has nothing else to do.
  if (!setup_.conference.empty()) return end(Status::completed, "200", now);
  finish({{"DialCallStatus", "answered"}, {"DialBridged", "true"}}, now);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
