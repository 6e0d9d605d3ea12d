#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "agent/piece_ring.hpp"
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
  bool any() const { return !turns_.empty() && !pieces_.empty(); }

  /// Gives all of it, oldest first, and is empty; the turns are one that runs on.
  template <class Visit>
  void take(AudioFormat format, Visit visit) {
    const PieceRing taken = std::exchange(pieces_, PieceRing());
    turns_.assign(1, 0);
    dropped_ = 0;
    taken.for_each([&](const PieceRing::Piece& piece) { visit(payload(format, piece)); });
  }

  /// Bytes of audio that went because of the limit.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  static AudioPayload payload(AudioFormat format, const PieceRing::Piece& piece);
  void drop_oldest();
  void shrink(Micros most);

  const Micros before_;
  const Micros limit_;
  PieceRing pieces_;
  std::uint64_t dropped_ = 0;  ///< The number of the oldest piece, counted from the beginning.
  std::vector<std::uint64_t> turns_;  ///< Numbers of the pieces they begin with.
  std::uint64_t forgotten_ = 0;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
