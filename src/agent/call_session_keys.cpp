// The telephone's keys: pressed by the caller, collected for an entry, and sent by the agent.
#include <fmt/format.h>

#include <algorithm>

#include "agent/call_session_impl.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMaxSentKeys = 64;

/// A dot for each key.
std::string mask(const std::string& keys) {
  std::string dots;
  for (std::size_t i = 0; i < keys.size(); ++i) dots += "•";
  return dots;
}

/// What the model asks for, over what the profile allows.
DigitRules rules_of(JsonView wanted, const KeyOptions& keys) {
  DigitRules rules;
  rules.voice_ends = keys.voice_ends;
  if (const auto most = wanted["max_digits"].integer()) {
    rules.max_digits = static_cast<std::size_t>(std::max<std::int64_t>(*most, 0));
    rules.min_digits = std::min(rules.min_digits, rules.max_digits);
  }
  if (const auto least = wanted["min_digits"].integer()) {
    rules.min_digits = static_cast<std::size_t>(std::max<std::int64_t>(*least, 0));
  }
  if (const auto keys_ending = wanted["terminator"].string()) rules.terminators = *keys_ending;
  return rules;
}

}  // namespace

void CallSession::Impl::media_dtmf(char digit, TimePoint now) {
  if (over()) return;
  note(now, "dtmf", "key pressed");
  prompts_used = 0;
  if (!collection && consent_key(digit, now)) return;
  if (collection) {
    collected(collection->collector.key(digit, now), now);
    return;
  }
  constexpr std::size_t kMaxDigits = 64;
  if (digits.size() < kMaxDigits) digits.push_back(digit);
  arm(kDigits, options.digit_pause, now);
}

/// As the transcript has it.
std::string CallSession::Impl::shown(const std::string& keys) const {
  return options.keys.masked ? mask(keys) : keys;
}

/// The keys are told to the model as what they are: something the caller did.
void CallSession::Impl::digits_done(TimePoint now) {
  const std::string keys = std::exchange(digits, std::string());
  keep_keys(keys, now);
  const std::string text =
      options.keys.tell_model
          ? "The caller pressed on the phone's keys: " + keys
          : fmt::format("The caller pressed {} of the phone's keys; which is not for you to know.",
                        keys.size());
  if (state != CallState::talking) return;
  if (!speech || !ready) return owe_answer();  // What was pressed is in what was said.
  speech->request(AddNote{AddNote::Kind::fact, text}, now);
  if (!caller_speaking) ask({"", true}, now);
}

/// For the transcript, and for the tools.
void CallSession::Impl::keep_keys(const std::string& keys, TimePoint now) {
  const std::string segment = fmt::format("keys_{}", since_start(now).count());
  if (link && ready) link->claim(segment);
  transcript.add({Speaker::caller, segment, "[keys: " + shown(keys) + "]", true}, since_start(now));
  words_changed(segment);
  if (tap && options.keys.tell_tools) tap->on_keys(keys);
}

Result<> CallSession::Impl::collect(const DigitRules& rules, Collected done, TimePoint now) {
  if (over() || state == CallState::ending) return fail(Errc::conflict, "the call is over");
  Result<DigitCollector> collector = DigitCollector::create(rules, now);
  if (!collector) return fail(collector.error());
  if (collection) collected(collection->collector.end(DigitsEnd::replaced), now);
  disarm(kSilence);
  // What was pressed a moment ago was the beginning of it.
  const std::string early = std::exchange(digits, std::string());
  disarm(kDigits);
  collection.emplace(Collection{std::move(*collector), std::move(done)});
  note(now, "dtmf", "collecting keys");
  if (options.keys.masked) record_step(recording.private_begins(), now);
  for (const char key : early) {
    if (collection) collected(collection->collector.key(key, now), now);
  }
  return {};
}

void CallSession::Impl::collected(const std::optional<CollectedDigits>& result, TimePoint now) {
  if (!result || !collection) return;
  const Collected done = std::move(collection->done);
  collection.reset();
  if (!over()) record_step(recording.private_ends(), now);
  note(now, "dtmf", "keys collected",
       {{"keys", std::to_string(result->digits.size())},
        {"ended_by", std::string(to_string(result->how))}});
  if (!result->digits.empty()) keep_keys(result->digits, now);
  if (done) done(*result, now);
}

/// The tool's answer comes when the caller has entered it.
void CallSession::Impl::collect_wanted(const ToolCall& call, TimePoint now) {
  const auto refuse = [&](std::string_view code, std::string_view why) {
    refuse_tool(call, code, why, now);
  };
  if (state != CallState::talking) return refuse("unavailable", "the call is ending");
  const auto arguments = Json::parse(call.arguments_json);
  if (!arguments) return refuse("invalid_argument", arguments.error().message);
  const ToolLog::Answer open = tools.want(call, generation, now);
  if (open.verdict != ToolLog::Verdict::run) {
    return refuse("unavailable", "this was asked for already");
  }
  const auto taken = collect(
      rules_of(*arguments, options.keys),
      [this, id = open.id](const CollectedDigits& result, TimePoint at) {
        tool_result(id, collected_json(result), at);
      },
      now);
  if (taken) return;
  tool_result(open.id,
              tool_error("invalid_argument", taken.error().field + ": " + taken.error().message),
              now);
}

/// The model may say so, as long as there is a talk.
void CallSession::Impl::refuse_tool(const ToolCall& call, std::string_view code,
                                    std::string_view why, TimePoint now) {
  const bool respond = state == CallState::talking;
  speech->request(ToolResult{call.id, tool_error(code, why), respond}, now);
  if (respond) arm(kReply, options.reply_timeout, now);
}

std::string CallSession::Impl::collected_json(const CollectedDigits& result) const {
  JsonWriter out;
  out.object();
  if (options.keys.tell_model) {
    out.field("digits", result.digits);
  } else {
    out.field("digits", "known to the tools only");
  }
  return out.field("count", static_cast<std::int64_t>(result.digits.size()))
      .field("ended_by", to_string(result.how))
      .field("complete", result.enough)
      .end()
      .take();
}

/// Tones for the other side: a menu, a conference's number.
void CallSession::Impl::send_keys_wanted(const ToolCall& call, TimePoint now) {
  const auto refuse = [&](std::string_view code, std::string_view why) {
    refuse_tool(call, code, why, now);
  };
  const auto arguments = Json::parse(call.arguments_json);
  const std::string keys =
      arguments ? std::string((*arguments)["digits"].string_or("")) : std::string();
  const bool valid = !keys.empty() && keys.size() <= kMaxSentKeys &&
                     keys.find_first_not_of("0123456789ABCD*#wW") == std::string::npos;
  if (!valid) return refuse("invalid_argument", "digits: 1 to 64 of 0-9, A-D, *, #, w and W");
  if (state != CallState::talking) return refuse("unavailable", "the call is ending");
  if (sending_keys) return refuse("unavailable", "keys are being sent already");
  const ToolLog::Answer open = tools.want(call, generation, now);
  if (open.verdict != ToolLog::Verdict::run)
    return refuse("unavailable", "they were sent just now");
  sending_keys = open.id;
  note(now, "dtmf", "sending keys", {{"keys", std::to_string(keys.size())}});
  if (host.send_dtmf(keys)) return;
  keys_sent(fail(Errc::unsupported, "keys cannot be sent in this call"), now);
}

void CallSession::Impl::keys_sent(const Result<>& done, TimePoint now) {
  if (over() || !sending_keys) return;
  const std::string id = *std::exchange(sending_keys, std::nullopt);
  if (!done) note(now, "error", "keys not sent: " + done.error().message);
  const char* code =
      !done && done.error().code == Errc::unsupported ? "unsupported" : "unavailable";
  tool_result(id, done ? R"({"ok":true})" : tool_error(code, done.error().message), now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
