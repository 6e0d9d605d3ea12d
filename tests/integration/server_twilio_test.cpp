// Calls by Twilio and by Telnyx through one server, over real sockets.
#include "integration/twilio_hooks.hpp"
#include "voicebridge/testing/twilio_simulator.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

constexpr const char* kTwilioScenario = R"({"agents":[{"replies":[
  {"on":"start","say":"Good morning, what can I do for you?"},
  {"on":"turn","transcript_of_caller":"Hello.","say":"I see."}]}]})";

const std::string kTwilioCalls = "/api/voice-calls";
const std::string kOurs = "+12025550177";

testing::CallPlan twilio_talker() {
  testing::CallPlan plan;
  plan.ring = 50ms;
  plan.leg_format = AudioFormat::pcmu();
  return plan;
}

/// The town with Twilio in it.
class TwilioTown {
 public:
  explicit TwilioTown(void (*adjust)(server::Config&) = nullptr)
      : street_(Runtime::create({}).value()),
        twilio(testing::TwilioSimulator::create(*street_).value()) {
    current_ = this;
    adjust_ = adjust;
    town = std::make_unique<Town>(kTwilioScenario, &TwilioTown::configure);
    twilio->set_voice_url(town->app->config().public_app_url + "/twilio/voice");
  }
  ~TwilioTown() {
    town.reset();
    twilio.reset();
  }

  Json start(const std::string& number, const std::string& more, int status = 201) {
    const HttpResponse answer =
        town->post(kTwilioCalls + "/realtime", R"({"toNumber":")" + number + "\"" + more + "}");
    CAPTURE(answer.body);
    REQUIRE(answer.status == status);
    return Json::parse(answer.body).value();
  }
  /// Twilio's word for the state of a leg.
  std::string leg_status(const std::string& sid) const {
    std::string status;
    twilio->inspect(
        [&](const testing::TwilioCarrier& carrier, TimePoint) { status = carrier.status(sid); });
    return status;
  }
  template <class Look>
  void look_at(const std::string& sid, Look look) const {
    twilio->inspect([&](const testing::TwilioCarrier& carrier, TimePoint) {
      const testing::SimLeg* leg = carrier.leg(sid);
      REQUIRE(leg != nullptr);
      look(*leg);
    });
  }
  bool hears_us(const std::string& sid) const {
    return eventually([&] {
      std::uint64_t heard = 0;
      look_at(sid, [&](const testing::SimLeg& leg) { heard = leg.stats().heard_bytes; });
      return heard > 4000;
    });
  }
  std::string call_of(const std::string& sid) const {
    std::string id;
    const bool known = eventually([&] {
      const auto seat = town->app->agent().seat(sid);
      if (seat) id = seat->call_id;
      return seat.has_value();
    });
    REQUIRE(known);
    return id;
  }

 private:
  /// The configuration is adjusted by a plain function.
  static void configure(server::Config& config) {
    add_twilio(config);
    config.twilio_account_sid = current_->twilio->account_sid();
    config.twilio_auth_token = Secret(current_->twilio->auth_token());
    config.twilio_api_base = current_->twilio->base_url();
    if (current_->adjust_ != nullptr) current_->adjust_(config);
  }
  static inline TwilioTown* current_ = nullptr;
  void (*adjust_)(server::Config&) = nullptr;
  std::unique_ptr<Runtime> street_;

 public:
  std::unique_ptr<testing::TwilioSimulator> twilio;
  std::unique_ptr<Town> town;
};

/// What `said` leaves of `received`, frame by frame, when what was put between is silence; nothing
/// when `received` lacks a frame of it.
std::optional<std::size_t> silence_between(const Bytes& received, const Bytes& said) {
  constexpr std::ptrdiff_t kFrame = 160;
  std::size_t silence = 0;
  auto at = received.begin();
  for (auto frame = said.begin(); at != received.end() && frame != said.end(); frame += kFrame) {
    while (received.end() - at >= kFrame && !std::equal(at, at + kFrame, frame) && *at == 0xFF) {
      ++at;
      ++silence;
    }
    const auto length = std::min(kFrame, received.end() - at);
    if (!std::equal(at, at + length, frame)) return std::nullopt;
    at += length;
  }
  return silence + static_cast<std::size_t>(received.end() - at);
}

}  // namespace

TEST_CASE("a number is called by the carrier of the request's field", "[server][twilio]") {
  TwilioTown town;
  town.twilio->plan_next("", twilio_talker());
  const Json started = town.start("+12025550143", R"(,"carrier":"twilio","contactName":"Ada")");
  const JsonView data = started["data"];
  const std::string id = data["id"].string_or("");
  const std::string sid = data["twilioCallSid"].string_or("");
  CHECK(data["carrier"].string_or("") == "twilio");
  CHECK(data["fromNumber"].string_or("") == kOurs);
  REQUIRE(sid.size() == 34);
  CHECK(sid.rfind("CA", 0) == 0);
  CHECK(eventually([&] { return town.town->state_of(id) == "talking"; }));
  CHECK(town.hears_us(sid));
  CHECK(town.town->telnyx->active_calls() == 0);

  const HttpResponse ending = town.town->post(kTwilioCalls + "/" + id + "/hangup", "");
  CHECK(ending.status == 202);
  CHECK(town.town->end_of(id).end_reason == EndReason::cancelled);
  CHECK(eventually([&] { return town.leg_status(sid) == "completed"; }));
  CHECK(town.twilio->active_calls() == 0);
  const TwilioStreamCounters streams = town.town->app->twilio_streams()->counters();
  CHECK(streams.accepted == 1);
  CHECK(streams.refused_signature + streams.refused_token + streams.refused_call == 0);
  CHECK(eventually([&] { return town.town->app->twilio_streams()->counters().open == 0; }));
}

TEST_CASE("a call that comes by Twilio is answered, and not a byte of it is lost",
          "[server][twilio]") {
  TwilioTown town;
  testing::CallPlan caller = twilio_talker();
  caller.ring = 10s;
  caller.script = testing::CalleeScript::parse(Json::parse(R"([
    {"wait":"agent_silence","ms":500},
    {"play":"speech_en_no_service.wav","text":"Hello."},
    {"wait":"agent_silence","ms":500},{"hangup":true}])")
                                                   .value(),
                                               VOICEBRIDGE_TEST_DATA "/audio")
                      .value();
  const std::string sid = town.twilio->call_in("+12025550155", kOurs, caller);
  const std::string id = town.call_of(sid);
  const CallRecord record = town.town->end_of(id);
  CHECK(record.end_reason == EndReason::caller_hangup);
  CHECK(record.counters.caller_bytes_dropped == 0);
  CHECK(record.counters.caller_bytes == record.counters.caller_bytes_forwarded);
  CHECK(eventually([&] { return !town.town->openai->records().front().open; }));
  const testing::OpenAiSimRecord model = town.town->openai->records().front();
  CHECK(model.violations.empty());
  town.look_at(sid, [&](const testing::SimLeg& leg) {
    CHECK(leg.stats().errors_sent == 0);
    CHECK(leg.stats().short_chunks == 0);
    CHECK(leg.callee().timeouts() == 0);
    CHECK(model.received_audio.size() > 8000);
    // A machine that is busy elsewhere may leave the line without a frame for so long that silence
    // is put there; that is counted, and there is nothing else.
    const auto silence = silence_between(model.received_audio, leg.said());
    REQUIRE(silence);
    CHECK(*silence <= record.counters.gap_bytes_filled);
    // What the model said was played, cleared, cut here, or waits no more as the caller is gone.
    CHECK(model.audio_sent >= leg.stats().heard_bytes - record.counters.agent_bytes_padding);
  });
}

TEST_CASE("each carrier brings its own calls, at the same time", "[server][twilio]") {
  TwilioTown town([](server::Config& config) { config.threads = 2; });
  testing::CallPlan caller = twilio_talker();
  caller.ring = 10s;
  const std::string by_twilio = town.twilio->call_in("+12025550155", kOurs, caller);
  const std::string by_telnyx = town.town->telnyx->call_in("+12025550156", "+12025550100", caller);
  const std::string first = town.call_of(by_twilio);
  const std::string second = town.call_of(by_telnyx);
  CHECK(eventually([&] {
    return town.town->state_of(first) == "talking" && town.town->state_of(second) == "talking";
  }));
  CHECK(town.town->app->agent().status(first)->carrier == "twilio");
  CHECK(town.town->app->agent().status(second)->carrier == "telnyx");
  CHECK(town.hears_us(by_twilio));
  for (const std::string& id : {first, second}) {
    CHECK(town.town->post(kTwilioCalls + "/" + id + "/hangup", "").status == 202);
    town.town->end_of(id);
  }
  CHECK(eventually(
      [&] { return town.twilio->active_calls() == 0 && town.town->telnyx->active_calls() == 0; }));
}

TEST_CASE("without the field the configured carrier dials", "[server][twilio]") {
  TwilioTown town([](server::Config& config) { config.carrier = "twilio"; });
  testing::CallPlan busy = twilio_talker();
  busy.outcome = testing::CallOutcome::busy;
  town.twilio->plan_next("", busy);
  const Json started = town.start("+12025550143", "");
  const std::string id = started["data"]["id"].string_or("");
  CHECK(started["data"]["carrier"].string_or("") == "twilio");
  const CallRecord record = town.town->end_of(id);
  CHECK(record.end_reason == EndReason::not_reached);
  CHECK(record.end_detail.find("busy") != std::string::npos);
  // And leads by the field of their route.
  town.town->telnyx->plan_next("", busy);
  const std::string lead = town.town->save_lead("Ada", "+12025550144");
  const HttpResponse triggered =
      town.town->post("/tools/trigger_call", R"({"lead_id":")" + lead + R"(","carrier":"telnyx"})");
  REQUIRE(triggered.status == 202);
  const std::string other = Json::parse(triggered.body).value()["call_id"].string_or("");
  CHECK(town.town->end_of(other).end_reason == EndReason::not_reached);
  CHECK(town.town->app->agent().status(other)->carrier == "telnyx");
}

TEST_CASE("what Twilio refuses is told by the field, and the phone does not ring",
          "[server][twilio]") {
  TwilioTown town;
  town.twilio->inject({"dial", 1, 401});
  const Json refused = town.start("+12025550143", R"(,"carrier":"twilio")", 502);
  CHECK(refused["error"]["message"].string_or("").find("twilio") == 0);
  town.twilio->inject({"dial", 1, 429});
  town.start("+12025550143", R"(,"carrier":"twilio")", 429);
  CHECK(town.twilio->active_calls() == 0);
  // Neither was made: it may be asked for again.
  town.twilio->plan_next("", twilio_talker());
  town.start("+12025550143", R"(,"carrier":"twilio")");
}

TEST_CASE("a stream that is lost ends the call, and no leg is left up", "[server][twilio]") {
  TwilioTown town;
  testing::CallPlan caller = twilio_talker();
  caller.ring = 10s;
  caller.drop_stream_after = 500ms;
  const std::string sid = town.twilio->call_in("+12025550155", kOurs, caller);
  const std::string id = town.call_of(sid);
  const CallRecord record = town.town->end_of(id);
  REQUIRE(record.end_reason);
  CHECK(to_string(*record.end_reason) == to_string(EndReason::media_failed));
  CHECK(eventually([&] { return town.twilio->active_calls() == 0; }));
  CHECK(eventually([&] { return town.town->app->agent().live_calls() == 0; }));
}
