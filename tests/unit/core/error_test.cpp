#include "voicebridge/core/error.hpp"

#include <set>

#include "support/catch.hpp"

namespace voicebridge {

TEST_CASE("every error code has a name of its own", "[error]") {
  std::set<std::string_view> names;
  for (int code = static_cast<int>(Errc::cancelled); code <= static_cast<int>(Errc::internal);
       ++code) {
    names.insert(to_string(static_cast<Errc>(code)));
  }
  CHECK(names.size() == 13);
  CHECK(names.count("unknown") == 0);
  CHECK(to_string(static_cast<Errc>(99)) == "unknown");
}

TEST_CASE("an error is one line for a log", "[error]") {
  Error error;
  error.code = Errc::conflict;
  error.message = "call has already ended";
  CHECK(to_string(error) == "conflict: call has already ended");
  error.origin = "telnyx";
  error.http_status = 422;
  error.provider_code = "90018";
  CHECK(to_string(error) == "telnyx 422 90018 conflict: call has already ended");
  error.field = "to";
  CHECK(to_string(error) == "telnyx 422 90018 conflict (to): call has already ended");
}

TEST_CASE("only what may pass by itself is retryable", "[error]") {
  CHECK(fail(Errc::unavailable, "").value().retryable);
  CHECK(fail(Errc::deadline_exceeded, "").value().retryable);
  CHECK_FALSE(fail(Errc::invalid_argument, "").value().retryable);
  CHECK_FALSE(fail(Errc::unauthenticated, "").value().retryable);
}

}  // namespace voicebridge
