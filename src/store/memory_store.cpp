#include <algorithm>
#include <mutex>
#include <tuple>

#include "store/call_cursor.hpp"
#include "voicebridge/store/call_store.hpp"
#include "voicebridge/store/lead_store.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The last `limit` of `kept`, newest first.
template <class T, class Project>
auto newest(const std::vector<T>& kept, std::size_t limit, Project project) {
  std::vector<decltype(project(kept.front()))> found;
  for (auto it = kept.rbegin(); it != kept.rend() && found.size() < limit; ++it)
    found.push_back(project(*it));
  return found;
}

class MemoryLeadStore : public LeadStore {
 public:
  Result<Lead> save(const LeadInput& raw) override {
    const auto input = normalize_lead(raw);
    if (!input) return fail(input.error());
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto known = find_if([&](const Lead& lead) { return lead.phone_e164 == input->phone; });
    if (known != leads_.end()) return *known = merge_lead(*known, *input, unix_now());
    leads_.push_back(merge_lead(std::nullopt, *input, unix_now()));
    return leads_.back();
  }

  Result<Lead> find(const std::string& id) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return found_or_not(find_if([&](const Lead& lead) { return lead.id == id; }),
                        "no lead has this id", "lead_id");
  }

  Result<Lead> find_by_phone(const std::string& phone) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return found_or_not(find_if([&](const Lead& lead) { return lead.phone_e164 == phone; }),
                        "no lead has this phone", "phone");
  }

  Result<> set_summary(const std::string& id, const std::string& summary) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto lead = find_if([&](const Lead& candidate) { return candidate.id == id; });
    if (lead == leads_.end()) return fail(Errc::not_found, "no lead has this id", "lead_id");
    lead->summary = summary;
    lead->updated_at = unix_now();
    return {};
  }

  Result<std::vector<Lead>> list(std::size_t limit) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return newest(leads_, limit, [](const Lead& lead) { return lead; });
  }

  Result<> remove(const std::string& id) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto lead = find_if([&](const Lead& candidate) { return candidate.id == id; });
    if (lead != leads_.end()) leads_.erase(lead);
    return {};
  }

 private:
  using Leads = std::vector<Lead>;

  template <class Predicate>
  Leads::iterator find_if(Predicate predicate) {
    return std::find_if(leads_.begin(), leads_.end(), predicate);
  }

  Result<Lead> found_or_not(Leads::iterator lead, const char* otherwise, const char* field) {
    if (lead == leads_.end()) return fail(Errc::not_found, otherwise, field);
    return *lead;
  }

  std::mutex mutex_;
  Leads leads_;  ///< In the order they were created.
};

class MemoryCallStore : public CallStore {
 public:
  Result<> save(const StoredCall& call) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    record_of(call.id).call = call;
    return {};
  }

  Result<> save_record(const StoredCallRecord& record) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    record_of(record.call.id) = record;
    return {};
  }

  Result<StoredCallRecord> find(const std::string& id) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = find_record(id);
    if (found == records_.end()) return fail(Errc::not_found, "no call has this id", "call_id");
    return *found;
  }

  Result<std::vector<StoredCall>> list(std::size_t limit) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto records = records_;
    std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
      return a.call.created_at < b.call.created_at;
    });
    return newest(records, limit, [](const StoredCallRecord& record) { return record.call; });
  }

  Result<CallPage> search(const CallFilter& filter) override {
    const auto cursor = detail::CallCursor::parse(filter.cursor);
    if (!cursor) return fail(cursor.error());
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<StoredCall> found;
    for (const StoredCallRecord& record : records_) {
      if (detail::fits(record.call, filter) && detail::is_behind(record.call, *cursor)) {
        found.push_back(record.call);
      }
    }
    std::sort(found.begin(), found.end(), [](const StoredCall& a, const StoredCall& b) {
      return std::tie(a.created_at, a.id) > std::tie(b.created_at, b.id);
    });
    const std::size_t size = detail::page_size(filter);
    found.resize(std::min(found.size(), size + 1));
    return detail::page_of(std::move(found), size);
  }

  Result<> remove(const std::string& id) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = find_record(id);
    if (found != records_.end()) records_.erase(found);
    return {};
  }

 private:
  using Records = std::vector<StoredCallRecord>;

  Records::iterator find_record(const std::string& id) {
    return std::find_if(records_.begin(), records_.end(),
                        [&](const auto& record) { return record.call.id == id; });
  }

  StoredCallRecord& record_of(const std::string& id) {
    const auto found = find_record(id);
    return found == records_.end() ? records_.emplace_back() : *found;
  }

  std::mutex mutex_;
  Records records_;  ///< In the order they were first saved.
};

}  // namespace

std::unique_ptr<LeadStore> make_memory_lead_store() { return std::make_unique<MemoryLeadStore>(); }
std::unique_ptr<CallStore> make_memory_call_store() { return std::make_unique<MemoryCallStore>(); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
