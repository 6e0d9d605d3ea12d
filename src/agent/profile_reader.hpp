#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "voicebridge/agent/agent_book.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Makes profiles of one file's JSON, which may break any rule of the schema, and finds what a
/// schema cannot: texts that are missing, too long or named twice.
class ProfileReader {
 public:
  /// @param folder  Of the text files.
  ProfileReader(std::string file, std::string folder, const AgentChecks& checks,
                AgentBook::Faults& faults)
      : file_(std::move(file)), folder_(std::move(folder)), checks_(checks), faults_(faults) {}

  AgentProfile read(JsonView agent, const std::string& pointer);

 private:
  void read_callers(AgentProfile& profile, JsonView agent);
  void read_words(AgentProfile& profile, JsonView agent, const std::string& pointer);
  void read_machines(AgentProfile& profile, JsonView agent, const std::string& pointer);
  std::shared_ptr<const WavAudio> read_audio(JsonView name, const std::string& pointer);
  void read_loss(AgentProfile& profile, JsonView agent, const std::string& pointer);
  void read_knowledge(AgentProfile& profile, JsonView agent, const std::string& pointer);
  void read_tools(AgentProfile& profile, JsonView tools, const std::string& pointer);
  void read_turns(AgentProfile& profile, JsonView turns, const std::string& pointer);
  void read_recording(AgentProfile& profile, JsonView recording, const std::string& pointer);
  void read_retry(AgentProfile& profile, JsonView retry);
  void read_keys(AgentProfile& profile, JsonView keys);
  void read_limits(AgentProfile& profile, JsonView limits);
  void read_session(AgentProfile& profile, JsonView session, const std::string& pointer);
  void read_transfers(AgentProfile& profile, JsonView transfers, const std::string& pointer);
  TransferTarget read_target(JsonView transfer, const std::string& pointer);
  std::shared_ptr<const WavAudio> read_audio(std::string_view name, const std::string& pointer);
  void fault(std::string pointer, std::string message);

  const std::string file_;
  const std::string folder_;
  const AgentChecks& checks_;
  AgentBook::Faults& faults_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
