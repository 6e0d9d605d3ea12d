#pragma once

#include <memory>
#include <vector>

#include "testing/virtual_socket.hpp"
#include "testing/wall_clock.hpp"
#include "voicebridge/testing/scripted_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What every wall clock of a scripted call shows at its start.
constexpr UnixMillis kScriptedWallTime = 1763717400000;

/// The simulated speech service as it is reached without a network: every `connect` is a session.
class VirtualModel final : public WebSocketClient {
 public:
  VirtualModel(ManualScheduler& clock, const ScriptedCallOptions& options);
  ~VirtualModel() override;

  std::shared_ptr<void> connect(WebSocketRequest request, Scheduler& on,
                                std::shared_ptr<WebSocketHandler> handler, Failed failed) override;

  /// Of all connections, in the order they were opened.
  std::vector<const OpenAiSimRecord*> records() const;
  const MessageCount& messages() const { return messages_; }
  /// What the service's clock on the wall shows.
  UnixMillis wall_time() const { return wall_.millis(clock_.now()); }

 private:
  struct Attempt;
  struct Line;
  void open(Attempt& attempt);
  WirePipeEnd with_tap(WirePipeEnd end);

  ManualScheduler& clock_;
  const ScriptedCallOptions& options_;
  std::shared_ptr<const VoiceSource> voice_;
  const WallClock wall_;
  MessageCount messages_;
  std::size_t asked_ = 0;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
