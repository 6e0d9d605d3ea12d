#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "voicebridge/agent/call_session.hpp"

namespace voicebridge::test {

using namespace std::chrono_literals;

/// A leg that keeps what it is given and plays nothing by itself.
struct FakeMedia : MediaStream {
  bool send_audio(const AudioPayload& audio) override {
    Bytes scratch;
    ByteView view;
    if (closed || !payload_bytes(audio, scratch, view)) return false;
    pieces.push_back(view.size());
    sent.insert(sent.end(), view.begin(), view.end());
    if (!audio.base64.empty()) ++passed_through;
    return true;
  }
  void send_mark(std::string_view name) override { marks.emplace_back(name); }
  void clear() override { ++clears; }
  void close() override { closed = true; }

  Bytes sent;
  std::vector<std::size_t> pieces;
  std::vector<std::string> marks;
  std::size_t passed_through = 0;
  int clears = 0;
  bool closed = false;
};

/// A model that keeps what it is asked for; the test speaks for it.
struct FakeSpeech : SpeechSession {
  struct Log {
    SpeechSpec spec;
    SpeechObserver* observer = nullptr;
    std::vector<SpeechRequest> requests;
    std::vector<SpeechPatch> patches;
    std::vector<std::optional<PlayedPosition>> interruptions;
    Bytes heard;
    int closes = 0;

    template <class T>
    std::size_t count() const {
      return static_cast<std::size_t>(
          std::count_if(requests.begin(), requests.end(),
                        [](const SpeechRequest& r) { return std::holds_alternative<T>(r); }));
    }
    template <class T>
    const T& last() const {
      for (auto r = requests.rbegin(); r != requests.rend(); ++r) {
        if (const T* found = std::get_if<T>(&*r)) return *found;
      }
      throw std::runtime_error("no such request");
    }
  };
  explicit FakeSpeech(std::shared_ptr<Log> l) : log(std::move(l)) {}
  void start(SpeechSpec spec, SpeechObserver& observer, TimePoint) override {
    log->spec = std::move(spec);
    log->observer = &observer;
  }
  void append_audio(const AudioPayload& audio, TimePoint) override {
    Bytes scratch;
    ByteView view;
    if (payload_bytes(audio, scratch, view))
      log->heard.insert(log->heard.end(), view.begin(), view.end());
  }
  void request(SpeechRequest request, TimePoint) override {
    log->requests.push_back(std::move(request));
  }
  void interrupt(InterruptCause, const std::optional<PlayedPosition>& heard, TimePoint) override {
    log->interruptions.push_back(heard);
  }
  void reconfigure(SpeechPatch patch, TimePoint) override {
    log->patches.push_back(std::move(patch));
  }
  void close(TimePoint) override { ++log->closes; }
  std::shared_ptr<Log> log;
};

/// The world around one call, with a clock that the test moves.
struct FakeCall : CallHost {
  explicit FakeCall(CallOptions options = {}) {
    options.call_id = "c_1";
    session = std::make_unique<CallSession>(std::move(options), *this, now);
  }

  std::unique_ptr<SpeechSession> open_speech() override {
    if (refuse_speech) return nullptr;
    models.push_back(std::make_shared<FakeSpeech::Log>());
    return std::make_unique<FakeSpeech>(models.back());
  }
  void run_tools(const std::vector<ToolCall>& calls) override {
    tools.insert(tools.end(), calls.begin(), calls.end());
  }
  void cancel_tools() override { ++tools_cancelled; }
  void hang_up() override { ++hang_ups; }
  bool speak(const std::string& text) override {
    spoken.push_back(text);
    return can_speak;
  }
  bool transfer(const TransferTarget& target) override {
    transfers.push_back(target.to);
    return can_transfer;
  }
  void on_ended(const CallRecord& r) override {
    ++ended;
    record = r;
  }

  void on_summary(const TalkSummary& made, const CallRecord& r) override {
    summaries.push_back(made);
    record = r;
  }

  FakeSpeech::Log& model() { return *models.back(); }
  void event(SpeechEvent e) { session->on_speech_event(e, now); }

  /// Dialed, answered, media up and the model ready: the greeting has been asked for.
  void connect(AudioFormat format = AudioFormat::pcmu()) {
    session->start(now);
    session->on_dialing(now);
    advance(2s);
    session->on_answered(now);
    start_media(format);
    event(SpeechReady{"sess_1"});
  }
  void start_media(AudioFormat format = AudioFormat::pcmu()) {
    session->attach_media(&media);
    MediaStart start;
    start.inbound = start.outbound = format;
    session->on_media_start(start, now);
    echo();
  }
  /// The model speaks so long in one utterance.
  void agent_says(const std::string& utterance, Millis length,
                  const std::string& words = "some words to say") {
    event(ReplyStarted{});
    event(UtteranceStarted{utterance});
    event(Transcript{Speaker::agent, utterance, words, false});
    const Bytes audio(static_cast<std::size_t>(length.count()) * 8, 0x55);
    session->on_speech_audio(utterance, AudioPayload::from_bytes(AudioFormat::pcmu(), audio), now);
    event(UtteranceEnded{utterance, true});
    event(Transcript{Speaker::agent, utterance, words, true});
    event(ReplyEnded{ReplyEnded::Outcome::completed, {}, true});
  }
  void caller_says(Millis length = 800ms) {
    event(CallerActivity{true});
    advance(length);
    event(CallerActivity{false});
  }
  /// All marks come back now.
  void echo() {
    std::vector<std::string> names;
    names.swap(media.marks);
    for (const std::string& name : names) session->on_media_mark(name, now);
  }
  /// Moves the clock and serves the deadlines on the way; stops short when the call keeps asking
  /// for one moment.
  void advance(Millis by) {
    const TimePoint until = now + by;
    int at_one_moment = 0;
    while (true) {
      const Deadline next = session->next_deadline();
      if (!next || *next > until) break;
      at_one_moment = *next > now ? 0 : at_one_moment + 1;
      if (at_one_moment > 1000) throw std::runtime_error("deadlines do not move on");
      now = std::max(now, *next);
      session->on_deadline(now);
    }
    now = until;
  }

  TimePoint now{std::chrono::hours(1)};
  FakeMedia media;
  std::vector<std::shared_ptr<FakeSpeech::Log>> models;
  std::vector<ToolCall> tools;
  std::vector<std::string> spoken;
  bool refuse_speech = false;
  std::vector<std::string> transfers;
  bool can_speak = true;
  bool can_transfer = true;
  int tools_cancelled = 0;
  int hang_ups = 0;
  int ended = 0;
  std::vector<TalkSummary> summaries;
  CallRecord record;
  std::unique_ptr<CallSession> session;
};

/// The model's socket breaks.
inline SpeechClosed lost() { return {fail(Errc::unavailable, "lost").value(), false}; }

inline CallOptions talkative() {
  CallOptions options;
  options.greeting = "Greet the caller.";
  return options;
}

}  // namespace voicebridge::test
