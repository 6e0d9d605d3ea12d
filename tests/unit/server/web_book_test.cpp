// Web sessions in virtual time: what the page is told of the agent's calls, and when it is over.
#include "web_book.hpp"

#include "support/catch.hpp"
#include "voicebridge/core/json.hpp"
#include "web_told.hpp"

using namespace voicebridge;
using server::WebBook;
using server::WebMode;

namespace {

/// A book with one session, and what it asked for.
struct Desk {
  explicit Desk(WebMode mode = WebMode::sdp)
      : book({}, {[this](const std::string& talk) { hung_up.push_back(talk); },
                  [this](const server::WebVisit& visit) { left.push_back(visit.id); },
                  [this](const server::WebVisit& visit) { over.push_back(visit.id); },
                  [this](const std::string& id) { forgotten.push_back(id); }}) {
    book.open({"web_a", mode, "", "en", "192.0.2.1", 1782950400000, Millis(60000)}, now);
    if (mode != WebMode::ephemeral) book.talk_began("web_a", "talk");
    book.socket_opened("web_a", now);
    feed = book.find("web_a")->feed;
  }

  void note(const std::string& call, const std::string& kind, const std::string& detail) {
    TimelineEntry entry;
    entry.kind = kind;
    entry.detail = detail;
    book.on_timeline(call, entry);
  }
  void say(Speaker who, const std::string& turn, const std::string& text, bool final) {
    TranscriptUpdate update;
    update.call_id = "talk";
    update.entry.speaker = who;
    update.entry.segment = turn;
    update.entry.text = update.entry.heard_text = text;
    update.final = final;
    book.on_transcript(update);
  }
  void end_call(const std::string& call, EndReason reason,
                std::vector<TranscriptEntry> transcript = {}) {
    CallRecord record;
    record.call_id = call;
    record.end_reason = reason;
    record.transcript = std::move(transcript);
    book.on_ended(record, now);
  }
  void dial(const std::string& call = "call") {
    CallStatus status;
    status.call_id = call;
    status.state = "dialing";
    book.on_lead_called("talk", status);
  }
  void pass(Millis time) {
    now += time;
    book.tick(now);
  }

  /// The events since the last look, without their numbers: "state:listening".
  std::vector<std::string> news() {
    const auto batch = feed->read(seen, 1000);
    seen = batch.last;
    std::vector<std::string> lines;
    for (const std::string& text : batch.events) {
      const Json event = Json::parse(text).value();
      std::string line = event["type"].string_or("");
      for (const char* name : {"who", "state", "text", "reason"}) {
        if (event[name].exists()) line += ':' + event[name].string_or("");
      }
      if (event["cut"].bool_or(false)) line += ":cut";
      lines.push_back(std::move(line));
    }
    return lines;
  }

  using Names = std::vector<std::string>;
  TimePoint now{};
  Names hung_up, left, over, forgotten;
  WebBook book;
  std::shared_ptr<EventFeed> feed;
  std::uint64_t seen = 0;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a talk is shown as it goes", "[server][book]") {
  Desk desk;
  CHECK(desk.news() == Lines{"state:connecting"});
  desk.note("talk", "speech", "model ready");
  desk.note("talk", "turn", "agent answers");
  desk.book.on_agent_speaking("talk", true);
  desk.say(Speaker::agent, "u1", "Hello", false);
  desk.say(Speaker::agent, "u1", "Hello there.", true);
  desk.book.on_agent_speaking("talk", false);
  desk.note("talk", "turn", "caller speaks");
  desk.note("talk", "turn", "caller stops");
  desk.say(Speaker::caller, "c1", "My boiler.", true);
  desk.note("other", "turn", "agent answers");
  CHECK(desk.news() == Lines{"state:listening", "state:thinking", "state:speaking",
                             "transcript:agent:Hello", "transcript:agent:Hello there.",
                             "state:listening", "state:thinking", "transcript:visitor:My boiler."});
}

TEST_CASE("a turn that was cut comes again with what was heard", "[server][book]") {
  Desk desk;
  desk.say(Speaker::agent, "u1", "Hello there, how are you?", true);
  TranscriptUpdate cut;
  cut.call_id = "talk";
  cut.entry.segment = "u1";
  cut.entry.speaker = Speaker::agent;
  cut.entry.text = "Hello there, how are you?";
  cut.entry.heard_text = "Hello there,";
  cut.entry.interrupted = true;
  cut.entry.heard = Millis(700);
  cut.final = true;
  desk.book.on_transcript(cut);
  CHECK(desk.news() == Lines{"state:connecting", "transcript:agent:Hello there, how are you?",
                             "transcript:agent:Hello there,:cut"});
}

TEST_CASE("the phone call is told in order, and never goes back", "[server][book]") {
  Desk desk;
  desk.news();
  desk.dial();
  desk.note("call", "state", "dialing");
  desk.note("call", "leg", "ringing");
  desk.note("call", "state", "answered");
  desk.note("call", "leg", "ringing");
  desk.note("call", "state", "talking");
  desk.note("call", "state", "ending");
  desk.note("call", "state", "ended");
  TranscriptEntry words;
  words.speaker = Speaker::agent;
  words.text = words.heard_text = "Hello Ada.";
  desk.end_call("call", EndReason::agent_goodbye, {words});
  desk.end_call("call", EndReason::agent_goodbye);
  CHECK(desk.news() == Lines{"call:dialing", "call:ringing", "call:answered", "call:talking",
                             "call:ended:agent_goodbye"});
}

TEST_CASE("it is over after the talk and the call, whichever ends last", "[server][book]") {
  Desk desk;
  desk.dial();
  desk.end_call("talk", EndReason::agent_goodbye);
  desk.pass(Millis(60000));
  CHECK(desk.over.empty());
  desk.end_call("call", EndReason::caller_hangup);
  desk.pass(Millis(1999));
  CHECK(desk.over.empty());
  desk.news();
  desk.pass(Millis(1));
  CHECK(desk.over == Desk::Names{"web_a"});
  CHECK(desk.news() == Lines{"bye:over"});
  CHECK(desk.feed->closed());
  desk.pass(Millis(59999));
  CHECK(desk.book.count() == 1);
  desk.pass(Millis(1));
  CHECK(desk.forgotten == Desk::Names{"web_a"});
  CHECK(desk.book.count() == 0);
  CHECK(desk.over.size() == 1);
}

TEST_CASE("its place is free once, when neither the talk nor the call runs", "[server][book]") {
  Desk desk;
  desk.dial();
  desk.end_call("talk", EndReason::agent_goodbye);
  desk.pass(Millis(60000));
  CHECK(desk.left.empty());
  desk.end_call("call", EndReason::caller_hangup);
  desk.pass(Millis(1));
  CHECK(desk.left == Desk::Names{"web_a"});
  CHECK(desk.over.empty());
  desk.pass(Millis(60000));
  CHECK(desk.left.size() == 1);
}

TEST_CASE("a call that is asked for at the last moment is still told", "[server][book]") {
  Desk desk;
  desk.end_call("talk", EndReason::caller_hangup);
  desk.pass(Millis(1500));
  desk.dial();
  desk.pass(Millis(60000));
  CHECK(desk.over.empty());
  desk.end_call("call", EndReason::not_reached);
  desk.pass(Millis(2000));
  CHECK(desk.over.size() == 1);
}

TEST_CASE("the end that was wished for is the reason that is told", "[server][book]") {
  const std::pair<const char*, EndReason> ends[] = {
      {"hangup", EndReason::caller_hangup}, {"agent", EndReason::cancelled},
      {"agent", EndReason::agent_goodbye},  {"timeout", EndReason::silence},
      {"timeout", EndReason::length_limit}, {"error", EndReason::media_failed}};
  for (const auto& [told, reason] : ends) {
    Desk desk;
    desk.news();
    desk.end_call("talk", reason);
    CHECK(desk.news() == Lines{"state:ended:" + std::string(told)});
  }
  Desk desk;
  desk.news();
  desk.book.end("web_a", "expired", desk.now);
  desk.book.end("web_a", "hangup", desk.now);
  CHECK(desk.hung_up == Desk::Names{"talk"});
  CHECK(desk.news().empty());
  desk.end_call("talk", EndReason::cancelled);
  CHECK(desk.news() == Lines{"state:ended:expired"});
}

TEST_CASE("a model that is lost is told as an error first", "[server][book]") {
  Desk desk;
  desk.news();
  desk.end_call("talk", EndReason::model_failed);
  CHECK(desk.news() == Lines{"error", "state:ended:error"});
}

TEST_CASE("a page that is gone ends the talk, one that comes back in time does not",
          "[server][book]") {
  Desk desk;
  desk.book.socket_closed("web_a", desk.now);
  desk.pass(Millis(29999));
  CHECK(desk.hung_up.empty());
  desk.book.socket_opened("web_a", desk.now);
  desk.pass(Millis(100000));
  CHECK(desk.hung_up.empty());
  desk.book.socket_closed("web_a", desk.now);
  desk.pass(Millis(30000));
  CHECK(desk.hung_up == Desk::Names{"talk"});
  desk.pass(Millis(500));
  CHECK(desk.hung_up.size() == 1);
  desk.news();
  desk.end_call("talk", EndReason::cancelled);
  CHECK(desk.news() == Lines{"state:ended:page_gone"});
}

TEST_CASE("a session that is not used expires, even with a socket", "[server][book]") {
  Desk desk;
  desk.pass(Millis(1799999));
  desk.book.used("web_a", desk.now);
  desk.pass(Millis(1799999));
  CHECK(desk.hung_up.empty());
  desk.pass(Millis(1));
  CHECK(desk.hung_up == Desk::Names{"talk"});
}

TEST_CASE("an ephemeral session has no talk to hang up", "[server][book]") {
  Desk desk(WebMode::ephemeral);
  CHECK(desk.book.find("web_a")->talk == "web_a");
  web::PageTranscript turn;
  turn.turn = "t1";
  turn.text = "Hel";
  desk.pass(Millis(700));
  desk.book.told("web_a", turn, desk.now);
  turn.text = "Hello.";
  desk.pass(Millis(100));
  desk.book.told("web_a", turn, desk.now);
  REQUIRE(desk.book.find("web_a")->transcript.size() == 1);
  CHECK(desk.book.find("web_a")->transcript[0].text == "Hello.");
  Lead lead;
  lead.id = "ld_1";
  desk.book.on_lead_saved("web_a", lead);
  CHECK(desk.book.find("web_a")->lead->id == "ld_1");
  desk.news();
  desk.book.end("web_a", "hangup", desk.now);
  CHECK(desk.hung_up.empty());
  CHECK(desk.news() == Lines{"state:ended:hangup"});
  desk.pass(Millis(2000));
  CHECK(desk.over.size() == 1);

  const auto kept = server::told_record(*desk.book.find("web_a"), 1782950405000);
  CHECK(kept.call.id == "web_a");
  CHECK(kept.call.lead_id == "ld_1");
  CHECK(kept.call.direction == "web");
  CHECK(kept.call.state == "ended");
  CHECK(kept.call.end_reason == "caller_hangup");
  CHECK(kept.call.created_at == 1782950400000);
  CHECK(kept.call.ended_at == 1782950405000);
  CHECK(kept.call.expires_at == 1782950400000 + 60000);
  REQUIRE(kept.transcript.size() == 1);
  CHECK(kept.transcript[0].at_ms == 700);
  CHECK(kept.transcript[0].heard_text == "Hello.");
}

TEST_CASE("a page cannot tell without end", "[server][book]") {
  Desk desk(WebMode::ephemeral);
  web::PageTranscript turn;
  turn.text = std::string(16384, 'x');
  for (int i = 0; i < 20; ++i) {
    turn.turn = std::to_string(i);
    desk.book.told("web_a", turn, desk.now);
  }
  CHECK(desk.book.find("web_a")->transcript.size() == 12);
  // A turn that is known may still change.
  turn.turn = "0";
  turn.text = "short";
  desk.book.told("web_a", turn, desk.now);
  CHECK(desk.book.find("web_a")->transcript[0].text == "short");
}

TEST_CASE("two sessions that wait for one call are both told", "[server][book]") {
  Desk desk;
  desk.book.open({"web_b", WebMode::websocket, "", "en", "192.0.2.2"}, desk.now);
  desk.book.talk_began("web_b", "other");
  desk.dial();
  CallStatus status;
  status.call_id = "call";
  status.state = "talking";
  desk.book.on_lead_called("other", status);
  desk.note("call", "state", "talking");
  desk.end_call("call", EndReason::agent_goodbye);
  for (const char* id : {"web_a", "web_b"}) {
    const auto batch = desk.book.find(id)->feed->read(0, 100);
    CHECK(batch.events.back().find("\"ended\"") != std::string::npos);
  }
  desk.book.discard("web_b");
  CHECK(desk.book.count() == 1);
  CHECK_FALSE(desk.book.find_talk("other"));
}
