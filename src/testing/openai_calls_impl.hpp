#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "openai_call.hpp"
#include "openai_client_secrets.hpp"
#include "openai_upgrade.hpp"
#include "openai_webhooks.hpp"
#include "voicebridge/testing/openai_calls.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

struct OpenAiCalls::Impl {
  Impl(std::shared_ptr<const OpenAiScenario> scenario, std::shared_ptr<const VoiceSource> voice,
       OpenAiCallsOptions given, OpenAiCallsNetwork& network, TimePoint now);

  // The REST interface, in openai_calls_rest.cpp.
  SimApiReply serve(const SimApiRequest& request, TimePoint now);
  HttpResponse create_call(const SimApiRequest& request, std::string_view key, TimePoint now);
  SimApiReply command(const SimApiRequest& request, std::string_view rest, TimePoint now);
  HttpResponse carry_out(detail::Call& call, std::string_view verb, std::string_view body,
                         TimePoint now);
  HttpResponse accept(detail::Call& call, JsonView session, TimePoint now);

  detail::Call& add(const std::string& kind, SipCallPlan plan, TimePoint now);
  detail::Call* find(const std::string& call_id) const;
  detail::Call* call_of(std::uint64_t sideband) const {
    const auto found = attached.find(sideband);
    return found == attached.end() ? nullptr : find(found->second);
  }
  std::size_t active() const;
  void forget_old();
  std::size_t note_webhook(const std::string& call_id, const detail::Webhooks::Attempt& attempt,
                           TimePoint now);

  const OpenAiCallsOptions options;
  const detail::CallStage stage;
  IdGenerator ids;
  detail::ClientSecrets secrets;
  detail::Webhooks webhooks;
  std::map<std::string, std::unique_ptr<detail::Call>> calls;
  std::deque<std::string> order;
  std::map<std::uint64_t, std::string> attached;  ///< Sidebands and their calls.
  std::uint64_t last_sideband = 0;
  std::size_t made = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
