#pragma once

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <mutex>

#include <voicebridge/voicebridge.hpp>

namespace own_lead_store {
using namespace voicebridge;

/// Leads in a text file, oldest first. A store may block, and is asked by several threads.
class FileStore final : public LeadStore {
 public:
  explicit FileStore(std::string path) : path_(std::move(path)) {
    std::ifstream in(path_);
    for (Lead l; in >> l.phone_e164 >> l.id >> l.created_at >> l.consent >>
                 std::quoted(l.first_name) >> std::quoted(l.last_name) >> std::quoted(l.summary);)
      leads_.push_back(l);
  }
  Result<Lead> save(const LeadInput& said) override {
    const auto input = normalize_lead(said);  // Every store refuses the same …
    if (!input) return fail(input.error());
    const std::lock_guard lock(mutex_);
    const auto at = place_of(&Lead::phone_e164, input->phone);
    const auto known = at == leads_.end() ? std::nullopt : std::optional<Lead>(*at);
    const Lead lead = merge_lead(known, *input, unix_now());  // … and keeps.
    *(known ? at : leads_.emplace(leads_.end())) = lead;
    return write().map([&] { return lead; });
  }
  Result<Lead> find(const std::string& id) override { return find_by(&Lead::id, id); }
  Result<Lead> find_by_phone(const std::string& phone) override {
    return find_by(&Lead::phone_e164, phone);
  }
  Result<> set_summary(const std::string& id, const std::string& summary) override {
    const std::lock_guard lock(mutex_);
    const auto at = place_of(&Lead::id, id);
    if (at == leads_.end()) return fail(Errc::not_found, "no such lead");
    at->summary = summary;
    return write();
  }
  Result<std::vector<Lead>> list(std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(limit, leads_.size()));
    return std::vector<Lead>(leads_.rbegin(), leads_.rbegin() + count);
  }
  Result<> remove(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    if (const auto at = place_of(&Lead::id, id); at != leads_.end()) leads_.erase(at);
    return write();
  }

 private:
  std::vector<Lead>::iterator place_of(std::string Lead::*member, const std::string& value) {
    return std::find_if(leads_.begin(), leads_.end(),
                        [&](const Lead& lead) { return lead.*member == value; });
  }
  Result<Lead> find_by(std::string Lead::*member, const std::string& value) {
    const std::lock_guard lock(mutex_);
    const auto at = place_of(member, value);
    return at == leads_.end() ? fail(Errc::not_found, "no such lead") : Result<Lead>(*at);
  }
  /// With the system when it returns; a store in earnest also syncs, and replaces its file at once.
  Result<> write() const {
    std::ofstream out(path_);
    for (const Lead& l : leads_)
      out << l.phone_e164 << ' ' << l.id << ' ' << l.created_at << ' ' << l.consent << ' '
          << std::quoted(l.first_name) << ' ' << std::quoted(l.last_name) << ' '
          << std::quoted(l.summary) << '\n';
    return out.flush() ? Result<>() : fail(Errc::unavailable, "cannot write " + path_);
  }

  const std::string path_;
  std::mutex mutex_;
  std::vector<Lead> leads_;
};

}  // namespace own_lead_store
