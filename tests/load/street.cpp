#include "street.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "voicebridge/testing/callee_steps.hpp"
#include "voicebridge/testing/openai_simulator.hpp"
#include "voicebridge/testing/telnyx_simulator.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"

namespace load {
namespace {

using namespace voicebridge;
using namespace voicebridge::testing;
using namespace std::chrono_literals;

constexpr int kAnswerMillis = 20000;

constexpr const char* kTalk = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, this is the agent, and I have a lot to tell you about our new offer."},
  {"on":"turn","transcript_of_caller":"Tell me.","say":"It is new, it is good and it is not dear."},
  {"on":"turn","transcript_of_caller":"That is all.","say":"Good bye.",
   "calls":[{"name":"end_call","arguments":{}}]},
  {"on":"response","say":"Good bye."}]}]})";

CalleeScript talking() {
  CalleeScript script;
  script.steps = {
      callee_waits(CalleeStep::Kind::wait_agent_silence, 700ms), callee_says("Tell me."),
      callee_waits(CalleeStep::Kind::wait_agent_silence, 700ms), callee_says("That is all.")};
  return script;
}

CalleeScript interrupting_callee() {
  CalleeScript script = talking();
  script.steps.front() = callee_waits(CalleeStep::Kind::wait_agent_speaking, 1500ms);
  return script;
}

CallPlan plan_of(std::size_t index) {
  // Made once: the samples are shared.
  static const CalleeScript patient = talking();
  static const CalleeScript impatient = interrupting_callee();
  CallPlan plan;
  plan.ring = Millis(100 + static_cast<std::int64_t>(index * 37 % 400));
  plan.leg_format = AudioFormat::pcmu();
  plan.script = person_of(index) == Person::interrupts ? impatient : patient;
  if (person_of(index) == Person::hangs_up) {
    plan.hangup_after = Millis(1500 + static_cast<std::int64_t>(index * 71 % 4000));
  }
  return plan;
}

void say(int fd, const std::string& line) {
  const std::string text = line + "\n";
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t wrote = ::write(fd, text.data() + at, text.size() - at);
    if (wrote <= 0) std::_Exit(1);  // Nobody listens any more.
    at += static_cast<std::size_t>(wrote);
  }
}

std::string report_of(const SimCarrier& carrier, const std::string& id) {
  const SimLeg* leg = carrier.leg(id);
  if (leg == nullptr) return "unknown";
  const LegStats& stats = leg->stats();
  return fmt::format("{} {} {} {} {} {} {}", id, stats.heard_bytes, stats.cleared_bytes,
                     stats.unplayed_bytes, stats.overflow_bytes, stats.errors_sent,
                     stats.frames_sent * 160);
}

/// `question`: the carrier, and the leg.
std::string answer_of(const TelnyxSimulator& telnyx, const TwilioSimulator& twilio,
                      const std::string& question) {
  const std::size_t blank = question.find(' ');
  const std::string id = blank == std::string::npos ? "" : question.substr(blank + 1);
  std::string line;
  if (question.rfind("twilio ", 0) == 0) {
    twilio.inspect([&](const TwilioCarrier& carrier, TimePoint) { line = report_of(carrier, id); });
  } else {
    telnyx.inspect([&](const TelnyxCarrier& carrier, TimePoint) { line = report_of(carrier, id); });
  }
  return line;
}

/// False: the other end is gone.
bool hear(int fd, std::string& line) {
  line.clear();
  for (char c = 0; ::read(fd, &c, 1) == 1;) {
    if (c == '\n') return true;
    line += c;
  }
  return false;
}

/// The life of the other process.
[[noreturn]] void run_street(std::size_t calls, int from, int to) {
  auto runtime = Runtime::create({}).value();
  OpenAiSimulatorOptions model;
  model.voice = std::make_shared<ToneVoice>();
  model.max_sessions = 400;
  auto openai =
      OpenAiSimulator::create(*runtime, OpenAiScenario::parse(kTalk).value(), model).value();
  TelnyxSimulatorOptions carrier;
  carrier.carrier.rate_limit = 100000;
  carrier.carrier.webhooks.delay = 5ms;
  carrier.carrier.kept_calls = 600;
  auto telnyx = TelnyxSimulator::create(*runtime, carrier).value();
  TwilioSimulatorOptions other;
  other.carrier.rate_limit = 100000;
  other.carrier.webhooks.delay = 5ms;
  other.carrier.kept_calls = 600;
  auto twilio = TwilioSimulator::create(*runtime, other).value();
  for (std::size_t i = 0; i < calls; ++i) {
    if (carrier_of(i) == std::string("twilio")) {
      twilio->plan_next(number_of(i), plan_of(i));
    } else {
      telnyx->plan_next(number_of(i), plan_of(i));
    }
  }
  say(to, fmt::format("{} {} {} {} {} {} {} {}", openai->base_url(), openai->api_key(),
                      telnyx->base_url(), telnyx->api_key(), telnyx->public_key_base64(),
                      twilio->base_url(), twilio->account_sid(), twilio->auth_token()));
  std::string line;
  if (hear(from, line)) telnyx->set_webhook_url(line + "/telnyx/webhooks");
  while (hear(from, line)) say(to, answer_of(*telnyx, *twilio, line));
  telnyx.reset();
  twilio.reset();
  openai.reset();
  std::_Exit(0);
}

}  // namespace

std::string number_of(std::size_t index) { return fmt::format("+12025{:06}", index); }

Person person_of(std::size_t index) { return static_cast<Person>(index % kPersons); }

const char* carrier_of(std::size_t index) {
  return index / kPersons % 2 == 0 ? "telnyx" : "twilio";
}

Street::Street(std::size_t calls) {
  int up[2];
  int down[2];
  if (::pipe(up) != 0 || ::pipe(down) != 0) return;
  process_ = ::fork();
  if (process_ == 0) {
    ::close(up[0]);
    ::close(down[1]);
    run_street(calls, down[0], up[1]);
  }
  ::close(up[1]);
  ::close(down[0]);
  from_ = up[0];
  to_ = down[1];
  std::string line;
  if (!read_line(line)) return;
  std::istringstream words(line);
  words >> doors_.openai_url >> doors_.openai_key >> doors_.telnyx_url >> doors_.telnyx_key >>
      doors_.telnyx_public_key >> doors_.twilio_url >> doors_.twilio_sid >> doors_.twilio_token;
}

Street::~Street() {
  if (to_ >= 0) ::close(to_);
  if (from_ >= 0) ::close(from_);
  if (process_ > 0) ::waitpid(process_, nullptr, 0);
}

void Street::serve(const std::string& public_url) { say(to_, public_url); }

bool Street::read_line(std::string& line) {
  while (true) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return true;
    }
    pollfd input{from_, POLLIN, 0};
    if (::poll(&input, 1, kAnswerMillis) <= 0) return false;
    char more[4096];
    const ssize_t got = ::read(from_, more, sizeof more);
    if (got <= 0) return false;
    buffer_.append(more, static_cast<std::size_t>(got));
  }
}

bool Street::ask(const std::string& carrier, const std::string& leg, LegReport& report) {
  say(to_, carrier + " " + leg);
  std::string line;
  if (!read_line(line)) return false;
  std::istringstream words(line);
  std::string id;
  report = {};
  words >> id >> report.heard >> report.cleared >> report.unplayed >> report.overflow >>
      report.errors >> report.said;
  return static_cast<bool>(words) && id == leg;
}

}  // namespace load
