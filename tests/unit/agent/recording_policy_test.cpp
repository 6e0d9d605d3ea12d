#include "agent/recording_policy.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

using Then = RecordingPolicy::Step;

RecordingOptions with(RecordingConsent consent) {
  RecordingOptions options;
  options.consent = consent;
  options.announcement = "This call is recorded.";
  return options;
}

}  // namespace

TEST_CASE("a recording without conditions begins with the audio", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::none));
  CHECK(policy.audio_flows() == Then::start);
  CHECK(policy.audio_flows() == Then::none);
  CHECK(policy.person_listens() == Then::none);
  CHECK(policy.over() == Then::stop);
  CHECK(policy.over() == Then::none);
}

TEST_CASE("one that is announced begins when that was heard", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::announced));
  CHECK(policy.audio_flows() == Then::none);
  CHECK(policy.person_listens() == Then::announce);
  CHECK(policy.announcing());
  SECTION("at once") { CHECK(policy.announced(true) == Then::start); }
  SECTION("at the third time") {
    CHECK(policy.announced(false) == Then::announce);
    CHECK(policy.announced(false) == Then::announce);
    CHECK(policy.announced(true) == Then::start);
  }
  SECTION("or never") {
    CHECK(policy.announced(false) == Then::announce);
    CHECK(policy.announced(false) == Then::announce);
    CHECK(policy.announced(false) == Then::none);
    CHECK_FALSE(policy.announcing());
    CHECK(policy.announced(true) == Then::none);
    CHECK(policy.over() == Then::none);
  }
}

TEST_CASE("one that needs consent begins with it and ends with its end", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::agreed));
  policy.person_listens();
  CHECK(policy.consent(true) == Then::none);  // Nobody was asked yet.
  CHECK(policy.announced(true) == Then::none);
  CHECK(policy.awaits_consent());
  SECTION("agreed, and taken back") {
    CHECK(policy.consent(true) == Then::start);
    CHECK(policy.consent(false) == Then::stop);
    CHECK(policy.consent(true) == Then::none);
    CHECK(policy.over() == Then::none);
  }
  SECTION("refused") {
    CHECK(policy.consent(false) == Then::none);
    CHECK(policy.consent(true) == Then::none);
  }
}

TEST_CASE("what is private is in no recording", "[recording]") {
  RecordingPolicy policy(with(RecordingConsent::announced));
  SECTION("it pauses") {
    policy.person_listens();
    CHECK(policy.announced(true) == Then::start);
    CHECK(policy.private_begins() == Then::pause);
    CHECK(policy.private_begins() == Then::none);
    CHECK(policy.private_ends() == Then::resume);
    CHECK(policy.private_ends() == Then::none);
  }
  SECTION("it begins behind it") {
    CHECK(policy.private_begins() == Then::none);
    policy.person_listens();
    CHECK(policy.announced(true) == Then::none);
    CHECK(policy.private_ends() == Then::start);
  }
  SECTION("and not at all when the call ends in it") {
    policy.private_begins();
    policy.person_listens();
    policy.announced(true);
    CHECK(policy.over() == Then::none);
    CHECK(policy.private_ends() == Then::none);
  }
}

TEST_CASE("nobody records where nobody shall", "[recording]") {
  RecordingOptions options = with(RecordingConsent::none);
  options.by = RecordedBy::nobody;
  RecordingPolicy policy(options);
  CHECK(policy.audio_flows() == Then::none);
  CHECK(policy.person_listens() == Then::none);
}
