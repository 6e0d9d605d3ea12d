#include "support/catch.hpp"
#include "unit/testing/telnyx_network.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

struct Answered : Network {
  explicit Answered(const char* plan_json = "{}", const std::string& more = "") {
    carrier.plan_next("", plan(plan_json));
    id = dial(more);
    run(Millis(1100));
  }
  std::string id;
};

}  // namespace

TEST_CASE("forks start once nothing streams, and stop with the right stream type") {
  Answered net;
  CHECK(net.act(net.id, "fork_stop", R"({"stream_type":"decrypted"})") == "422 90031");
  CHECK(net.act(net.id, "fork_start") == "422 10004 /rx");
  CHECK(net.act(net.id, "fork_start", R"({"rx":"udp:192.0.2.1:9000"})") == "200");
  CHECK(net.act(net.id, "streaming_start", R"({"stream_url":"wss://x.test"})") == "422 90045");
  CHECK(net.act(net.id, "fork_stop") == "422 90031");
  CHECK(net.act(net.id, "fork_stop", R"({"stream_type":"decrypted"})") == "200");
  net.run(Millis(100));
  CHECK(net.count("call.fork.started") == 1);
  CHECK(net.count("call.fork.stopped") == 1);
}

TEST_CASE("REFER is told as it goes; the leg ends when it was done") {
  Answered done;
  CHECK(done.act(done.id, "refer") == "422 10004 /sip_address");
  CHECK(done.act(done.id, "refer", R"({"sip_address":"sip:b@x.test"})") == "200");
  done.run(Millis(1000));
  CHECK(done.count("call.refer.started") == 1);
  CHECK(done.event("call.refer.completed")["data"]["payload"]["sip_notify_response"].integer() ==
        200);
  CHECK(done.carrier.active_calls() == 0);
  Answered refused(R"({"refuses_refer":true})");
  refused.act(refused.id, "refer", R"({"sip_address":"sip:b@x.test"})");
  refused.run(Millis(1000));
  CHECK(refused.event("call.refer.failed")["data"]["payload"]["sip_notify_response"].integer() ==
        603);
  CHECK(refused.carrier.active_calls() == 1);
}

TEST_CASE("transcription tells what was said, and runs once") {
  Answered net(
      R"({"script":[{"wait":"ms","ms":500},{"tone":400,"ms":400,"text":"good morning"}]})");
  CHECK(net.act(net.id, "transcription_start", R"({"transcription_engine":"Nobody"})") ==
        "422 10032 /transcription_engine");
  CHECK(net.act(net.id, "transcription_start") == "200");
  CHECK(net.act(net.id, "transcription_start") == "422 90054");
  net.run(Millis(2000));
  CHECK(net.count("call.transcription") == 1);
  CHECK(net.event("call.transcription")["data"]["payload"]["transcription_data"]["transcript"]
            .string() == "good morning");
  CHECK(net.act(net.id, "transcription_stop") == "200");
}

TEST_CASE("siprec starts, stops, and stops with the call") {
  Answered net;
  CHECK(net.act(net.id, "siprec_start", R"({"sip_transport":"tls"})") == "200");
  net.act(net.id, "hangup");
  net.run(Millis(100));
  CHECK(net.count("siprec.started") == 1);
  CHECK(net.count("siprec.stopped") == 1);
}

TEST_CASE("gather_using_speak asks again until it has an answer or no more tries") {
  const char* ask =
      R"({"payload":"twenty characters ..","voice":"v","maximum_tries":2,"timeout_millis":2000})";
  Answered silent;
  CHECK(silent.act(silent.id, "gather_using_speak", R"({"payload":"x"})") == "422 10004 /voice");
  CHECK(silent.act(silent.id, "gather_using_speak", ask) == "200");
  silent.run(Millis(3400));
  CHECK(silent.count("call.speak.started") == 2);
  CHECK(silent.count("call.gather.ended") == 0);
  silent.run(Millis(3400));
  CHECK(silent.event("call.gather.ended")["data"]["payload"]["status"].string() == "timeout");
  CHECK(silent.count("call.speak.started") == 2);

  Answered keyed(R"({"script":[{"wait":"ms","ms":500},{"dtmf":"42#"}]})");
  CHECK(keyed.act(keyed.id, "gather_using_audio") == "422 10004 /audio_url");
  CHECK(keyed.act(keyed.id, "gather_using_audio", R"({"audio_url":"https://x.test/menu.mp3"})") ==
        "200");
  keyed.run(Millis(1500));
  CHECK(keyed.event("call.playback.ended")["data"]["payload"]["status"].string() == "cancelled");
  CHECK(keyed.event("call.gather.ended")["data"]["payload"]["digits"].string() == "42");
}

TEST_CASE("client_state_update is a PUT, allowed while it rings") {
  Network net;
  const std::string id = net.dial();
  const std::string path = "/v2/calls/" + id + "/actions/client_state_update";
  CHECK(net.post(path, R"({"client_state":"bmV3"})") == "404 10007");
  CHECK(Network::summary(net.request("PUT", path, "{}").response) == "422 10004 /client_state");
  CHECK(Network::summary(net.request("PUT", path, R"({"client_state":"bmV3"})").response) == "200");
  net.run(Millis(1200));
  CHECK(net.event("call.answered")["data"]["payload"]["client_state"].string() == "bmV3");
}

TEST_CASE("hosted assistants are only counted; what is sent in SIP INFO is taken") {
  Answered net;
  CHECK(net.act(net.id, "ai_assistant_start") == "200");
  CHECK(net.act(net.id, "ai_assistant_start") == "422 90061");
  CHECK(net.act(net.id, "ai_assistant_stop") == "200");
  CHECK(net.act(net.id, "send_sip_info", R"({"content_type":"text/plain","body":"hi"})") == "200");
  CHECK(net.act(net.id, "send_sip_info", R"({"content_type":"text/plain"})") == "422 10004 /body");
  CHECK(net.act(net.id, "suppression_start", R"({"noise_suppression_engine":"Krisp"})") == "200");
  CHECK(net.act(net.id, "suppression_stop") == "200");
  CHECK(net.act(net.id, "record_pause") == "200");
}

TEST_CASE("a file that is not there, and encryption that a phone does not have") {
  auto options = Network::default_options();
  options.missing_audio = {"https://x.test/gone.mp3"};
  Network net(options);
  const std::string id = net.dial();
  net.run(Millis(1200));
  CHECK(net.act(id, "playback_start", R"({"audio_url":"https://x.test/gone.mp3"})") == "200");
  net.run(Millis(100));
  CHECK(net.event("call.playback.ended")["data"]["payload"]["status"].string() == "file_not_found");
  CHECK(net.count("call.playback.started") == 0);
  CHECK(
      net.post(
          "/v2/calls",
          R"({"connection_id":"1","to":"+33639981234","from":"+33199001234","media_encryption":"SRTP"})") ==
      "422 10011 /media_encryption");
}

TEST_CASE("a phone that screens its calls asks first; detection begins anew after its question") {
  const char* screening =
      R"({"amd":{"screening_ms":500,"screening_prompt_ms":2000,"result":"human_residence"}})";
  const auto told = [&](const char* mode) {
    Answered net(screening, std::string(R"(,"answering_machine_detection":")") + mode + "\"");
    net.run(Millis(8000));
    std::string text;
    for (const std::string& type : net.types()) {
      if (type.rfind("call.machine.premium.", 0) == 0)
        text += type.substr(21) + "=" + net.result(type) + " ";
    }
    return text;
  };
  CHECK(told("premium_ios_call_screening_detection") ==
        "call_screening.detected=screening greeting.ended=prompt_ended "
        "detection.ended=human_residence ");
  CHECK(told("premium") == "detection.ended=human_residence ");
}

TEST_CASE("webhook_urls and their retry policies are by event") {
  Network net;
  net.status = 500;
  net.dial(R"(,"webhook_urls":{"call.answered":"http://other.test/answered"},)"
           R"("webhook_retries_policies":{"call.answered":{"retries_ms":[100,100]}})");
  net.run(Millis(1500));
  std::ptrdiff_t elsewhere = 0;
  for (const auto& post : net.posts) elsewhere += post.url == "http://other.test/answered";
  CHECK(elsewhere == 3);
  CHECK(net.count("call.answered") == 3);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
