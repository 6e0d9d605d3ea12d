#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "unit/testing/telnyx_support.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// The carrier with an application that answers every webhook and takes every stream.
struct Network : SimNetwork {
  explicit Network(TelnyxCarrierOptions options = default_options())
      : carrier(std::move(options), *this, kStart) {}

  static TelnyxCarrierOptions default_options() {
    TelnyxCarrierOptions options;
    options.webhook_url = "http://app.test/telnyx/webhooks";
    return options;
  }

  void post_webhook(const SimPost& post) override { posts.push_back(post); }
  void open_stream(const SimStreamOpen& open) override { opens.push_back(open); }

  SimApiReply request(const std::string& method, const std::string& path, const std::string& body) {
    SimApiRequest request{method, path, {{"Authorization", "Bearer KEY_SIMULATED"}}, body};
    return carrier.on_request(request, now);
  }
  /// The status and, for errors, code and pointer: "422 10004 /to".
  std::string post(const std::string& path, const std::string& body = "{}") {
    return summary(request("POST", path, body).response);
  }
  std::string act(const std::string& call, const std::string& command,
                  const std::string& body = "{}") {
    return post("/v2/calls/" + call + "/actions/" + command, body);
  }
  static std::string summary(const HttpResponse& response) {
    const Json json = Json::parse(response.body).value();
    const JsonView error = json["errors"].at(0);
    std::string text = std::to_string(response.status);
    if (error.exists()) text += " " + error["code"].string_or("");
    const std::string pointer = error["source"]["pointer"].string_or("");
    return pointer.empty() ? text : text + " " + pointer;
  }

  std::string dial(const std::string& more = "") {
    const std::string body =
        R"({"connection_id":"1","to":"+33639981234","from":"+33199001234")" + more + "}";
    const SimApiReply reply = request("POST", "/v2/calls", body);
    return Json::parse(reply.response.body).value()["data"]["call_control_id"].string_or("");
  }

  /// Lets time pass; the application answers each webhook with `status` at once.
  void run(Millis by) {
    const TimePoint until = now + by;
    while (carrier.next_deadline() && *carrier.next_deadline() <= until) {
      now = std::max(now, *carrier.next_deadline());
      carrier.on_deadline(now);
      for (; answered < posts.size(); ++answered)
        carrier.on_webhook_answer(posts[answered].id, status, now);
    }
    now = until;
  }

  std::vector<std::string> types() const {
    std::vector<std::string> all;
    for (const auto& post : posts) {
      all.push_back(Json::parse(post.body).value()["data"]["event_type"].string_or(""));
    }
    return all;
  }
  std::ptrdiff_t count(const std::string& type) const {
    const auto all = types();
    return std::count(all.begin(), all.end(), type);
  }
  Json event(const std::string& type) const {
    for (const auto& post : posts) {
      Json json = Json::parse(post.body).value();
      if (json["data"]["event_type"].string_or("") == type) return json;
    }
    return Json();
  }
  std::string result(const std::string& type) const {
    return event(type)["data"]["payload"]["result"].string_or("");
  }

  TimePoint now = kStart;
  int status = 200;
  std::size_t answered = 0;
  std::vector<SimPost> posts;
  std::vector<SimStreamOpen> opens;
  TelnyxCarrier carrier;
};

inline CallPlan plan(const char* json) {
  return CallPlan::parse(Json::parse(json).value()).value();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
