#include "voicebridge/agent/agent_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "agent/agents_schema.hpp"
#include "agent/profile_files.hpp"
#include "agent/profile_reader.hpp"
#include "voicebridge/core/json_faults.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr JsonLimits kFileLimits{4 << 20, 32};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lower(c); });
  return text;
}

// What an agent claims, as the key that its calls find it by. Of a header, the value counts as it
// is written.
std::string id_key(std::string_view id) { return fmt::format("id {}", id); }
std::string number_key(const std::string& number) { return "number " + number; }
std::string host_key(const std::string& host) { return "host " + lower(host); }
std::string header_key(const std::string& name, const std::string& value) {
  return fmt::format("header {}: {}", lower(name), value);
}
constexpr const char* kDefaultKey = "default";

const Json& schema() {
  static const Json kSchema = Json::parse(kAgentsSchema).value_or(Json());
  return kSchema;
}

}  // namespace

/// Puts a book together and sees to it that no two agents claim the same calls.
class AgentBookReader {
 public:
  explicit AgentBookReader(const AgentChecks& checks)
      : checks_(checks), book_(std::shared_ptr<AgentBook>(new AgentBook())) {}

  void add(const std::string& file, const std::string& folder, std::string_view text) {
    const auto json = Json::parse(text, kFileLimits);
    if (!json) return faults_.push_back({file, "", json.error().message});
    const auto broken = json_faults(schema(), *json);
    if (!broken) return faults_.push_back({file, "", broken.error().message});
    for (const JsonFault& fault : *broken) {
      faults_.push_back({file, fault.pointer, fault.message});
    }
    look_for_repeats(file, "", *json);
    ProfileReader reader(file, folder, checks_, faults_);
    const auto agents = (*json)["agents"].elements();
    for (std::size_t i = 0; i < agents.size(); ++i) {
      const std::string pointer = fmt::format("/agents/{}", i);
      auto profile = std::make_shared<const AgentProfile>(reader.read(agents[i], pointer));
      claim_all(file, pointer, profile);
      book_->agents_.push_back(std::move(profile));
    }
  }
  void add_fault(ProfileFault fault) { faults_.push_back(std::move(fault)); }

  AgentBook::Loaded finish() {
    if (!faults_.empty()) return tl::unexpected(std::move(faults_));
    return std::shared_ptr<const AgentBook>(std::move(book_));
  }

 private:
  using Profile = std::shared_ptr<const AgentProfile>;

  /// Of members with one name only the first would count, and nobody would know.
  void look_for_repeats(const std::string& file, const std::string& pointer, JsonView value) {
    std::set<std::string_view> names;
    for (const JsonView::Member& member : value.members()) {
      const std::string where = json_pointer(pointer, member.key);
      if (!names.insert(member.key).second) faults_.push_back({file, where, "stands here twice"});
      look_for_repeats(file, where, member.value);
    }
    const auto elements = value.elements();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      look_for_repeats(file, json_pointer(pointer, std::to_string(i)), elements[i]);
    }
  }

  void claim_all(const std::string& file, const std::string& pointer, const Profile& profile) {
    const auto claim = [&](const std::string& where, const std::string& key) {
      const auto [known, is_new] = book_->by_key_.try_emplace(key, profile);
      // Twice in one agent: said by the schema, or of no consequence.
      if (is_new || known->second == profile) return;
      faults_.push_back(
          {file, pointer + where, fmt::format("is taken by the agent \"{}\"", known->second->id)});
    };
    if (!profile->id.empty()) claim("/id", id_key(profile->id));
    if (profile->is_default) claim("/default", kDefaultKey);
    for (std::size_t i = 0; i < profile->numbers.size(); ++i) {
      claim(fmt::format("/numbers/{}", i), number_key(profile->numbers[i]));
    }
    for (std::size_t i = 0; i < profile->sip_hosts.size(); ++i) {
      claim(fmt::format("/sip_hosts/{}", i), host_key(profile->sip_hosts[i]));
    }
    for (std::size_t i = 0; i < profile->sip_headers.size(); ++i) {
      const ProfileSipHeader& header = profile->sip_headers[i];
      claim(fmt::format("/sip_headers/{}", i), header_key(header.name, header.value));
    }
  }

  const AgentChecks& checks_;
  std::shared_ptr<AgentBook> book_;
  AgentBook::Faults faults_;
};

std::string to_string(const ProfileFault& fault) {
  return fmt::format("{}{}{} {}", fault.file, fault.pointer.empty() ? "" : "#", fault.pointer,
                     fault.message);
}

AgentBook::Loaded AgentBook::load(const std::string& path, const AgentChecks& checks) {
  AgentBookReader reader(checks);
  const auto files = profile_files(path);
  if (!files) {
    reader.add_fault({path, "", files.error().message});
    return reader.finish();
  }
  for (const std::string& file : *files) {
    const auto text = read_small_file(file, kFileLimits.max_bytes);
    const std::string folder = std::filesystem::absolute(file).parent_path().string();
    if (text)
      reader.add(file, folder, *text);
    else
      reader.add_fault({file, "", text.error().message});
  }
  return reader.finish();
}

AgentBook::Loaded AgentBook::parse(std::string_view json, const std::string& folder,
                                   const AgentChecks& checks) {
  AgentBookReader reader(checks);
  reader.add("agents", folder, json);
  return reader.finish();
}

std::string_view AgentBook::schema_json() noexcept { return kAgentsSchema; }

std::shared_ptr<const AgentProfile> AgentBook::by_key(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

std::shared_ptr<const AgentProfile> AgentBook::find(std::string_view id) const {
  return by_key(id_key(id));
}

std::shared_ptr<const AgentProfile> AgentBook::default_agent() const { return by_key(kDefaultKey); }

std::shared_ptr<const AgentProfile> AgentBook::answering(const CalledParty& called) const {
  for (const auto& [name, value] : called.sip_headers) {
    if (auto agent = by_key(header_key(name, value))) return agent;
  }
  for (const std::string& number : called.numbers) {
    if (auto agent = by_key(number_key(number))) return agent;
  }
  for (const std::string& host : called.sip_hosts) {
    if (auto agent = by_key(host_key(host))) return agent;
  }
  return default_agent();
}

tl::expected<std::unique_ptr<AgentDirectory>, AgentBook::Faults> AgentDirectory::open(
    std::string path, AgentChecks checks) {
  auto book = AgentBook::load(path, checks);
  if (!book) return tl::unexpected(std::move(book.error()));
  return std::unique_ptr<AgentDirectory>(
      new AgentDirectory(std::move(path), std::move(checks), std::move(*book)));
}

AgentDirectory::AgentDirectory(std::string path, AgentChecks checks,
                               std::shared_ptr<const AgentBook> book)
    : path_(std::move(path)), checks_(std::move(checks)), book_(std::move(book)) {}

std::shared_ptr<const AgentBook> AgentDirectory::book() const {
  const std::lock_guard lock(mutex_);
  return book_;
}

tl::expected<std::shared_ptr<const AgentBook>, AgentBook::Faults> AgentDirectory::reload() {
  const std::lock_guard one_at_a_time(reloading_);
  auto book = AgentBook::load(path_, checks_);
  if (!book) return tl::unexpected(std::move(book.error()));
  const std::lock_guard lock(mutex_);
  book_ = *book;
  return book_;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
