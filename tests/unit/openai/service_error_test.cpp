// How a session ends, and which errors end it.
#include "openai/service_error.hpp"

#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Harness;
using openai_test::Lines;

TEST_CASE("close waits for the socket, but not for ever") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.told();
  h.session.close(h.now);
  CHECK(h.observer.lines.empty());
  CHECK(h.sink.closed == std::vector<int>{1000});
  SECTION("the socket closes") {
    h.session.on_closed(1000, "", h.now);
    CHECK(h.told() == Lines{"reply cancelled", "closed"});
  }
  SECTION("it does not") {
    h.advance(Millis(1999));
    CHECK(h.told().empty());
    h.advance(Millis(1));
    CHECK(h.told() == Lines{"reply cancelled", "closed"});
  }
  h.session.close(h.now);
  h.session.on_closed(1006, "", h.now);
  h.receive(R"({"type":"session.created","session":{"id":"s"}})");
  h.request(Say{});
  h.interrupt(InterruptCause::policy);
  h.session.append_audio(AudioPayload::from_base64(AudioFormat::pcmu(), "AAAA"), h.now);
  CHECK(h.told().empty());
  CHECK(h.sent().empty());
}

TEST_CASE("a lost connection ends the reply and the session") {
  Harness h;
  h.make_ready();
  h.created("r1");
  h.audio("r1", "a", 20);
  h.told();
  SECTION("gone") {
    h.session.on_closed(1006, "", h.now);
    CHECK(h.told() == Lines{"utterance a cut", "reply failed spoken", "closed unavailable"});
    CHECK(h.observer.last_error.retryable);
  }
  SECTION("the beta is over") {
    h.session.on_closed(4000, "beta", h.now);
    CHECK(h.told() == Lines{"utterance a cut", "reply failed spoken", "closed unavailable fatal"});
  }
}

TEST_CASE("a connection that never was") {
  for (const auto& [status, fatal] :
       {std::pair(0, false), std::pair(401, true), std::pair(403, true), std::pair(404, true),
        std::pair(429, false), std::pair(503, false)}) {
    Harness h;
    h.start();
    Error error;
    error.code = Errc::unavailable;
    error.http_status = status;
    h.session.on_connect_failed(error, h.now);
    CHECK(h.told() == Lines{std::string("closed unavailable") + (fatal ? " fatal" : "")});
    h.session.on_connect_failed(error, h.now);
    CHECK(h.told().empty());
  }
}

TEST_CASE("errors are sorted") {
  const std::pair<const char*, const char*> expected[] = {
      {"response_cancel_not_active", "benign response_cancel_not_active"},
      {"conversation_already_has_active_response",
       "benign conversation_already_has_active_response"},
      {"input_audio_buffer_commit_empty", "benign input_audio_buffer_commit_empty"},
      {"item_truncate_invalid_item_id", "benign item_truncate_invalid_item_id"},
      {"item_delete_invalid_item_id", "benign item_delete_invalid_item_id"},
      {"unsupported_content_type", "benign unsupported_content_type"},
      {"rate_limit_exceeded", "fault rate_limit_exceeded"},
      {"server_error", "fault server_error"},
      {"unknown_parameter", "fault unknown_parameter"},
      {"something_new", "fault something_new"},
      {"", "fault invalid_argument"},
      {"session_expired", "closed unavailable"},
      {"insufficient_quota", "closed resource_exhausted fatal"},
      {"invalid_api_key", "closed unauthenticated fatal"},
      {"model_not_found", "closed not_found fatal"},
      {"beta_api_shape_disabled", "closed unsupported fatal"},
  };
  for (const auto& [code, line] : expected) {
    Harness h;
    h.make_ready();
    h.error(code);
    CHECK(h.told() == Lines{line});
  }
}

TEST_CASE("an error keeps what the service said") {
  Harness h;
  h.make_ready();
  h.error("rate_limit_exceeded", "", "Please try again in 6.2s", "x.y");
  h.told();
  const Error& error = h.observer.last_error;
  CHECK(error.code == Errc::resource_exhausted);
  CHECK(error.message == "Please try again in 6.2s");
  CHECK(error.field == "x.y");
  CHECK(error.origin == "openai");
  CHECK(error.retryable);
  CHECK(error.retry_after == Millis(6200));
}

TEST_CASE("how long to wait is read from the message") {
  const auto wait = [](const char* message, const char* code = "rate_limit_exceeded") {
    ServiceError error;
    error.code = code;
    error.message = message;
    return detail::to_error(error).retry_after;
  };
  CHECK(wait("Rate limit reached. Please try again in 6.2s. Visit x.") == Millis(6200));
  CHECK(wait("Please try again in 520ms.") == Millis(520));
  CHECK(wait("try again in 1m12.5s") == Millis(72500));
  CHECK(wait("try again in 1h2m3s") == Millis(3723000));
  CHECK(wait("try again in 0.0004s") == Millis(1));
  CHECK(wait("try again in 99999999999999999999h") == Millis(24 * 3600 * 1000));
  for (const char* message : {"", "try again in ", "try again in a while", "try again in 5",
                              "try again in s", "try again in 0s", "try again later"}) {
    INFO(message);
    CHECK_FALSE(wait(message));
  }
  CHECK_FALSE(wait("try again in 6s", "insufficient_quota"));
}
