// Keeps a person who agreed to be called, calls them, and tells how it went.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./call_a_lead Ada Lovelace +12025550143
// In earnest: set the variables of .env.example
// The exit code is 0 when the agent has said goodbye.
#include <future>
#include <iostream>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "call_a_lead FIRST-NAME LAST-NAME PHONE\n";
    return 2;
  }
  TelnyxPhoneOptions options = or_exit(telnyx_phone_options());
  options.agent.phone.speech.instructions =
      "You call {{first_name}} {{last_name}} for a bakery: their cake is ready. Say so, answer "
      "what "
      "they ask, then say goodbye and call end_call.";
  options.agent.phone.greeting = "Greet {{first_name}} and say why you call.";
  options.agent.phone.expects_amd = true;  // Telnyx says whether a machine picked up.
  const auto phone = or_exit(TelnyxPhone::create(std::move(options)));
  or_exit(phone->start());  // Telnyx tells by webhooks how the call goes.

  LeadInput person;
  person.first_name = argv[1];
  person.last_name = argv[2];
  person.phone = argv[3];
  person.consent = true;  // Without it nobody is called.
  person.consent_text = "Yes, call me when my cake is ready.";
  person.source = "counter";
  const Lead lead = or_exit(phone->agent().leads().save(person));

  std::promise<Result<CallRecord>> over;
  phone->agent().on_ended([&](const CallRecord& record, const std::string&) {
    over.set_value(record);  // On a thread of the phone's.
  });
  CallLeadRequest request;
  request.lead_id = lead.id;
  phone->agent().call_lead(std::move(request), [&](Result<CallStatus> called) {
    if (!called) over.set_value(fail(called.error()));  // There is no call that could end.
  });

  const CallRecord record = or_exit(over.get_future().get());
  for (const TranscriptEntry& turn : record.transcript) {
    std::cout << to_string(turn.speaker) << ": " << turn.heard_text << "\n";
  }
  std::cout << "ended: " << to_string(*record.end_reason) << " " << record.end_detail << std::endl;
  return record.end_reason == EndReason::agent_goodbye ? 0 : 1;
}
