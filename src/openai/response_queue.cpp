#include "openai/response_queue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

bool ResponseQueue::push(Wish wish) {
  const bool repeats = wish.plain() && !waiting_.empty() && waiting_.back().wish.plain();
  if (repeats) {
    Entry& last = waiting_.back();
    last.wish.after_item = std::move(wish.after_item);
    last.wish.allow_tools |= wish.allow_tools;
    last.item_known = last.wish.after_item.empty();
    last.covered = false;
    return true;
  }
  if (waiting_.size() >= kMaxWishes) return false;
  Entry entry;
  entry.item_known = wish.after_item.empty();
  entry.wish = std::move(wish);
  waiting_.push_back(std::move(entry));
  return true;
}

std::optional<ResponseQueue::Order> ResponseQueue::take(bool response_runs, TimePoint now) {
  const bool pausing = not_before_ && now < *not_before_;
  if (response_runs || requested_ || waiting_.empty() || pausing) return std::nullopt;
  not_before_.reset();
  requested_ = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  requested_->tag = fmt::format("vb_response_{}", ++last_tag_);
  requested_until_ = now + created_timeout_;
  return Order{&requested_->wish, requested_->tag};
}

void ResponseQueue::on_item_known(std::string_view item_id) {
  const auto mark = [&](Entry& entry) {
    if (entry.wish.after_item == item_id) entry.item_known = true;
  };
  if (requested_) mark(*requested_);
  std::for_each(waiting_.begin(), waiting_.end(), mark);
}

bool ResponseQueue::on_created(std::string_view tag) {
  not_before_.reset();
  if (is_requested(tag)) {
    requested_.reset();
    return true;
  }
  const auto cover = [](Entry& entry) { entry.covered = entry.wish.plain() && entry.item_known; };
  if (requested_) cover(*requested_);  // It will be refused and come back.
  std::for_each(waiting_.begin(), waiting_.end(), cover);
  return false;
}

void ResponseQueue::on_done(bool completed) {
  not_before_.reset();
  if (completed) {
    waiting_.erase(
        std::remove_if(waiting_.begin(), waiting_.end(), [](const Entry& e) { return e.covered; }),
        waiting_.end());
  }
  for (Entry& entry : waiting_) entry.covered = false;
}

bool ResponseQueue::on_busy(TimePoint now) {
  if (!requested_) return true;
  Entry entry = std::move(*requested_);
  requested_.reset();
  not_before_ = now + kRefusalPause;
  if (++entry.refusals > kMaxRefusals) return false;
  waiting_.insert(waiting_.begin(), std::move(entry));
  return true;
}

Deadline ResponseQueue::lost_at() const {
  return requested_ ? Deadline(requested_until_) : std::nullopt;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
