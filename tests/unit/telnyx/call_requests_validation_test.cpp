#include "support/catch.hpp"
#include "unit/telnyx/requests.hpp"
#include "voicebridge/telnyx/call_command.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The field that makes a request invalid.
template <class Request>
std::string fault(const Request& request) {
  const auto body = to_json(request);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == Errc::invalid_argument);
  CHECK_FALSE(body.error().message.empty());
  return body.error().field;
}

}  // namespace

TEST_CASE("Dial is checked before it is sent", "[telnyx][requests]") {
  const auto with = [](auto change) {
    DialRequest dial = minimal_dial();
    change(dial);
    return fault(dial);
  };
  CHECK(with([](DialRequest& d) { d.connection_id.clear(); }) == "connection_id");
  CHECK(with([](DialRequest& d) { d.to.clear(); }) == "to");
  CHECK(with([](DialRequest& d) { d.to = {"0639981234"}; }) == "to");
  CHECK(with([](DialRequest& d) { d.to = {"+33639981234,1x"}; }) == "to");
  CHECK(with([](DialRequest& d) { d.to.push_back(""); }) == "to");
  CHECK(with([](DialRequest& d) { d.from.clear(); }) == "from");
  CHECK(with([](DialRequest& d) { d.from = "+0"; }) == "from");
  CHECK(with([](DialRequest& d) { d.from_display_name = "a\"b"; }) == "from_display_name");
  CHECK(with([](DialRequest& d) { d.from_display_name.assign(129, 'a'); }) == "from_display_name");
  CHECK(with([](DialRequest& d) { d.timeout = seconds(4); }) == "timeout_secs");
  CHECK(with([](DialRequest& d) { d.timeout = seconds(601); }) == "timeout_secs");
  CHECK(with([](DialRequest& d) { d.time_limit = seconds(29); }) == "time_limit_secs");
  CHECK(with([](DialRequest& d) { d.time_limit = seconds(14401); }) == "time_limit_secs");
  CHECK(with([](DialRequest& d) { d.machine_detection = static_cast<MachineDetection>(99); }) ==
        "answering_machine_detection");
  CHECK(with([](DialRequest& d) { d.stream.emplace(); }) == "stream_url");
  CHECK(with([](DialRequest& d) { d.stream.emplace().url = "https://x"; }) == "stream_url");
  CHECK(with([](DialRequest& d) { d.stream.emplace().url = "wss://" + std::string(2000, 'x'); }) ==
        "stream_url");
  CHECK(with([](DialRequest& d) {
          (d.stream = sample_stream())->bidirectional_sampling_rate = 44100;
        }) == "stream_bidirectional_sampling_rate");
  CHECK(with([](DialRequest& d) {
          (d.stream = sample_stream())->bidirectional_codec = StreamCodec::of_call;
        }) == "stream_bidirectional_codec");
  CHECK(with([](DialRequest& d) {
          (d.stream = sample_stream())->auth_token = Secret(std::string(4001, 'x'));
        }) == "stream_auth_token");
  CHECK(with([](DialRequest& d) { d.stream_establish_before_call_originate = true; }) ==
        "stream_establish_before_call_originate");
  CHECK(with([](DialRequest& d) { d.webhooks.emplace().url = "ftp://x"; }) == "webhook_url");
  CHECK(with([](DialRequest& d) { d.record.emplace().max_length = seconds(43201); }) ==
        "record_max_length");
  CHECK(with([](DialRequest& d) { d.record.emplace().custom_file_name.assign(41, 'x'); }) ==
        "record_custom_file_name");
  CHECK(with([](DialRequest& d) { d.bridge_on_answer = true; }) == "bridge_on_answer");
  CHECK(with([](DialRequest& d) { d.bridge_intent = true; }) == "bridge_intent");
  CHECK(with([](DialRequest& d) { d.park_after_unbridge = true; }) == "park_after_unbridge");
  CHECK(with([](DialRequest& d) { d.audio_url = "https://x/a.mp3", d.media_name = "m"; }) ==
        "media_name");
  CHECK(with([](DialRequest& d) { d.send_digits_on_answer = "12x"; }) == "send_digits_on_answer");
  CHECK(with([](DialRequest& d) { d.send_digits_on_answer.assign(65, '1'); }) ==
        "send_digits_on_answer");
  CHECK(with([](DialRequest& d) { d.sip_headers = {{"X-A", "1"}}; }) == "sip_headers");
  CHECK(with([](DialRequest& d) { d.custom_headers = {{"", "1"}}; }) == "custom_headers");
}

TEST_CASE("the first fault is the one that is told", "[telnyx][requests]") {
  DialRequest dial;
  CHECK(fault(dial) == "connection_id");
  CHECK(to_json(dial).error().message == "connection_id is required");
}

TEST_CASE("the commands are checked before they are sent", "[telnyx][requests]") {
  AnswerRequest answer;
  answer.stream = sample_stream();
  CHECK(fault(answer) == "stream_auth_token");
  answer.stream = StreamParameters::two_way("wss://x", AudioFormat::l16(16000));
  CHECK(fault(answer) == "stream_bidirectional_sampling_rate");

  SpeakRequest speak;
  CHECK(fault(speak) == "payload");
  speak.payload.assign(3001, 'x');
  CHECK(fault(speak) == "payload");
  speak.payload.assign(3000, 'x');
  CHECK(fault(speak) == "voice");
  speak.voice = "male";
  speak.loop = Loop{101};
  CHECK(fault(speak) == "loop");
  speak.loop = Loop{0};
  CHECK(fault(speak) == "loop");

  PlaybackStartRequest play;
  CHECK(fault(play) == "audio_url");
  play.audio_url = "https://x/a.mp3";
  play.content = {1};
  CHECK(fault(play) == "audio_url");
  play.content.clear();
  play.audio_url = "a.mp3";
  CHECK(fault(play) == "audio_url");

  SendDtmfRequest dtmf;
  CHECK(fault(dtmf) == "digits");
  dtmf.digits = "1e";
  CHECK(fault(dtmf) == "digits");
  dtmf.digits = "1";
  dtmf.duration = milliseconds(99);
  CHECK(fault(dtmf) == "duration_millis");
  dtmf.duration = milliseconds(501);
  CHECK(fault(dtmf) == "duration_millis");

  CHECK(fault(StreamingStartRequest()) == "stream_url");
  CHECK(fault(BridgeRequest()) == "call_control_id");

  TransferRequest transfer;
  CHECK(fault(transfer) == "to");
  transfer.to = "+33639981234";
  transfer.from = "+33";
  CHECK(fault(transfer) == "from");

  RecordStartRequest record;
  record.max_length = seconds(14401);
  CHECK(fault(record) == "max_length");
  record.max_length = seconds(-1);
  CHECK(fault(record) == "max_length");

  GatherRequest gather;
  gather.minimum_digits = 5;
  gather.maximum_digits = 4;
  CHECK(fault(gather) == "minimum_digits");
  gather.maximum_digits = 129;
  CHECK(fault(gather) == "maximum_digits");
  gather.maximum_digits.reset();
  gather.terminating_digit = 'x';
  CHECK(fault(gather) == "terminating_digit");
  gather.terminating_digit.reset();
  gather.valid_digits = "12z";
  CHECK(fault(gather) == "valid_digits");
  gather.valid_digits.clear();
  gather.gather_id.assign(41, 'x');
  CHECK(fault(gather) == "gather_id");
}
