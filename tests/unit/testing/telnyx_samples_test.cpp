#include <fstream>
#include <map>
#include <sstream>

#include "support/catch.hpp"
#include "testing/telnyx_api_error.hpp"
#include "testing/telnyx_stream_messages.hpp"
#include "unit/testing/telnyx_support.hpp"
#include "voicebridge/testing/telnyx_carrier.hpp"

/// The simulator's words are held against the vendor's samples.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

Json sample(const std::string& name) {
  std::ifstream file(std::string(VOICEBRIDGE_TEST_DATA) + "/telnyx/" + name);
  INFO(name);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return Json::parse(text.str()).value();
}

/// The first member of `expected` that `actual` lacks or has in another type, as a path; empty:
/// none. `null` stands for any type.
std::string missing_member(JsonView expected, JsonView actual, const std::string& path = "") {
  if (!actual.exists()) return path;
  if (actual.is_null() || expected.is_null()) return "";
  if (expected.is_string() != actual.is_string() || expected.is_number() != actual.is_number() ||
      expected.is_array() != actual.is_array() || expected.is_bool() != actual.is_bool()) {
    return path + " has another type";
  }
  for (const JsonView::Member& member : expected.members()) {
    const std::string below = path + "/" + std::string(member.key);
    const std::string missing = missing_member(member.value, actual[member.key], below);
    if (!missing.empty()) return missing;
  }
  return "";
}

struct Collector : SimNetwork {
  void post_webhook(const SimPost& post) override {
    Json json = Json::parse(post.body).value();
    by_type[json["data"]["event_type"].string_or("")] = json;
  }
  void open_stream(const SimStreamOpen& open) override { opens.push_back(open); }
  std::map<std::string, Json> by_type;
  std::vector<SimStreamOpen> opens;
};

std::string act(TelnyxCarrier& carrier, TimePoint now, const std::string& id, const char* command,
                const char* body) {
  const std::string path = "/v2/calls" + (id.empty() ? "" : "/" + id + "/actions/" + command);
  const SimApiReply reply =
      carrier.on_request({"POST", path, {{"Authorization", "Bearer KEY_SIMULATED"}}, body}, now);
  INFO(path << " " << reply.response.body);
  CHECK(reply.response.status == 200);
  return reply.response.body;
}

TelnyxCarrierOptions options_with(const char* plan) {
  TelnyxCarrierOptions options;
  options.webhook_url = "http://app.test/";
  options.plan = CallPlan::parse(Json::parse(plan).value()).value();
  return options;
}

}  // namespace

TEST_CASE("every webhook of a call has the fields of the vendor's sample") {
  Collector seen;
  TelnyxCarrier carrier(
      options_with(
          R"({"amd":{"result":"machine","greeting":"beep_detected","greeting_delay_ms":9000},
                                         "script":[{"wait":"ms","ms":6000},{"dtmf":"12"}]})"),
      seen, kStart);
  const std::string dialled =
      act(carrier, kStart, "", "dial", R"({"connection_id":"1","to":"+33639981234",
      "from":"+33199001234","client_state":"c3RhdGU=","answering_machine_detection":"premium",
      "stream_url":"wss://x.test/"})");
  CHECK(missing_member(sample("http.dial.response.json"), Json::parse(dialled).value()).empty());
  const std::string id = carrier.calls()[0];
  const auto later = [&](Millis by) {
    run_until(carrier, kStart + by);
    return kStart + by;
  };
  TimePoint now = later(Millis(2000));
  SocketLog socket;
  carrier.on_stream_open(id, socket, now);
  act(carrier, now, id, "speak", R"({"payload":"hello","voice":"v"})");
  act(carrier, now, id, "playback_start", R"({"audio_url":"https://x.test/a.wav"})");
  act(carrier, now, id, "record_start", R"({"format":"mp3","channels":"dual"})");
  now = later(Millis(6500));
  act(carrier, now, id, "gather", R"({"maximum_digits":2})");
  act(carrier, now, id, "transfer", R"({"to":"+33155556666"})");
  const auto get = carrier.on_request(
      {"GET", "/v2/calls/" + id, {{"Authorization", "Bearer KEY_SIMULATED"}}, ""}, now);
  CHECK(missing_member(sample("http.get_call.response.json")["data"]["call_session_id"],
                       Json::parse(get.response.body).value()["data"]["call_session_id"])
            .empty());
  now = later(Millis(12000));
  act(carrier, now, id, "hangup", "{}");
  later(Millis(15000));

  const std::map<std::string, std::string> samples = {
      {"call.initiated", "webhook.call.initiated.outgoing.json"},
      {"call.answered", "webhook.call.answered.json"},
      {"streaming.started", "webhook.streaming.started.json"},
      {"streaming.stopped", "webhook.streaming.stopped.json"},
      {"call.machine.premium.detection.ended",
       "webhook.call.machine.premium.detection.ended.machine.json"},
      {"call.machine.premium.greeting.ended",
       "webhook.call.machine.premium.greeting.ended.beep_detected.json"},
      {"call.speak.started", "webhook.call.speak.started.json"},
      {"call.speak.ended", "webhook.call.speak.ended.json"},
      {"call.playback.started", "webhook.call.playback.started.json"},
      {"call.playback.ended", "webhook.call.playback.ended.json"},
      {"call.dtmf.received", "webhook.call.dtmf.received.json"},
      {"call.gather.ended", "webhook.call.gather.ended.json"},
      {"call.bridged", "webhook.call.bridged.json"},
      {"call.recording.saved", "webhook.call.recording.saved.json"},
      {"call.hangup", "webhook.call.hangup.json"},
  };
  for (const auto& [type, file] : samples) {
    INFO(type);
    REQUIRE(seen.by_type.count(type) == 1);
    CHECK(missing_member(sample(file), seen.by_type[type]) == "");
  }
  CHECK(seen.by_type.size() == samples.size());
}

TEST_CASE("an incoming call and a failed stream have the fields of the vendor's samples") {
  Collector seen;
  TelnyxCarrier carrier(options_with("{}"), seen, kStart);
  CallPlan patient;
  patient.ring = Millis(10000);
  const std::string id = carrier.call_in("+33611223344", "+33199001234", patient, kStart);
  act(carrier, kStart, id, "answer", R"({"stream_url":"wss://x.test/"})");
  run_until(carrier, kStart + Millis(1000));
  carrier.on_stream_refused(id, 403, kStart + Millis(1000));
  run_until(carrier, kStart + Millis(2000));
  CHECK(missing_member(sample("webhook.call.initiated.incoming.json"),
                       seen.by_type["call.initiated"]) == "");
  CHECK(missing_member(sample("webhook.streaming.failed.json"), seen.by_type["streaming.failed"]) ==
        "");
}

TEST_CASE("messages of the media socket have the fields of the vendor's samples") {
  const auto check = [](const char* file, const std::string& text) {
    INFO(file);
    CHECK(missing_member(sample(file), Json::parse(text).value()) == "");
  };
  TelnyxStreamMessages messages("32de0dea-53cb-4b21-89a4-9e1819c043bc");
  TelnyxLegIdentity leg{"user", "v3:x", "session", "+33199001234", "+33639981234", "c3RhdGU="};
  TelnyxStreamParams params;
  params.custom_parameters = {{"param1", "value1"}};
  check("ws.in.connected.json", TelnyxStreamMessages::connected(""));
  check("ws.in.connected.with_token.json", TelnyxStreamMessages::connected("your-auth-token"));
  check("ws.in.start.pcma.json", messages.start(leg, params, AudioFormat::pcma()));
  check("ws.in.media.pcmu.json", messages.media("inbound", 2, Millis(20), Bytes(160, 0xFF)));
  check("ws.in.mark.json", messages.mark("utt"));
  check("ws.in.dtmf.json", messages.dtmf('1', "2026-02-02T22:25:40.698408Z"));
  check("ws.in.stop.json", messages.stop(leg));
  CHECK(Json::parse(TelnyxStreamMessages::connected("your-auth-token")).value().root() ==
        sample("ws.in.connected.with_token.json").root());
  for (const auto code : {TelnyxStreamError::malformed_frame, TelnyxStreamError::invalid_media,
                          TelnyxStreamError::rate_limit_reached}) {
    const std::string file = "ws.in.error." + std::to_string(static_cast<int>(code)) + ".json";
    CHECK(Json::parse(messages.error(code)).value().root() == sample(file).root());
  }
}

TEST_CASE("errors of the API say what the vendor's samples say") {
  const auto check = [](const char* file, const TelnyxApiError& error, int status) {
    INFO(file);
    const HttpResponse response = to_response(error);
    CHECK(response.status == status);
    const Json actual = Json::parse(response.body).value();
    const Json expected = sample(std::string("http.error.") + file + ".json");
    for (const JsonView::Member& member : expected["errors"].at(0).members()) {
      if (member.key == "detail" || member.key == "source" || member.key == "meta") continue;
      CHECK(actual["errors"].at(0)[member.key] == member.value);
    }
    CHECK(actual["errors"].at(0)["source"] == expected["errors"].at(0)["source"]);
  };
  check("401.10009", authentication_failed(), 401);
  check("404.10007.resource_not_found", not_found(), 404);
  check("422.10004.missing_required_parameter", missing_parameter("to"), 422);
  check("422.10015.invalid_connection_id", invalid_connection_id(), 422);
  check("422.10016.invalid_phone_number_format", not_e164("to"), 422);
  check("422.10032.invalid_enumerated_value", not_in_enum("record_channels", "dual, single"), 422);
  check("422.10033.value_outside_range", out_of_range("max_participants", 1, 5000), 422);
  check("422.90015.invalid_call_control_id", invalid_call_control_id("call_control_id"), 422);
  check("422.90017.client_state", invalid_client_state(), 422);
  check("422.90018.call_already_ended", call_has_ended(), 422);
  check("422.90020.cannot_record_before_audio_started", record_before_audio(), 422);
  check("422.90034.call_not_answered", call_not_answered(), 422);
  check("422.90045.media_streaming_used", streaming_in_use(), 422);
  check("422.90046.media_streaming_failed", streaming_failed(), 422);
  check("422.90048.media_streaming_not_used", streaming_not_in_use(), 422);
  check("422.90102.answer_outbound", answer_on_outbound_call(), 422);
  check("403.90041.channel_limit", channel_limit_reached(), 403);
  check("429.10011", too_many_requests(), 429);
  check("500.10007", failure_with(500), 500);
  check("503.10007", failure_with(503), 503);
  check("403.10010", failure_with(403), 403);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
