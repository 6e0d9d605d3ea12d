#include "voicebridge/app/environment.hpp"

#include <cstdlib>
#include <map>

#include "support/catch.hpp"

using namespace voicebridge;

namespace {

Variables variables_of(std::map<std::string, std::string> all) {
  return [all = std::move(all)](const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : found->second;
  };
}

}  // namespace

TEST_CASE("the model's options are read by the server's names", "[app]") {
  const auto options = realtime_options(variables_of({{"OPENAI_API_KEY", "sk-1"},
                                                      {"OPENAI_BASE_URL", "http://127.0.0.1:1/v1"},
                                                      {"OPENAI_REALTIME_MODEL", "gpt-x"},
                                                      {"OPENAI_PROJECT_ID", "proj_1"}}));
  REQUIRE(options);
  CHECK(options->api_key.reveal() == "sk-1");
  CHECK(options->base_url == "http://127.0.0.1:1/v1");
  CHECK(options->model == "gpt-x");
  CHECK(options->project == "proj_1");
}

TEST_CASE("what the environment does not say of the model stays as it is", "[app]") {
  const openai::RealtimeClientOptions usual;
  const auto options = realtime_options(variables_of({{"OPENAI_API_KEY", "sk-1"}}));
  REQUIRE(options);
  CHECK(options->base_url == usual.base_url);
  CHECK(options->model == usual.model);
  CHECK(options->url.empty());
}

TEST_CASE("a variable that is missing is named", "[app]") {
  const auto options = realtime_options(variables_of({}));
  REQUIRE_FALSE(options);
  CHECK(options.error().code == Errc::invalid_argument);
  CHECK(options.error().field == "OPENAI_API_KEY");
  const auto some = variables_of({{"A", "1"}, {"C", "3"}});
  CHECK(need_variables(some, {"A", "C"}));
  CHECK(need_variables(some, {"A", "B", "C"}).error().field == "B");
}

TEST_CASE("the process's variables are read, and those that are not there are empty", "[app]") {
  ::setenv("VOICEBRIDGE_TEST_VARIABLE", "here", 1);
  CHECK(environment_variable("VOICEBRIDGE_TEST_VARIABLE") == "here");
  ::unsetenv("VOICEBRIDGE_TEST_VARIABLE");
  CHECK(environment_variable("VOICEBRIDGE_TEST_VARIABLE").empty());
}
