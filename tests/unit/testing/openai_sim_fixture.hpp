#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/schema_check.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Keeps what is sent.
class KeepingSink final : public WireSink {
 public:
  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override {
    texts.push_back(std::string(head).append(payload).append(tail));
    return SendStatus::sent;
  }
  void close(std::uint16_t code, std::string_view why) override {
    close_code = code;
    reason = std::string(why);
  }
  std::size_t backlog() const override { return 0; }

  std::vector<std::string> texts;
  int close_code = 0;
  std::string reason;
};

/// A simulated session in virtual time.
class SimRig {
 public:
  explicit SimRig(std::string_view scenario = R"({"agents":[]})", OpenAiSimOptions options = {},
                  OpenAiSimHandshake handshake = {})
      : session_(std::make_shared<OpenAiScenario>(OpenAiScenario::parse(scenario).value()),
                 std::make_shared<ToneVoice>(), options, std::move(handshake), sink) {
    session_.on_open(now_);
  }

  void send(std::string_view text) { session_.receive(text, now_); }
  /// `session.update` with µ-law both ways; `more` are further members of the session, `input` of
  /// audio.input.
  void configure(const std::string& more = "", const std::string& input = "") {
    send(
        R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"})" +
        input + R"(},"output":{"format":{"type":"audio/pcmu"}}})" + more + "}}");
  }
  void append(ByteView audio) {
    send(R"({"type":"input_audio_buffer.append","audio":")" + base64_encode(audio) + R"("})");
  }
  /// Audio as a phone brings it: 20 ms frames in real time.
  void play(ByteView audio) {
    for (std::size_t at = 0; at < audio.size(); at += 160) {
      append(audio.subview(at, 160));
      run(Millis(20));
    }
  }
  void play_silence(Millis length) {
    play(Bytes(static_cast<std::size_t>(length.count()) * 8, 0xFF));
  }

  /// Moves the clock from deadline to deadline.
  void run(Millis length) {
    const TimePoint end = now_ + length;
    while (true) {
      const Deadline next = session_.next_deadline();
      if (!next || *next > end) break;
      if (*next > now_) now_ = *next;
      session_.on_deadline(now_);
    }
    now_ = end;
  }

  /// Events from `from` on, parsed; `next()` goes on where the last call ended.
  std::vector<Json> next() {
    std::vector<Json> events;
    for (; seen_ < sink.texts.size(); ++seen_)
      events.push_back(Json::parse(sink.texts[seen_]).value());
    return events;
  }
  std::vector<std::string> next_types() {
    std::vector<std::string> types;
    for (const auto& event : next()) types.push_back(event["type"].string_or(""));
    return types;
  }
  /// The latest event of the type; null when there is none.
  Json last(std::string_view type) const {
    for (auto text = sink.texts.rbegin(); text != sink.texts.rend(); ++text) {
      auto event = Json::parse(*text);
      if (event && (*event)["type"].string_or("") == type) return *event;
    }
    return Json();
  }
  std::size_t count(std::string_view type) const {
    std::size_t number = 0;
    for (const auto& text : sink.texts) {
      auto event = Json::parse(text);
      if (event && (*event)["type"].string_or("") == type) ++number;
    }
    return number;
  }
  const OpenAiSimRecord& record() const { return session_.record(); }

  KeepingSink sink;

 private:
  TimePoint now_{std::chrono::hours(1)};
  OpenAiSimSession session_;
  std::size_t seen_ = 0;
};

using Types = std::vector<std::string>;

/// Consecutive equal types as one: how many deltas there are is not a matter of order.
inline Types squeezed(const Types& types) {
  Types result;
  for (const auto& type : types) {
    if (result.empty() || result.back() != type) result.push_back(type);
  }
  return result;
}

inline constexpr std::string_view kTalk =
    R"({"agents":[{"name":"talker","default_line":"Go on.","replies":[
  {"on":"start","say":"Hello, this is the agent speaking to you."},
  {"on":"turn","transcript_of_caller":"I am Ada.","say":"Nice to meet you, dear Ada."},
  {"on":"turn","transcript_of_caller":"Save me.","say":"I will save that.",
   "calls":[{"name":"save_lead","arguments":{"first_name":"Ada"}}]},
  {"on":"tool_result","say":"It is saved.","calls":[{"name":"trigger_call",
   "arguments":{"lead_id":"{{tool.save_lead.lead_id}}"}}]}]}]})";

inline constexpr const char* kTools =
    R"(,"tools":[{"type":"function","name":"save_lead"},{"type":"function","name":"trigger_call"}])";
inline constexpr const char* kTranscribed = R"(,"transcription":{"model":"gpt-transcribe"})";
inline constexpr const char* kNoVad = R"(,"turn_detection":null)";

inline std::shared_ptr<const Bytes> caller_speech() {
  return ToneVoice().speak("en", "This is what the caller says.", AudioFormat::pcmu());
}

/// The caller says something and is quiet afterwards.
inline void speak_turn(SimRig& rig) {
  rig.play_silence(Millis(500));
  rig.play(*caller_speech());
  rig.play_silence(Millis(500));
}

struct Expected {
  const char* code;
  const char* param;
};

inline void check_error(SimRig& rig, Expected expected) {
  const Json event = rig.last("error");
  const JsonView error = event["error"];
  CHECK(error["code"].string_or("none") == expected.code);
  CHECK(error["param"].string_or("") == expected.param);
  CHECK(rig.sink.close_code == 0);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
