#include "openai/media_policy.hpp"

#include "support/catch.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using detail::MediaPolicy;

namespace {

using Stop = std::pair<bool, bool>;  ///< cancel, clear

Stop stop(MediaOwner owner, InterruptCause cause, MediaPolicy::Sound sound,
          TurnDetection turns = {}) {
  const auto told = MediaPolicy(owner).stop(cause, turns, sound);
  return {told.cancel, told.clear};
}

SessionConfig whole() {
  SpeechSpec spec;
  spec.input = spec.output = AudioFormat::pcmu();
  spec.instructions = "Be kind.";
  spec.voice = "marin";
  spec.transcription_model = "gpt-transcribe";
  spec.tools = {{"look", "", "{}"}};
  SessionConfig base;
  base.model = "m";
  base.max_output_tokens = TokenLimit{100};
  return session_config(spec, base).value();
}

ServiceError about(const char* param) {
  ServiceError error;
  error.code = "unknown_parameter";
  error.param = param;
  return error;
}

}  // namespace

TEST_CASE("who stops the answer when the caller speaks") {
  constexpr auto kBargeIn = InterruptCause::barge_in;
  constexpr auto kClient = MediaOwner::client, kService = MediaOwner::service;
  CHECK(stop(kClient, kBargeIn, {true, true, true}) == Stop(false, false));
  CHECK(stop(kClient, kBargeIn, {true, false, true}) == Stop(true, false));
  CHECK(stop(kClient, kBargeIn, {false, false, true}) == Stop(false, false));
  for (const bool runs : {true, false}) {
    CHECK(stop(kService, kBargeIn, {runs, false, true}) == Stop(false, false));
  }
  TurnDetection turns;
  turns.interrupt = false;
  CHECK(stop(kService, kBargeIn, {true, false, true}, turns) == Stop(true, true));
  CHECK(stop(kService, kBargeIn, {false, false, true}, turns) == Stop(false, true));
  turns.interrupt = true;
  turns.mode = TurnDetection::Mode::manual;
  CHECK(stop(kService, kBargeIn, {true, false, true}, turns) == Stop(true, true));
}

TEST_CASE("who stops the answer when the application wants silence") {
  constexpr auto kPolicy = InterruptCause::policy;
  CHECK(stop(MediaOwner::client, kPolicy, {true, true, true}) == Stop(true, false));
  CHECK(stop(MediaOwner::client, kPolicy, {false, false, true}) == Stop(false, false));
  CHECK(stop(MediaOwner::service, kPolicy, {true, false, false}) == Stop(true, true));
  CHECK(stop(MediaOwner::service, kPolicy, {false, false, true}) == Stop(false, true));
  CHECK(stop(MediaOwner::service, kPolicy, {false, false, false}) == Stop(false, false));
}

TEST_CASE("an attached session names only what may change in a call") {
  CHECK(MediaPolicy().configuration(whole()) == whole());
  const SessionConfig part = MediaPolicy(MediaOwner::service).configuration(whole());
  CHECK(part.instructions == "Be kind.");
  REQUIRE(part.tools);
  CHECK(part.tools->size() == 1);
  CHECK(part.audio.input.transcription);
  REQUIRE(part.audio.input.turn_detection);
  CHECK(part.audio.input.turn_detection->threshold == 0.5);
  CHECK_FALSE(part.audio.input.format);
  CHECK_FALSE(part.audio.output.format);
  CHECK_FALSE(part.audio.output.voice);
  CHECK_FALSE(part.model);
  CHECK_FALSE(part.max_output_tokens);
  SpeechPatch patch;
  patch.input = patch.output = AudioFormat::pcma();
  patch.instructions = "New.";
  CHECK(MediaPolicy().change(patch).input == AudioFormat::pcma());
  const SpeechPatch changed = MediaPolicy(MediaOwner::service).change(patch);
  CHECK_FALSE(changed.input);
  CHECK_FALSE(changed.output);
  CHECK(changed.instructions == "New.");
}

TEST_CASE("tuning of the turn detection gives way in two steps") {
  const ServiceError refused = about("session.audio.input.turn_detection.threshold");
  CHECK_FALSE(MediaPolicy().give_way(refused));
  MediaPolicy policy(MediaOwner::service);
  CHECK_FALSE(policy.give_way(about("session.tools")));
  REQUIRE(policy.give_way(refused));
  const SessionConfig kind = policy.configuration(whole());
  REQUIRE(kind.audio.input.turn_detection);
  CHECK(kind.audio.input.turn_detection->type == "server_vad");
  CHECK(kind.audio.input.turn_detection->create_response == true);
  CHECK(kind.audio.input.turn_detection->interrupt_response == true);
  CHECK_FALSE(kind.audio.input.turn_detection->threshold);
  CHECK_FALSE(kind.audio.input.turn_detection->silence_duration_ms);
  REQUIRE(policy.give_way(refused));
  CHECK(policy.configuration(whole()).audio.input.turn_detection.is_left_out());
  CHECK_FALSE(policy.give_way(refused));
}

TEST_CASE("what ends a call that the service carries") {
  const MediaPolicy attached(MediaOwner::service);
  for (const std::uint16_t code : {1000, 1005}) {
    CHECK(attached.is_end_of_call(code));
    CHECK_FALSE(MediaPolicy().is_end_of_call(code));
  }
  for (const std::uint16_t code : {1001, 1006, 1011, 4000}) {
    CHECK_FALSE(attached.is_end_of_call(code));
  }
  Error error;
  error.http_status = 404;
  CHECK(attached.is_end_of_call(error));
  CHECK_FALSE(MediaPolicy().is_end_of_call(error));
  error.http_status = 400;
  CHECK_FALSE(attached.is_end_of_call(error));
  error.provider_code = "call_id_not_found";
  CHECK(attached.is_end_of_call(error));
}
