#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bench {

/// A program under test on a CPU of its own, and what it has used.
class ChildProcess {
 public:
  /// Runs another program with these variables added to the environment, its output thrown away.
  static ChildProcess run(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment, int cpu);
  /// Runs a function of this program; it does not come back.
  static ChildProcess run(const std::function<void()>& body, int cpu);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  ///< Kills it.

  bool alive();
  double cpu_seconds() const;  ///< Of all threads, by the scheduler's own clock.
  std::uint64_t rss_bytes() const;

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

/// Keeps this thread on a CPU.
void pin_to(int cpu);
/// Waits until something listens on the loopback port. False: nothing does.
bool wait_for_port(std::uint16_t port);
/// A loopback port nobody listens on now.
std::uint16_t free_port();
/// A listening socket on the loopback, and one that is connected; negative on failure.
int listen_on(std::uint16_t port);
int connect_to(std::uint16_t port);

}  // namespace bench
