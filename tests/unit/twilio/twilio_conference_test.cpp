#include "voicebridge/twilio/twilio_conference.hpp"

#include "unit/twilio/call_bench.hpp"
#include "unit/twilio/samples.hpp"
#include "voicebridge/testing/manual_scheduler.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

const std::string kCaller = "CA00000000000000000000000000000001";
const std::string kPerson = "CA00000000000000000000000000000002";
const std::string kAgentCall = "CA00000000000000000000000000000003";

struct Room {
  ScriptedHttpClient client;
  voicebridge::testing::ManualScheduler scheduler;
  std::vector<Result<>> results;

  TwilioCallControl control() { return CallBench::make(client, test::options()); }
  static TwilioStreamServer streams() {
    TwilioStreamServerOptions options;
    options.public_url = "https://voice.example.com";
    auto made = TwilioStreamServer::create(
        options, [](const TwilioStreamRequest&) { return Result<TwilioStreamTarget>(); });
    REQUIRE(made);
    return *made;
  }
  static ConferenceParties parties() { return {"talk_1", kCaller, kPerson, "call_1"}; }
  ConferenceControl::Done done() {
    return [this](Result<> result) { results.push_back(std::move(result)); };
  }
  void answer_sample(std::string_view name) {
    const Json sample = twilio_sample(name);
    client.answer(static_cast<int>(sample["response"]["status"].integer_or(0)),
                  sample["response"]["body"].dump());
  }
  std::string twiml(std::size_t index) {
    REQUIRE(client.requests.size() > index);
    return FormFields::parse(client.requests[index].body)->text_or("Twiml", "");
  }
  bool asked(std::size_t index, std::string_view path) {
    return client.requests.size() > index &&
           client.requests[index].url.find(path) != std::string::npos;
  }
  const Result<>& result() {
    scheduler.advance(Millis(120000));
    REQUIRE(results.size() == 1);
    return results[0];
  }
};

}  // namespace

TEST_CASE("both legs enter a conference that ends with either of them", "[twilio][conference]") {
  Room room;
  TwilioConference conference(room.control(), Room::streams());
  room.answer_sample("rest_call_update_twiml");
  SECTION("the person first, then the caller") {
    room.answer_sample("rest_call_update_twiml");
    conference.join(Room::parties(), room.scheduler, room.done());
    CHECK(room.result());
    CHECK(room.asked(0, kPerson));
    CHECK(room.asked(1, kCaller));
    for (const std::size_t i : {0, 1}) {
      CHECK(room.twiml(i).find("endConferenceOnExit=\"true\"") != std::string::npos);
      CHECK(room.twiml(i).find(">talk_1</Conference></Dial>") != std::string::npos);
    }
  }
  SECTION("a caller who cannot be moved is an error") {
    room.answer_sample("rest_error_400_call_not_in_progress");
    conference.join(Room::parties(), room.scheduler, room.done());
    CHECK_FALSE(room.result());
  }
}

TEST_CASE("a join that is called off leaves the caller where they are", "[twilio][conference]") {
  Room room;
  TwilioConference conference(room.control(), Room::streams());
  const auto off = std::make_shared<std::atomic<bool>>(false);
  ConferenceParties parties = Room::parties();
  parties.called_off = off;
  room.answer_sample("rest_call_update_twiml");
  conference.join(parties, room.scheduler, room.done());
  *off = true;
  CHECK(room.result().error().code == Errc::cancelled);
  CHECK(room.client.requests.size() == 1);
}

TEST_CASE("a person who cannot be moved leaves the caller where they are", "[twilio][conference]") {
  Room room;
  TwilioConference conference(room.control(), Room::streams());
  room.answer_sample("rest_error_400_call_not_in_progress");
  conference.join(Room::parties(), room.scheduler, room.done());
  CHECK_FALSE(room.result());
  CHECK(room.client.requests.size() == 1);
}

TEST_CASE("a caller comes back by a stream with a token of its own", "[twilio][conference]") {
  Room room;
  TwilioConference conference(room.control(), Room::streams());
  for (int i = 0; i < 2; ++i) room.answer_sample("rest_call_update_twiml");
  conference.take_back(Room::parties(), room.scheduler, room.done());
  CHECK(room.result());
  conference.take_back(Room::parties(), room.scheduler, room.done());
  room.scheduler.advance(Millis(1000));
  CHECK(room.asked(0, kCaller));
  CHECK(room.twiml(0).find("<Connect><Stream") != std::string::npos);
  CHECK(room.twiml(0) != room.twiml(1));
}

TEST_CASE("where the agent is a participant it leaves the conference to the person",
          "[twilio][conference]") {
  Room room;
  TwilioSipConference conference(room.control(), {"CA_conf", kAgentCall});
  CHECK(conference.can_hold());
  const std::string agent_path = "/Conferences/CA_conf/Participants/" + kAgentCall;
  const std::string person_path = "/Conferences/CA_conf/Participants/" + kPerson;
  SECTION("in order: the agent may leave, the person comes, the caller hears them, it goes") {
    room.answer_sample("rest_participant_hold");
    room.answer_sample("rest_call_update_twiml");
    room.answer_sample("rest_participant_hold");
    room.answer_sample("rest_call_update_completed");
    conference.join(Room::parties(), room.scheduler, room.done());
    CHECK(room.result());
    CHECK(room.asked(0, agent_path));
    CHECK(room.client.requests[0].body == "EndConferenceOnExit=false");
    CHECK(room.asked(1, kPerson));
    CHECK(room.twiml(1).find(">CA_conf</Conference>") != std::string::npos);
    CHECK(room.asked(2, "/Conferences/CA_conf/Participants/" + kCaller));
    CHECK(room.client.requests[2].body == "Hold=false");
    CHECK(room.asked(3, kAgentCall));
    CHECK(room.client.requests[3].body == "Status=completed");
  }
  SECTION("called off, it takes no further step") {
    const auto off = std::make_shared<std::atomic<bool>>(false);
    ConferenceParties parties = Room::parties();
    parties.called_off = off;
    room.answer_sample("rest_participant_hold");
    conference.join(parties, room.scheduler, room.done());
    *off = true;
    CHECK(room.result().error().code == Errc::cancelled);
    CHECK(room.client.requests.size() == 1);
  }
  SECTION("nothing is done when its leaving would be the end of it") {
    room.answer_sample("rest_error_404");
    conference.join(Room::parties(), room.scheduler, room.done());
    CHECK_FALSE(room.result());
    CHECK(room.client.requests.size() == 1);
  }
  SECTION("the agent stays when the person does not come") {
    room.answer_sample("rest_participant_hold");
    room.answer_sample("rest_error_400_call_not_in_progress");
    conference.join(Room::parties(), room.scheduler, room.done());
    CHECK_FALSE(room.result());
    CHECK(room.client.requests.size() == 2);
  }
  SECTION("and when the caller cannot hear them") {
    room.answer_sample("rest_participant_hold");
    room.answer_sample("rest_call_update_twiml");
    room.answer_sample("rest_error_404");
    conference.join(Room::parties(), room.scheduler, room.done());
    CHECK_FALSE(room.result());
    CHECK(room.client.requests.size() == 3);
  }
  SECTION("an agent who has the caller back takes them along again") {
    if (GENERATE(true, false)) {
      room.answer_sample("rest_participant_hold");
    } else {
      room.answer_sample("rest_error_404");  // The caller is taken off hold all the same.
    }
    room.answer_sample("rest_error_404");  // The person may never have come.
    room.answer_sample("rest_participant_hold");
    conference.take_back(Room::parties(), room.scheduler, room.done());
    CHECK(room.result());
    CHECK(room.asked(0, agent_path));
    CHECK(room.client.requests[0].body == "EndConferenceOnExit=true");
    CHECK(room.asked(1, person_path));
    CHECK(room.client.requests[1].body == "EndConferenceOnExit=false");
    CHECK(room.client.requests[2].body == "Hold=false");
  }
  SECTION("the caller is put on hold and taken off it") {
    room.answer_sample("rest_participant_hold");
    conference.hold(Room::parties(), true, room.scheduler, room.done());
    CHECK(room.result());
    CHECK(room.client.requests[0].body == "Hold=true");
  }
}
