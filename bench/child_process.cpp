#include "child_process.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void become_child(int cpu) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_to(cpu);
}

}  // namespace

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

ChildProcess ChildProcess::run(const std::vector<std::string>& command,
                               const std::map<std::string, std::string>& environment, int cpu) {
  return run(
      [&] {
        for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
        const int null = open("/dev/null", O_RDWR);
        dup2(null, STDOUT_FILENO);
        if (getenv("BENCH_VERBOSE") == nullptr) dup2(null, STDERR_FILENO);
        std::vector<char*> words;
        for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        execv(words[0], words.data());
      },
      cpu);
}

ChildProcess ChildProcess::run(const std::function<void()>& body, int cpu) {
  const pid_t pid = fork();
  if (pid == 0) {
    become_child(cpu);
    body();
    _exit(127);
  }
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool ChildProcess::alive() { return waitpid(pid_, nullptr, WNOHANG) == 0; }

double ChildProcess::cpu_seconds() const {
  const std::string tasks = "/proc/" + std::to_string(pid_) + "/task";
  double nanoseconds = 0;
  DIR* folder = opendir(tasks.c_str());
  if (folder == nullptr) return 0;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    double running = 0;
    if (std::ifstream(tasks + "/" + entry->d_name + "/schedstat") >> running)
      nanoseconds += running;
  }
  closedir(folder);
  return nanoseconds / 1e9;
}

std::uint64_t ChildProcess::rss_bytes() const {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/" + std::to_string(pid_) + "/statm") >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

bool wait_for_port(std::uint16_t port) {
  for (int i = 0; i < 200; ++i) {
    const int fd = connect_to(port);
    if (fd >= 0) {
      close(fd);
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
}

std::uint16_t free_port() {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  const int fd = listen_on(0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

int listen_on(std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 1024) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

int connect_to(std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

}  // namespace bench
