// What a call costs, and what happens when that is too much.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"
#include "voicebridge/core/json.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

SpeechUsage answer(const std::string& model = "gpt-realtime-2.1") {
  SpeechUsage usage;
  usage.model = model;
  usage.input_text = 1000;
  usage.cached_text = 400;
  usage.input_audio = 2000;
  usage.cached_audio = 500;
  usage.output_text = 100;
  usage.output_audio = 300;
  return usage;
}

// 600 × 4 + 400 × 0.4 + 1500 × 32 + 500 × 0.4 + 100 × 24 + 300 × 64, for a million.
constexpr double kAnswerUsd = (2400 + 160 + 48000 + 200 + 2400 + 19200) / 1e6;

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

}  // namespace

TEST_CASE("prices are found by model", "[cost]") {
  const PriceList& list = *default_prices();
  CHECK(list.as_of == "2026-11");
  CHECK(*list.find("gpt-realtime-2")->audio_out == 64);
  CHECK(*list.find("gpt-realtime-2.1-mini")->audio_out == 20);
  CHECK(*list.find("gpt-realtime-2.1-mini-2026-09-01")->audio_out == 20);
  CHECK(*list.find("gpt-realtime-2.1-2026-05-01")->audio_out == 64);
  CHECK(*list.find("gpt-realtime-1.5")->text_out == 16);
  CHECK(list.find("gpt-realtime-3") == nullptr);
  CHECK(list.find("gpt-realtime-2-mini") == nullptr);  // Another model is not guessed at.
  CHECK(list.find("gpt-realtime-25") == nullptr);
  CHECK(list.find("") == nullptr);
}

TEST_CASE("every kind of token has its price", "[cost]") {
  const PriceList& list = *default_prices();
  CHECK(near(*price_of(answer(), list), kAnswerUsd));
  SpeechUsage image;
  image.model = "gpt-realtime-2";
  image.input_image = 3000;
  image.cached_image = 1000;
  CHECK(near(*price_of(image, list), (2000 * 5 + 1000 * 0.5) / 1e6));
  image.model = "gpt-realtime-1.5";
  CHECK_FALSE(price_of(image, list));
  HearingUsage heard;
  heard.model = "gpt-transcribe";
  heard.seconds = 30;
  CHECK(near(*price_of(heard, list), 0.00225));
  heard.input_audio = 10;
  CHECK_FALSE(price_of(heard, list));
}

TEST_CASE("what a call costs is known while it runs", "[cost][call]") {
  FakeCall call(talkative());
  call.connect();
  call.event(answer());
  call.event(answer());
  HearingUsage heard;
  heard.model = "gpt-transcribe";
  heard.seconds = 60;
  call.event(heard);
  const CallRecord record = call.session->record(call.now);
  CHECK(record.usage.input_audio == 4000);
  CHECK(record.usage.output_audio == 600);
  CHECK(record.usage.model == "gpt-realtime-2.1");
  CHECK(record.hearing.seconds == 60);
  CHECK(near(record.cost.usd, 2 * kAnswerUsd + 0.0045));
  CHECK(record.cost.unpriced_models.empty());
  const auto json = Json::parse(usage_json(record));
  REQUIRE(json);
  CHECK((*json)["answers"]["output_audio"].integer() == 600);
  CHECK((*json)["transcription"]["seconds"].number() == 60.0);
  CHECK(near(*(*json)["usd"].number(), record.cost.usd));
}

TEST_CASE("a model without a price is counted and named", "[cost][call]") {
  CallOptions options = talkative();
  options.speech.transcription_model = "whisper-house";
  FakeCall call(options);
  call.connect();
  call.event(answer("house-model"));
  call.event(answer("house-model"));
  HearingUsage heard;
  heard.seconds = 3;
  call.event(heard);
  const CallRecord record = call.session->record(call.now);
  CHECK(record.cost.usd == 0);
  CHECK(record.cost.unpriced_models == std::vector<std::string>{"house-model", "whisper-house"});
  CHECK(record.usage.input_text == 2000);
  CHECK(usage_json(record).find("whisper-house") != std::string::npos);
}

TEST_CASE("prices are the application's", "[cost][call]") {
  auto prices = std::make_shared<PriceList>();
  prices->models["house-model"].audio_out = 1e6;
  CallOptions options = talkative();
  options.prices = prices;
  FakeCall call(options);
  call.connect();
  SpeechUsage usage;
  usage.model = "house-model";
  usage.output_audio = 3;
  call.event(usage);
  CHECK(call.session->record(call.now).cost.usd == 3);
}

TEST_CASE("a budget warns, then says goodbye", "[cost][call]") {
  CallOptions options = talkative();
  options.budget_usd = 2.5 * kAnswerUsd;
  options.budget_warn = 0.5;
  FakeCall call(options);
  call.connect();
  call.agent_says("a", 1s);
  call.event(answer());
  CHECK(call.model().count<AddNote>() == 0);
  call.event(answer());
  REQUIRE(call.model().count<AddNote>() == 1);
  CHECK(call.model().last<AddNote>().kind == AddNote::Kind::rule);
  CHECK(call.session->state() == CallState::talking);
  call.event(answer());
  CHECK(call.model().count<AddNote>() == 1);
  CHECK(call.session->state() == CallState::ending);
  CHECK(call.model().last<Say>().instructions == options.goodbye);
  call.agent_says("bye", 1s);
  call.event(answer());
  call.advance(3s);
  CHECK(call.hang_ups == 1);
  call.session->on_carrier_hangup("normal_clearing", false, call.now);
  CHECK(call.record.end_reason == EndReason::budget);
  const auto told = [](const TimelineEntry& entry) { return entry.kind == "cost"; };
  CHECK(std::count_if(call.record.timeline.begin(), call.record.timeline.end(), told) == 2);
}
