#pragma once

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <voicebridge/voicebridge.hpp>

namespace own_lead_store {

using namespace voicebridge;

/// Leads in a text file, a line for each. May block, as stores are never asked on a call's thread;
/// may be asked by several threads.
class FileStore final : public LeadStore {
 public:
  explicit FileStore(std::string path) : path_(std::move(path)) {
    std::ifstream in(path_);
    for (Lead l; in >> l.phone_e164 >> l.id >> l.created_at >> l.consent >>
                 std::quoted(l.first_name) >> std::quoted(l.last_name) >> std::quoted(l.summary);) {
      leads_[l.phone_e164] = l;
    }
  }

  Result<Lead> save(const LeadInput& said) override {
    const auto input = normalize_lead(said);  // Every store refuses the same …
    if (!input) return fail(input.error());
    const std::lock_guard lock(mutex_);
    std::optional<Lead> known;
    if (leads_.count(input->phone) != 0) known = leads_[input->phone];
    const Lead lead = merge_lead(known, *input, unix_now());  // … and keeps.
    leads_[input->phone] = lead;
    return write().map([&] { return lead; });
  }

  Result<Lead> find(const std::string& id) override { return find_if(&Lead::id, id); }
  Result<Lead> find_by_phone(const std::string& phone) override {
    return find_if(&Lead::phone_e164, phone);
  }

  Result<> set_summary(const std::string& id, const std::string& summary) override {
    const auto lead = find(id);
    if (!lead) return fail(lead.error());
    const std::lock_guard lock(mutex_);
    leads_[lead->phone_e164].summary = summary;
    return write();
  }

  Result<std::vector<Lead>> list(std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    std::vector<Lead> newest;
    for (const auto& [phone, lead] : leads_) newest.push_back(lead);
    std::sort(newest.begin(), newest.end(),
              [](const Lead& a, const Lead& b) { return a.created_at > b.created_at; });
    if (newest.size() > limit) newest.resize(limit);
    return newest;
  }

  Result<> remove(const std::string& id) override {
    const auto lead = find(id);
    if (!lead) return {};  // One that is not there is no error.
    const std::lock_guard lock(mutex_);
    leads_.erase(lead->phone_e164);
    return write();
  }

 private:
  Result<Lead> find_if(std::string Lead::*member, const std::string& value) {
    const std::lock_guard lock(mutex_);
    for (const auto& [phone, lead] : leads_) {
      if (lead.*member == value) return lead;
    }
    return fail(Errc::not_found, "no such lead");
  }

  /// With the system when it returns. A store for more than a trial also asks for the disk (fsync),
  /// and replaces its file in one go.
  Result<> write() const {
    std::ofstream out(path_);
    for (const auto& [phone, l] : leads_) {
      out << phone << ' ' << l.id << ' ' << l.created_at << ' ' << l.consent << ' '
          << std::quoted(l.first_name) << ' ' << std::quoted(l.last_name) << ' '
          << std::quoted(l.summary) << '\n';
    }
    if (out.flush()) return {};
    return fail(Errc::unavailable, "cannot write " + path_);
  }

  const std::string path_;
  std::mutex mutex_;
  std::map<std::string, Lead> leads_;  ///< By phone.
};

}  // namespace own_lead_store
