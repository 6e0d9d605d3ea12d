// Conferences: the documented flow of a warm transfer, and who hears whom.
#include "unit/testing/twilio_town.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

/// A customer in a conference, told of everything.
struct Room : TwilioTown {
  Room() {
    pages["/voice"] =
        "<Response><Dial action=\"/after\"><Conference participantLabel=\"customer\" "
        "endConferenceOnExit=\"true\" statusCallback=\"http://app.test/conf\" "
        "statusCallbackEvent=\"start end join leave mute hold modify announcement\">\n  room  \n"
        "</Conference></Dial></Response>";
    pages["/after"] = "<Response><Hangup/></Response>";
    pages["/conf"] = "ok";
    customer = call_in(speaker());
  }
  /// Speaks all the time.
  static CallPlan speaker() {
    CallPlan plan = twilio_plan(R"({"ring_ms":300,"script":[{"tone":440,"ms":60000}]})");
    return plan;
  }
  std::string add(const char* label, const FormFields& more = {}, CallPlan plan = speaker()) {
    const std::string number = "+1555010030" + std::to_string(added++);
    carrier.plan_next(number, std::move(plan));
    const FormFields form =
        with({{"From", "+15550100200"}, {"To", number}, {"Label", label}}, more);
    const HttpResponse response = ask("POST", "/Conferences/room/Participants.json", form).response;
    REQUIRE(response.status == 201);
    const Json made = Json::parse(response.body).value();
    CHECK(made["status"].string_or("") == "queued");
    CHECK(names_of(made) ==
          names_of(twilio_sample("rest_participant_create_virtual_agent")["response"]["body"]));
    return made["call_sid"].string_or("");
  }
  std::string conference() {
    return get("/Conferences.json", {{"FriendlyName", "room"}})["conferences"]
        .at(0)["sid"]
        .string_or("");
  }
  std::string events() const { return told("/conf", "StatusCallbackEvent"); }
  std::string change(const std::string& who, const FormFields& form) {
    return summary("POST", "/Conferences/room/Participants/" + who + ".json", form);
  }
  /// Who of the others heard `speaker` in the next 200 ms, by the letters of their names.
  std::string heard(const std::string& speaker, const std::map<char, std::string>& others) {
    std::map<char, Millis> before;
    for (const auto& [name, sid] : others) before[name] = carrier.heard_from(sid, speaker);
    run(Millis(200));
    std::string names;
    for (const auto& [name, sid] : others) {
      if (carrier.heard_from(sid, speaker) > before[name]) names += name;
    }
    return names;
  }
  std::string customer;
  int added = 0;
};

}  // namespace

TEST_CASE("a warm transfer in a conference, event by event as the samples have it",
          "[twilio_sim]") {
  Room room;
  room.run(Millis(100));
  const std::string agent = room.add("virtual agent");
  CHECK(room.get("/Conferences.json")["conferences"].at(0)["status"].string_or("") == "init");
  room.run(Millis(600));
  const std::string human = room.add("human agent");
  room.run(Millis(600));
  CHECK(room.update(agent, {{"Status", "completed"}}) == "200");
  room.run(Millis(300));
  const Json people = room.get("/Conferences/" + room.conference() + "/Participants.json");
  REQUIRE(people["participants"].size() == 2);
  CHECK(people["participants"].at(0)["label"].string_or("") == "human agent");
  CHECK(names_of(people) == names_of(twilio_sample("rest_participants_list")["response"]["body"]));
  CHECK(room.update(room.customer, {{"Status", "completed"}}) == "200");
  room.run(Millis(300));
  CHECK(room.events() ==
        "participant-join participant-join conference-start participant-join participant-leave "
        "participant-leave participant-leave conference-end");
  CHECK(room.told("/conf", "SequenceNumber") == "1 2 3 4 5 6 7 8");
  const auto told = room.at("/conf");
  const auto same = [&](std::size_t i, const char* sample) {
    CAPTURE(sample);
    CHECK(names_of(told.at(i).fields) == names_of(twilio_sample(sample)["fields"]));
  };
  same(0, "hook_conference_1_join_customer");
  same(1, "hook_conference_2_join_virtual_agent");
  same(2, "hook_conference_3_start");
  same(3, "hook_conference_4_join_human");
  same(4, "hook_conference_5_leave_virtual_agent");
  same(7, "hook_conference_6_end");
  CHECK(told[4].field("ReasonParticipantLeft") == "participant_updated_via_api");
  CHECK(told[6].field("ReasonParticipantLeft") == "moderator_ended_conference");
  CHECK(told[7].field("ReasonConferenceEnded") == "participant-with-end-conference-on-exit-left");
  CHECK(told[7].field("CallSidEndingConference") == room.customer);
  CHECK(room.status(human) == "completed");
  CHECK(room.carrier.active_calls() == 0);
  // The next conference of the name is another one.
  const std::string old = room.conference();
  room.call_in(Room::speaker());
  CHECK(room.conference() != old);
}

TEST_CASE("a participant who cannot be reached leaves the conference with the reason",
          "[twilio_sim]") {
  Room room;
  const std::string human =
      room.add("human agent", {}, twilio_plan(R"({"outcome":"no_answer","ring_ms":300})"));
  room.run(Millis(1000));
  CHECK(room.events() == "participant-join participant-leave");
  const auto told = room.at("/conf");
  CHECK(names_of(told.at(1).fields) ==
        names_of(twilio_sample("hook_conference_human_add_failed")["fields"]));
  CHECK(told[1].field("ReasonParticipantLeft") == "participant_add_failed");
  CHECK(told[1].field("ParticipantCallStatus") == "no-answer");
  CHECK(room.status(human) == "no-answer");
  CHECK(room.status(room.customer) == "in-progress");
}

TEST_CASE("who hears whom: before the start, muted, on hold, coached, announced to",
          "[twilio_sim]") {
  Room room;
  CHECK(room.heard(room.customer, {}).empty());
  const std::string agent = room.add("agent");
  const std::string boss = room.add("boss");
  const std::map<char, std::string> all = {{'c', room.customer}, {'a', agent}, {'b', boss}};
  room.run(Millis(600));
  CHECK(room.heard(room.customer, all) == "ab");
  CHECK(room.heard(agent, all) == "bc");
  SECTION("muted: listens only") {
    CHECK(room.change("agent", {{"Muted", "TRUE"}}) == "200");
    CHECK(room.heard(agent, all).empty());
    CHECK(room.heard(boss, all) == "ac");
    CHECK(room.change(agent, {{"Muted", "false"}}) == "200");
    CHECK(room.heard(agent, all) == "bc");
  }
  SECTION("on hold: neither heard nor hearing") {
    const auto held = room.ask("POST", "/Conferences/room/Participants/customer.json",
                               {{"Hold", "true"}, {"HoldUrl", "http://app.test/hold"}});
    CHECK(names_of(Json::parse(held.response.body).value()) ==
          names_of(twilio_sample("rest_participant_create_virtual_agent")["response"]["body"]));
    CHECK(room.heard(room.customer, all).empty());
    CHECK(room.heard(agent, all) == "b");
    CHECK(room.change("customer", {{"Hold", "false"}}) == "200");
    CHECK(room.heard(agent, all) == "bc");
    CHECK(room.told("/conf", "StatusCallbackEvent").find("participant-hold participant-unhold") !=
          std::string::npos);
  }
  SECTION("coached: one ear only") {
    CHECK(room.change("boss", {{"Coaching", "true"}, {"CallSidToCoach", agent}}) == "200");
    CHECK(room.heard(boss, all) == "a");
    CHECK(room.heard(room.customer, all) == "ab");
    CHECK(room.change("boss", {{"Coaching", "true"}, {"CallSidToCoach", "CA0"}}) == "400 13240");
  }
  SECTION("an announcement is for one, and ends") {
    CHECK(room.change("agent", {{"AnnounceUrl", "http://app.test/brief"}}) == "200");
    CHECK(room.heard(room.customer, all) == "b");
    room.run(Millis(2000));
    CHECK(room.heard(room.customer, all) == "ab");
    CHECK(room.told("/conf", "StatusCallbackEvent").find("announcement-end") != std::string::npos);
  }
  SECTION("a label is one participant's") {
    CHECK(room.summary("POST", "/Conferences/room/Participants.json",
                       {{"From", "+15550100200"}, {"To", "+15550100999"}, {"Label", "boss"}}) ==
          "400 16025");
  }
}

TEST_CASE("a conference ends by the API, by its last participant, and by removal", "[twilio_sim]") {
  Room room;
  const std::string agent = room.add("agent");
  room.run(Millis(600));
  const std::string sid = room.conference();
  SECTION("by the API: the customer goes on with what stands behind <Dial>") {
    const auto ended = room.ask("POST", "/Conferences/" + sid + ".json", {{"Status", "completed"}});
    CHECK(names_of(Json::parse(ended.response.body).value()) ==
          names_of(twilio_sample("rest_conference_end")["response"]["body"]));
    CHECK(room.status(agent) == "completed");
    REQUIRE(room.at("/after").size() == 1);
    CHECK(names_of(room.at("/after")[0].fields) ==
          names_of(twilio_sample("hook_dial_action_conference")["fields"]));
    CHECK(room.at("/after")[0].field("DialCallStatus") == "answered");
    CHECK(room.summary("GET", "/Conferences/" + sid + "/Participants.json") == "404 20404");
    CHECK(room.summary("POST", "/Conferences/" + sid + "/Participants.json",
                       {{"From", "+15550100200"}, {"To", "+15550100300"}}) == "404 20404");
  }
  SECTION("a participant is removed") {
    CHECK(room.summary("DELETE", "/Conferences/" + sid + "/Participants/agent.json") == "204");
    CHECK(room.status(agent) == "completed");
    CHECK(room.status(room.customer) == "in-progress");
    CHECK(room.summary("DELETE", "/Conferences/" + sid + "/Participants/agent.json") ==
          "404 20404");
  }
  SECTION("new TwiML takes the customer out, which ends it") {
    CHECK(room.update(room.customer, {{"Twiml", kStreamTwiml}}) == "200");
    room.run(Millis(100));
    CHECK(room.status(room.customer) == "in-progress");
    CHECK(room.status(agent) == "completed");
    CHECK(room.verbs(room.customer) == "Dial Connect");
  }
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
