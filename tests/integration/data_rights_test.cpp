// What is kept of a person, printed and removed by the server's program.
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/store/sqlite_store.hpp"
#include "voicebridge/store/supabase_store.hpp"
#include "voicebridge/testing/supabase_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kAda = "+33612345678";
constexpr const char* kEve = "+33612345679";

/// A database with two people: Ada was talked with, called and recorded; Eve left a number.
struct Kept {
  Kept() {
    const SqliteStores stores = open_sqlite_stores(database).value();
    LeadInput input;
    input.first_name = "Ada";
    input.last_name = "Byron";
    input.phone = kAda;
    const std::string ada = stores.leads->save(input)->id;
    input.phone = kEve;
    REQUIRE(stores.leads->save(input));
    std::ofstream(recording) << "RIFF";
    keep(*stores.calls, "web_1", ada, "", "The attic is wet.", "");
    keep(*stores.calls, "call_1", ada, kAda, "It is the roof.", recording);
    keep(*stores.calls, "call_2", "", kAda, "Wrong number.", "");
    keep(*stores.calls, "call_3", "", kEve, "Eve's own.", "");
  }
  void keep(CallStore& calls, const std::string& id, const std::string& lead, const std::string& to,
            const std::string& words, const std::string& file) const {
    StoredCallRecord record;
    record.call.id = id;
    record.call.lead_id = lead;
    record.call.to = to;
    record.call.direction = "outbound";
    record.call.state = "ended";
    record.call.recording = file;
    record.call.created_at = 1782950400000;
    record.transcript.push_back({0, "caller", words, false, words, 0, 0});
    REQUIRE(calls.save_record(record));
  }
  std::string run(const std::string& command, const std::string& phone, int status) const {
    ChildProcess program(VOICEBRIDGE_SERVER, {command, "--phone", phone}, variables);
    const std::string output = program.read_output();
    CHECK(program.wait() == status);
    return output;
  }

  TempDirectory folder;
  const std::string database = folder / "voicebridge.db";
  const std::string recording = folder / "call_1.wav";
  std::map<std::string, std::string> variables = {{"VOICEBRIDGE_DATABASE", database},
                                                  {"VOICEBRIDGE_REGION", "FR"}};
};

}  // namespace

TEST_CASE("what is kept of a person is printed, and of nobody else", "[programs][rights]") {
  const Kept kept;
  // In the form in which a person writes it, too.
  const std::string printed = kept.run("export", "06 12 34 56 78", 0);
  const auto json = Json::parse(printed);
  REQUIRE(json);
  CHECK((*json)["phone"].string() == kAda);
  CHECK((*json)["lead"]["first_name"].string() == "Ada");
  CHECK((*json)["calls"].size() == 3);
  for (const char* words : {"The attic is wet.", "It is the roof.", "Wrong number."}) {
    CAPTURE(words);
    CHECK(printed.find(words) != std::string::npos);
  }
  CHECK(printed.find(kept.recording) != std::string::npos);
  CHECK(printed.find("Eve") == std::string::npos);
  CHECK(kept.run("export", "12", 2).empty());
  const auto nobody = Json::parse(kept.run("export", "+33612345670", 0));
  REQUIRE(nobody);
  CHECK((*nobody)["lead"].is_null());
  CHECK((*nobody)["calls"].size() == 0);
}

TEST_CASE("a person is erased, and nobody else", "[programs][rights]") {
  const Kept kept;
  CHECK(kept.run("erase", kAda, 0) == "erased here: leads 1, calls 3, recordings 1\n");
  CHECK_FALSE(std::filesystem::exists(kept.recording));
  const SqliteStores stores = open_sqlite_stores(kept.database).value();
  CHECK(stores.leads->find_by_phone(kAda).error().code == Errc::not_found);
  CHECK(stores.leads->find_by_phone(kEve));
  CHECK(stores.calls->find("web_1").error().code == Errc::not_found);
  CHECK(stores.calls->find("call_2").error().code == Errc::not_found);
  CHECK(stores.calls->find("call_3")->transcript.size() == 1);
  CHECK(kept.run("erase", kAda, 0) == "erased here: leads 0, calls 0, recordings 0\n");
  CHECK(kept.run("erase", "nonsense", 2).empty());
}

TEST_CASE("a person is erased in Supabase too, or it is said that they are left",
          "[programs][rights]") {
  Kept kept;
  const auto runtime = Runtime::create({}).value();
  const auto supabase = testing::SupabaseSimulator::create(*runtime).value();
  const auto http = make_http_client(*runtime);
  SupabaseOptions options;
  options.url = supabase->base_url();
  options.service_key = Secret("sb_secret_simulated");
  const auto remote = SupabaseLeadStore::create(*http, runtime->shard(0), options).value();
  LeadInput input;
  input.first_name = "Ada";
  input.last_name = "Byron";
  input.phone = kAda;
  REQUIRE(remote->save(input));
  input.phone = kEve;
  REQUIRE(remote->save(input));
  kept.variables["LEAD_STORE"] = "supabase";
  kept.variables["SUPABASE_URL"] = supabase->base_url();
  kept.variables["SUPABASE_SERVICE_ROLE_KEY"] = "sb_secret_simulated";
  supabase->inject({1, 503, Millis(0), false, false});
  CHECK(kept.run("erase", kAda, 1).find("in Supabase") == std::string::npos);
  CHECK(supabase->leads().size() == 2);
  CHECK(kept.run("erase", kAda, 0).find("erased in Supabase: rows 1\n") != std::string::npos);
  REQUIRE(supabase->leads().size() == 1);
  CHECK(supabase->leads().front().phone_e164 == kEve);
}
