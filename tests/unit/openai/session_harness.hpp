#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/schema_check.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/openai/realtime_session.hpp"

/// A Realtime session between a recording sink and a recording observer, in virtual time.
namespace voicebridge::openai_test {

using namespace openai;

using Lines = std::vector<std::string>;

/// Keeps what is sent, and refuses what the official schema refuses.
class RecordingSink final : public WireSink {
 public:
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    if (status != SendStatus::sent) return status;
    const std::string text = std::string(head) + std::string(payload) + std::string(tail);
    auto event = Json::parse(text);
    REQUIRE(event);
    static const test::SchemaFile schema("openai/realtime-events.schema.json");
    REQUIRE(schema.check(*event, "ClientEventStrict") == "");
    sent.push_back(std::move(*event));
    return status;
  }
  void close(std::uint16_t code, std::string_view) override { closed.push_back(code); }
  std::size_t backlog() const override { return 0; }

  /// What was sent since the last call.
  std::vector<Json> take() { return std::exchange(sent, {}); }
  /// The same, one line an event, with what distinguishes it.
  Lines lines() {
    Lines result;
    for (const Json& event : take()) result.push_back(line(event));
    return result;
  }

  std::vector<Json> sent;
  std::vector<int> closed;
  SendStatus status = SendStatus::sent;

 private:
  static std::string line(const Json& event) {
    std::string text = event["type"].string_or("");
    const JsonView item = event["item"];
    for (JsonView detail :
         {event["item_id"], event["audio_end_ms"], event["response_id"], event["audio"],
          item["role"], item["content"].at(0)["text"], item["call_id"], item["output"],
          event["response"]["instructions"], event["response"]["tool_choice"]}) {
      if (detail.is_string()) text += " " + detail.string_or("");
      if (detail.is_number()) text += " " + detail.dump();
    }
    return text;
  }
};

/// Keeps what is told, one line an event.
class RecordingObserver final : public SpeechObserver {
 public:
  void on_speech_audio(std::string_view utterance, const AudioPayload& audio, TimePoint) override {
    lines.push_back(fmt::format("audio {} {}", utterance, payload_size(audio)));
    if (on_line) on_line(lines.back());
  }
  void on_speech_event(const SpeechEvent& event, TimePoint) override {
    lines.push_back(std::visit([](const auto& e) { return line(e); }, event));
    if (const auto* fault = std::get_if<SpeechFault>(&event)) last_error = fault->error;
    if (const auto* ended = std::get_if<ReplyEnded>(&event))
      last_error = ended->error.value_or(Error{});
    if (const auto* closed = std::get_if<SpeechClosed>(&event))
      last_error = closed->error.value_or(Error{});
    if (const auto* ready = std::get_if<SpeechReady>(&event)) lifetime = ready->lifetime;
    if (const auto* usage = std::get_if<SpeechUsage>(&event)) last_usage = *usage;
    if (const auto* usage = std::get_if<HearingUsage>(&event)) last_hearing = *usage;
    if (on_line) on_line(lines.back());
  }
  Lines take() { return std::exchange(lines, {}); }

  Lines lines;
  Error last_error;
  Millis lifetime{-1};
  SpeechUsage last_usage;
  HearingUsage last_hearing;
  std::function<void(const std::string&)>
      on_line;  ///< For what an application does inside a callback.

 private:
  static std::string line(const SpeechReady& e) { return "ready " + e.session_id; }
  static std::string line(const SpeechReconfigured&) { return "reconfigured"; }
  static std::string line(const CallerActivity& e) {
    return e.speaking ? "caller speaks" : "caller stops";
  }
  static std::string line(const UtteranceStarted& e) { return "utterance " + e.utterance; }
  static std::string line(const UtteranceEnded& e) {
    return fmt::format("utterance {} {}", e.utterance, e.complete ? "complete" : "cut");
  }
  static std::string line(const Transcript& e) {
    return fmt::format("{} {} {}\"{}\"", e.speaker == Speaker::caller ? "caller" : "agent",
                       e.segment, e.final ? "said " : "", e.text);
  }
  static std::string line(const ToolCallsWanted& e) {
    std::string text = "tools";
    for (const ToolCall& call : e.calls)
      text += fmt::format(" {}:{}{}", call.id, call.name, call.arguments_json);
    return text;
  }
  static std::string line(const ReplyStarted&) { return "reply"; }
  static std::string line(const ReplyEnded& e) {
    constexpr const char* kOutcomes[] = {"completed", "cancelled", "failed", "incomplete"};
    return fmt::format("reply {}{}", kOutcomes[static_cast<int>(e.outcome)],
                       e.spoke ? " spoken" : "");
  }
  static std::string line(const SpeechUsage& e) {
    return fmt::format("usage {} {} {} {} {}", e.input_text, e.input_audio,
                       e.cached_text + e.cached_audio, e.output_text, e.output_audio);
  }
  static std::string line(const HearingUsage& e) {
    return fmt::format("hearing {} {} {}", e.input_text, e.input_audio, e.output_text);
  }
  static std::string line(const PlayoutStarted& e) { return "playout " + e.utterance; }
  static std::string line(const PlayoutEnded& e) {
    return fmt::format("playout {} {}", e.utterance, e.complete ? "over" : "cut");
  }
  static std::string line(const UtteranceCut& e) {
    return fmt::format("cut {} {}", e.utterance, e.heard.count());
  }
  static std::string line(const CallerKey& e) { return std::string("key ") + e.digit; }
  static std::string line(const SummaryMade& e) {
    return fmt::format(
        "summary {} {}", e.key,
        e.text ? "\"" + *e.text + "\"" : std::string(to_string(e.text.error().code)));
  }
  static std::string line(const SpeechFault& e) {
    const bool benign = e.severity == SpeechFault::Severity::benign;
    return fmt::format("{} {}", benign ? "benign" : "fault",
                       e.error.provider_code.empty() ? std::string(to_string(e.error.code))
                                                     : e.error.provider_code);
  }
  static std::string line(const SpeechClosed& e) {
    return fmt::format("closed{}{}", e.error ? " " + std::string(to_string(e.error->code)) : "",
                       e.fatal ? " fatal" : "");
  }
};

struct Harness {
  explicit Harness(RealtimeSessionOptions options = {}) : session(std::move(options), sink) {}

  static SpeechSpec spec() {
    SpeechSpec s;
    s.input = s.output = AudioFormat::pcmu();
    s.instructions = "Be kind.";
    s.voice = "marin";
    s.transcription_model = "gpt-transcribe";
    return s;
  }

  /// Of a call that the service carries.
  static SpeechSpec attached_spec() {
    SpeechSpec s = spec();
    s.media = MediaOwner::service;
    s.input = s.output = AudioFormat{};
    return s;
  }

  void start(SpeechSpec s = spec()) { session.start(std::move(s), observer, now); }
  /// As far as `SpeechReady`; what was sent and told up to there is forgotten.
  void make_ready(SpeechSpec s = spec()) {
    start(std::move(s));
    session.on_open(now);
    receive(R"({"type":"session.created","session":{"id":"sess_1"}})");
    receive(R"({"type":"session.updated","session":{"id":"sess_1"}})");
    REQUIRE(observer.lines == Lines{"ready sess_1"});
    observer.lines.clear();
    sink.sent.clear();
  }

  void receive(std::string_view event) { session.receive(event, now); }
  void advance(Millis by) {
    const TimePoint until = now + by;
    for (Deadline due = session.next_deadline(); due && *due <= until;
         due = session.next_deadline()) {
      now = std::max(now, *due);
      session.on_deadline(now);
    }
    now = until;
  }
  /// What was told, with what waits for the next deadline.
  Lines told() {
    advance(Millis(0));
    return observer.take();
  }
  Lines sent() { return sink.lines(); }
  void request(SpeechRequest wanted) { session.request(std::move(wanted), now); }
  void interrupt(InterruptCause cause, std::optional<PlayedPosition> heard = std::nullopt) {
    session.interrupt(cause, heard, now);
  }

  // The service's side.
  void created(std::string_view id, std::string_view tag = "") {
    const std::string metadata =
        tag.empty() ? "null" : fmt::format(R"({{"voicebridge":"{}"}})", tag);
    receive(
        fmt::format(R"({{"type":"response.created","response":{{"id":"{}","status":"in_progress",)"
                    R"("conversation_id":"conv_1","metadata":{}}}}})",
                    id, metadata));
  }
  void audio(std::string_view response, std::string_view item, int ms) {
    const Bytes bytes(static_cast<std::size_t>(ms) * 8, 0xFF);
    receive(fmt::format(
        R"({{"type":"response.output_audio.delta","event_id":"e","response_id":"{}","item_id":"{}",)"
        R"("output_index":0,"content_index":0,"delta":"{}"}})",
        response, item, base64_encode(bytes)));
  }
  void transcript(std::string_view kind, std::string_view response, std::string_view item,
                  std::string_view text) {
    receive(fmt::format(
        R"({{"type":"response.output_audio_transcript.{}","response_id":"{}","item_id":"{}",)"
        R"("{}":"{}"}})",
        kind, response, item, kind == "done" ? "transcript" : "delta", text));
  }
  void item_done(std::string_view response, std::string_view item,
                 std::string_view status = "completed") {
    receive(
        fmt::format(R"({{"type":"response.output_item.done","response_id":"{}","item":{{"id":"{}",)"
                    R"("type":"message","role":"assistant","status":"{}","content":[]}}}})",
                    response, item, status));
  }
  void call_done(std::string_view response, std::string_view call,
                 std::string_view status = "completed") {
    receive(fmt::format(
        R"({{"type":"response.output_item.done","response_id":"{}","item":{{"id":"i_{}",)"
        R"("type":"function_call","status":"{}","call_id":"{}","name":"look","arguments":"{{}}"}}}})",
        response, call, status, call));
  }
  /// `output` is the inside of the array.
  void done(std::string_view id, std::string_view status = "completed",
            std::string_view output = "", std::string_view more = "") {
    receive(fmt::format(
        R"({{"type":"response.done","response":{{"id":"{}","status":"{}","output":[{}]{}}}}})", id,
        status, output, more));
  }
  void error(std::string_view code, std::string_view event_id = "", std::string_view message = "m",
             std::string_view param = "") {
    const auto quoted = [](std::string_view text) {
      return text.empty() ? "null" : fmt::format("\"{}\"", text);
    };
    receive(fmt::format(
        R"({{"type":"error","error":{{"type":"invalid_request_error","code":{},"message":"{}",)"
        R"("param":{},"event_id":{}}}}})",
        quoted(code), message, quoted(param), quoted(event_id)));
  }
  void item_added(std::string_view id) {
    receive(fmt::format(
        R"({{"type":"conversation.item.added","item":{{"id":"{}","type":"message"}}}})", id));
  }
  /// The tag of the only `response.create` sent since the last look.
  std::string sent_tag() {
    std::string tag;
    for (const Json& event : sink.take()) {
      if (event["type"].string() == "response.create") {
        REQUIRE(tag.empty());
        tag = event["response"]["metadata"]["voicebridge"].string_or("");
        REQUIRE(event["event_id"].string_or("") == tag);
      }
    }
    return tag;
  }

  RecordingSink sink;
  RecordingObserver observer;
  RealtimeSession session;
  TimePoint now{std::chrono::hours(1)};
};

}  // namespace voicebridge::openai_test
