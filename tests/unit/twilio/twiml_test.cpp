#include "voicebridge/twilio/twiml.hpp"

#include "unit/twilio/names.hpp"
#include "unit/twilio/samples.hpp"

using namespace voicebridge;
using namespace voicebridge::test;
using namespace voicebridge::twilio;

namespace {

std::string rendered(std::string_view name) {
  return twilio_sample("twiml_documents")[name].string_or("");
}

std::string xml_of(const TwimlElement& verb) {
  const auto xml = Twiml().add(verb).xml();
  if (!xml) return xml.error().field + ": " + xml.error().message;
  const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";
  REQUIRE(xml->compare(0, head.size(), head) == 0);
  return xml->substr(head.size(), xml->size() - head.size() - std::string("</Response>").size());
}

/// The field that is complained of; empty when nothing is.
std::string fault_of(const TwimlElement& verb) {
  const auto xml = Twiml().add(verb).xml();
  if (xml) return {};
  CHECK(xml.error().code == Errc::invalid_argument);
  CHECK(xml.error().message.rfind(xml.error().field, 0) == 0);
  return xml.error().field;
}

TwimlElement connected(TwimlElement stream) { return connect().add(std::move(stream)); }

}  // namespace

TEST_CASE("a stream with parameters and a way out is rendered as the vendor does",
          "[twilio][twiml]") {
  Twiml twiml;
  twiml
      .add(connect()
               .set("action", kHost + "/twilio/connect-action")
               .add(stream("wss://voice.example.com/media-stream")
                        .set("name", "agent")
                        .set("statusCallback", kHost + "/twilio/stream-status")
                        .add(parameter("token", "k3Jx0QmZ7v"))
                        .add(parameter("tenant", "acme"))))
      .add(say("Sorry, we lost the connection."))
      .add(redirect(kHost + "/twilio/incoming"));
  CHECK(twiml.xml() == rendered("connect_stream"));
}

TEST_CASE("a dialled number and a conference are rendered as the vendor does", "[twilio][twiml]") {
  CHECK(Twiml()
            .add(dial()
                     .flag("answerOnBridge", true)
                     .number("timeout", 20)
                     .set("action", kHost + "/twilio/dial-action")
                     .set("callerId", "+15550100200")
                     .add(number("+15550100300")
                              .set("statusCallback", kHost + "/twilio/status")
                              .set("statusCallbackEvent", "answered completed")
                              .set("url", kHost + "/whisper")))
            .xml() == rendered("dial_number"));
  CHECK(Twiml()
            .add(dial().add(conference(kCallSid)
                                .flag("startConferenceOnEnter", true)
                                .flag("endConferenceOnExit", true)
                                .set("participantLabel", "customer")
                                .set("beep", "false")
                                .set("waitUrl", "")
                                .set("jitterBufferSize", "small")
                                .set("statusCallback", kHost + "/conference-events")
                                .set("statusCallbackEvent", "start end join leave")))
            .xml() == rendered("dial_conference"));
}

TEST_CASE("SIP, keys, streams and the small verbs are rendered as the vendor does",
          "[twilio][twiml]") {
  CHECK(Twiml()
            .add(dial()
                     .set("action", kHost + "/twilio/dial-action")
                     .add(sip("sip:proj_AbC123@sip.api.openai.com;transport=tls?X-conferenceName=" +
                              kCallSid + "&X-tenant=acme")))
            .xml() == rendered("dial_sip_openai"));
  CHECK(Twiml()
            .add(gather()
                     .set("input", "dtmf speech")
                     .set("action", kHost + "/twilio/gather")
                     .number("timeout", 5)
                     .set("speechTimeout", "auto")
                     .number("numDigits", 1)
                     .flag("actionOnEmptyResult", true)
                     .add(say("Press 1 or say sales.")))
            .add(hangup())
            .xml() == rendered("gather"));
  CHECK(Twiml().add(reject("busy")).xml() == rendered("reject"));
  CHECK(Twiml()
            .add(pause(2))
            .add(play_digits("ww12#"))
            .add(play(kHost + "/a.wav").number("loop", 1))
            .add(say("A & B <ok>").set("voice", "Polly.Joanna").set("language", "en-US"))
            .add(hangup())
            .xml() == rendered("misc"));
  CHECK(Twiml()
            .add(start().add(stream("wss://voice.example.com/media-stream")
                                 .set("track", "both_tracks")
                                 .set("name", "tap")))
            .add(pause(60))
            .xml() == rendered("start_stream"));
}

TEST_CASE("the other verbs are rendered", "[twilio][twiml]") {
  CHECK(xml_of(stop_stream("tap")) == R"(<Stop><Stream name="tap"/></Stop>)");
  CHECK(xml_of(leave()) == "<Leave/>");
  CHECK(xml_of(redirect("")) == "<Redirect/>");
  CHECK(xml_of(record().number("maxLength", 30)) == R"(<Record maxLength="30"/>)");
  CHECK(xml_of(enqueue("support")) == "<Enqueue>support</Enqueue>");
  CHECK(xml_of(refer("sip:a@b.example")) == "<Refer><Sip>sip:a@b.example</Sip></Refer>");
  CHECK(xml_of(dial("+15550100300")) == "<Dial>+15550100300</Dial>");
  CHECK(Twiml().xml() == R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)");
}

TEST_CASE("whatever text there is, the document stays well-formed", "[twilio][twiml]") {
  CHECK(xml_of(say("a]]><Hangup/>&amp;\"'é")) == "<Say>a]]&gt;&lt;Hangup/&gt;&amp;amp;\"'é</Say>");
  CHECK(xml_of(connected(stream("/media").add(parameter("n", "\"><x a='1'>\n\t&")))) ==
        "<Connect><Stream url=\"/media\"><Parameter name=\"n\" "
        "value=\"&quot;>&lt;x a='1'>&#10;&#9;&amp;\"/></Stream></Connect>");
  CHECK(fault_of(say(std::string("a\0b", 3))) == "Say");
  CHECK(fault_of(say("a\xFF")) == "Say");
  CHECK(fault_of(say("a\xEF\xBF\xBF")) == "Say");
  CHECK(fault_of(say("hello").set("voice", "a\x01")) == "Say.voice");
}

TEST_CASE("a later value of an attribute takes the place of the earlier", "[twilio][twiml]") {
  CHECK(xml_of(say("x").set("voice", "man").set("language", "en").set("voice", "alice")) ==
        R"(<Say voice="alice" language="en">x</Say>)");
}

TEST_CASE("a wrong value names verb and attribute", "[twilio][twiml]") {
  const auto number_fault = [](const char* attribute, const std::string& value) {
    return fault_of(dial("+15550100300").set(attribute, value));
  };
  for (const char* value : {"5", "600"}) CHECK(number_fault("timeout", value).empty());
  for (const char* value : {"4", "601", "", "x", "5 ", "+5", "99999999999999999999"}) {
    INFO(value);
    CHECK(number_fault("timeout", value) == "Dial.timeout");
  }
  CHECK(number_fault("answerOnBridge", "yes") == "Dial.answerOnBridge");
  CHECK(number_fault("method", "PUT") == "Dial.method");
  CHECK(number_fault("callerId", "+12") == "Dial.callerId");
  CHECK(number_fault("action", "a b") == "Dial.action");
  CHECK(number_fault("Timeout", "5") == "Dial.Timeout");
  CHECK(number_fault("loop", "1") == "Dial.loop");
  CHECK(fault_of(gather().set("input", "dtmf fax")) == "Gather.input");
  CHECK(fault_of(gather().set("speechTimeout", "soon")) == "Gather.speechTimeout");
  CHECK(fault_of(gather().set("finishOnKey", "")).empty());
  CHECK(fault_of(gather().set("finishOnKey", "a")) == "Gather.finishOnKey");
  CHECK(fault_of(play_digits("12x")) == "Play.digits");
  CHECK(fault_of(reject("later")) == "Reject.reason");
  CHECK(fault_of(pause(0)) == "Pause.length");
}

TEST_CASE("conferences keep to what is documented", "[twilio][twiml]") {
  const auto fault = [](const char* attribute, const std::string& value) {
    return fault_of(dial().add(conference("room").set(attribute, value)));
  };
  CHECK(fault("coach", kCallSid).empty());
  CHECK(fault("coach", "CA1") == "Conference.coach");
  CHECK(fault("beep", "onEnter").empty());
  CHECK(fault("beep", "onenter") == "Conference.beep");
  CHECK(fault("maxParticipants", "251") == "Conference.maxParticipants");
  CHECK(fault("statusCallbackEvent", "start answered") == "Conference.statusCallbackEvent");
  CHECK(fault("participantLabel", std::string(129, 'a')) == "Conference.participantLabel");
  CHECK(fault_of(dial().add(conference(" "))) == "Conference");
}

TEST_CASE("a stream keeps to what Twilio accepts", "[twilio][twiml]") {
  const auto fault = [](const std::string& url) { return fault_of(connected(stream(url))); };
  CHECK(fault("wss://a.example/media").empty());
  CHECK(fault("/media").empty());
  CHECK(fault("ws://127.0.0.1:8080/media").empty());
  for (const char* url : {"", "ws://a.example/media", "https://a.example/media",
                          "wss://a.example/m?token=1", "wss://a.example/m#x", "wss://"}) {
    INFO(url);
    CHECK(fault(url) == "Stream.url");
  }
  CHECK(fault_of(connected(stream("/m").set("track", "both_tracks"))) == "Stream.track");
  CHECK(fault_of(connected(stream("/m").set("statusCallback", "/s"))) == "Stream.statusCallback");
  CHECK(fault_of(connect()) == "Connect");
  CHECK(fault_of(connect().add(stream("/a")).add(stream("/b"))) == "Connect");
  CHECK(fault_of(stop_stream("")) == "Stream.name");
  CHECK(fault_of(TwimlElement("Stop").add(stream("/m").set("name", "a"))) == "Stream.url");
}

TEST_CASE("a parameter has a name, and 499 characters at most", "[twilio][twiml]") {
  const auto fault = [](const std::string& name, const std::string& value) {
    return fault_of(connected(stream("/m").add(parameter(name, value))));
  };
  CHECK(fault("token", "").empty());
  CHECK(fault("", "x") == "Parameter.name");
  CHECK(fault("name", std::string(495, 'v')).empty());
  CHECK(fault("name", std::string(496, 'v')) == "Parameter.value");
}

TEST_CASE("elements stand where they may", "[twilio][twiml]") {
  CHECK(fault_of(TwimlElement("Shout", "x")) == "Shout");
  CHECK(fault_of(number("+15550100300")) == "Number");
  CHECK(fault_of(gather().add(hangup())) == "Hangup");
  CHECK(fault_of(say("x").add(say("y"))) == "Say");
  CHECK(fault_of(dial().add(stream("/m"))) == "Stream");
  const auto late = Twiml().add(say("x")).add(reject()).xml();
  REQUIRE_FALSE(late);
  CHECK(late.error().field == "Reject");
}

TEST_CASE("a verb has what it needs, once", "[twilio][twiml]") {
  CHECK(fault_of(say("")) == "Say");
  CHECK(fault_of(dial()) == "Dial");
  CHECK(fault_of(dial("12")) == "Dial");
  CHECK(fault_of(dial("+15550100300").add(number("+15550100301"))) == "Dial");
  CHECK(fault_of(dial().add(number("12"))) == "Number");
  CHECK(fault_of(play("")) == "Play");
  CHECK(fault_of(play("a.wav").set("digits", "1")) == "Play");
  CHECK(fault_of(play("not a url")) == "Play");
  CHECK(fault_of(enqueue("")) == "Enqueue");
  CHECK(fault_of(enqueue("").set("workflowSid", "WW1")).empty());
  CHECK(fault_of(TwimlElement("Hangup", "now")) == "Hangup");
  CHECK(fault_of(TwimlElement("Refer")) == "Refer");
}

TEST_CASE("a SIP address may carry headers of ours only", "[twilio][twiml]") {
  const auto fault = [](const std::string& uri) { return fault_of(dial().add(sip(uri))); };
  CHECK(fault("sip:user@host.example;transport=tls").empty());
  CHECK(fault("sip:host.example").empty());
  CHECK(fault("sip:u@h?User-to-User=1&x-a=2").empty());
  CHECK(fault("sip:" + std::string(248, 'u') + "@h").empty());
  for (const std::string& uri :
       {std::string("user@host"), std::string("sip:"), std::string("sip:u@"),
        std::string("sip:u@h x"), std::string("sip:u@h?From=x"), std::string("sip:u@h?X-=1"),
        std::string("sip:u@h?X-a"), "sip:" + std::string(249, 'u') + "@h",
        "sip:u@h?X-a=" + std::string(1024, 'v')}) {
    INFO(uri);
    CHECK(fault(uri) == "Sip");
  }
}
