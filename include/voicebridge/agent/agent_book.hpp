#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "voicebridge/agent/agent_profile.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Something wrong with a file of agents.
struct ProfileFault {
  std::string file;     ///< The file's path, as it was found.
  std::string pointer;  ///< Where in it, as a JSON pointer; empty: the file itself.
  std::string message;  ///< `must be of type "string"`
};
/// `agents/bakery.json#/agents/0/voice must be of type "string"`
VOICEBRIDGE_API std::string to_string(const ProfileFault& fault);

/// What is checked of a profile that its form does not say.
struct AgentChecks {
  const ToolRegistry* tools = nullptr;  ///< When given, a tool that is not among them is a fault.
  /// Of `AgentProfile::session_json`; the error's `field` is the dotted path in it.
  std::function<Result<>(const std::string& session_json)> session;
};

/// Whom a caller wanted, as far as the carrier tells it. What comes first is more to the point.
struct CalledParty {
  std::vector<std::string> numbers;    ///< E.164
  std::vector<std::string> sip_hosts;  ///< Hosts of the SIP addresses; case does not matter.
  /// Name and value of the INVITE's headers.
  std::vector<std::pair<std::string, std::string>> sip_headers;
};

/// The agents of an application, from one JSON file or a folder of them; see docs/agents.md for the
/// form. Does not change.
/// @par Threads Any.
class VOICEBRIDGE_API AgentBook {
 public:
  /// All that is wrong, in the order of the files.
  using Faults = std::vector<ProfileFault>;
  /// A book, or why there is none.
  using Loaded = tl::expected<std::shared_ptr<const AgentBook>, Faults>;

  /// Reads a file, or all `*.json` files of a folder in the order of their names. Blocks.
  /// @return All faults of all files at once, when there is one.
  static Loaded load(const std::string& path, const AgentChecks& checks = {});
  /// The same from a text.
  /// @param folder  Where the text files lie that it names; empty: it can name none.
  static Loaded parse(std::string_view json, const std::string& folder = {},
                      const AgentChecks& checks = {});
  /// The JSON Schema of such a file. It is installed too, as share/voicebridge/agents.schema.json.
  static std::string_view schema_json() noexcept;

  /// In the order of the files.
  const std::vector<std::shared_ptr<const AgentProfile>>& agents() const noexcept {
    return agents_;
  }
  /// Null when there is none; so the next two.
  std::shared_ptr<const AgentProfile> find(std::string_view id) const;
  /// Who takes calls that nobody claims.
  std::shared_ptr<const AgentProfile> default_agent() const;
  /// Who answers: the agent of a SIP header, else of a number, else of a SIP host, else the default
  /// one.
  std::shared_ptr<const AgentProfile> answering(const CalledParty& called) const;

 private:
  friend class AgentBookReader;
  AgentBook() = default;
  std::shared_ptr<const AgentProfile> by_key(const std::string& key) const;
  std::vector<std::shared_ptr<const AgentProfile>> agents_;
  std::map<std::string, std::shared_ptr<const AgentProfile>> by_key_;  ///< By what each claims.
};

/// A book that can be read anew while calls run: they keep what they began with.
/// @par Threads Any.
class VOICEBRIDGE_API AgentDirectory {
 public:
  /// @param path  As `AgentBook::load`.
  /// @param checks  Made at every reading: what they use must outlive the directory.
  static tl::expected<std::unique_ptr<AgentDirectory>, AgentBook::Faults> open(
      std::string path, AgentChecks checks = {});
  /// The book as it is now; it does not change under who holds it.
  std::shared_ptr<const AgentBook> book() const;
  /// Reads the files anew. Blocks. Faults: the book stays what it was.
  tl::expected<std::shared_ptr<const AgentBook>, AgentBook::Faults> reload();

 private:
  AgentDirectory(std::string path, AgentChecks checks, std::shared_ptr<const AgentBook> book);
  const std::string path_;
  const AgentChecks checks_;
  std::mutex reloading_;  ///< Two at once: the later one reads last and counts.
  mutable std::mutex mutex_;
  std::shared_ptr<const AgentBook> book_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
