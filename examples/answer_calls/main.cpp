// Answers the calls that come to a Telnyx number, with a tool of its own.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./answer_calls
// In earnest: set the variables of .env.example, and run ./answer_calls
#include <unistd.h>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;

int main() {
  TelnyxPhoneOptions options = or_exit(telnyx_phone_options());  // From the environment.
  options.agent.phone.speech.instructions = "You answer the phone of a bakery. Be warm and brief.";
  options.agent.phone.greeting = "Greet the caller and ask what they need.";

  const auto phone = or_exit(TelnyxPhone::create(std::move(options)));
  or_exit(phone->tools().add(
      {"opening_hours", "When the shop is open", R"({"type":"object"})"},
      [](const ToolInvocation&) -> ToolOutput { return R"({"hours":"9 to 17"})"; }));
  or_exit(phone->start());
  return pause();
}
