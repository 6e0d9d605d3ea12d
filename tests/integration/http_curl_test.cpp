#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "integration/http_fixture.hpp"
#include "support/temp_directory.hpp"

using namespace voicebridge;
using test::ServerFixture;

namespace {

bool has_curl() { return std::system("curl --version > /dev/null 2>&1") == 0; }

/// What curl prints: the body, a line end, the status. `--expect100-timeout` makes a server that
/// does not answer `100 Continue` a failure instead of a second of waiting.
std::string curl(const std::string& arguments) {
  const std::string command =
      "curl --silent --max-time 10 --expect100-timeout 9 --write-out '\\n%{http_code}' " +
      arguments;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.append(buffer.data(), size);
  }
  ::pclose(pipe);
  return out;
}

}  // namespace

TEST_CASE("curl is served in all its ways") {
  if (!has_curl()) {
    WARN("skipped: curl is not installed");
    return;
  }
  ServerFixture fixture;
  fixture.with_common_routes().start();
  const test::TempDirectory folder;
  const std::string file = (folder / "body").string();
  const std::string body(300'000, 'b');
  std::ofstream(file) << body;

  CHECK(curl(fixture.url("/hello")) == "hello\n200");
  CHECK(curl("--http1.0 " + fixture.url("/hello")) == "hello\n200");
  CHECK(curl("--request POST " + fixture.url("/echo")) == "\n200");
  CHECK(curl("--data-binary @" + file + " -H 'Expect: 100-continue' " + fixture.url("/echo")) ==
        body + "\n200");
  CHECK(curl("--data-binary @" + file + " -H 'Transfer-Encoding: chunked' " +
             fixture.url("/echo")) == body + "\n200");
  CHECK(curl("--data-binary @" + file +
             " -H 'Transfer-Encoding: chunked' -H 'Expect: 100-continue' " +
             fixture.url("/echo")) == body + "\n200");
  CHECK(curl(fixture.url("/nowhere")) ==
        R"({"error":{"code":"not_found","message":"no such path"}})"
        "\n404");
  // h2c: an upgrade that nobody takes is an ordinary request.
  CHECK(curl("--http2 " + fixture.url("/hello")) == "hello\n200");
}
