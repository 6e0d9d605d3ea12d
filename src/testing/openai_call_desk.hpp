#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/net/http_server.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/testing/deadline_driver.hpp"
#include "voicebridge/testing/openai_calls.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// Carries bytes and time between `OpenAiCalls` and the network. The calls are used under the lock;
/// timers, sidebands and whatever sends to them live on one shard.
class CallDesk final : public OpenAiCallsNetwork, public std::enable_shared_from_this<CallDesk> {
 public:
  CallDesk(Runtime& runtime, std::shared_ptr<const OpenAiScenario> scenario,
           std::shared_ptr<const VoiceSource> voice, const OpenAiCallsOptions& options);

  void add_routes(HttpServer& server);
  /// Waits until nothing runs any more. Not on a shard.
  void stop();

  /// Any thread.
  std::variant<OpenAiSimHandshake, HttpResponse> judge(const HttpServerRequest& request,
                                                       std::size_t connection) const;
  /// Any thread: the handler of a sideband that was let in. It lives on `shard()`.
  std::shared_ptr<WebSocketHandler> make_sideband(OpenAiSimHandshake handshake);
  Scheduler& shard() { return shard_; }

  /// Any thread: looks at the calls or gives them something that sends nothing at once.
  template <class Use>
  auto with_calls(Use use) {
    const WakeAfter wake{*this};
    const std::lock_guard<std::mutex> lock(mutex_);
    return use(calls_, shard_.now());
  }
  /// Any thread but the shard: does it on the shard and waits, because it may send to sidebands.
  bool on_shard(const std::function<bool(OpenAiCalls& calls, TimePoint now)>& use);

  // For the driver.
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  void post_webhook(const SimPost& post) override;

 private:
  class Sideband;
  struct WakeAfter {
    CallDesk& desk;
    ~WakeAfter() { desk.wake(); }
  };
  void wake();
  void ring(const std::string& body, const HttpResponder& responder);
  void serve(HttpServerRequest request, HttpResponder responder);
  void answer(SimApiReply reply, HttpResponder responder);

  Scheduler& shard_;
  std::unique_ptr<HttpClient> http_;
  mutable std::mutex mutex_;
  OpenAiCalls calls_;

  // On the shard only.
  DeadlineDriver<CallDesk> driver_;
  bool stopped_ = false;
  std::vector<HttpResponder> unanswered_;  ///< Clients that shall wait in vain.
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
