// What a talk leaves for the next one: by the model when it can, by the transcript when not.
#include "support/catch.hpp"
#include "unit/agent/fake_call.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

CallOptions web_talk() {
  CallOptions options = talkative();
  options.media_is_call = true;
  options.summary_at_end = true;
  return options;
}

/// A talk in which both have said something.
struct SummedTalk : FakeCall {
  explicit SummedTalk(CallOptions options = web_talk()) : FakeCall(std::move(options)) {
    connect();
    agent_says("u1", 400ms, "How can I help?");
    advance(1s);
    echo();
    event(CallerActivity{true});
    event(CallerActivity{false});
    event(Transcript{Speaker::caller, "c1", "I want a quote.", true});
  }
  void ask() {
    session->summarize([this](const TalkSummary& summary) { told.push_back(summary); }, now);
  }
  void answer(std::string text) {
    event(SummaryMade{model().last<Summarize>().key, std::move(text)});
  }
  void hang_up_page() { session->on_media_stop(std::nullopt, now); }

  std::vector<TalkSummary> told;
};

const std::string kByTranscript = "- You: How can I help?\n- Visitor: I want a quote.\n";

}  // namespace

TEST_CASE("the model's summary of a talk that goes on is told when it comes", "[summary]") {
  SummedTalk talk;
  talk.ask();
  CHECK(talk.session->summarizing());
  CHECK(talk.model().last<Summarize>().instructions.find("objections") != std::string::npos);
  talk.advance(3s);
  CHECK(talk.told.empty());
  talk.answer("  Wants a quote.\n");
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].text == "Wants a quote.");
  CHECK(talk.told[0].by_model);
  CHECK_FALSE(talk.session->summarizing());
  CHECK(talk.session->state() == CallState::talking);
  CHECK(talk.summaries.empty());
}

TEST_CASE("a summary that is late is made of the transcript, and what comes then is nothing",
          "[summary]") {
  SummedTalk talk;
  talk.ask();
  const std::string key = talk.model().last<Summarize>().key;
  talk.advance(Millis(3999));
  CHECK(talk.told.empty());
  talk.advance(Millis(1));
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].text == kByTranscript);
  CHECK_FALSE(talk.told[0].by_model);
  talk.event(SummaryMade{key, std::string("Too late.")});
  CHECK(talk.told.size() == 1);
  // The next is asked for anew, and does not take the late one for its own.
  talk.ask();
  talk.event(SummaryMade{key, std::string("Too late.")});
  CHECK(talk.told.size() == 1);
  talk.answer("In time.");
  REQUIRE(talk.told.size() == 2);
  CHECK(talk.told[1].text == "In time.");
}

TEST_CASE("a model that refuses, or writes nothing, is done without", "[summary]") {
  SummedTalk talk;
  talk.ask();
  talk.event(SummaryMade{talk.model().last<Summarize>().key, fail(Errc::unavailable, "no")});
  talk.ask();
  talk.answer(" \n");
  REQUIRE(talk.told.size() == 2);
  CHECK(talk.told[0].text == kByTranscript);
  CHECK(talk.told[1].text == kByTranscript);
}

TEST_CASE("a session that is cut while it writes is done without, at once", "[summary]") {
  SummedTalk talk;
  talk.ask();
  talk.event(lost());
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].text == kByTranscript);
  CHECK(talk.ended == 0);
  // Nobody is there to ask now.
  talk.ask();
  REQUIRE(talk.told.size() == 2);
  CHECK_FALSE(talk.session->summarizing());
}

TEST_CASE("a caller who barges in meanwhile is heard, and the summary comes all the same",
          "[summary]") {
  SummedTalk talk;
  talk.event(ReplyStarted{});
  talk.event(UtteranceStarted{"u2"});
  const Bytes audio(8000, 0x55);
  talk.session->on_speech_audio("u2", AudioPayload::from_bytes(AudioFormat::pcmu(), audio),
                                talk.now);
  talk.ask();
  talk.advance(300ms);
  talk.event(CallerActivity{true});
  CHECK(talk.media.clears == 1);
  CHECK(talk.model().interruptions.size() == 1);
  CHECK(talk.told.empty());
  talk.answer("Wants a quote.");
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].by_model);
}

TEST_CASE("who asks while one is written gets the same", "[summary]") {
  SummedTalk talk;
  talk.ask();
  talk.advance(1s);
  talk.ask();
  CHECK(talk.model().count<Summarize>() == 1);
  talk.answer("Wants a quote.");
  REQUIRE(talk.told.size() == 2);
  CHECK(talk.told[1].text == "Wants a quote.");
}

TEST_CASE("the end of a talk leaves its model the time to write", "[summary]") {
  SummedTalk talk;
  talk.hang_up_page();
  CHECK(talk.ended == 1);
  CHECK(talk.model().closes == 0);
  CHECK(talk.session->summarizing());
  SpeechUsage usage;
  usage.output_text = 60;
  usage.model = "gpt-realtime-2";
  talk.event(usage);
  talk.answer("Wants a quote.");
  REQUIRE(talk.summaries.size() == 1);
  CHECK(talk.summaries[0].text == "Wants a quote.");
  CHECK(talk.model().closes == 1);
  CHECK(talk.record.usage.output_text == 60);
  CHECK(talk.record.cost.usd > 0);
  CHECK_FALSE(talk.session->next_deadline());
  // A hand-off that comes after the end gets what was made then.
  talk.ask();
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].text == "Wants a quote.");
}

TEST_CASE("a model that does not write at the end is closed after four seconds", "[summary]") {
  SummedTalk talk;
  talk.hang_up_page();
  talk.advance(4s);
  REQUIRE(talk.summaries.size() == 1);
  CHECK(talk.summaries[0].text == kByTranscript);
  CHECK(talk.model().closes == 1);
  CHECK(talk.ended == 1);
  CHECK_FALSE(talk.session->summarizing());
}

TEST_CASE("a session that is cut behind the end is done without", "[summary]") {
  SummedTalk talk;
  talk.hang_up_page();
  talk.event(lost());
  REQUIRE(talk.summaries.size() == 1);
  CHECK(talk.summaries[0].text == kByTranscript);
  CHECK(talk.models.size() == 1);  // No other is opened for it.
}

TEST_CASE("a talk that ends before its hand-off has the summary gives it to both", "[summary]") {
  SummedTalk talk;
  talk.ask();
  talk.hang_up_page();
  CHECK(talk.model().closes == 0);
  CHECK(talk.model().count<Summarize>() == 1);
  talk.answer("Wants a quote.");
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].text == "Wants a quote.");
  REQUIRE(talk.summaries.size() == 1);
  CHECK(talk.model().closes == 1);
}

TEST_CASE("a talk without a word leaves nothing", "[summary]") {
  FakeCall call(web_talk());
  call.connect();
  call.session->on_media_stop(std::nullopt, call.now);
  CHECK(call.ended == 1);
  CHECK(call.summaries.empty());
  CHECK(call.model().count<Summarize>() == 0);
  CHECK(call.model().closes == 1);
}

TEST_CASE("a call that hands nothing on asks for nothing at its end", "[summary]") {
  SummedTalk talk([] {
    CallOptions options = web_talk();
    options.summary_at_end = false;
    return options;
  }());
  talk.hang_up_page();
  CHECK(talk.model().count<Summarize>() == 0);
  CHECK(talk.model().closes == 1);
  CHECK(talk.summaries.empty());
}

TEST_CASE("without a time for the model the transcript does at once", "[summary]") {
  CallOptions options = web_talk();
  options.summary_timeout = Millis(0);
  SummedTalk talk(std::move(options));
  talk.ask();
  REQUIRE(talk.told.size() == 1);
  CHECK(talk.told[0].text == kByTranscript);
  CHECK(talk.model().count<Summarize>() == 0);
}
