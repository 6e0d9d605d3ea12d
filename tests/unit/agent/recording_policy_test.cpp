#include "agent/recording_policy.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

using Step = RecordingPolicy::Step;

RecordingOptions with(RecordingConsent consent) {
  RecordingOptions options;
  options.consent = consent;
  options.announcement = "This call is recorded.";
  return options;
}

}  // namespace

TEST_CASE("a recording without conditions begins with the audio", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::none));
  CHECK(policy.audio_flows() == Step::start);
  CHECK(policy.audio_flows() == Step::none);
  CHECK(policy.person_listens() == Step::none);
  CHECK(policy.over() == Step::stop);
  CHECK(policy.over() == Step::none);
}

TEST_CASE("one that is announced begins when that was heard", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::announced));
  CHECK(policy.audio_flows() == Step::none);
  CHECK(policy.person_listens() == Step::announce);
  CHECK(policy.announcing());
  SECTION("at once") { CHECK(policy.announced(true) == Step::start); }
  SECTION("at the third time") {
    CHECK(policy.announced(false) == Step::announce);
    CHECK(policy.announced(false) == Step::announce);
    CHECK(policy.announced(true) == Step::start);
  }
  SECTION("or never") {
    CHECK(policy.announced(false) == Step::announce);
    CHECK(policy.announced(false) == Step::announce);
    CHECK(policy.announced(false) == Step::none);
    CHECK_FALSE(policy.announcing());
    CHECK(policy.announced(true) == Step::none);
    CHECK(policy.over() == Step::none);
  }
}

TEST_CASE("one that needs consent begins with it and ends with its end", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::agreed));
  policy.person_listens();
  CHECK(policy.consent(true) == Step::none);  // Nobody was asked yet.
  CHECK(policy.announced(true) == Step::none);
  CHECK(policy.awaits_consent());
  SECTION("agreed, and taken back") {
    CHECK(policy.consent(true) == Step::start);
    CHECK(policy.consent(false) == Step::stop);
    CHECK(policy.consent(true) == Step::none);
    CHECK(policy.over() == Step::none);
  }
  SECTION("refused") {
    CHECK(policy.consent(false) == Step::none);
    CHECK(policy.consent(true) == Step::none);
  }
}

TEST_CASE("what is private is in no recording", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::announced));
  SECTION("it pauses") {
    policy.person_listens();
    CHECK(policy.announced(true) == Step::start);
    CHECK(policy.private_begins() == Step::pause);
    CHECK(policy.private_begins() == Step::none);
    CHECK(policy.private_ends() == Step::resume);
    CHECK(policy.private_ends() == Step::none);
  }
  SECTION("it begins behind it") {
    CHECK(policy.private_begins() == Step::none);
    policy.person_listens();
    CHECK(policy.announced(true) == Step::none);
    CHECK(policy.private_ends() == Step::start);
  }
  SECTION("and not at all when the call ends in it") {
    policy.private_begins();
    policy.person_listens();
    policy.announced(true);
    CHECK(policy.over() == Step::none);
    CHECK(policy.private_ends() == Step::none);
  }
}

TEST_CASE("nobody records where nobody shall", "[recording]") {
  RecordingOptions options = with(RecordingConsent::none);
  options.by = RecordedBy::nobody;
  RecordingPolicy policy(options);
  CHECK(policy.audio_flows() == Step::none);
  CHECK(policy.person_listens() == Step::none);
}
