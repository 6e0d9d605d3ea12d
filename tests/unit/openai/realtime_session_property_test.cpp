#include <map>
#include <random>
#include <set>

#include "session_harness.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;
using openai_test::Harness;

namespace {

/// What must hold for an application whatever the service sends.
class Referee final : public SpeechObserver {
 public:
  void on_speech_audio(std::string_view utterance, const AudioPayload& audio, TimePoint) override {
    REQUIRE(speaking == utterance);
    received[speaking] +=
        std::chrono::duration_cast<Millis>(audio.format.duration(payload_size(audio)));
    REQUIRE(closed == 0);
  }
  void on_speech_event(const SpeechEvent& event, TimePoint) override {
    REQUIRE(closed == 0);
    std::visit([this](const auto& e) { on(e); }, event);
  }

  int ready = 0;
  int closed = 0;
  bool replying = false;
  std::string speaking;  ///< The utterance whose audio comes.
  std::map<std::string, Millis> received;
  std::set<std::string> calls;
  std::vector<std::string> open_calls;
  std::set<std::string> begun, played, over;  ///< Utterances.
  int cuts = 0;
  int keys = 0;

 private:
  template <class Event>
  void on(const Event&) {}
  void on(const SpeechReady&) { REQUIRE(++ready == 1); }
  void on(const SpeechClosed&) {
    REQUIRE_FALSE(replying);
    ++closed;
  }
  void on(const ReplyStarted&) {
    REQUIRE_FALSE(replying);
    replying = true;
  }
  void on(const ReplyEnded&) {
    REQUIRE(replying);
    REQUIRE(speaking.empty());
    replying = false;
  }
  void on(const UtteranceStarted& e) {
    REQUIRE(replying);
    REQUIRE(speaking.empty());
    REQUIRE(begun.insert(e.utterance).second);
    speaking = e.utterance;
  }
  void on(const PlayoutStarted& e) {
    REQUIRE(begun.count(e.utterance) == 1);
    REQUIRE(played.insert(e.utterance).second);
  }
  void on(const PlayoutEnded& e) {
    REQUIRE(played.count(e.utterance) == 1);
    REQUIRE(over.insert(e.utterance).second);
  }
  void on(const UtteranceCut& e) {
    REQUIRE(e.heard >= Millis(0));
    ++cuts;
  }
  void on(const CallerKey&) { ++keys; }
  void on(const UtteranceEnded& e) {
    REQUIRE(speaking == e.utterance);
    speaking.clear();
  }
  void on(const ToolCallsWanted& e) {
    for (const ToolCall& call : e.calls) {
      REQUIRE(calls.insert(call.id).second);
      open_calls.push_back(call.id);
    }
  }
};

/// A session under random events of the service and wishes of the application.
class RandomRun {
 public:
  explicit RandomRun(unsigned seed, MediaOwner media = MediaOwner::client)
      : media_(media), random_(seed), session_({}, sink_) {
    SpeechSpec spec = Harness::spec();
    spec.media = media;
    spec.turns.mode = pick(2) == 0 ? TurnDetection::Mode::manual : TurnDetection::Mode::server_vad;
    session_.start(spec, referee_, now_);
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      switch (pick(8)) {
        case 0:
          wish();
          break;
        case 1:
          advance(Millis(pick(4) == 0 ? pick(21000) : pick(400)));
          break;
        default:
          session_.receive(service_event(), now_);
      }
      check_sent();
      if (pick(300) == 0) sink_.status = SendStatus::dropped;
    }
    if (pick(2) == 0) session_.close(now_);
    session_.on_closed(1006, "", now_);
    advance(Millis(60000));
    REQUIRE(referee_.closed == 1);
    REQUIRE_FALSE(session_.next_deadline());
  }

  void open() {
    session_.on_open(now_);
    session_.receive(R"({"type":"session.created","session":{"id":"s"}})", now_);
    session_.receive(R"({"type":"session.updated","session":{"id":"s"}})", now_);
    check_sent();
  }

  const Referee& referee() const { return referee_; }

 private:
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string response() { return "r" + std::to_string(response_ + (pick(6) == 0 ? 1 : 0)); }
  std::string item() { return "i" + std::to_string(4 * response_ + pick(3)); }

  void advance(Millis by) {
    const TimePoint until = now_ + by;
    for (Deadline due = session_.next_deadline(); due && *due <= until;
         due = session_.next_deadline()) {
      now_ = std::max(now_, *due);
      session_.on_deadline(now_);
      REQUIRE(++wake_ups_ < 100000);
    }
    now_ = until;
  }

  std::string service_event() {
    const auto one_of = [&](std::initializer_list<const char*> all) {
      return all.begin()[pick(all.size())];
    };
    if (media_ == MediaOwner::service && pick(3) == 0) return event_of_call();
    switch (pick(14)) {
      case 0:
        ++response_;
        return fmt::format(
            R"({{"type":"response.created","response":{{"id":"r{}","metadata":{}}}}})", response_,
            pick(2) == 0 || tag_.empty() ? "null" : fmt::format(R"({{"voicebridge":"{}"}})", tag_));
      case 1:
        return fmt::format(
            R"({{"type":"response.done","response":{{"id":"{}","status":"{}","output":[{{"type":"message","id":"{}"}},)"
            R"({{"type":"function_call","call_id":"c{}","name":"f","arguments":"{{"}}]}}}})",
            response(), one_of({"completed", "cancelled", "failed", "incomplete", "odd"}), item(),
            pick(9));
      case 2:
        return fmt::format(
            R"({{"type":"response.output_item.done","response_id":"{}","item":{{"type":"{}",)"
            R"("id":"{}","call_id":"c{}","role":"assistant","status":"{}"}}}})",
            response(), one_of({"message", "function_call"}), item(), pick(9),
            one_of({"completed", "incomplete"}));
      case 3:
        return fmt::format(
            R"({{"type":"response.output_audio_transcript.{}","response_id":"{}","item_id":"{}",)"
            R"("delta":"d","transcript":"t"}})",
            one_of({"delta", "done"}), response(), item());
      case 4:
        return fmt::format(
            R"({{"type":"error","error":{{"code":"{}","event_id":"{}"}}}})",
            one_of({"conversation_already_has_active_response", "response_cancel_not_active",
                    "server_error", "invalid_value", ""}),
            pick(2) == 0 ? tag_ : "vb_cut_1");
      case 5:
        return fmt::format(R"({{"type":"input_audio_buffer.{}","item_id":"u"}})",
                           one_of({"speech_started", "speech_stopped", "committed"}));
      case 6:
        return one_of({"{}", "x", R"({"type":"odd"})", R"({"type":"session.updated"})"});
      case 7:
        return fmt::format(
            R"({{"type":"conversation.item.{}","item":{{"id":"{}","type":"message"}}}})",
            one_of({"added", "done", "created"}), item());
      default:
        return fmt::format(
            R"({{"type":"response.output_audio.delta","response_id":"{}","item_id":"{}","delta":"{}"}})",
            response(), item(), base64_encode(Bytes(160 * (1 + pick(5)), 0x55)));
    }
  }

  /// What comes only where the service carries the audio.
  std::string event_of_call() {
    switch (pick(8)) {
      case 0:
        return fmt::format(
            R"({{"type":"conversation.item.truncated","item_id":"{}","audio_end_ms":{}}})", item(),
            static_cast<int>(pick(300)) - 10);
      case 1:
        return fmt::format(
            R"({{"type":"input_audio_buffer.dtmf_event_received","event":"{}","received_at":1}})",
            pick(12));
      case 2:
      case 3:
      case 4: {
        constexpr const char* kWhat[] = {"started", "stopped", "cleared"};
        return fmt::format(R"({{"type":"output_audio_buffer.{}","response_id":"{}"}})",
                           kWhat[pick(3)], pick(5) == 0 ? "" : response());
      }
      default:
        return fmt::format(
            R"({{"type":"response.content_part.added","response_id":"{}","item_id":"{}",)"
            R"("part":{{"type":"{}"}}}})",
            response(), item(), pick(5) == 0 ? "text" : "audio");
    }
  }

  void wish() {
    switch (pick(8)) {
      case 0:
        session_.request(Say{pick(2) == 0 ? "" : "Say.", true}, now_);
        break;
      case 1:
        session_.request(UserText{"Hi"}, now_);
        break;
      case 2:
        session_.request(EndTurn{}, now_);
        break;
      case 3:
        session_.request(AddNote{AddNote::Kind::fact, "x"}, now_);
        break;
      case 4:
        answer_call();
        break;
      case 5: {
        SpeechPatch patch;
        patch.instructions = "Other.";
        session_.reconfigure(patch, now_);
        break;
      }
      case 6:
        session_.append_audio(AudioPayload::from_bytes(AudioFormat::pcmu(), frame_), now_);
        break;
      default: {
        std::optional<PlayedPosition> heard;
        if (pick(3) > 0) heard = PlayedPosition{item(), Millis(pick(300))};
        session_.interrupt(pick(2) == 0 ? InterruptCause::barge_in : InterruptCause::policy, heard,
                           now_);
      }
    }
  }

  void answer_call() {
    if (referee_.open_calls.empty()) return;
    session_.request(ToolResult{referee_.open_calls.back(), "{}", pick(2) == 0}, now_);
    referee_.open_calls.pop_back();
  }

  void check_sent() {
    for (const Json& event : sink_.take()) {
      const std::string type = event["type"].string_or("");
      if (type == "response.create") tag_ = event["event_id"].string_or("");
      if (media_ == MediaOwner::service) {
        REQUIRE(type != "input_audio_buffer.append");
        REQUIRE(type != "conversation.item.truncate");
        REQUIRE(type != "conversation.item.delete");
      } else {
        REQUIRE(type != "output_audio_buffer.clear");
      }
      if (type != "conversation.item.truncate") continue;
      const Millis end(event["audio_end_ms"].integer_or(0));
      REQUIRE(end > Millis(0));
      REQUIRE(end <= referee_.received[event["item_id"].string_or("")]);
      REQUIRE(cut_.insert(event["item_id"].string_or("")).second);
    }
  }

  const MediaOwner media_;
  std::mt19937 random_;
  openai_test::RecordingSink sink_;
  Referee referee_;
  RealtimeSession session_;
  TimePoint now_{std::chrono::hours(1)};
  int response_ = 0;
  int wake_ups_ = 0;
  std::string tag_;
  std::set<std::string> cut_;
  Bytes frame_ = Bytes(1600, 0xFF);
};

}  // namespace

TEST_CASE("any order of events leaves the application with a whole story") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    RandomRun run(seed);
    if (seed % 10 != 0) run.open();
    run.run(150);
  }
}

TEST_CASE("any order of events leaves a call of the service with a whole story") {
  std::size_t played = 0, over = 0;
  int cuts = 0, keys = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    RandomRun run(seed, MediaOwner::service);
    if (seed % 10 != 0) run.open();
    run.run(150);
    const Referee& told = run.referee();
    REQUIRE(told.received.empty());
    played += told.played.size();
    over += told.over.size();
    cuts += told.cuts;
    keys += told.keys;
  }
  CHECK(played > over);  // The runs reach what they are about.
  CHECK(over > 100);
  CHECK(cuts > 100);
  CHECK(keys > 100);
}

TEST_CASE("no damaged event breaks a session") {
  std::vector<std::string> events;
  const auto examples = Json::parse(test::read_test_data("openai/server_events.json"));
  REQUIRE(examples);
  for (JsonView event : examples->root().elements()) events.push_back(event.dump());

  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    Harness h;
    h.make_ready(round % 2 == 0 ? Harness::spec() : Harness::attached_spec());
    for (int step = 0; step < 100; ++step) {
      std::string event = events[random() % events.size()];
      for (unsigned edits = random() % 4; edits > 0; --edits) {
        const std::size_t at = random() % event.size();
        switch (random() % 4) {
          case 0:
            event[at] = static_cast<char>(random());
            break;
          case 1:
            event.erase(at, 1 + random() % 8);
            break;
          case 2:
            event.insert(at, event.substr(random() % event.size(), random() % 12));
            break;
          default:
            event.resize(at);
        }
        if (event.empty()) break;
      }
      h.receive(event);
    }
    h.session.on_closed(1006, "", h.now);
    const auto told = h.told();
    const auto closings = std::count_if(told.begin(), told.end(), [](const std::string& line) {
      return line.rfind("closed", 0) == 0;
    });
    REQUIRE(closings == 1);
    REQUIRE(told.back().rfind("closed", 0) == 0);
  }
}
