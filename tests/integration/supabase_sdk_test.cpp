// The official JavaScript SDK of Supabase as the application of the simulator.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/supabase_simulator.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

const std::string kFolder = VOICEBRIDGE_TEST_DATA "/../integration/supabase_sdk/";

std::string output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  CHECK(::pclose(pipe) == 0);
  return output;
}

void check_written(JsonView seen) {
  CHECK(seen["inserted"].dump() == R"({"status":201,"data":{"id":"lead_1","consent":false}})");
  CHECK(seen["quietly"].dump() == R"({"status":201,"data":null})");
  CHECK(seen["several"].dump() ==
        R"({"status":201,"data":[{"id":"lead_3","summary":""},{"id":"lead_4","summary":"told"}]})");
  CHECK(seen["known"].dump() == R"({"status":200,"data":[{"id":"lead_1","first_name":"Zoe"}]})");
  CHECK(seen["ignored"].dump() == R"({"status":201,"data":[]})");
  CHECK(seen["updated"].dump() == R"({"status":200,"data":[{"id":"lead_2","consent":true}]})");
  CHECK(seen["nobody"].dump() == R"({"status":200,"data":[]})");
  CHECK(seen["removed"].dump() == R"({"status":204,"data":null,"count":1})");
}

void check_read(JsonView seen) {
  CHECK(seen["by_phone"].dump() == R"({"status":200,"data":[{"id":"lead_1"}]})");
  CHECK(seen["some"].dump() == R"({"status":200,"data":[{"id":"lead_3"},{"id":"lead_1"}]})");
  CHECK(seen["consenting"].dump() == R"({"status":200,"data":[{"id":"lead_2"}]})");
  CHECK(seen["page"].dump() == R"({"status":206,"data":[{"id":"lead_2"}],"count":3})");
  CHECK(seen["counted"]["count"].dump() == "3");
  CHECK(seen["counted"]["status"].dump() == "200");
  CHECK(seen["none"].dump() == R"({"status":200,"data":null})");
  CHECK(seen["all"].dump() == R"({"status":200,"data":[{"id":"lead_1"},{"id":"lead_3"}]})");
}

/// "409 23505": the status and the code of an error.
std::string refusal(JsonView answer) {
  return answer["status"].dump() + " " + std::string(answer["error"]["code"].string_or("-"));
}

void check_refused(JsonView seen) {
  // All of an error, as PostgREST documents it.
  CHECK(seen["duplicate"].dump() ==
        R"({"status":409,"error":{"code":"23505",)"
        R"("message":"duplicate key value violates unique constraint \"leads_phone_e164_key\"",)"
        R"("details":"Key (phone_e164)=(+33612345601) already exists.","hint":null}})");
  CHECK(seen["beyond"].dump() ==
        R"({"status":416,"error":{"code":"PGRST103","message":"Requested range not satisfiable",)"
        R"("details":"An offset of 50 was requested, but there are only 3 rows.","hint":null}})");
  CHECK(seen["not_one"].dump() == R"({"status":406,"error":{"code":"PGRST116",)"
                                  R"("message":"Cannot coerce the result to a single JSON object",)"
                                  R"("details":"The result contains 3 rows","hint":null}})");
  CHECK(refusal(seen["one_of_many"]) == "409 23505");
  CHECK(refusal(seen["null_name"]) == "400 23502");
  CHECK(refusal(seen["bad_phone"]) == "400 23514");
  CHECK(refusal(seen["bad_column"]) == "400 PGRST204");
  CHECK(refusal(seen["bad_filter"]) == "400 42703");
  CHECK(refusal(seen["no_filter"]) == "400 21000");
  CHECK(refusal(seen["not_one_changed"]) == "406 PGRST116");
  CHECK(refusal(seen["bad_table"]) == "404 PGRST205");
  CHECK(refusal(seen["stranger"]) == "401 42501");
  CHECK(refusal(seen["wrong_key"]) == "401 -");
  CHECK(seen["wrong_key"]["error"]["message"].string() == "Invalid API key");
}

}  // namespace

TEST_CASE("the official SDK works against the simulator as against the service", "[supabase]") {
  const std::string probe =
      "cd " + kFolder + " && node -e \"require('@supabase/supabase-js')\" >/dev/null 2>&1";
  if (std::system(probe.c_str()) != 0) {
    WARN("skipped: node, or the package of tests/integration/supabase_sdk, is not installed");
    return;
  }
  const auto runtime = Runtime::create().value();
  const auto supabase = SupabaseSimulator::create(*runtime).value();
  const SupabaseSimulatorOptions keys;
  const std::string printed = output_of(
      "cd " + kFolder + " && timeout 60 node interop.cjs " + supabase->base_url() + " " +
      keys.secret_key + " " + keys.publishable_key + " " + keys.service_jwt + " 2>/dev/null");
  CAPTURE(printed);
  const auto seen = Json::parse(printed);
  REQUIRE(seen);
  check_written((*seen)["written"]);
  check_read((*seen)["read"]);
  check_refused((*seen)["refused"]);
  CHECK((*seen)["by_jwt"].dump() ==
        R"({"status":200,"data":[{"id":"lead_1"},{"id":"lead_2"},{"id":"lead_3"}],"count":3})");
  // What was refused has changed nothing.
  REQUIRE(supabase->leads().size() == 3);
  for (const Lead& lead : supabase->leads()) CHECK(lead.summary.empty());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
