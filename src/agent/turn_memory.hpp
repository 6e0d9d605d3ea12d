#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "voicebridge/audio/format.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What the caller has said in turns that the model has not understood yet, as it came: for the
/// next session, when this one is lost. Between the turns a short time before now is kept, because
/// a turn is told of after it began. Nothing is decoded, and between turns nothing allocated.
class TurnMemory {
 public:
  /// @param before  What of the time before a turn belongs to it.
  /// @param limit   Of all turns together; the oldest goes first.
  TurnMemory(Millis before, Millis limit) : before_(before), limit_(before + limit) {}

  void add(const AudioPayload& audio);
  /// The caller begins to speak.
  void turn_begins();
  /// The words of the oldest turn are known.
  void oldest_known();
  /// All that was said has been understood.
  void all_known();
  /// There is a turn that nobody has understood.
  bool any() const { return !turns_.empty() && first_ < chunks_.size(); }

  /// Gives all of it, oldest first, and is empty; the turns are one that runs on.
  template <class Visit>
  void take(AudioFormat format, Visit visit) {
    std::string bytes;
    bytes.swap(bytes_);
    std::vector<Chunk> chunks;
    chunks.swap(chunks_);
    std::size_t at = first_byte_;
    const std::size_t first = first_;
    clear();
    turns_.push_back(0);
    for (std::size_t i = first; i < chunks.size(); ++i) {
      const std::string_view piece(bytes.data() + at, chunks[i].size);
      at += chunks[i].size;
      visit(payload(format, piece, chunks[i].text));
    }
  }

  /// Bytes of audio that went because of the limit.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  struct Chunk {
    std::size_t size;
    Micros length;
    bool text;  ///< As base64.
  };
  static AudioPayload payload(AudioFormat format, std::string_view piece, bool text);
  void drop_oldest();
  void drop_until(std::uint64_t number);
  void shrink(Micros most);
  void compact();
  void clear();

  const Micros before_;
  const Micros limit_;
  std::string bytes_;  ///< Of `chunks_` from `first_` on, beginning at `first_byte_`.
  std::size_t first_byte_ = 0;
  std::vector<Chunk> chunks_;
  std::size_t first_ = 0;
  std::uint64_t dropped_ = 0;  ///< The number of the chunk at `first_`, counted from the beginning.
  Micros length_{0};
  std::deque<std::uint64_t> turns_;  ///< Numbers of the chunks they begin with.
  std::uint64_t forgotten_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
