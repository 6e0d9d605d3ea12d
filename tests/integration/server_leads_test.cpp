// LEAD_STORE=supabase: the server's program as it is built, with Supabase and its troubles outside.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "integration/http_fixture.hpp"
#include "integration/leave_number.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/raw_socket.hpp"
#include "support/temp_directory.hpp"
#include "support/tries.hpp"
#include "voicebridge/testing/supabase_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

std::string phone_of(int number) { return "+336" + std::to_string(12'000'000 + number); }

std::vector<std::string> phones_of(int first, int end) {
  std::vector<std::string> phones;
  for (int number = first; number < end; ++number) phones.push_back(phone_of(number));
  return phones;
}

/// Standard error goes to a file as long as this lives; programs that are started have it so.
class StderrTo {
 public:
  explicit StderrTo(const std::string& path) : kept_(::dup(STDERR_FILENO)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }
  StderrTo(const StderrTo&) = delete;
  StderrTo& operator=(const StderrTo&) = delete;
  ~StderrTo() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }

 private:
  const int kept_;
};

/// Supabase, and servers one after another with one file.
struct House {
  House() { variables["SUPABASE_URL"] = supabase->base_url(); }

  void open() {
    port = unused_port();
    variables["PORT"] = std::to_string(port);
    variables["PUBLIC_APP_URL"] = "http://127.0.0.1:" + std::to_string(port);
    server = std::make_unique<ChildProcess>(VOICEBRIDGE_SERVER, std::vector<std::string>{"serve"},
                                            variables);
    REQUIRE(server->read_line().find("voicebridge-server") == 0);
  }
  std::string doctor() const {
    ChildProcess program(VOICEBRIDGE_SERVER, {"doctor"}, variables);
    std::string output = program.read_output();
    CHECK(program.wait() == 1);  // There is no model here.
    return output;
  }
  std::string log() const {
    std::ifstream file(folder / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> phones() const {
    std::vector<std::string> phones;
    for (const Lead& lead : supabase->leads()) phones.push_back(lead.phone_e164);
    return phones;
  }
  bool arrive(const std::vector<std::string>& wanted) const {
    return eventually([&] { return phones() == wanted; });
  }

  std::unique_ptr<Runtime> runtime = Runtime::create({}).value();
  std::unique_ptr<testing::SupabaseSimulator> supabase =
      testing::SupabaseSimulator::create(*runtime).value();
  TempDirectory folder;
  std::uint16_t port = 0;
  std::map<std::string, std::string> variables = {
      {"OPENAI_API_KEY", "sk-test"},
      {"PUBLIC_APP_URL", "http://127.0.0.1:1"},
      {"OPENAI_BASE_URL", "http://127.0.0.1:1/v1"},
      {"TELNYX_API_KEY", "KEY_TEST"},
      {"TELNYX_PUBLIC_KEY", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
      {"TELNYX_CALL_CONTROL_APP_ID", "1"},
      {"TELNYX_OUTBOUND_CALLER_ID", "+12025550100"},
      {"LEAD_STORE", "supabase"},
      {"SUPABASE_SERVICE_ROLE_KEY", "sb_secret_simulated"},
      {"VOICEBRIDGE_DATABASE", folder / "voicebridge.db"},
      {"VOICEBRIDGE_LOG", "warn"}};
  std::unique_ptr<ChildProcess> server;
};

}  // namespace

TEST_CASE("a lead that the tool saves is in Supabase, or waits for it, and visitors see success",
          "[programs][supabase]") {
  House house;
  const StderrTo log(house.folder / "log");
  house.open();
  REQUIRE(leave_number(house.port, phone_of(0)));
  CHECK(house.arrive(phones_of(0, 1)));
  CHECK(house.supabase->leads().front().first_name == "Ada");
  CHECK(house.supabase->leads().front().consent);
  house.supabase->go_down();
  for (int number = 1; number < 6; ++number) REQUIRE(leave_number(house.port, phone_of(number)));
  // Again, while it waits: one lead still, in its place.
  REQUIRE(leave_number(house.port, phone_of(2)));
  REQUIRE(eventually(
      [&] { return house.log().find("a lead waits to be copied") != std::string::npos; }));
  CHECK(house.phones() == phones_of(0, 1));
  REQUIRE(house.supabase->come_back());
  CHECK(house.arrive(phones_of(0, 6)));
  CHECK(house.log().find(phone_of(1)) == std::string::npos);
  CHECK(house.log().find("Byron") == std::string::npos);
}

TEST_CASE("a key that Supabase refuses is told by the doctor and the log, and loses no lead",
          "[programs][supabase]") {
  House house;
  CHECK(house.doctor().find("ok    Supabase                    the key works") !=
        std::string::npos);
  house.variables["SUPABASE_SERVICE_ROLE_KEY"] = "sb_secret_of_another_project";
  const std::string told = house.doctor();
  CAPTURE(told);
  CHECK(told.find("FAIL  Supabase                    the key is refused: check "
                  "SUPABASE_SERVICE_ROLE_KEY") != std::string::npos);
  CHECK(told.find("sb_secret_of_another_project") == std::string::npos);
  {
    const StderrTo log(house.folder / "log");
    house.open();
    REQUIRE(leave_number(house.port, phone_of(0)));
    REQUIRE(eventually(
        [&] { return house.log().find("the service key is not accepted") != std::string::npos; }));
    CHECK(house.log().find("sb_secret_of_another_project") == std::string::npos);
    house.server->kill();
  }
  house.supabase->go_down();
  CHECK(house.doctor().find("FAIL  Supabase                    gives no leads") !=
        std::string::npos);
  REQUIRE(house.supabase->come_back());
  house.variables["SUPABASE_SERVICE_ROLE_KEY"] = "sb_secret_simulated";
  house.open();
  CHECK(house.arrive(phones_of(0, 1)));
}

// Timeouts, refusals and lost answers are drawn by the simulator; cut connections and kill -9 come
// from here, while leads are saved and while they are copied.
TEST_CASE("500 leads are 500 rows, whatever Supabase does and however often the server is killed",
          "[programs][supabase][crash]") {
  House house;
  const StderrTo log(house.folder / "log");
  const int count = static_cast<int>(tries(500));
  const int each = std::max(1, count / 10);
  house.supabase->set_trouble(30, 5);
  house.open();
  for (int number = 0; number < count; ++number) {
    // Asked twice, with a server that is gone in between, it is the same lead.
    while (!leave_number(house.port, phone_of(number))) house.open();
    if (number % each == each / 2) house.supabase->go_down();
    if (number % each == each - 1) {
      REQUIRE(house.supabase->come_back());
      house.server->kill();
    }
  }
  const std::uint64_t faults = house.supabase->faults();
  CHECK(faults > 0);
  // A request without an answer takes the server seconds: fewer of them now.
  house.supabase->set_trouble(3, 6);
  for (int killed = 0; killed < 3; ++killed) {
    house.open();
    const std::size_t before = house.supabase->leads().size();
    REQUIRE(eventually([&] {
      const std::size_t now = house.supabase->leads().size();
      return now == static_cast<std::size_t>(count) || now >= before + 20;
    }));
    house.server->kill();
  }
  house.open();
  REQUIRE(eventually(
      [&] { return house.supabase->leads().size() == static_cast<std::size_t>(count); }));
  std::vector<std::string> phones = house.phones();
  CHECK(phones == phones_of(0, count));  // In order, too.
  // And it is over: nothing comes twice, or after all.
  house.supabase->set_trouble(0, 0);
  REQUIRE(leave_number(house.port, phone_of(count)));
  CHECK(house.arrive(phones_of(0, count + 1)));
}
