// Measures the whole server against a plain TCP relay that moves the same bytes, in turn, in the
// same minutes.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "load.hpp"
#include "relay.hpp"
#include "voicebridge/core/json.hpp"

namespace {

using namespace bench;

constexpr int kBridgeCpu = 0;
constexpr int kLoadCpu = 1;

struct Arguments {
  std::vector<std::size_t> calls{100, 200};
  double seconds = 5;
  int rounds = 3;
  std::string server;
  bool json = false;
};

enum class Subject { relay, immediate, tick };
constexpr Subject kSubjects[] = {Subject::relay, Subject::immediate, Subject::tick};

const char* name_of(Subject subject) {
  switch (subject) {
    case Subject::relay:
      return "relay";
    case Subject::immediate:
      return "bridge";
    case Subject::tick:
      return "bridge, 2 ms tick";
  }
  return "";
}

/// One window of one subject.
struct Sample {
  double cpu_us_per_frame = 0;
  double p50_ms = 0, p99_ms = 0, max_ms = 0;
  std::uint64_t lost = 0, duplicated = 0, reordered = 0, damaged = 0, frames = 0;
  double kilobytes_per_call = 0;
  std::string trouble;
};

ChildProcess start(Subject subject, const Arguments& arguments, std::uint16_t port,
                   std::uint16_t model_port) {
  if (subject == Subject::relay) {
    return ChildProcess::run([=] { run_relay(port, model_port); }, kBridgeCpu);
  }
  const std::map<std::string, std::string> environment = {
      {"PORT", std::to_string(port)},
      {"OPENAI_API_KEY", "sk-bench"},
      {"OPENAI_REALTIME_URL", fmt::format("ws://127.0.0.1:{}/v1/realtime", model_port)},
      {"VOICEBRIDGE_DATABASE",
       (std::filesystem::temp_directory_path() / fmt::format("voicebridge-bench-{}.db", port))
           .string()},
      {"VOICEBRIDGE_MAX_CALLS", "100000"},
      {"VOICEBRIDGE_LOG", "error"},
      {"VOICEBRIDGE_TICK", subject == Subject::tick ? "2000" : "off"}};
  return ChildProcess::run({arguments.server, "serve", "--accept-unknown-streams"}, environment,
                           kBridgeCpu);
}

Sample measure(Subject subject, std::size_t calls, const Arguments& arguments) {
  Sample sample;
  const std::uint16_t port = free_port();
  const std::uint16_t model_port = free_port();
  Load load(calls, port, model_port, subject == Subject::relay);
  ChildProcess child = start(subject, arguments, port, model_port);
  if (subject == Subject::relay) {
    // A knock would be passed on to the model as a call: the relay is given time instead.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  } else if (!wait_for_port(port)) {
    sample.trouble = "does not listen";
    return sample;
  }
  // What the first call makes the process load stays once, however many calls there are.
  sample.trouble = load.connect(1);
  if (!sample.trouble.empty()) return sample;
  load.run(0.5);
  const double memory_before = static_cast<double>(child.rss_bytes());
  sample.trouble = load.connect(calls);
  if (!sample.trouble.empty()) return sample;
  load.run(1.5);
  const double cpu_before = child.cpu_seconds();
  LoadResult result = load.measure(arguments.seconds);
  const double cpu = child.cpu_seconds() - cpu_before;
  sample.kilobytes_per_call = (static_cast<double>(child.rss_bytes()) - memory_before) / 1024 /
                              static_cast<double>(std::max<std::size_t>(calls - 1, 1));
  sample.frames = result.up.received + result.down.received;
  sample.cpu_us_per_frame = sample.frames == 0 ? 0 : cpu * 1e6 / static_cast<double>(sample.frames);
  sample.p50_ms = std::max(result.up.percentile(0.5), result.down.percentile(0.5)) / 1000.0;
  sample.p99_ms = std::max(result.up.percentile(0.99), result.down.percentile(0.99)) / 1000.0;
  sample.max_ms = std::max(result.up.percentile(1), result.down.percentile(1)) / 1000.0;
  sample.lost = result.up.lost + result.down.lost;
  sample.duplicated = result.up.duplicated + result.down.duplicated;
  sample.reordered = result.up.reordered + result.down.reordered;
  sample.damaged = result.up.damaged + result.down.damaged;
  if (!child.alive()) sample.trouble = "it died";
  return sample;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The samples of one subject and number of calls.
struct Row {
  std::vector<Sample> samples;
  double of(double Sample::*member) const {
    std::vector<double> values;
    for (const Sample& s : samples) values.push_back(s.*member);
    return median(values);
  }
  std::uint64_t sum(std::uint64_t Sample::*member) const {
    std::uint64_t total = 0;
    for (const Sample& s : samples) total += s.*member;
    return total;
  }
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  arguments.server = (std::filesystem::canonical("/proc/self/exe").parent_path() /
                      "../examples/server/voicebridge-server")
                         .lexically_normal()
                         .string();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--json")
      arguments.json = true;
    else if (word == "--seconds")
      arguments.seconds = std::atof(value.c_str()), ++i;
    else if (word == "--rounds")
      arguments.rounds = std::atoi(value.c_str()), ++i;
    else if (word == "--server")
      arguments.server = value, ++i;
    else if (word == "--calls") {
      arguments.calls.clear();
      for (std::size_t at = 0; at < value.size();) {
        std::size_t used = 0;
        arguments.calls.push_back(std::stoul(value.substr(at), &used));
        at += used + 1;
      }
      ++i;
    } else {
      fmt::print(stderr,
                 "voicebridge-bench [--calls 100,200] [--seconds 5] [--rounds 3] [--server PATH] "
                 "[--json]\n");
      std::exit(2);
    }
  }
  return arguments;
}

/// To the relay's window of the same round: what the machine does to one it does to the other.
double ratio(const Row& row, const Row& relay) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(row.samples.size(), relay.samples.size()); ++i) {
    const double base = relay.samples[i].cpu_us_per_frame;
    if (base > 0) ratios.push_back(row.samples[i].cpu_us_per_frame / base);
  }
  return median(ratios);
}

void print_table(const std::map<std::pair<std::size_t, Subject>, Row>& rows) {
  fmt::print("{:>5}  {:<18}{:>12}{:>9}{:>10}{:>10}{:>10}{:>7}{:>6}{:>8}{:>10}\n", "calls", "",
             "CPU µs/frame", "ratio", "p50 ms", "p99 ms", "max ms", "lost", "dup", "reorder",
             "KB/call");
  for (const auto& [key, row] : rows) {
    fmt::print(
        "{:>5}  {:<18}{:>12.2f}{:>9.2f}{:>10.2f}{:>10.2f}{:>10.2f}{:>7}{:>6}{:>8}{:>10.1f}\n",
        key.first, name_of(key.second), row.of(&Sample::cpu_us_per_frame),
        ratio(row, rows.at({key.first, Subject::relay})), row.of(&Sample::p50_ms),
        row.of(&Sample::p99_ms), row.of(&Sample::max_ms), row.sum(&Sample::lost),
        row.sum(&Sample::duplicated), row.sum(&Sample::reordered),
        row.of(&Sample::kilobytes_per_call));
    for (const Sample& s : row.samples) {
      if (!s.trouble.empty()) fmt::print("       {}\n", s.trouble);
    }
  }
}

void print_json(const std::map<std::pair<std::size_t, Subject>, Row>& rows) {
  voicebridge::JsonWriter json;
  json.array();
  for (const auto& [key, row] : rows) {
    json.object()
        .field("calls", key.first)
        .field("subject", name_of(key.second))
        .field("cpu_us_per_frame", row.of(&Sample::cpu_us_per_frame))
        .field("ratio", ratio(row, rows.at({key.first, Subject::relay})))
        .field("p50_ms", row.of(&Sample::p50_ms))
        .field("p99_ms", row.of(&Sample::p99_ms))
        .field("max_ms", row.of(&Sample::max_ms))
        .field("frames", row.sum(&Sample::frames))
        .field("lost", row.sum(&Sample::lost))
        .field("duplicated", row.sum(&Sample::duplicated))
        .field("reordered", row.sum(&Sample::reordered))
        .field("damaged", row.sum(&Sample::damaged))
        .field("kilobytes_per_call", row.of(&Sample::kilobytes_per_call))
        .end();
  }
  fmt::print("{}\n", json.end().text());
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const Arguments arguments = parse(argc, argv);
  pin_to(kLoadCpu);
  std::map<std::pair<std::size_t, Subject>, Row> rows;
  bool whole = true;
  for (int round = 0; round < arguments.rounds; ++round) {
    for (const std::size_t calls : arguments.calls) {
      for (const Subject subject : kSubjects) {
        const Sample sample = measure(subject, calls, arguments);
        rows[{calls, subject}].samples.push_back(sample);
        whole = whole && sample.trouble.empty() &&
                sample.lost + sample.duplicated + sample.reordered + sample.damaged == 0;
        if (!arguments.json) {
          fmt::print(
              stderr,
              "round {} {:>4} calls {:<18} {:.2f} µs/frame p99 {:.2f} ms lost {} damaged {} {}\n",
              round + 1, calls, name_of(subject), sample.cpu_us_per_frame, sample.p99_ms,
              sample.lost, sample.damaged, sample.trouble);
        }
      }
    }
  }
  if (arguments.json)
    print_json(rows);
  else
    print_table(rows);
  return whole ? 0 : 1;
}
