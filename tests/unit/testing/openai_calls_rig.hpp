#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "openai_sim_fixture.hpp"
#include "support/event_check.hpp"
#include "voicebridge/testing/openai_calls.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The service's calls in virtual time, with an application that is the test.
class CallsRig final : public OpenAiCallsNetwork {
 public:
  explicit CallsRig(std::string_view scenario = kTalk, OpenAiCallsOptions options = with_url())
      : calls_(std::make_shared<OpenAiScenario>(OpenAiScenario::parse(scenario).value()),
               std::make_shared<ToneVoice>(), std::move(options), *this, now_) {}

  static OpenAiCallsOptions with_url() {
    OpenAiCallsOptions options;
    options.webhook_url = "http://app.test/openai/webhook";
    options.webhook_secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    return options;
  }

  void post_webhook(const SimPost& post) override { posts.push_back(post); }

  SimApiReply request(const std::string& path, const std::string& body, HttpHeaders headers = {}) {
    if (!headers.find("Authorization")) headers.add("Authorization", "Bearer sk-simulated");
    return calls_.on_request({"POST", "/v1/realtime/" + path, std::move(headers), body}, now_);
  }
  SimApiReply command(const std::string& call, const std::string& verb,
                      const std::string& body = "") {
    return request("calls/" + call + "/" + verb, body);
  }
  /// A call that was accepted and has one sideband, `sink`.
  std::string connected(SipCallPlan plan = {},
                        const std::string& session = R"({"type":"realtime"})") {
    const std::string id = calls_.sip_call(std::move(plan), now_);
    REQUIRE(command(id, "accept", session).response.status == 200);
    attach(id, sink);
    return id;
  }
  std::uint64_t attach(const std::string& call, WireSink& to) {
    OpenAiSimHandshake handshake;
    handshake.call_id = call;
    handshake.connection = connections_++;
    sideband = calls_.attach(handshake, to, now_);
    return sideband;
  }
  void send(std::string_view text) { calls_.on_text(sideband, text, now_); }
  int upgrade(const std::string& query, const std::string& key = "sk-simulated") {
    const auto judged = calls_.judge_upgrade(
        "/v1/realtime" + query, {{"Authorization", "Bearer " + key}}, connections_, now_);
    const auto* refusal = std::get_if<HttpResponse>(&judged);
    return refusal == nullptr ? 101 : refusal->status;
  }

  void run(Millis length) {
    const TimePoint end = now_ + length;
    while (true) {
      const Deadline next = calls_.next_deadline();
      if (!next || *next > end) break;
      if (*next > now_) now_ = *next;
      calls_.on_deadline(now_);
    }
    now_ = end;
  }

  Types types() {
    Types result;
    for (; seen_ < sink.texts.size(); ++seen_) {
      result.push_back(Json::parse(sink.texts[seen_]).value()["type"].string_or(""));
    }
    return result;
  }
  Json last(std::string_view type) const {
    for (auto text = sink.texts.rbegin(); text != sink.texts.rend(); ++text) {
      const Json event = Json::parse(*text).value();
      if (event["type"].string_or("") == type) return event;
    }
    return Json();
  }
  std::size_t count(std::string_view type) const {
    std::size_t number = 0;
    for (const auto& text : sink.texts) {
      if (Json::parse(text).value()["type"].string_or("") == type) ++number;
    }
    return number;
  }
  /// Whether the official schema allows all that the sideband got.
  void check_events() const {
    for (const auto& text : sink.texts) {
      CAPTURE(text);
      CHECK(test::event_check().server(text) == "");
    }
  }
  OpenAiCallRecord record(const std::string& id) const { return calls_.record(id).value(); }
  OpenAiCalls& calls() { return calls_; }
  TimePoint now() const { return now_; }

  std::vector<SimPost> posts;
  KeepingSink sink;
  std::uint64_t sideband = 0;

 private:
  TimePoint now_{std::chrono::hours(1)};
  OpenAiCalls calls_;
  std::size_t connections_ = 0;
  std::size_t seen_ = 0;
};

inline std::string error_code(const SimApiReply& reply) {
  return Json::parse(reply.response.body).value()["error"]["code"].string_or("null");
}

/// A caller who says something for so long, after the agent was silent for a while.
inline SipCallPlan talking(Millis speech = Millis(1500), Millis patience = Millis(700)) {
  SipCallPlan plan;
  plan.caller.script =
      CalleeScript::parse(
          *Json::parse(R"([{"wait":"agent_silence","ms":)" + std::to_string(patience.count()) +
                       R"(},{"tone":440,"ms":)" + std::to_string(speech.count()) +
                       R"(,"text":"I am Ada."},{"wait":"agent_silence","ms":700}])"))
          .value();
  return plan;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
