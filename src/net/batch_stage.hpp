#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

class MediaSocket;

/// What is under way between the stages of a batch: all ready sockets are read, then all that came
/// is worked on, then all that is to go out is sent. One frame after the other through all three
/// would be simpler, but each stage is more code and data than the processor's nearest caches hold:
/// the kernel's receiving, ours and the kernel's sending would each throw the others out with every
/// frame (docs/performance.md has the figures). @par Threads The shard's.
class BatchStage {
 public:
  /// What one read brought: bytes, the end of the stream, or an error that is final.
  struct Arrival {
    enum class Kind { bytes, end_of_stream, lost };
    MediaSocket* socket;
    Kind kind;
    char* data;
    std::size_t size;
  };

  BatchStage() : buffer_(kBufferSize) {}

  /// Inside a batch: what is sent is to wait for its end.
  bool open() const { return open_; }
  void begin() { open_ = true; }

  /// Where the next read goes. `full` says when `pass_on` has to make room first.
  char* room() { return buffer_.data() + used_; }
  std::size_t room_size() const { return buffer_.size() - used_; }
  bool full() const { return room_size() < kLeastRoom || arrivals_.size() == kMostArrivals; }
  void add(const Arrival& arrival) {
    used_ += arrival.size;
    arrivals_.push_back(arrival);
  }
  void add_deferred(MediaSocket& socket) { deferred_.push_back(&socket); }

  /// Hands on what was read, in the order it was read, and sends what waits.
  void pass_on();
  /// The same; what is sent from now on is not deferred any more.
  void end();

  static constexpr std::size_t kBufferSize = 64 * 1024;

 private:
  static constexpr std::size_t kLeastRoom = 16 * 1024;
  /// What more calls need at a time is out of the nearest caches before it is used.
  static constexpr std::size_t kMostArrivals = 12;

  bool open_ = false;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::vector<Arrival> arrivals_;
  std::vector<MediaSocket*> deferred_;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
