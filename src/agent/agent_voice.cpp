#include "agent/agent_voice.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

bool ServiceVoice::audible(TimePoint) const {
  return std::any_of(spoken_.begin(), spoken_.end(), [](const Spoken& s) { return s.playing; });
}

void ServiceVoice::begin(std::string_view utterance) {
  if (find(utterance) != spoken_.end()) return;
  if (spoken_.size() == kMaxSpoken) spoken_.pop_front();
  spoken_.push_back({std::string(utterance), reply_, false});
}

void ServiceVoice::finish(std::string_view utterance, bool complete, TimePoint) {
  const auto found = find(utterance);
  // What was stopped before its first sound is never played.
  if (found != spoken_.end() && !complete && !found->playing) spoken_.erase(found);
}

void ServiceVoice::playout_began(std::string_view utterance) {
  begin(utterance);
  if (const auto found = find(utterance); found != spoken_.end()) found->playing = true;
}

void ServiceVoice::playout_ended(std::string_view utterance) {
  const auto found = find(utterance);
  if (found == spoken_.end()) return;
  const unsigned reply = found->reply;
  spoken_.erase(std::remove_if(spoken_.begin(), spoken_.end(),
                               [&](const Spoken& s) { return s.reply <= reply; }),
                spoken_.end());
}

std::deque<ServiceVoice::Spoken>::iterator ServiceVoice::find(std::string_view utterance) {
  return std::find_if(spoken_.begin(), spoken_.end(),
                      [&](const Spoken& s) { return s.utterance == utterance; });
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
