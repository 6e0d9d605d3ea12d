// Writes down what is said in a call while it is said: both sides, with times, and of an agent who
// was interrupted only what the caller has heard.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./transcribe_call
// In earnest: set the variables of .env.example.
#include <unistd.h>

#include <iomanip>
#include <iostream>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;

namespace {

void print(const std::string& call, const TranscriptEntry& turn) {
  std::cout << call.substr(0, 10) << std::setw(7) << turn.at.count() << " ms  "
            << to_string(turn.speaker) << ": " << turn.heard_text
            << (turn.interrupted ? " [interrupted]" : "") << std::endl;
}

}  // namespace

int main() {
  TelnyxPhoneOptions options = or_exit(telnyx_phone_options());
  options.agent.phone.speech.instructions = "You answer the phone of a bakery. Be warm and brief.";
  options.agent.phone.greeting = "Greet the caller and ask what they need.";
  options.agent.phone.speech.transcription_model = "gpt-transcribe";  // Of the caller's words.
  options.agent.phone.speech.transcription_language = "en";
  const auto phone = or_exit(TelnyxPhone::create(std::move(options)));

  // As it grows: for a screen. A turn comes again with each change.
  phone->agent().on_transcript([](const TranscriptUpdate& update) {
    if (update.final && update.entry.speaker == Speaker::caller) {
      std::cerr << "(" << update.entry.text << ")" << std::endl;
    }
  });
  // As it was: for the files. What was cut off by an interruption is known only at the end.
  phone->agent().on_ended([](const CallRecord& record, const std::string&) {
    for (const TranscriptEntry& turn : record.transcript) print(record.call_id, turn);
    std::cout << "over after " << record.duration.count() / 1000 << " s: " << usage_json(record)
              << std::endl;
  });
  or_exit(phone->start());
  return pause();
}
