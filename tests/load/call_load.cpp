// The whole server under short calls that are replaced as they end: none may be lost, every byte
// has to be accounted for, and the memory has to stay what it was after warm-up.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app.hpp"
#include "demo_scenarios.hpp"
#include "demo_stage.hpp"
#include "street.hpp"

namespace load {
namespace {

using namespace voicebridge;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kTellEvery = 20s;

struct Arguments {
  std::size_t calls = 200;
  double seconds = 120;
  double warm_up = 20;
  double growth_mb = 12;  ///< The memory may grow by so much between warm-up and end.
  unsigned threads = 2;
};

/// What is kept of a call that has ended.
struct Ended {
  std::string call_id;
  EndReason reason = EndReason::cancelled;
  std::string detail;
  std::size_t barge_ins = 0;
  CallCounters counters;
};

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1048576;
}

Result<std::unique_ptr<server::App>> open_server(const Arguments& arguments,
                                                 const StreetDoors& doors,
                                                 const std::string& database) {
  auto config = server::demo_config({{"PORT", "0"},
                                     {"PUBLIC_APP_URL", "http://127.0.0.1:1"},
                                     {"OPENAI_API_KEY", doors.openai_key},
                                     {"OPENAI_BASE_URL", doors.openai_url},
                                     {"TELNYX_API_KEY", doors.telnyx_key},
                                     {"TELNYX_API_BASE", doors.telnyx_url},
                                     {"TELNYX_PUBLIC_KEY", doors.telnyx_public_key},
                                     {"TELNYX_CALL_CONTROL_APP_ID", "1"},
                                     {"TELNYX_OUTBOUND_CALLER_ID", "+12025550100"},
                                     {"TWILIO_ACCOUNT_SID", doors.twilio_sid},
                                     {"TWILIO_AUTH_TOKEN", doors.twilio_token},
                                     {"TWILIO_CALLER_ID", "+12025550102"},
                                     {"TWILIO_API_BASE", doors.twilio_url},
                                     {"VOICEBRIDGE_CARRIER", "telnyx"},
                                     {"VOICEBRIDGE_AMD", "off"},
                                     {"VOICEBRIDGE_DATABASE", database},
                                     {"VOICEBRIDGE_LOG", "off"}});
  if (!config) return fail(config.error());
  const auto port = server::free_loopback_port();
  if (!port) return fail(port.error());
  config->port = *port;
  config->public_app_url = "http://127.0.0.1:" + std::to_string(*port);
  config->max_calls = static_cast<int>(arguments.calls) + 50;
  config->dial = {};  // As many calls as can be made.
  config->threads = static_cast<int>(arguments.threads);
  auto app = server::App::create(std::move(*config));
  if (!app) return fail(app.error());
  if (auto started = (*app)->start(); !started) return fail(started.error());
  return app;
}

/// Keeps so many calls up and judges each when it has ended.
class Town {
 public:
  Town(server::App& app, Street& street, std::size_t most)
      : app_(app), street_(street), most_(most) {
    app_.agent().on_ended([this](const CallRecord& record, const std::string&) {
      const std::lock_guard lock(mutex_);
      ended_.push_back({record.call_id, *record.end_reason, record.end_detail,
                        record.barge_ins.size(), record.counters});
    });
  }

  void keep_up(std::size_t calls);
  void judge_ended();
  /// Calls that were begun and have not ended.
  std::size_t up() const { return begun_ - judged_ - refused_; }
  std::size_t begun() const { return begun_; }
  std::size_t judged() const { return judged_; }
  std::size_t faults() const { return faults_ + refused_; }
  std::size_t most_up() const { return most_up_; }
  std::string report() const;
  std::string first_fault() {
    const std::lock_guard lock(mutex_);
    return first_fault_.empty() ? refusal_ : first_fault_;
  }

 private:
  void judge(const Ended& ended);
  void judge_bytes(const Ended& ended, const LegReport& leg);
  void expect(bool holds, const Ended& ended, const std::string& what);
  Person person(const std::string& call_id);

  server::App& app_;
  Street& street_;
  const std::size_t most_;
  std::mutex mutex_;
  std::deque<Ended> ended_;
  std::map<std::string, std::size_t> index_of_;  ///< Of calls that are up.
  std::size_t begun_ = 0;
  std::atomic<std::size_t> refused_{0};
  std::string refusal_;
  std::size_t judged_ = 0;
  std::size_t faults_ = 0;
  std::size_t most_up_ = 0;
  std::string first_fault_;
  std::map<std::string, std::size_t> reasons_;
  CallCounters sum_;
  LegReport legs_;
  std::size_t barge_ins_ = 0;
  std::size_t late_models_ = 0;  ///< By which the oldest of the caller's audio was lost.
};

/// A few at a time: people do not all pick up in the same millisecond.
void Town::keep_up(std::size_t calls) {
  for (int i = 0; i < 2 && up() < calls && begun_ < most_; ++i) {
    const std::size_t index = begun_++;
    CallNumberRequest request;
    request.to = number_of(index);
    request.carrier = carrier_of(index);
    app_.agent().call_number(std::move(request), [this, index](const Result<CallStatus>& status) {
      const std::lock_guard lock(mutex_);
      if (status) {
        index_of_[status->call_id] = index;
      } else {
        ++refused_;
        refusal_ = "not dialed: " + to_string(status.error());
      }
    });
  }
  most_up_ = std::max(most_up_, up());
}

Person Town::person(const std::string& call_id) {
  const std::lock_guard lock(mutex_);
  const auto found = index_of_.find(call_id);
  if (found == index_of_.end()) return Person::talks;
  const Person who = person_of(found->second);
  index_of_.erase(found);
  return who;
}

void Town::judge_ended() {
  while (true) {
    Ended ended;
    {
      const std::lock_guard lock(mutex_);
      if (ended_.empty() || index_of_.count(ended_.front().call_id) == 0) return;
      ended = std::move(ended_.front());
      ended_.pop_front();
    }
    judge(ended);
  }
}

void Town::expect(bool holds, const Ended& ended, const std::string& what) {
  if (holds) return;
  ++faults_;
  if (!first_fault_.empty()) return;
  const CallCounters& c = ended.counters;
  first_fault_ =
      fmt::format("{}: {} [ended by {} ({}); agent {} sent {} padding {} cut {}; caller {}]",
                  ended.call_id, what, to_string(ended.reason), ended.detail, c.agent_bytes,
                  c.agent_bytes_sent, c.agent_bytes_padding, c.agent_bytes_cut, c.caller_bytes);
}

void Town::judge(const Ended& ended) {
  ++judged_;
  barge_ins_ += ended.barge_ins;
  const Person who = person(ended.call_id);
  const EndReason wanted =
      who == Person::hangs_up ? EndReason::caller_hangup : EndReason::agent_goodbye;
  expect(ended.reason == wanted, ended, "another end than expected");
  if (who == Person::interrupts) expect(ended.barge_ins == 1, ended, "not interrupted once");
  const auto status = app_.agent().status(ended.call_id);
  if (status) ++reasons_[status->carrier + " " + std::string(to_string(ended.reason))];
  LegReport leg;
  const bool known = status && street_.ask(status->carrier, status->leg_id, leg);
  expect(known, ended, "the carrier knows nothing of it");
  if (known) judge_bytes(ended, leg);
}

void Town::judge_bytes(const Ended& ended, const LegReport& leg) {
  const CallCounters& c = ended.counters;
  const std::uint64_t sent = c.agent_bytes_sent + c.agent_bytes_padding;
  const std::uint64_t came = leg.heard + leg.cleared + leg.unplayed + leg.overflow;
  if (ended.reason == EndReason::agent_goodbye) {
    expect(came == sent, ended, fmt::format("{} bytes were sent and {} came", sent, came));
    expect(leg.unplayed == 0, ended, "the last word was cut off");
    expect(c.agent_bytes == c.agent_bytes_sent + c.agent_bytes_cut, ended,
           "not every byte of the model was sent or cut");
  } else {
    expect(came <= sent, ended, "more came than was sent");
  }
  expect(c.caller_bytes <= leg.said, ended, "more of the caller came than they said");
  expect(c.caller_bytes_forwarded + c.caller_bytes_dropped <= c.caller_bytes + c.gap_bytes_filled,
         ended, "more of the caller went on than came");
  expect(leg.overflow == 0 && c.agent_bytes_overflow == 0, ended, "a queue ran over");
  expect(leg.errors == 0, ended, "the carrier found fault");
  sum_.agent_bytes_sent += sent;
  sum_.agent_bytes_cut += c.agent_bytes_cut;
  sum_.caller_bytes += c.caller_bytes;
  sum_.caller_bytes_dropped += c.caller_bytes_dropped;
  late_models_ += c.caller_bytes_dropped > 0 ? 1 : 0;
  legs_.heard += leg.heard;
  legs_.cleared += leg.cleared;
  legs_.said += leg.said;
}

std::string Town::report() const {
  std::string text =
      fmt::format("calls      {} begun, {} ended, at most {} at once\n", begun_, judged_, most_up_);
  for (const auto& [reason, count] : reasons_) {
    text += fmt::format("  {:<23} {}\n", reason, count);
  }
  text += fmt::format("barge-ins  {}\n", barge_ins_);
  text += fmt::format("agent      {} bytes sent: {} heard, {} cleared; {} more cut before\n",
                      sum_.agent_bytes_sent, legs_.heard, legs_.cleared, sum_.agent_bytes_cut);
  text += fmt::format("callers    {} bytes said, {} came\n", legs_.said, sum_.caller_bytes);
  text += fmt::format("late       {} models came later than 3 s, which cost {} bytes\n",
                      late_models_, sum_.caller_bytes_dropped);
  return text;
}

bool read_arguments(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    const double value = i + 1 < argc ? std::atof(argv[i + 1]) : -1;
    if (value <= 0) return false;
    if (name == "--calls") {
      arguments.calls = static_cast<std::size_t>(value);
    } else if (name == "--seconds") {
      arguments.seconds = value;
    } else if (name == "--warm-up") {
      arguments.warm_up = value;
    } else if (name == "--growth-mb") {
      arguments.growth_mb = value;
    } else if (name == "--threads") {
      arguments.threads = static_cast<unsigned>(value);
    } else {
      return false;
    }
  }
  return true;
}

/// Keeps the calls up for so long.
void run_for(Town& town, std::size_t calls, double seconds) {
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  auto tell = Clock::now() + kTellEvery;
  while (Clock::now() < until) {
    if (Clock::now() >= tell) {
      tell += kTellEvery;
      std::printf("           %.1f MB, %zu calls ended\n", resident_mb(), town.judged());
      std::fflush(stdout);
    }
    town.keep_up(calls);
    town.judge_ended();
    std::this_thread::sleep_for(10ms);
  }
}

/// More than can be called: no call takes less than a few seconds.
std::size_t people_for(const Arguments& arguments) {
  const double rounds = (arguments.seconds + arguments.warm_up) / 2 + 10;
  return static_cast<std::size_t>(static_cast<double>(arguments.calls) * rounds);
}

int run(const Arguments& arguments, Street& street, const std::string& folder) {
  // A port that was free may be taken by somebody else before the server has it.
  auto app = open_server(arguments, street.doors(), folder + "/voicebridge.db");
  for (int more = 0; !app && app.error().code == Errc::conflict && more < 5; ++more) {
    app = open_server(arguments, street.doors(), folder + "/voicebridge.db");
  }
  if (!app) {
    std::fprintf(stderr, "no server: %s\n", to_string(app.error()).c_str());
    return 2;
  }
  street.serve((*app)->config().public_app_url);
  const auto most = static_cast<std::size_t>(static_cast<double>(arguments.calls) *
                                             (arguments.seconds + arguments.warm_up + 10));
  Town town(**app, street, most);
  run_for(town, arguments.calls, arguments.warm_up);
  const double warm = resident_mb();
  const std::size_t warm_calls = town.judged();
  run_for(town, arguments.calls, arguments.seconds);
  const double busy = resident_mb();
  const std::size_t up_at_end = town.up();
  const auto patience = Clock::now() + 60s;
  while (town.up() > 0 && Clock::now() < patience) {
    town.judge_ended();
    std::this_thread::sleep_for(10ms);
  }
  std::this_thread::sleep_for(500ms);  // Closing handshakes.
  const std::size_t left = town.up();
  const std::size_t live = (*app)->agent().live_calls();
  std::size_t streams = (*app)->streams().counters().open;
  if ((*app)->twilio_streams()) streams += (*app)->twilio_streams()->counters().open;
  const double after = resident_mb();
  std::printf("%s", town.report().c_str());
  std::printf("left       %zu calls lost, %zu live in the agent, %zu media streams open\n", left,
              live, streams);
  std::printf(
      "memory     %.1f MB after warm-up (%zu calls), %.1f MB at the end with %zu calls up, "
      "%.1f MB after the last\n",
      warm, warm_calls, busy, up_at_end, after);
  const double growth = std::max(busy, after) - warm;
  std::printf("growth     %.1f MB, allowed %.1f\n", growth, arguments.growth_mb);
  if (town.faults() > 0) {
    std::printf("FAULTS     %zu, the first: %s\n", town.faults(), town.first_fault().c_str());
  }
  (*app)->stop(0ms);
  const bool good = town.faults() == 0 && left == 0 && live == 0 && streams == 0 &&
                    town.judged() > 0 && growth <= arguments.growth_mb;
  std::printf("%s\n", good ? "ok" : "NOT OK");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  load::Arguments arguments;
  if (!load::read_arguments(argc, argv, arguments)) {
    std::fprintf(stderr,
                 "usage: call_load [--calls N] [--seconds S] [--warm-up S] [--growth-mb M] "
                 "[--threads N]\n");
    return 2;
  }
  // Before any thread of this process.
  load::Street street(load::people_for(arguments));
  if (street.doors().openai_url.empty()) {
    std::fprintf(stderr, "the simulators did not come up\n");
    return 2;
  }
  char folder[] = "/tmp/voicebridge_load_XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 2;
  const int code = load::run(arguments, street, folder);
  const std::string database = std::string(folder) + "/voicebridge.db";
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((database + suffix).c_str());
  ::rmdir(folder);
  return code;
}
