#include <algorithm>

#include "openai/realtime_session_impl.hpp"

/// What the service tells of a call whose audio it carries: what is played, what was heard, which
/// keys were pressed.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using detail::SpokenItem;

namespace {

constexpr std::string_view kKeys = "0123456789*#ABCD";

bool is_spoken(const ContentPart& part) {
  return part.type == "audio" || part.type == "output_audio";
}

}  // namespace

/// The first sign of an utterance when its audio does not pass here.
void RealtimeSession::Impl::begin_unheard(SpokenItem& item) {
  if (policy_.carries_audio() || item.started || item.ended) return;
  reply_->spoke = true;
  start_utterance(item);
  if (playing_ == item.response_id) start_playout(item);
}

void RealtimeSession::Impl::on(const ContentPartAdded& event) {
  if (!is_running(event.response_id) || event.item_id.empty() || !is_spoken(event.part)) return;
  if (!policy_.carries_audio()) begin_unheard(spoken_.find_or_add(event.item_id, reply_->id));
}

void RealtimeSession::Impl::start_playout(SpokenItem& item) {
  if (!item.started || item.playout != SpokenItem::Playout::none) return;
  item.playout = SpokenItem::Playout::on;
  emit(PlayoutStarted{item.id});
}

void RealtimeSession::Impl::end_playout(SpokenItem& item, bool complete) {
  start_playout(item);
  if (item.playout != SpokenItem::Playout::on) return;
  item.playout = SpokenItem::Playout::over;
  emit(PlayoutEnded{item.id, complete});
}

void RealtimeSession::Impl::on(const OutputBufferStarted& event) {
  if (policy_.carries_audio()) return;
  playing_ = event.response_id.empty() && reply_ ? reply_->id : event.response_id;
  spoken_.for_each_of(playing_, [this](SpokenItem& item) { start_playout(item); });
}

void RealtimeSession::Impl::on_playout_over(const std::string& response_id, bool complete) {
  if (policy_.carries_audio()) return;
  const std::string over = response_id.empty() ? playing_ : response_id;
  if (over == playing_) playing_.clear();
  spoken_.for_each_of(over, [&](SpokenItem& item) { end_playout(item, complete); });
}

void RealtimeSession::Impl::on(const OutputBufferStopped& event) {
  on_playout_over(event.response_id, true);
}

void RealtimeSession::Impl::on(const OutputBufferCleared& event) {
  on_playout_over(event.response_id, false);
}

/// Where the audio passes here it only confirms what was asked for.
void RealtimeSession::Impl::on(const ItemTruncated& event) {
  if (policy_.carries_audio()) return;
  emit(UtteranceCut{event.item_id, Millis(std::max<std::int64_t>(event.audio_end_ms, 0))});
}

void RealtimeSession::Impl::on(const DtmfReceived& event) {
  const bool known = event.event.size() == 1 && kKeys.find(event.event[0]) != kKeys.npos;
  if (!policy_.carries_audio() && known) emit(CallerKey{event.event[0]});
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
