#include "openai_sidebands.hpp"

#include <tuple>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::size_t kMaxEntries = OpenAiSimRecord::kMaxEntries;

}  // namespace

void Sidebands::add(std::uint64_t id, WireSink& sink, ConnectionFault fault, Millis at) {
  lines_.emplace(std::piecewise_construct, std::forward_as_tuple(id),
                 std::forward_as_tuple(sink, std::move(fault), record_.sidebands.size()));
  if (record_.sidebands.size() == kMaxEntries) return;
  OpenAiCallRecord::Sideband entry;
  entry.opened = at;
  record_.sidebands.push_back(entry);
}

void Sidebands::remove(std::uint64_t id, Millis at) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  if (auto* told = entry(found->second)) told->closed = at;
  lines_.erase(found);
}

void Sidebands::set_now(TimePoint now) {
  for (auto& [id, line] : lines_) line.wire.set_now(now);
}

void Sidebands::count_received(std::uint64_t id) {
  const auto found = lines_.find(id);
  if (found == lines_.end()) return;
  if (auto* told = entry(found->second)) ++told->events_received;
}

SendStatus Sidebands::send_text(std::string_view head, std::string_view payload,
                                std::string_view tail) {
  SendStatus status = SendStatus::sent;
  for (auto& [id, line] : lines_) {
    if (only_ != 0 && id != only_) continue;
    if (line.wire.send_text(head, payload, tail) == SendStatus::dropped) {
      status = SendStatus::dropped;
    }
    if (auto* told = entry(line)) told->events_sent = line.wire.events();
  }
  return status;
}

void Sidebands::close(std::uint16_t code, std::string_view reason) {
  for (auto& [id, line] : lines_) {
    if (auto* told = entry(line)) told->closed_by_service = true;
    line.wire.close(code, reason);
  }
}

Deadline Sidebands::next_deadline() const {
  Deadline next;
  for (const auto& [id, line] : lines_) next = earliest(next, line.wire.next_deadline());
  return next;
}

void Sidebands::on_deadline(TimePoint now) {
  for (auto& [id, line] : lines_) line.wire.on_deadline(now);
}

OpenAiCallRecord::Sideband* Sidebands::entry(const Line& line) {
  return line.record < record_.sidebands.size() ? &record_.sidebands[line.record] : nullptr;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
