#include "voicebridge/testing/call_plan.hpp"

#include <map>
#include <string_view>
#include <utility>

#include "voicebridge/testing/telnyx_sim_media.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const std::map<std::string_view, CallOutcome> kOutcomes = {
    {"answer", CallOutcome::answer},
    {"busy", CallOutcome::busy},
    {"decline", CallOutcome::decline},
    {"no_answer", CallOutcome::no_answer},
    {"timeout", CallOutcome::timeout},
    {"not_found", CallOutcome::not_found},
    {"route_failure", CallOutcome::route_failure},
};

const std::map<std::string_view, CalleeIdle> kPlanIdles = {
    {"silence", CalleeIdle::silence},
    {"comfort_noise", CalleeIdle::comfort_noise},
    {"nothing", CalleeIdle::nothing},
};

const std::map<std::string_view, std::string_view> kAmdResults = {
    {"", ""},
    {"human_residence", "human_residence"},
    {"human_business", "human_business"},
    {"machine", "machine"},
    {"silence", "silence"},
    {"fax_detected", "fax_detected"},
    {"not_sure", "not_sure"},
};

const std::map<std::string_view, std::string_view> kGreetings = {
    {"", ""},
    {"beep_detected", "beep_detected"},
    {"no_beep_detected", "no_beep_detected"},
    {"prompt_ended", "prompt_ended"},
};

/// Reads the members of one object and remembers the first fault, so that the reading code stays a
/// list.
class Reader {
 public:
  Reader(JsonView json, std::string path) : json_(json), path_(std::move(path)) {
    if (json.exists() && !json.is_object()) complain("", "must be an object");
  }

  template <class T>
  void choice(const char* name, const std::map<std::string_view, T>& choices, T& out) {
    const JsonView value = take(name);
    if (!value.exists()) return;
    const auto found = choices.find(value.string().value_or("?"));
    if (found == choices.end()) return complain(name, "is not one of the known values");
    out = found->second;
  }

  template <class Duration>
  void millis(const char* name, Duration& out) {
    const JsonView value = take(name);
    if (!value.exists()) return;
    const auto count = value.integer();
    if (!count || *count < 0 || *count > 24 * 3600 * 1000)
      return complain(name, "must be milliseconds");
    out = Millis(*count);
  }

  void share(const char* name, double& out) {
    const JsonView value = take(name);
    if (!value.exists()) return;
    out = value.number_or(-1);
    if (!(out >= 0 && out <= 1)) complain(name, "must be from 0 to 1");
  }

  void flag(const char* name, bool& out) {
    const JsonView value = take(name);
    if (!value.exists()) return;
    if (!value.is_bool()) return complain(name, "must be true or false");
    out = *value.boolean();
  }

  template <class Format>
  void codec(const char* name, Format& out) {
    const JsonView value = take(name);
    if (!value.exists()) return;
    const auto format = telnyx_codec(value.string_or(""), 16000);
    if (!format) return complain(name, "must be one of: PCMU, PCMA, L16, G722, OPUS");
    out = *format;
  }

  JsonView take(const char* name) {
    const JsonView value = json_[name];
    known_ += value.exists() ? 1 : 0;
    return value;
  }

  void adopt(const Error& error) {
    if (!error_) error_ = error;
  }

  std::optional<Error> finish() {
    if (!error_ && json_.is_object() && known_ != json_.size())
      complain("", "has a name that is not known");
    return error_;
  }

 private:
  void complain(std::string_view name, const char* what) {
    if (error_) return;
    std::string field = path_;
    if (!name.empty()) field += field.empty() ? std::string(name) : "." + std::string(name);
    error_ = fail(Errc::invalid_argument, field + " " + what, field).value();
  }

  JsonView json_;
  std::string path_;
  std::size_t known_ = 0;
  std::optional<Error> error_;
};

std::optional<Error> read_amd(JsonView json, AmdPlan& amd) {
  Reader in(json, "amd");
  std::string_view result = amd.result;
  std::string_view greeting = amd.greeting;
  in.choice("result", kAmdResults, result);
  in.millis("delay_ms", amd.delay);
  in.choice("greeting", kGreetings, greeting);
  in.millis("greeting_delay_ms", amd.greeting_delay);
  in.flag("beep_before_detection", amd.beep_before_detection);
  in.millis("screening_ms", amd.screening);
  in.millis("screening_prompt_ms", amd.screening_prompt);
  amd.result = std::string(result);
  amd.greeting = std::string(greeting);
  return in.finish();
}

std::optional<Error> read_faults(JsonView json, MediaFaults& faults) {
  Reader in(json, "faults");
  in.millis("jitter_ms", faults.jitter);
  in.share("loss", faults.loss);
  in.share("reorder", faults.reorder);
  for (const JsonView gap_json : in.take("gaps").elements()) {
    MediaFaults::Gap gap;
    Reader gap_in(gap_json, "faults.gaps");
    gap_in.millis("begin_ms", gap.begin);
    gap_in.millis("length_ms", gap.length);
    if (auto error = gap_in.finish()) in.adopt(*error);
    faults.gaps.push_back(gap);
  }
  return in.finish();
}

}  // namespace

Result<CallPlan> CallPlan::parse(JsonView json, const std::string& folder) {
  CallPlan plan;
  Reader in(json, "");
  in.choice("outcome", kOutcomes, plan.outcome);
  in.millis("ring_ms", plan.ring);
  in.choice("idle", kPlanIdles, plan.idle);
  in.millis("hangup_after_ms", plan.hangup_after);
  in.codec("leg_codec", plan.leg_format);
  in.codec("codec_surprise", plan.codec_surprise);
  in.flag("l16_big_endian", plan.l16_big_endian);
  in.millis("stream_connect_delay_ms", plan.stream_connect_delay);
  in.millis("max_queue_ms", plan.max_queue);
  in.millis("play_delay_ms", plan.play_delay);
  in.millis("drop_stream_after_ms", plan.drop_stream_after);
  in.flag("refuses_refer", plan.refuses_refer);
  if (auto error = read_amd(in.take("amd"), plan.amd)) in.adopt(*error);
  if (auto error = read_faults(in.take("faults"), plan.faults)) in.adopt(*error);
  if (const JsonView steps = in.take("script"); steps.exists()) {
    auto script = CalleeScript::parse(steps, folder);
    if (script) {
      plan.script = std::move(*script);
    } else {
      in.adopt(script.error());
    }
  }
  if (auto error = in.finish()) return fail(std::move(*error));
  return plan;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
