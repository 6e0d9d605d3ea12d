// Leads in a store of your own: here a text file (file_store.hpp), in your program whatever keeps
// your customers. The agent asks callers for their names; its tool save_lead keeps them there.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./own_lead_store leads.txt
// In earnest: set the variables of .env.example.
#include <unistd.h>

#include "file_store.hpp"

using namespace voicebridge;

int main(int argc, char** argv) {
  TelnyxPhoneOptions options = or_exit(telnyx_phone_options());
  options.leads = std::make_shared<own_lead_store::FileStore>(argc > 1 ? argv[1] : "leads.txt");
  options.region = "US";  // Numbers that are told without a country code.
  options.agent.phone.speech.instructions =
      "You answer the phone of a bakery that is closed. Ask for name and number, and whether you "
      "may "
      "call back. Then call save_lead.";
  options.agent.phone.greeting =
      "Greet the caller, say that the shop is closed and ask for a name.";
  options.agent.phone_tools = {"save_lead", "end_call"};
  const auto phone = or_exit(TelnyxPhone::create(std::move(options)));
  or_exit(phone->start());
  return pause();
}
