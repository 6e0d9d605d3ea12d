#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// What came through in one direction.
struct LaneResult {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t damaged = 0;  ///< The audio was not what was sent.
  std::vector<std::uint32_t> latencies_us;
  std::uint32_t percentile(double q);
};

struct LoadResult {
  LaneResult up;    ///< Caller to model.
  LaneResult down;  ///< Model to caller.
};

/// Both ends of N calls, 50 frames a second each way: the carriers, which connect, and the models,
/// which are connected to. Own sockets and loop; frames are made and taken apart by voicebridge's
/// codec.
class Load {
 public:
  /// @param direct  What is between only carries bytes: the carrier meets the model's socket
  /// itself.
  Load(std::size_t calls, std::uint16_t carrier_target, std::uint16_t model_port, bool direct);
  ~Load();

  /// Connects the first `calls`. Empty: they talk both ways; else what went wrong.
  std::string connect(std::size_t calls);
  void run(double seconds);  ///< Without counting: warm-up.
  LoadResult measure(double seconds);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bench
