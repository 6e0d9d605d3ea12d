#include "twiml_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "limits.hpp"
#include "net/ascii.hpp"
#include "value_checks.hpp"
#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

using Kind = AttributeKind;

constexpr std::string_view kMethods = "GET POST";
constexpr std::string_view kCallEvents = "initiated ringing answered completed";
constexpr std::string_view kConferenceEvents =
    "start end join leave mute hold modify speaker announcement";
constexpr std::string_view kRecordEvents = "in-progress completed absent";
constexpr std::string_view kDetection = "Enable DetectMessageEnd";

constexpr AttributeRule kSay[] = {{"voice"}, {"language"}, {"loop", Kind::number, {}, 0, 1000}};
constexpr AttributeRule kPlay[] = {{"loop", Kind::number, {}, 0, 1000},
                                   {"digits", Kind::keys, "0123456789*#ABCDabcdwW"}};
constexpr AttributeRule kPause[] = {{"length", Kind::number, {}, 1}};
constexpr AttributeRule kGather[] = {
    {"action", Kind::url},
    {"method", Kind::word, kMethods},
    {"input", Kind::words, "dtmf speech"},
    {"timeout", Kind::number},
    {"speechTimeout", Kind::number_or, "auto", 1},
    {"numDigits", Kind::number, {}, 1},
    {"finishOnKey", Kind::keys, "0123456789*#"},
    {"actionOnEmptyResult", Kind::flag},
    {"hints"},
    {"language"},
    {"speechModel"},
    {"profanityFilter", Kind::flag},
    {"partialResultCallback", Kind::url},
    {"partialResultCallbackMethod", Kind::word, kMethods},
    {"bargeIn", Kind::flag},
    {"maxSpeechTime", Kind::number, {}, 1},
};
constexpr AttributeRule kDial[] = {
    {"action", Kind::url},
    {"method", Kind::word, kMethods},
    {"timeout", Kind::number, {}, 5, 600},
    {"timeLimit", Kind::number, {}, 1, 86400},
    {"callerId", Kind::phone},
    {"answerOnBridge", Kind::flag},
    {"hangupOnStar", Kind::flag},
    {"record", Kind::word,
     "do-not-record true false record-from-answer record-from-ringing record-from-answer-dual "
     "record-from-ringing-dual"},
    {"recordingStatusCallback", Kind::url},
    {"recordingStatusCallbackMethod", Kind::word, kMethods},
    {"recordingStatusCallbackEvent", Kind::words, kRecordEvents},
    {"recordingTrack", Kind::word, "inbound outbound both"},
    {"referUrl", Kind::url},
    {"referMethod", Kind::word, kMethods},
    {"ringTone"},
    {"sequential", Kind::flag},
    {"trim", Kind::word, kTrim},
    {"events"},
};
constexpr AttributeRule kNumber[] = {
    {"url", Kind::url},
    {"method", Kind::word, kMethods},
    {"sendDigits", Kind::keys, "0123456789*#ABCDabcdwW"},
    {"statusCallback", Kind::url},
    {"statusCallbackMethod", Kind::word, kMethods},
    {"statusCallbackEvent", Kind::words, kCallEvents},
    {"machineDetection", Kind::word, kDetection},
    {"machineDetectionTimeout", Kind::number, {}, 3, 59},
    {"machineDetectionSpeechThreshold", Kind::number, {}, 1000, 6000},
    {"machineDetectionSpeechEndThreshold", Kind::number, {}, 500, 5000},
    {"machineDetectionSilenceTimeout", Kind::number, {}, 2000, 10000},
    {"amdStatusCallback", Kind::url},
    {"amdStatusCallbackMethod", Kind::word, kMethods},
};
constexpr AttributeRule kSip[] = {
    {"username"},
    {"password"},
    {"url", Kind::url},
    {"method", Kind::word, kMethods},
    {"statusCallback", Kind::url},
    {"statusCallbackMethod", Kind::word, kMethods},
    {"statusCallbackEvent", Kind::words, kCallEvents},
};
constexpr AttributeRule kConference[] = {
    {"muted", Kind::flag},
    {"beep", Kind::word, "true false onEnter onExit"},
    {"startConferenceOnEnter", Kind::flag},
    {"endConferenceOnExit", Kind::flag},
    {"waitUrl", Kind::url_or_none},
    {"waitMethod", Kind::word, kMethods},
    {"maxParticipants", Kind::number, {}, 2, 250},
    {"record", Kind::word, "do-not-record record-from-start true false"},
    {"recordingStatusCallback", Kind::url},
    {"recordingStatusCallbackMethod", Kind::word, kMethods},
    {"recordingStatusCallbackEvent", Kind::words, kRecordEvents},
    {"trim", Kind::word, kTrim},
    {"region"},
    {"coach", Kind::call_sid},
    {"participantLabel"},
    {"jitterBufferSize", Kind::word, "off small medium large"},
    {"statusCallback", Kind::url},
    {"statusCallbackMethod", Kind::word, kMethods},
    {"statusCallbackEvent", Kind::words, kConferenceEvents},
    {"eventCallbackUrl", Kind::url},
};
constexpr AttributeRule kActionAndMethod[] = {{"action", Kind::url},
                                              {"method", Kind::word, kMethods}};
constexpr AttributeRule kStream[] = {
    {"url", Kind::socket_url},
    {"name"},
    {"track", Kind::word, "inbound_track outbound_track both_tracks"},
    {"statusCallback", Kind::full_url},
    {"statusCallbackMethod", Kind::word, kMethods},
};
constexpr AttributeRule kParameter[] = {{"name"}, {"value"}};
constexpr AttributeRule kMethod[] = {{"method", Kind::word, kMethods}};
constexpr AttributeRule kReject[] = {{"reason", Kind::word, "rejected busy"}};
constexpr AttributeRule kRecord[] = {
    {"action", Kind::url},
    {"method", Kind::word, kMethods},
    {"timeout", Kind::number, {}, 1},
    {"finishOnKey", Kind::keys, "0123456789*#"},
    {"maxLength", Kind::number, {}, 1},
    {"playBeep", Kind::flag},
    {"trim", Kind::word, kTrim},
    {"recordingStatusCallback", Kind::url},
    {"recordingStatusCallbackMethod", Kind::word, kMethods},
    {"recordingStatusCallbackEvent", Kind::words, kRecordEvents},
    {"transcribe", Kind::flag},
    {"transcribeCallback", Kind::url},
};
constexpr AttributeRule kEnqueue[] = {
    {"action", Kind::url},
    {"method", Kind::word, kMethods},
    {"waitUrl", Kind::url_or_none},
    {"waitUrlMethod", Kind::word, kMethods},
    {"workflowSid"},
};

template <std::size_t N>
constexpr ElementRule rule(std::string_view name, std::string_view parents, TextRule text,
                           const AttributeRule (&attributes)[N]) {
  return {name, parents, text, attributes, N};
}

constexpr ElementRule kElements[] = {
    rule("Say", "Response Gather", TextRule::required, kSay),
    rule("Play", "Response Gather", TextRule::optional, kPlay),
    rule("Pause", "Response Gather", TextRule::none, kPause),
    rule("Gather", "Response", TextRule::none, kGather),
    rule("Dial", "Response", TextRule::optional, kDial),
    rule("Number", "Dial", TextRule::phone, kNumber),
    rule("Conference", "Dial", TextRule::required, kConference),
    rule("Sip", "Dial Refer", TextRule::sip, kSip),
    rule("Connect", "Response", TextRule::none, kActionAndMethod),
    {"Start", "Response"},
    {"Stop", "Response"},
    rule("Stream", "Connect Start Stop", TextRule::none, kStream),
    rule("Parameter", "Stream", TextRule::none, kParameter),
    {"Hangup", "Response"},
    rule("Redirect", "Response", TextRule::url_or_none, kMethod),
    rule("Reject", "Response", TextRule::none, kReject),
    {"Leave", "Response"},
    rule("Record", "Response", TextRule::none, kRecord),
    rule("Enqueue", "Response", TextRule::optional, kEnqueue),
    rule("Refer", "Response", TextRule::none, kActionAndMethod),
};

bool in_range(const AttributeRule& rule, std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size() && number >= rule.min &&
         number <= rule.max;
}

bool all_of_list(std::string_view value, std::string_view list) {
  return !value.empty() &&
         !net::any_part(value, ' ', [&](std::string_view part) { return !is_one_of(part, list); });
}

std::string choice_fault(std::string_view words) { return fmt::format("must be of: {}", words); }

}  // namespace

bool is_one_of(std::string_view word, std::string_view list) noexcept {
  return !word.empty() &&
         net::any_part(list, ' ', [&](std::string_view part) { return part == word; });
}

const ElementRule* element_rule(std::string_view name) noexcept {
  const auto found = std::find_if(std::begin(kElements), std::end(kElements),
                                  [&](const ElementRule& rule) { return rule.name == name; });
  return found == std::end(kElements) ? nullptr : found;
}

const AttributeRule* attribute_rule(const ElementRule& element, std::string_view name) noexcept {
  const AttributeRule* const end = element.attributes + element.attribute_count;
  const auto found = std::find_if(element.attributes, end,
                                  [&](const AttributeRule& rule) { return rule.name == name; });
  return found == end ? nullptr : found;
}

std::string fault_of_value(const AttributeRule& rule, std::string_view value) {
  switch (rule.kind) {
    case Kind::text:
      return {};
    case Kind::flag:
      return is_one_of(value, "true false") ? "" : "must be true or false";
    case Kind::number:
      if (in_range(rule, value)) return {};
      return fmt::format("must be a number from {} to {}", rule.min, rule.max);
    case Kind::number_or:
      if (in_range(rule, value) || is_one_of(value, rule.words)) return {};
      return fmt::format("must be {} or a number from {} on", rule.words, rule.min);
    case Kind::word:
      return is_one_of(value, rule.words) ? "" : choice_fault(rule.words);
    case Kind::words:
      return all_of_list(value, rule.words) ? "" : choice_fault(rule.words);
    case Kind::url_or_none:
      if (value.empty()) return {};
      [[fallthrough]];
    case Kind::url:
      return is_web_url(value) || is_relative_url(value) ? "" : "must be a URL";
    case Kind::full_url:
      return is_web_url(value) ? "" : "must be an absolute URL";
    case Kind::socket_url:
      return is_stream_url(value) || is_relative_url(value)
                 ? ""
                 : "must be a wss:// URL without a query";
    case Kind::keys:
      return value.find_first_not_of(rule.words) == std::string_view::npos
                 ? std::string()
                 : fmt::format("may only hold {}", rule.words);
    case Kind::phone:
      return is_caller(value) ? "" : "must be a number such as +15550100, or a client";
    case Kind::call_sid:
      return is_sid(value, "CA") ? "" : "must be the SID of a call";
  }
  return {};
}

std::string fault_of_text(TextRule rule, std::string_view text) {
  switch (rule) {
    case TextRule::none:
      return text.empty() ? "" : "has no text";
    case TextRule::optional:
      return {};
    case TextRule::required:
      return net::trim(text).empty() ? "needs a text" : "";
    case TextRule::phone:
      return looks_like_e164(text) ? "" : "must be a number such as +15550100";
    case TextRule::url_or_none:
      if (text.empty()) return {};
      [[fallthrough]];
    case TextRule::url:
      return is_web_url(text) || is_relative_url(text) ? "" : "must be a URL";
    case TextRule::sip:
      return fault_of_sip_uri(text);
  }
  return {};
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
