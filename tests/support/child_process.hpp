#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace voicebridge::test {

/// A program that runs beside the test, with the variables given in place of the test's own.
class ChildProcess {
 public:
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();  ///< Kills it.

  /// SIGKILL: it gets no chance to tidy up. Waits until it is gone.
  void kill();
  void send_signal(int signal);
  /// Waits for its end. @return The exit status; -1 when a signal ended it.
  int wait();
  /// What it has written to its standard output, up to its end.
  std::string read_output();
  /// The next line of it, without its end; empty when there are no more.
  std::string read_line();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace voicebridge::test
