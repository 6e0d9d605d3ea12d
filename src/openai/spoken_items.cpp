#include "openai/spoken_items.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

SpokenItem* SpokenItems::find(std::string_view id) {
  // From the back: what is asked for is nearly always the newest.
  const auto found = std::find_if(items_.rbegin(), items_.rend(),
                                  [&](const SpokenItem& item) { return item.id == id; });
  return found == items_.rend() ? nullptr : &*found;
}

SpokenItem& SpokenItems::find_or_add(std::string_view id, std::string_view response_id) {
  if (SpokenItem* known = find(id)) return *known;
  if (items_.size() == kMaxItems) items_.erase(items_.begin());
  SpokenItem& item = items_.emplace_back();
  item.id = id;
  item.response_id = response_id;
  return item;
}

SpokenItem* SpokenItems::speaking() {
  const auto found = std::find_if(items_.rbegin(), items_.rend(), [](const SpokenItem& item) {
    return item.started && !item.ended;
  });
  return found == items_.rend() ? nullptr : &*found;
}

bool SpokenItems::to_be_heard() const {
  return std::any_of(items_.begin(), items_.end(), [](const SpokenItem& item) {
    return item.started && item.playout != SpokenItem::Playout::over;
  });
}

void SpokenItems::add_transcript(SpokenItem& item, std::string_view text) {
  const std::size_t room =
      kMaxTranscriptBytes - std::min(kMaxTranscriptBytes, item.transcript.size());
  if (text.size() <= room) item.transcript += text;
}

void SpokenItems::footprint(Footprint& to) const {
  to.add(*this);
  if (items_.empty()) return;
  to.add(items_.back());
  to.add(items_.back().id.data(), items_.back().id.size());
}

std::vector<SpokenItems::Cut> SpokenItems::cut_after(std::string_view id, Millis heard) {
  std::vector<Cut> cuts;
  auto item =
      std::find_if(items_.begin(), items_.end(), [&](const SpokenItem& i) { return i.id == id; });
  for (bool first = true; item != items_.end(); ++item, first = false) {
    if (item->cut) continue;
    const Millis sent = std::chrono::duration_cast<Millis>(item->audio);
    const Millis keep = first ? std::clamp(heard, Millis(0), sent) : Millis(0);
    const bool heard_to_its_end = keep == sent && item->complete && sent > Millis(0);
    if (heard_to_its_end) continue;
    item->cut = true;
    cuts.push_back({item->id, keep});
  }
  return cuts;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
