#pragma once

#include <algorithm>
#include <vector>

#include "unit/calls/script.hpp"

namespace voicebridge::test {

inline void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

/// All that the carrier was given, in order: what it played and what clears threw away.
inline Bytes accepted_by_carrier(const SimLeg& leg) {
  Bytes all;
  std::size_t played = 0;
  std::size_t cleared = 0;
  for (const PlayoutClear& clear : leg.playout()->clears()) {
    append(all, ByteView(leg.heard()).subview(played, clear.played - played));
    append(all, ByteView(leg.cleared()).subview(cleared, clear.dropped));
    played = clear.played;
    cleared += clear.dropped;
  }
  append(all, ByteView(leg.heard()).subview(played));
  return all;
}

/// Where every byte of the agent's voice went.
struct AudioAccount {
  std::size_t from_model = 0;
  std::size_t whole = 0;    ///< Bytes of utterances that reached the carrier whole.
  std::size_t begun = 0;    ///< Bytes of interrupted ones that reached it.
  std::size_t cut = 0;      ///< The rest of those: never sent.
  std::size_t padding = 0;  ///< Silence behind the last frame of an utterance.
  std::size_t strange = 0;  ///< Bytes at the carrier that nobody can explain.
  std::string fault;        ///< Where the first of them is.
  bool ok() const { return strange == 0 && fault.empty(); }
};

/// Holds what the carrier got against what the model said, utterance by utterance. An utterance
/// that a clear cut off reached the carrier up to that clear; every other one reached it whole.
class Accountant {
 public:
  Accountant(const ScriptedCall& call, AudioFormat format)
      : format_(format), given_(accepted_by_carrier(*call.leg())) {
    std::size_t dropped = 0;
    for (const PlayoutClear& clear : call.leg()->playout()->clears()) {
      dropped += clear.dropped;
      borders_.push_back(clear.played + dropped);
    }
    for (const OpenAiSimRecord* session : call.model()) settle_session(*session);
    account_.strange += given_.size() - at_;
    if (account_.strange > 0) fail("audio behind the last utterance");
  }

  const AudioAccount& account() const { return account_; }

 private:
  void settle_session(const OpenAiSimRecord& session) {
    std::size_t begin = 0;
    for (const OpenAiSimRecord::Utterance& said : session.utterances) {
      settle(Bytes(session.sent_audio.begin() + static_cast<std::ptrdiff_t>(begin),
                   session.sent_audio.begin() + static_cast<std::ptrdiff_t>(begin + said.bytes)));
      begin += said.bytes;
    }
    account_.from_model += begin;
    if (begin != session.sent_audio.size()) fail("audio without an utterance");
  }

  void settle(const Bytes& said) {
    const bool interrupted = border_ < borders_.size() && at_ + said.size() > borders_[border_];
    const std::size_t reached = interrupted ? borders_[border_] - at_ : said.size();
    match(said, reached);
    (interrupted ? account_.begun : account_.whole) += reached;
    account_.cut += said.size() - reached;
    if (!interrupted) skip_padding(said.size());
    while (border_ < borders_.size() && at_ >= borders_[border_]) ++border_;
  }

  void match(const Bytes& said, std::size_t count) {
    if (at_ + count > given_.size()) return fail("an utterance did not arrive whole");
    const auto from = given_.begin() + static_cast<std::ptrdiff_t>(at_);
    if (!std::equal(from, from + static_cast<std::ptrdiff_t>(count), said.begin())) {
      fail("other bytes than the model's");
    }
    at_ += count;
  }

  void skip_padding(std::size_t said) {
    const std::size_t rest = said % format_.frame_bytes();
    const std::size_t padding = rest == 0 ? 0 : format_.frame_bytes() - rest;
    for (std::size_t i = 0; i < padding && at_ < given_.size(); ++i, ++at_) {
      if (given_[at_] != format_.silence_byte()) return fail("padding that is not silence");
      ++account_.padding;
    }
  }

  void fail(const std::string& what) {
    if (account_.fault.empty()) account_.fault = what + " at byte " + std::to_string(at_);
  }

  const AudioFormat format_;
  const Bytes given_;
  std::vector<std::size_t> borders_;  ///< Positions in `given_` at which a clear came.
  std::size_t border_ = 0;
  std::size_t at_ = 0;
  AudioAccount account_;
};

}  // namespace voicebridge::test
