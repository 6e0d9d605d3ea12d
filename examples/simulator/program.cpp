#include "program.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "voicebridge/testing/telnyx_sim_media.hpp"

extern char** environ;

using namespace voicebridge;

namespace {

constexpr Millis kLook{50};        // How often the calls are looked at.
constexpr Millis kGrace{3000};     // For the program to end by itself, behind the last call …
constexpr Millis kPatience{5000};  // … and when it was told to.
constexpr Millis kStart{30000};    // For the program to listen.
constexpr const char* kName = "voicebridge-sim";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool listens(std::uint16_t port) {
  sockaddr_in address = loopback(port);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool yes =
      fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) ::close(fd);
  return yes;
}

/// Our environment, with the variables in place of those of the same name.
std::vector<std::string> environment_with(const Settings& variables) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name(*entry, std::strcspn(*entry, "="));
    const auto ours = [&name](const auto& variable) { return variable.first == name; };
    if (std::none_of(variables.begin(), variables.end(), ours)) all.emplace_back(*entry);
  }
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<pid_t> spawn(std::vector<std::string> command, const Settings& variables) {
  std::vector<std::string> environment = environment_with(variables);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, command.front().c_str(), nullptr, &attributes,
                                    pointers(command).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  if (failed == 0) return child;
  return fail(Errc::not_found, "cannot run " + command.front() + ": " + std::strerror(failed));
}

/// The program and its calls, looked at from time to time.
class Trial {
 public:
  Trial(pid_t child, std::uint16_t port, const Simulators& sides, Callers callers)
      : child_(child), port_(port), sides_(sides), callers_(std::move(callers)) {}

  int run() {
    int status = 0;
    while (::waitpid(child_, &status, WNOHANG) == 0) {
      look(std::chrono::steady_clock::now());
      wait_for_signal();
    }
    tell_what_was_heard();
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    return told_at_ ? 0 : 128 + WTERMSIG(status);
  }

 private:
  void look(TimePoint now) {
    if (!called_) return call(now);
    if (told_at_ && now > *told_at_ + kPatience) ::kill(child_, SIGKILL);
    if (told_at_ || !is_called()) return;
    if (sides_.telnyx->active_calls() + sides_.openai->active_calls() > 0) {
      quiet_since_ = now;
    } else if (now > quiet_since_ + kGrace) {
      told_at_ = now;
      ::kill(child_, SIGTERM);
    }
  }

  bool is_called() const { return callers_.telnyx || !callers_.sip.empty(); }

  void call(TimePoint now) {
    if (!begun_) begun_ = now;
    called_ = !is_called();
    if (called_) return;
    if (!listens(port_)) {
      if (now < *begun_ + kStart) return;
      fmt::print(stderr, "{}: the program does not listen on port {}\n", kName, port_);
      called_ = true;  // The grace begins: nobody can call it.
      return;
    }
    called_ = true;
    quiet_since_ = now;
    if (callers_.telnyx) {
      fmt::print(stderr, "{}: {} calls {}\n", kName, callers_.telnyx->from, callers_.telnyx->to);
      sides_.telnyx->call_in(callers_.telnyx->from, callers_.telnyx->to, callers_.telnyx->plan);
    }
    for (const auto& plan : callers_.sip) {
      fmt::print(stderr, "{}: {} calls by SIP\n", kName, plan.from);
      sides_.openai->sip_call(plan);
    }
  }

  /// Ours are the program's: Ctrl-C ends it, and it tells us by its end.
  void wait_for_signal() const {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, signal);
    const timespec moment{0, std::chrono::nanoseconds(kLook).count()};
    const int signal = ::sigtimedwait(&signals, nullptr, &moment);
    if (signal == SIGINT || signal == SIGTERM) ::kill(child_, SIGTERM);
  }

  void tell_what_was_heard() const {
    sides_.telnyx->inspect([](const testing::TelnyxCarrier& carrier, TimePoint) {
      for (const std::string& id : carrier.calls()) {
        const testing::TelnyxSimMedia* leg = carrier.media(id);
        if (leg == nullptr || leg->playout() == nullptr) continue;
        const auto heard = leg->playout()->format().duration(leg->stats().heard_bytes);
        fmt::print(stderr, "{}: the agent was heard for {:.1f} s\n", kName,
                   std::chrono::duration<double>(heard).count());
      }
    });
  }

  const pid_t child_;
  const std::uint16_t port_;
  const Simulators& sides_;
  const Callers callers_;
  bool called_ = false;
  std::optional<TimePoint> begun_;
  TimePoint quiet_since_{};
  std::optional<TimePoint> told_at_;  ///< To end.
};

}  // namespace

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

Result<std::uint16_t> program_port() {
  if (const char* const told = std::getenv("PORT")) {
    const auto port = read_port(told);
    if (!port || *port == 0) {
      return fail(Errc::invalid_argument, std::string("PORT is no port: ") + told, "PORT");
    }
    return *port;
  }
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool found = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!found) return fail(Errc::unavailable, "no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

Result<int> try_program(const std::vector<std::string>& command, std::uint16_t port,
                        Settings settings, const Simulators& sides, Callers callers) {
  settings.emplace_back("PORT", std::to_string(port));
  settings.emplace_back("PUBLIC_APP_URL", "http://127.0.0.1:" + std::to_string(port));
  const auto child = spawn(command, settings);
  if (!child) return fail(child.error());
  return Trial(*child, port, sides, std::move(callers)).run();
}
