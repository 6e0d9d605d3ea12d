#include "store/call_cursor.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail {
namespace {

constexpr UnixMillis kEnd = std::numeric_limits<UnixMillis>::max();
constexpr std::size_t kMaxPage = 1000;

}  // namespace

Result<CallCursor> CallCursor::parse(std::string_view text) {
  if (text.empty()) return CallCursor{kEnd, {}};
  CallCursor cursor;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), cursor.created_at);
  const auto used = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || used + 1 >= text.size() || text[used] != '.') {
    return fail(Errc::invalid_argument, "is not one of a page before", "cursor");
  }
  cursor.id = text.substr(used + 1);
  return cursor;
}

std::string CallCursor::text() const { return std::to_string(created_at) + '.' + id; }

bool is_behind(const StoredCall& call, const CallCursor& cursor) {
  return std::tie(call.created_at, call.id) < std::tie(cursor.created_at, cursor.id);
}

UnixMillis created_before(const CallFilter& filter) {
  return filter.created_before == 0 ? kEnd : filter.created_before;
}

std::size_t page_size(const CallFilter& filter) { return std::min(filter.limit, kMaxPage); }

bool fits(const StoredCall& call, const CallFilter& filter) {
  const auto is = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  const bool expired = call.expires_at != 0 && call.expires_at <= filter.expired_at;
  if (filter.expired_at != 0 && !expired) return false;
  if (filter.retry_pending && call.retry_at == 0) return false;
  const bool anybody = filter.lead_id.empty() && filter.number.empty();
  const bool of_lead = !filter.lead_id.empty() && call.lead_id == filter.lead_id;
  const bool of_number =
      !filter.number.empty() && (call.from == filter.number || call.to == filter.number);
  if (!anybody && !of_lead && !of_number) return false;
  return is(filter.state, call.state) && is(filter.to, call.to) &&
         is(filter.user_id, call.notes.user_id) && call.created_at >= filter.created_from &&
         call.created_at < created_before(filter);
}

CallPage page_of(std::vector<StoredCall> calls, std::size_t size) {
  CallPage page;
  page.calls = std::move(calls);
  if (page.calls.size() <= size) return page;
  page.calls.resize(size);
  if (size > 0) page.next = CallCursor{page.calls.back().created_at, page.calls.back().id}.text();
  return page;
}

}  // namespace detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
