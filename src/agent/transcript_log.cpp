#include "agent/transcript_log.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The beginning of a text, as long as the share of its audio, ending with a whole word.
std::string heard_part(const std::string& text, Micros heard, Micros whole) {
  if (whole <= Micros::zero() || heard >= whole) return text;
  std::size_t length = static_cast<std::size_t>(static_cast<double>(text.size()) *
                                                static_cast<double>(heard.count()) /
                                                static_cast<double>(whole.count()));
  if (length == 0) return {};
  length = std::min(length, text.size());
  const std::size_t space = text.rfind(' ', length);
  return text.substr(0, space == std::string::npos ? 0 : space);
}

}  // namespace

void TranscriptLog::open(Speaker speaker, std::string_view segment, Millis now) {
  at(speaker, segment, now);
}

void TranscriptLog::add(const Transcript& piece, Millis now) {
  Turn& turn = at(piece.speaker, piece.segment, now);
  if (piece.final) {
    // A service that drops the words of a cut utterance must not take ours.
    if (!piece.text.empty()) turn.entry.text = piece.text.substr(0, kMaxText);
    turn.final = true;
  } else if (!turn.final && turn.entry.text.size() + piece.text.size() <= kMaxText) {
    turn.entry.text += piece.text;
  }
}

void TranscriptLog::received_audio(std::string_view segment, Micros audio) {
  if (Turn* turn = find(segment)) turn->audio += audio;
}

void TranscriptLog::cut(std::string_view segment, Millis heard, Millis sent) {
  Turn* turn = find(segment);
  if (turn == nullptr) return;
  turn->entry.interrupted = true;
  turn->entry.heard = heard;
  turn->entry.sent = sent;
}

void TranscriptLog::footprint(Footprint& to) const {
  to.add(*this);
  if (turns_.empty()) return;
  to.add(turns_.back());
  to.add(turns_.back().entry.segment.data(), turns_.back().entry.segment.size());
}

void TranscriptLog::break_off(std::string_view segment) {
  Turn* turn = find(segment);
  if (turn == nullptr || turn->entry.interrupted) return;
  turn->entry.interrupted = turn->broken_off = true;
  turn->entry.heard = turn->entry.sent = std::chrono::duration_cast<Millis>(turn->audio);
}

/// Bytes of text in a second of the agent's speech, as it has spoken so far.
double TranscriptLog::speech_rate() const {
  constexpr double kUsual = 15;
  double bytes = 0;
  double seconds = 0;
  for (const Turn& turn : turns_) {
    if (!turn.final || turn.broken_off || turn.audio <= Micros::zero()) continue;
    bytes += static_cast<double>(turn.entry.text.size());
    seconds += static_cast<double>(turn.audio.count()) / 1e6;
  }
  return seconds < 1 || bytes < 1 ? kUsual : bytes / seconds;
}

/// The audio of all the words that are known, of which not all may have come here.
Micros TranscriptLog::length(const Turn& turn, double bytes_per_second) const {
  if (turn.audio > Micros::zero() && !turn.broken_off) return turn.audio;
  const double seconds = static_cast<double>(turn.entry.text.size()) / bytes_per_second;
  return std::max(turn.audio, Micros(static_cast<std::int64_t>(seconds * 1e6)));
}

std::vector<TranscriptEntry> TranscriptLog::finish() const {
  const double rate = speech_rate();
  std::vector<TranscriptEntry> entries;
  for (const Turn& turn : turns_) {
    if (!turn.entry.text.empty()) entries.push_back(as_heard(turn, rate));
  }
  return entries;
}

TranscriptEntry TranscriptLog::as_heard(const Turn& turn, double bytes_per_second) const {
  TranscriptEntry entry = turn.entry;
  if (entry.interrupted) {
    entry.heard_text = heard_part(entry.text, entry.heard, length(turn, bytes_per_second));
  } else {
    entry.heard_text = entry.text;
    entry.heard = entry.sent = std::chrono::duration_cast<Millis>(turn.audio);
  }
  return entry;
}

std::optional<TranscriptLog::Shown> TranscriptLog::show(std::string_view segment) {
  const Turn* const turn = find(segment);
  if (turn == nullptr || turn->entry.text.empty()) return std::nullopt;
  // The rate, which all turns have to be asked for, matters for cut ones only.
  return Shown{as_heard(*turn, turn->entry.interrupted ? speech_rate() : 0), turn->final};
}

TranscriptLog::Turn* TranscriptLog::find(std::string_view segment) {
  const auto found = std::find_if(turns_.rbegin(), turns_.rend(),
                                  [&](const Turn& t) { return t.entry.segment == segment; });
  return found == turns_.rend() ? nullptr : &*found;
}

TranscriptLog::Turn& TranscriptLog::at(Speaker speaker, std::string_view segment, Millis now) {
  if (Turn* turn = find(segment)) return *turn;
  if (turns_.size() == kMaxTurns) turns_.erase(turns_.begin());
  Turn turn;
  turn.entry.speaker = speaker;
  turn.entry.segment = segment;
  turn.entry.at = now;
  // The caller's words are known later than the answer to them: their place is by when they began.
  const auto place =
      std::upper_bound(turns_.begin(), turns_.end(), now,
                       [](Millis t, const Turn& other) { return t < other.entry.at; });
  return *turns_.insert(place, std::move(turn));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
