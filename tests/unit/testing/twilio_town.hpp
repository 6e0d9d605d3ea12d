#pragma once

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/testing/telnyx_support.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"
#include "voicebridge/twilio/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A request of the carrier as the application got it.
struct TwilioSeen {
  SimPost post;
  FormFields fields;
  TimePoint at{};

  std::string field(std::string_view name) const { return fields.text_or(name, ""); }
  std::string path() const { return parse_url(post.url).value().target; }
};

/// The carrier with an application that answers what its pages say and takes every stream.
struct TwilioTown : SimNetwork {
  explicit TwilioTown(TwilioCarrierOptions options = default_options())
      : carrier(std::move(options), *this, kStart) {}

  static TwilioCarrierOptions default_options() {
    TwilioCarrierOptions options;
    options.voice_url = "http://app.test/voice";
    options.plan.ring = Millis(300);
    return options;
  }

  void post_webhook(const SimPost& post) override { waiting.push_back(post); }
  void open_stream(const SimStreamOpen& open) override { opens.push_back(open); }

  // --- the API ---

  SimApiReply ask(const std::string& method, const std::string& path, const FormFields& form = {}) {
    SimApiRequest request;
    request.method = method;
    request.path = "/2010-04-01/Accounts/" + account + path;
    request.headers = {{"Authorization", "Basic " + base64_encode(ByteView(credentials))}};
    (method == "GET" ? request.query : request.body) = form.encode();
    SimApiReply reply = carrier.on_request(request, now);
    serve();
    return reply;
  }
  /// Status, and the code of an error: "400 21211".
  std::string summary(const std::string& method, const std::string& path,
                      const FormFields& form = {}) {
    const HttpResponse response = ask(method, path, form).response;
    std::string text = std::to_string(response.status);
    if (response.status < 400) return text;
    const Json error = Json::parse(response.body).value();
    CHECK(error["status"].integer_or(0) == response.status);
    CHECK(error["more_info"].string_or("") ==
          "https://www.twilio.com/docs/errors/" + std::to_string(error["code"].integer_or(0)));
    return text + " " + std::to_string(error["code"].integer_or(0));
  }
  Json get(const std::string& path, const FormFields& query = {}) {
    return Json::parse(ask("GET", path, query).response.body).value();
  }

  static FormFields with(FormFields form, const FormFields& more) {
    for (const auto& [name, value] : more.fields()) form.add(name, value);
    return form;
  }
  /// The SID of a call that was dialled with some TwiML.
  std::string dial(const std::string& twiml, const FormFields& more = {}) {
    const FormFields form =
        with({{"To", "+15550100100"}, {"From", "+15550100200"}, {"Twiml", twiml}}, more);
    const HttpResponse response = ask("POST", "/Calls.json", form).response;
    REQUIRE(response.status == 201);
    return Json::parse(response.body).value()["sid"].string_or("");
  }
  std::string call_in(const CallPlan& plan = {}) {
    const std::string sid = carrier.call_in("+15550100100", "+15550100200", plan, now);
    serve();
    return sid;
  }
  std::string update(const std::string& sid, const FormFields& form) {
    return summary("POST", "/Calls/" + sid + ".json", form);
  }

  // --- the application ---

  /// Gives the carrier its answers. A page that is not there is 404, status 0 never answers.
  void serve() {
    while (!waiting.empty()) {
      const SimPost post = waiting.front();
      waiting.erase(waiting.begin());
      const std::string target = parse_url(post.url).value().target;
      const std::size_t mark = target.find('?');
      const bool in_query = post.method == "GET" && mark != std::string::npos;
      TwilioSeen request{
          post, FormFields::parse(in_query ? target.substr(mark + 1) : post.body).value(), now};
      CHECK(verifier.verify(post.method, target, post.headers, post.body).has_value() == genuine);
      seen.push_back(request);
      const auto page = pages.find(target.substr(0, mark));
      HttpResponse answer;
      answer.status = page == pages.end() ? 404 : 200;
      answer.headers.add("content-type", "text/xml");
      if (page != pages.end()) answer.body = page->second;
      if (answer.body == "never") continue;
      if (const auto status = statuses.find(target.substr(0, mark)); status != statuses.end()) {
        answer.status = status->second;
      }
      carrier.on_post_answer(post.id, answer, now);
    }
  }

  void run(Millis by) {
    const TimePoint until = now + by;
    while (carrier.next_deadline() && *carrier.next_deadline() <= until) {
      now = std::max(now, *carrier.next_deadline());
      carrier.on_deadline(now);
      serve();
    }
    now = until;
  }

  /// The application takes the latest stream.
  SocketLog& take_stream() {
    sockets.push_back(std::make_unique<SocketLog>());
    carrier.on_stream_open(opens.back().id, *sockets.back(), now);
    serve();
    return *sockets.back();
  }
  void say_to_stream(const std::string& text) {
    carrier.on_stream_text(opens.back().id, text, now);
  }
  std::string media(const Bytes& audio) const {
    return R"({"event":"media","streamSid":")" + opens.back().id + R"(","media":{"payload":")" +
           base64_encode(audio) + R"("}})";
  }
  std::string mark(const std::string& name) const {
    return R"({"event":"mark","streamSid":")" + opens.back().id + R"(","mark":{"name":")" + name +
           R"("}})";
  }
  std::string clear() const {
    return R"({"event":"clear","streamSid":")" + opens.back().id + R"("})";
  }

  // --- what came ---

  std::vector<TwilioSeen> at(const std::string& path) const {
    std::vector<TwilioSeen> found;
    for (const TwilioSeen& request : seen) {
      if (request.path().substr(0, request.path().find('?')) == path) found.push_back(request);
    }
    return found;
  }
  /// One field of all the requests of a path, with spaces between.
  std::string told(const std::string& path, std::string_view name) const {
    std::string text;
    for (const TwilioSeen& request : at(path)) {
      text += (text.empty() ? "" : " ") + request.field(name);
    }
    return text;
  }
  std::string status(const std::string& sid) const { return carrier.status(sid); }
  Json state() const { return Json::parse(carrier.state_json(now)).value(); }
  /// The verbs that a call has begun.
  std::string verbs(const std::string& sid) const {
    std::string text;
    const Json all = state();
    for (const JsonView call : all["calls"].elements()) {
      if (call["call_sid"].string_or("") != sid) continue;
      for (const JsonView verb : call["verbs"].elements()) {
        text += (text.empty() ? "" : " ") + verb.string_or("");
      }
    }
    return text;
  }

  TimePoint now = kStart;
  bool genuine = true;
  std::string account = "AC00000000000000000000000000000001";
  std::string credentials = account + ":00000000000000000000000000000002";
  std::map<std::string, std::string> pages;  ///< By path; "never" is a page that hangs.
  std::map<std::string, int> statuses;
  std::vector<SimPost> waiting;
  std::vector<TwilioSeen> seen;
  std::vector<SimStreamOpen> opens;
  std::vector<std::unique_ptr<SocketLog>> sockets;
  twilio::WebhookVerifier verifier =
      twilio::WebhookVerifier::create(
          {{Secret("00000000000000000000000000000002")}, "http://app.test"})
          .value();
  TwilioCarrier carrier;
};

inline CallPlan twilio_plan(const char* json) {
  return CallPlan::parse(Json::parse(json).value()).value();
}

/// tests/data/twilio/NAME.json
inline Json twilio_sample(const std::string& name) {
  std::ifstream file(std::string(VOICEBRIDGE_TEST_DATA) + "/twilio/" + name + ".json");
  std::ostringstream text;
  text << file.rdbuf();
  return Json::parse(text.str()).value();
}

/// The names of a form, for comparing with a sample's.
inline std::set<std::string> names_of(const FormFields& form) {
  std::set<std::string> names;
  for (const auto& [name, value] : form.fields()) names.insert(name);
  return names;
}
inline std::set<std::string> names_of(JsonView object) {
  std::set<std::string> names;
  for (const auto& member : object.members()) names.insert(std::string(member.key));
  return names;
}

constexpr const char* kStreamTwiml =
    "<Response><Connect><Stream url=\"ws://app.test/media\"/></Connect></Response>";

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
