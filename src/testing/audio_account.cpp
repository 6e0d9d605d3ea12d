#include "voicebridge/testing/audio_account.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void append(Bytes& out, ByteView more) { out.insert(out.end(), more.begin(), more.end()); }

/// All that the carrier was given, in order: what it played and what clears threw away.
Bytes accepted_by_carrier(const FarEnd& leg) {
  Bytes all;
  std::size_t played = 0;
  std::size_t cleared = 0;
  for (const FarEnd::Clear& clear : leg.clears) {
    append(all, ByteView(leg.heard).subview(played, clear.played - played));
    append(all, ByteView(leg.dropped).subview(cleared, clear.dropped));
    played = clear.played;
    cleared += clear.dropped;
  }
  append(all, ByteView(leg.heard).subview(played));
  return all;
}

class Accountant {
 public:
  Accountant(const FarEnd& leg, const std::vector<const OpenAiSimRecord*>& model, bool cut_short)
      : format_(leg.outbound), cut_short_(cut_short), given_(accepted_by_carrier(leg)) {
    std::size_t dropped = 0;
    for (const FarEnd::Clear& clear : leg.clears) {
      dropped += clear.dropped;
      borders_.push_back(clear.played + dropped);
    }
    for (const OpenAiSimRecord* session : model) settle_session(*session);
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
    bool interrupted = border_ < borders_.size() && at_ + said.size() > borders_[border_];
    std::size_t reached = interrupted ? borders_[border_] - at_ : said.size();
    if (cut_short_ && at_ + reached > given_.size()) {
      interrupted = true;
      reached = given_.size() - at_;
    }
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
    if (format_.frame_bytes() == 0) return;  // packets, not samples
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
  const bool cut_short_;
  const Bytes given_;
  std::vector<std::size_t> borders_;  ///< Positions in `given_` at which a clear came.
  std::size_t border_ = 0;
  std::size_t at_ = 0;
  AudioAccount account_;
};

}  // namespace

AudioAccount account_audio(const FarEnd& far_end, const std::vector<const OpenAiSimRecord*>& model,
                           bool last_cut_short) {
  return Accountant(far_end, model, last_cut_short).account();
}

FarEnd far_end_of(const SimLeg& leg) {
  FarEnd far_end;
  far_end.heard = leg.heard();
  far_end.dropped = leg.cleared();
  far_end.said = leg.said();
  far_end.utterances = leg.callee().utterances();
  const LegStats& stats = leg.stats();
  far_end.unplayed_bytes = stats.unplayed_bytes;
  far_end.overflow_bytes = stats.overflow_bytes;
  far_end.short_pieces = stats.short_chunks;
  far_end.errors = stats.errors_sent;
  far_end.marks = stats.marks_received;
  far_end.streaming = leg.streaming();
  const Playout* playout = leg.playout();
  if (playout == nullptr) return far_end;
  far_end.outbound = playout->format();
  for (const PlayoutClear& clear : playout->clears()) {
    far_end.clears.push_back({clear.played, clear.dropped, clear.marks});
  }
  return far_end;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
