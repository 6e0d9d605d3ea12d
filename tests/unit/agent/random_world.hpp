#pragma once

#include <iterator>

#include "unit/agent/fake_call.hpp"

namespace voicebridge::test {

/// SplitMix64: the same seed is the same call.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t limit) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (z ^ (z >> 31)) % limit;
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// A world that keeps the seams' promises and otherwise does what it likes, at any moment.
class RandomWorld final : public CallHost {
 public:
  RandomWorld(std::uint64_t seed, CallOptions options) : chance_(seed) {
    options.call_id = "c_1";
    options.summary_at_end = seed % 2 == 0;
    session_ = std::make_unique<CallSession>(std::move(options), *this, now_);
    session_->start(now_);
  }

  /// A talk that has begun, in a world that does not end it by chance: what happens is the model's.
  void connect_calmly() {
    calm_ = true;
    session_->on_dialing(now_);
    session_->on_answered(now_);
    session_->attach_media(&media_);
    media_attached_ = true;
    MediaStart start;
    start.inbound = start.outbound = format_ = AudioFormat::pcmu();
    session_->on_media_start(start, now_);
    model_says(SpeechReady{"s", Millis(chance_.below(3) * 30000)});
  }

  void step() {
    static constexpr void (RandomWorld::*kSteps[])() = {
        &RandomWorld::carrier_event, &RandomWorld::media_event, &RandomWorld::model_event,
        &RandomWorld::model_event,   &RandomWorld::tool_event,  &RandomWorld::application_event,
        &RandomWorld::time_passes,   &RandomWorld::time_passes};
    static constexpr void (RandomWorld::*kCalmSteps[])() = {
        &RandomWorld::model_event, &RandomWorld::model_event, &RandomWorld::tool_event,
        &RandomWorld::told_of_transfer, &RandomWorld::time_passes};
    if (calm_) return (this->*kCalmSteps[chance_.below(std::size(kCalmSteps))])();
    (this->*kSteps[chance_.below(std::size(kSteps))])();
  }

  void hang_up_now() { session_->on_carrier_hangup("normal_clearing", chance_.one_in(2), now_); }

  /// Nothing happens any more but time.
  void let_time_pass(std::chrono::hours so_long) { advance(so_long); }

  std::size_t ended() const { return ended_; }
  std::size_t hang_ups() const { return hang_ups_; }
  std::size_t asked_after_the_end() const { return asked_after_the_end_; }
  std::size_t open_models() const {
    return static_cast<std::size_t>(
        std::count_if(models_.begin(), models_.end(), [](const auto& m) { return m->open; }));
  }
  bool media_left_open() const { return media_attached_ && !media_stopped_ && !media_.closed; }
  const CallRecord& ended_as() const { return record_; }

 private:
  /// A session: open from `start` until it is closed from either side.
  struct Model {
    SpeechObserver* observer = nullptr;
    bool open = false;
    bool gone = false;  ///< `SpeechClosed` was told, or the call let go of it.
  };
  struct Session final : SpeechSession {
    explicit Session(std::shared_ptr<Model> m) : model(std::move(m)) {}
    ~Session() override { model->gone = true; }
    void start(SpeechSpec, SpeechObserver& observer, TimePoint) override {
      model->observer = &observer;
      model->open = true;
    }
    void append_audio(const AudioPayload&, TimePoint) override {}
    void request(SpeechRequest, TimePoint) override {}
    void interrupt(InterruptCause, const std::optional<PlayedPosition>&, TimePoint) override {}
    void reconfigure(SpeechPatch, TimePoint) override {}
    void close(TimePoint) override { model->open = false; }
    std::shared_ptr<Model> model;
  };

  // CallHost: what is asked may be answered at once.
  std::unique_ptr<SpeechSession> open_speech() override {
    asked();
    if (chance_.one_in(calm_ ? 200 : 20)) return nullptr;
    models_.push_back(std::make_shared<Model>());
    return std::make_unique<Session>(models_.back());
  }
  void run_tools(const std::vector<ToolCall>& calls) override {
    asked();
    for (const ToolCall& call : calls) {
      if (chance_.one_in(4)) session_->on_tool_result(call.id, "{}", now_);
    }
  }
  void cancel_tools() override { asked(); }
  void hang_up() override {
    asked();
    ++hang_ups_;
    if (chance_.one_in(4)) hang_up_now();
  }
  bool speak(const std::string&) override {
    asked();
    if (chance_.one_in(4)) session_->on_carrier_spoke(now_);
    return !chance_.one_in(3);
  }
  bool transfer(const TransferTarget&) override {
    asked();
    ++transfers_;
    if (chance_.one_in(4)) told_of_transfer();
    return !chance_.one_in(3);
  }
  void told_of_transfer() {
    if (transfers_ == transfers_told_) return;
    ++transfers_told_;
    session_->on_transferred(chance_.one_in(2) ? Result<>() : fail(Errc::unavailable, "not now"),
                             now_);
  }
  void on_ended(const CallRecord& record) override {
    asked();
    ++ended_;
    record_ = record;
  }
  void asked() {
    if (ended_ > 0) ++asked_after_the_end_;
  }

  void carrier_event() {
    switch (chance_.below(11)) {
      case 10:
        if (transfers_ > 0) session_->on_caller_leaving(now_);
        return;
      case 9:
        return told_of_transfer();
      case 0:
        return session_->on_dialing(now_);
      case 1:
      case 2:
        return session_->on_answered(now_);
      case 3:
        return session_->on_answered_by(static_cast<AnsweredBy>(chance_.below(7)), now_);
      case 4:
        if (chance_.one_in(4)) return session_->on_call_screened(now_);
        return session_->on_greeting_ended(static_cast<GreetingEnd>(chance_.below(3)), now_);
      case 5:
        return session_->on_carrier_spoke(now_);
      case 6:
        if (chance_.one_in(20)) session_->on_carrier_failed(Error{}, now_);
        return;
      case 7:
        if (chance_.one_in(10)) hang_up_now();
        return;
      default:
        return session_->on_webhook("call.bridged", now_);
    }
  }

  void start_media() {
    static constexpr AudioFormat kFormats[] = {AudioFormat::pcmu(),
                                               AudioFormat::pcmu(),
                                               AudioFormat::pcma(),
                                               AudioFormat::l16(16000),
                                               {AudioEncoding::opus, 48000}};
    if (!media_attached_) session_->attach_media(&media_);
    media_attached_ = true;
    MediaStart start;
    start.inbound = start.outbound = format_ = kFormats[chance_.below(std::size(kFormats))];
    session_->on_media_start(start, now_);
  }

  void media_event() {
    if (media_stopped_ && ended_ == 0 && session_->is_leaving() && chance_.one_in(2)) {
      // A caller who comes back has another stream.
      media_ = FakeMedia();
      media_attached_ = media_stopped_ = false;
    }
    if (media_stopped_) return;
    if (!media_attached_) return start_media();
    switch (chance_.below(8)) {
      case 0:
        return start_media();  // A second time.
      case 1:
        return session_->on_media_dtmf('5', now_);
      case 2: {
        if (!chance_.one_in(8)) return;
        media_stopped_ = true;
        return session_->on_media_stop(
            chance_.one_in(2) ? std::optional<Error>(Error{}) : std::nullopt, now_);
      }
      case 3:
      case 4:
        return echo_marks();
      default: {
        const Bytes audio(format_.frame_bytes(), 0x12);
        return session_->on_media_audio(AudioPayload::from_bytes(format_, audio), 0ms, now_);
      }
    }
  }

  void echo_marks() {
    if (chance_.one_in(10)) session_->on_media_mark("7.7", now_);
    std::vector<std::string> names;
    names.swap(media_.marks);
    for (const std::string& name : names) session_->on_media_mark(name, now_);
  }

  void model_says(const SpeechEvent& event) {
    if (models_.empty() || models_.back()->gone) return;
    models_.back()->observer->on_speech_event(event, now_);
  }

  void model_event() {
    // The last session mostly; sometimes the one before, which may be in use still.
    const std::size_t back = chance_.one_in(3) ? 2 : 1;
    if (models_.size() < back) return;
    speaking_ = models_[models_.size() - back];
    if (speaking_->gone || speaking_->observer == nullptr) return;
    if (chance_.one_in(8)) return model_audio();
    const std::shared_ptr<Model> from = speaking_;
    from->observer->on_speech_event(any_event(), now_);
  }

  void model_audio() {
    const Bytes audio(chance_.below(4000), 0x34);
    speaking_->observer->on_speech_audio(
        utterance(), AudioPayload::from_bytes(AudioFormat::pcmu(), audio), now_);
  }

  std::string utterance() { return "u" + std::to_string(chance_.below(4)); }

  SpeechEvent any_event() {
    switch (chance_.below(21)) {
      case 20:
        return SummaryMade{"summary_" + std::to_string(1 + chance_.below(3)),
                           std::string("Short.")};
      case 16:
        return PlayoutStarted{utterance()};
      case 17:
        return PlayoutEnded{utterance(), chance_.one_in(2)};
      case 18:
        return UtteranceCut{utterance(), 300ms};
      case 19:
        return CallerKey{'7'};
      case 0:
        return SpeechReady{"s"};
      case 1:
        return SpeechReady{"s", Millis(chance_.below(4) * 20000)};
      case 2:
        return SpeechReconfigured{};
      case 3:
      case 4:
        return CallerActivity{chance_.one_in(2)};
      case 5:
        return UtteranceStarted{utterance()};
      case 6:
        return UtteranceEnded{utterance(), chance_.one_in(2)};
      case 7:
        return Transcript{chance_.one_in(2) ? Speaker::agent : Speaker::caller, utterance(),
                          "words", chance_.one_in(2)};
      case 8:
        return wanted_tools();
      case 9:
      case 10:
        return ReplyStarted{};
      case 11:
      case 12:
        return ReplyEnded{static_cast<ReplyEnded::Outcome>(chance_.below(4)), std::nullopt,
                          chance_.one_in(2)};
      case 13:
        return usage();
      case 14:
        return SpeechFault{Error{}, SpeechFault::Severity::benign};
      default:
        return model_dies();
    }
  }

  const char* any_tool() {
    if (chance_.one_in(calm_ ? 60 : 6)) return "end_call";
    return chance_.one_in(5) ? "transfer_to_human" : "look_up";
  }

  SpeechEvent wanted_tools() {
    ToolCallsWanted wanted;
    for (std::uint64_t i = chance_.below(3); i > 0; --i) {
      wanted.calls.push_back({"t" + std::to_string(++tools_), any_tool(), "{}"});
    }
    return wanted;
  }

  SpeechEvent usage() {
    SpeechUsage used;
    used.model = "gpt-realtime-2";
    used.output_audio = static_cast<std::int64_t>(chance_.below(2000));
    return used;
  }

  SpeechEvent model_dies() {
    if (!chance_.one_in(4)) return SpeechUsage{};
    speaking_->open = false;
    speaking_->gone = true;
    return SpeechClosed{chance_.one_in(4) ? std::nullopt : std::optional<Error>(Error{}),
                        chance_.one_in(calm_ ? 40 : 6)};
  }

  void tool_event() {
    const std::string id = "t" + std::to_string(chance_.below(tools_ + 2));
    switch (chance_.below(3)) {
      case 0:
        return session_->on_tool_result(id, R"({"n":1})", now_);
      case 1:
        return session_->on_tool_slow("", now_);
      default:
        return session_->on_tool_late("look_up", "{}", now_);
    }
  }

  void application_event() {
    switch (chance_.below(20)) {
      case 0:
        return session_->end_politely(EndReason::cancelled, now_);
      case 1:
        if (chance_.one_in(4)) session_->cancel("test", now_);
        return;
      case 2:
      case 3:
        return session_->add_text("Hello", now_);
      case 4:
        return session_->start(now_);
      case 5:
        return session_->summarize([this](const TalkSummary&) { ++summaries_told_; }, now_);
      default:
        return session_->add_note({AddNote::Kind::rule, "Be brief."}, now_);
    }
  }

  void time_passes() {
    static constexpr Millis kPauses[] = {0ms, 1ms, 20ms, 100ms, 700ms, 3s, 12s};
    advance(kPauses[chance_.below(std::size(kPauses))]);
  }

  void advance(Millis by) {
    const TimePoint until = now_ + by;
    int at_one_moment = 0;
    for (Deadline next = session_->next_deadline(); next && *next <= until;
         next = session_->next_deadline()) {
      at_one_moment = *next > now_ ? 0 : at_one_moment + 1;
      if (at_one_moment > 1000) throw std::runtime_error("deadlines do not move on");
      now_ = std::max(now_, *next);
      session_->on_deadline(now_);
    }
    now_ = until;
  }

  Chance chance_;
  TimePoint now_{std::chrono::hours(1)};
  FakeMedia media_;
  AudioFormat format_;
  bool calm_ = false;
  bool media_attached_ = false;
  bool media_stopped_ = false;
  std::vector<std::shared_ptr<Model>> models_;
  std::shared_ptr<Model> speaking_;
  std::uint64_t tools_ = 0;
  std::size_t ended_ = 0;
  std::size_t hang_ups_ = 0;
  std::size_t summaries_told_ = 0;
  std::size_t transfers_ = 0;
  std::size_t transfers_told_ = 0;
  std::size_t asked_after_the_end_ = 0;
  CallRecord record_;
  std::unique_ptr<CallSession> session_;
};

}  // namespace voicebridge::test
