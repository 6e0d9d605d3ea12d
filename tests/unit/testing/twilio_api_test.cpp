// Twilio's REST interface: who may ask, what is refused, what is answered.
#include "unit/testing/twilio_town.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

TEST_CASE("Twilio wants the account's token, or a key's secret, and its account in the path",
          "[twilio_sim]") {
  TwilioTown town;
  CHECK(town.summary("GET", "/Calls.json") == "200");
  town.credentials = "SK00000000000000000000000000000003:simulated";
  CHECK(town.summary("GET", "/Calls.json") == "200");
  town.account = "AC00000000000000000000000000000009";
  CHECK(town.summary("GET", "/Calls.json") == "401 20003");
  town.account = "AC00000000000000000000000000000001";
  town.credentials = "SK00000000000000000000000000000003:guessed";
  const auto refused = town.ask("GET", "/Calls.json").response;
  CHECK(refused.status == 401);
  CHECK(refused.headers.find("www-authenticate") == "Basic realm=\"Twilio API\"");
  const Json sample = twilio_sample("rest_error_401");
  CHECK(Json::parse(refused.body).value().root() == sample["response"]["body"]);
}

TEST_CASE("Twilio refuses calls that are not complete, each with its code", "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.numbers = {"+15550100200"};
  TwilioTown town(options);
  const auto create = [&](const FormFields& form) {
    return town.summary("POST", "/Calls.json", form);
  };
  const FormFields good = {{"To", "+15550100100"}, {"From", "+15550100200"}};
  CHECK(create({{"From", "+15550100200"}}) == "400 21201");
  CHECK(create({{"To", "+15550100100"}}) == "400 21213");
  CHECK(create({{"To", "12"}, {"From", "+15550100200"}, {"Url", "http://a"}}) == "400 21211");
  CHECK(create({{"To", "+15550100100"}, {"From", "12"}, {"Url", "http://a"}}) == "400 21212");
  CHECK(create({{"To", "+15550100100"}, {"From", "+15550100999"}}) == "400 21210");
  CHECK(create(good) == "400 21205");
  CHECK(create(TwilioTown::with(good, {{"Url", "ftp://a"}})) == "400 21205");
  CHECK(create(TwilioTown::with(good, {{"Twiml", std::string(4001, ' ')}})) == "400 21223");
  CHECK(town.carrier.calls().empty());
  CHECK(create(TwilioTown::with(good, {{"Twiml", std::string(4000, ' ')}, {"Strange", "x"}})) ==
        "201");
  // With the token of the call its caller's number will do.
  CHECK(create({{"To", "+15550100100"},
                {"From", "+15550100999"},
                {"CallToken", "t"},
                {"Twiml", kStreamTwiml}}) == "201");
}

TEST_CASE("what Twilio answers has the fields of the samples", "[twilio_sim]") {
  TwilioTown town;
  const FormFields form = {
      {"To", "+15550100100"}, {"From", "+15550100200"}, {"Url", "http://app.test/voice"}};
  town.pages["/voice"] = "<Response><Pause length=\"3\"/></Response>";
  const Json created = Json::parse(town.ask("POST", "/Calls.json", form).response.body).value();
  const Json sample = twilio_sample("rest_call_create");
  CHECK(names_of(created) == names_of(sample["response"]["body"]));
  CHECK(created["status"].string_or("") == "queued");
  for (const char* name : {"start_time", "end_time", "duration", "price", "date_created"}) {
    CAPTURE(name);
    CHECK(created[name].is_null());
  }
  const std::string sid = created["sid"].string_or("");
  CHECK(sid.size() == 34);
  town.run(Millis(5000));
  const Json over = town.get("/Calls/" + sid + ".json");
  CHECK(over["status"].string_or("") == "completed");
  CHECK(over["duration"].string_or("") == "3");
  CHECK(over["end_time"].string_or("").substr(0, 16) == "Fri, 21 Nov 2025");
  CHECK(over["price"].string_or("")[0] == '-');

  CHECK(town.update(sid, {{"Status", "completed"}}) == "400 21220");
  const Json refused =
      Json::parse(
          town.ask("POST", "/Calls/" + sid + ".json", {{"Twiml", "<Response/>"}}).response.body)
          .value();
  CHECK(refused.root() == twilio_sample("rest_error_400_call_not_in_progress")["response"]["body"]);
  CHECK(town.summary("GET", "/Calls/CA0.json") == "404 20404");
  CHECK(town.summary("GET", "/Calls/" + sid + "/Payments.json") == "404 20404");
  CHECK(town.summary("DELETE", "/Calls/" + sid + ".json") == "204");
}

TEST_CASE("calls are listed newest first, by page and by what is asked for", "[twilio_sim]") {
  TwilioTown town;
  std::vector<std::string> sids;
  for (int i = 0; i < 5; ++i) sids.push_back(town.dial(kStreamTwiml));
  town.run(Millis(1000));
  CHECK(town.update(sids[2], {{"Status", "completed"}}) == "200");
  const Json page = town.get("/Calls.json", {{"PageSize", "2"}, {"Page", "1"}});
  REQUIRE(page["calls"].size() == 2);
  CHECK(page["calls"].at(0)["sid"].string_or("") == sids[2]);
  CHECK(page["next_page_uri"].string_or("").find("PageSize=2&Page=2") != std::string::npos);
  CHECK(page["previous_page_uri"].string_or("").find("Page=0") != std::string::npos);
  CHECK(town.get("/Calls.json", {{"Status", "in-progress"}})["calls"].size() == 4);
  CHECK(town.get("/Calls.json", {{"To", "+15550100101"}})["calls"].size() == 0);
}

TEST_CASE("the limits of an account, and failures made to order", "[twilio_sim]") {
  auto options = TwilioTown::default_options();
  options.call_limit = 1;
  options.rate_limit = 5;
  TwilioTown town(options);
  const FormFields form = {
      {"To", "+15550100100"}, {"From", "+15550100200"}, {"Twiml", kStreamTwiml}};
  SECTION("calls at a time") {
    CHECK(town.summary("POST", "/Calls.json", form) == "201");
    CHECK(town.summary("POST", "/Calls.json", form) == "429 20429");
  }
  SECTION("requests a second") {
    for (int i = 0; i < 5; ++i) CHECK(town.summary("GET", "/Calls.json") == "200");
    CHECK(town.summary("GET", "/Calls.json") == "429 20429");
    town.run(Millis(1000));
    CHECK(town.summary("GET", "/Calls.json") == "200");
  }
  SECTION("an answer that never comes, of a call that is made") {
    SimApiFault lost;
    lost.command = "dial";
    lost.status = 0;
    lost.effective = true;
    town.carrier.inject(lost);
    CHECK_FALSE(town.ask("POST", "/Calls.json", form).answered);
    CHECK(town.carrier.calls().size() == 1);
    CHECK(town.carrier.requests().back().status == 0);
  }
  SECTION("429, once") {
    SimApiFault busy;
    busy.status = 429;
    town.carrier.inject(busy);
    CHECK(town.summary("POST", "/Calls.json", form) == "429 20429");
    CHECK(town.carrier.calls().empty());
    CHECK(town.summary("POST", "/Calls.json", form) == "201");
  }
  SECTION("one call a second") {
    auto slow = TwilioTown::default_options();
    slow.create_spacing = Millis(1000);
    TwilioTown queue(slow);
    const std::string first = queue.dial(kStreamTwiml);
    const std::string second = queue.dial(kStreamTwiml);
    queue.run(Millis(900));
    CHECK(queue.status(first) == "in-progress");
    CHECK(queue.status(second) == "queued");
    CHECK(queue.get("/Calls/" + second + ".json")["queue_time"].string_or("") == "1000");
    queue.run(Millis(1000));
    CHECK(queue.status(second) == "in-progress");
  }
}

TEST_CASE("what was asked is recorded in the words of every carrier", "[twilio_sim]") {
  TwilioTown town;
  const std::string sid = town.dial(kStreamTwiml);
  town.run(Millis(500));
  town.update(sid, {{"Twiml", "<Response><Say>Sorry.</Say></Response>"}});
  town.update(sid, {{"Twiml", "<Response><Dial>+15550100300</Dial></Response>"}});
  town.update(sid, {{"Url", "http://app.test/more"}});
  town.update(sid, {{"Status", "completed"}});
  std::string commands;
  for (const SimApiRecord& request : town.carrier.requests()) {
    CHECK(request.call_id == sid);
    commands += request.command + " ";
  }
  CHECK(commands == "dial speak transfer redirect hangup ");
}

TEST_CASE("a call is recorded, and told of it", "[twilio_sim]") {
  TwilioTown town;
  const std::string sid = town.dial(kStreamTwiml);
  CHECK(town.summary("POST", "/Calls/" + sid + "/Recordings.json") == "400 21220");
  town.run(Millis(500));
  const Json made =
      Json::parse(town.ask("POST", "/Calls/" + sid + "/Recordings.json",
                           {{"RecordingChannels", "dual"},
                            {"RecordingStatusCallback", "http://app.test/rec"},
                            {"RecordingStatusCallbackEvent", "in-progress completed"}})
                      .response.body)
          .value();
  const std::string recording = made["sid"].string_or("");
  CHECK(recording.substr(0, 2) == "RE");
  CHECK(made["channels"].integer_or(0) == 2);
  const std::string path = "/Calls/" + sid + "/Recordings/";
  CHECK(town.summary("POST", path + recording + ".json", {{"Status", "paused"}}) == "200");
  town.run(Millis(2000));
  CHECK(town.summary("POST", path + "Twilio.CURRENT.json", {{"Status", "stopped"}}) == "200");
  CHECK(town.summary("POST", path + "Twilio.CURRENT.json", {{"Status", "stopped"}}) == "404 20404");
  town.run(Millis(2000));
  CHECK(town.told("/rec", "RecordingStatus") == "in-progress completed");
  CHECK(town.at("/rec")[1].field("RecordingDuration") == "2");
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
