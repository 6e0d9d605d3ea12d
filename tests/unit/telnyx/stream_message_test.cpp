#include "voicebridge/telnyx/stream_message.hpp"

#include <filesystem>

#include "unit/telnyx/samples.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::telnyx;

namespace {

StreamMessage message_of(std::string_view sample) {
  auto message = parse_stream_message(telnyx_sample(sample));
  INFO(sample);
  REQUIRE(message);
  return *message;
}

}  // namespace

TEST_CASE("every sample of the media socket is typed and written back without losing a field",
          "[telnyx][stream]") {
  std::size_t samples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(VOICEBRIDGE_TEST_DATA) / "telnyx")) {
    const std::string name = entry.path().stem().string();
    if (name.rfind("ws.", 0) != 0) continue;
    INFO(name);
    const StreamMessage message = message_of(name);
    CHECK(message.more.empty());
    CHECK(parsed(to_json(message)).root() == telnyx_sample_json(name).root());
    ++samples;
  }
  CHECK(samples >= 21);
}

TEST_CASE("the parts of the messages are read", "[telnyx][stream]") {
  const StreamMessage start = message_of("ws.in.start.l16_16k");
  REQUIRE(start.start);
  CHECK(start.start->media_format.encoding == "L16");
  CHECK(start.start->media_format.sample_rate == 16000);
  CHECK(start.start->tags->size() == 2);
  CHECK(start.start->custom_parameters->at("param1").text == R"("value1")");
  CHECK(message_of("ws.in.media.outbound_track").media->track == "outbound");
  CHECK(message_of("ws.in.connected.with_token").connected->begin()->second == "your-auth-token");
  CHECK(message_of("ws.in.error.100005").error->code == 100005);
  CHECK(message_of("ws.in.dtmf").dtmf->digit == "1");
  CHECK(message_of("ws.in.mark").mark->name == "utt-0007-end");
  CHECK_FALSE(message_of("ws.in.stop").stop->call_control_id.empty());
}

TEST_CASE("what is new stays, what is broken is refused", "[telnyx][stream]") {
  const std::string text =
      R"({"event":"media","media":{"payload":"AA==","gain":3},"future":{"a":[1]}})";
  const auto message = parse_stream_message(text);
  REQUIRE(message);
  CHECK(parsed(to_json(*message)).root() == parsed(text).root());
  for (const char* broken : {"", "{", "[]", "7", R"({"media":{}})", R"({"event":7})"}) {
    INFO(broken);
    CHECK_FALSE(parse_stream_message(broken));
  }
}
