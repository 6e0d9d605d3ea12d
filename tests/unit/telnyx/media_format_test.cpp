#include "voicebridge/telnyx/media_format.hpp"

#include "support/catch.hpp"
#include "voicebridge/audio/audio_codec.hpp"

using namespace voicebridge;
using telnyx::encoding_name;
using telnyx::media_format;

TEST_CASE("media_format knows the encodings of the media socket", "[telnyx]") {
  CHECK(*media_format("PCMU", 8000, 1) == AudioFormat::pcmu());
  CHECK(*media_format("PCMA", 8000, 1) == AudioFormat::pcma());
  CHECK(*media_format("L16", 16000, 1) == AudioFormat::l16(16000));
  CHECK(*media_format("L16", 8000, 1, AudioEncoding::l16be) ==
        AudioFormat{AudioEncoding::l16be, 8000});
  CHECK(*media_format("OPUS", 16000, 1) == AudioFormat{AudioEncoding::opus, 16000});
}

TEST_CASE("G722 is announced by its RTP clock and has twice as many samples", "[telnyx]") {
  const auto format = media_format("G722", 8000, 1);
  REQUIRE(format);
  CHECK(format->sample_rate == 16000);
  CHECK(format->frame_bytes() == 160);
}

TEST_CASE("a format that cannot be served is refused by the field that is wrong", "[telnyx]") {
  struct Wrong {
    const char* encoding;
    std::int64_t rate;
    std::int64_t channels;
    const char* field;
  };
  const Wrong wrong[] = {
      {"AMR-WB", 16000, 1, "media_format.encoding"},
      {"pcmu", 8000, 1, "media_format.encoding"},
      {"", 8000, 1, "media_format.encoding"},
      {"PCMU", 16000, 1, "media_format.sample_rate"},
      {"PCMA", 0, 1, "media_format.sample_rate"},
      {"L16", 44100, 1, "media_format.sample_rate"},
      {"L16", -8000, 1, "media_format.sample_rate"},
      {"L16", 4294975296, 1, "media_format.sample_rate"},
      {"OPUS", 24000, 1, "media_format.sample_rate"},
      {"PCMU", 8000, 2, "media_format.channels"},
  };
  for (const Wrong& w : wrong) {
    INFO(w.encoding << " " << w.rate << " " << w.channels);
    const auto format = media_format(w.encoding, w.rate, w.channels);
    REQUIRE_FALSE(format);
    CHECK(format.error().code == Errc::unsupported);
    CHECK(format.error().field == w.field);
  }
}

TEST_CASE("a format to ask for is its name and its rate", "[telnyx]") {
  using telnyx::stream_format;
  CHECK(*stream_format("PCMU") == AudioFormat::pcmu());
  CHECK(*stream_format("PCMA") == AudioFormat::pcma());
  CHECK(*stream_format("L16") == AudioFormat::l16(16000));
  CHECK(*stream_format("L16/8000") == AudioFormat::l16(8000));
  CHECK(*stream_format("L16/24000", AudioEncoding::l16be) ==
        AudioFormat{AudioEncoding::l16be, 24000});
  for (const auto& [name, format] : {std::pair{"G722", AudioFormat::g722()},
                                     {"OPUS", AudioFormat::opus(16000)},
                                     {"OPUS/8000", AudioFormat::opus(8000)},
                                     {"OPUS/48000", AudioFormat::opus(48000)}}) {
    const auto read = stream_format(name);
    if (make_audio_codec(format)) {
      CHECK(*read == format);
    } else {
      CHECK_THAT(read.error().message, Catch::Contains("switched off"));
    }
  }
  CHECK(stream_format("AMR-WB").error().code == Errc::unsupported);
  CHECK_THAT(stream_format("AMR-WB").error().message, Catch::Contains("AMR-WB"));
  for (const char* wrong : {"", "pcmu", "L16/", "L16/22050", "OPUS/24000", "G722/16000"}) {
    CAPTURE(wrong);
    CHECK(stream_format(wrong).error().code == Errc::invalid_argument);
  }
}

TEST_CASE("the names of encodings are those of the wire", "[telnyx]") {
  CHECK(encoding_name(AudioEncoding::pcmu) == "PCMU");
  CHECK(encoding_name(AudioEncoding::pcma) == "PCMA");
  CHECK(encoding_name(AudioEncoding::l16le) == "L16");
  CHECK(encoding_name(AudioEncoding::l16be) == "L16");
  CHECK(encoding_name(AudioEncoding::g722) == "G722");
  CHECK(encoding_name(AudioEncoding::opus) == "OPUS");
}
