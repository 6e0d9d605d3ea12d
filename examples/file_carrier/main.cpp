// A carrier of your own, as small as one can be (file_carrier.hpp): its telephone is a WAV file.
// The agent calls it, as it would call a number by Telnyx. The example own_carrier is a larger one,
// under the suite that every carrier has to pass; see docs/adding-a-carrier.md.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./file_carrier person.wav heard.wav
// In earnest: OPENAI_API_KEY=… ./file_carrier person.wav heard.wav (mono, 8 kHz)
#include "file_carrier.hpp"

#include <future>
#include <iostream>

int main(int argc, char** argv) {
  using namespace voicebridge;
  if (argc != 3) {
    std::cerr << "file_carrier PERSON.wav HEARD.wav\n";
    return 2;
  }
  const auto runtime = or_exit(Runtime::create());
  const auto sockets = make_websocket_client(*runtime);
  std::unique_ptr<PhoneAgent> agent;
  file_carrier::FileCarrier carrier(or_exit(read_wav(argv[1])),
                                    [&]() -> PhoneAgent& { return *agent; });
  ToolRegistry tools;
  PhoneAgentParts parts;
  parts.next_scheduler = [&]() -> Scheduler& { return runtime->next_shard(); };
  parts.open_speech = openai::speech_factory(or_exit(realtime_options()), *sockets);
  parts.carrier = &carrier;
  parts.tools = &tools;
  PhoneAgentOptions options;
  options.carrier_name = "files";
  options.phone.speech.instructions = "You call for a bakery: the cake is ready. Be brief.";
  options.phone.greeting = "Greet the person and say why you call.";
  agent = std::make_unique<PhoneAgent>(parts, options);
  or_exit(add_builtin_tools(tools, *agent, "US"));

  std::promise<Result<CallRecord>> over;
  agent->on_ended([&](const CallRecord& record, const auto&) { over.set_value(record); });
  CallNumberRequest request;
  request.to = "+12025550143";
  agent->call_number(request, [&](Result<CallStatus> called) {
    if (!called) std::cerr << to_string(called.error()) << "\n";  // It ends then, as not reached.
  });
  const CallRecord record = or_exit(over.get_future().get());
  runtime->stop();  // Before what the call uses goes.
  runtime->join();
  or_exit(write_wav(argv[2], carrier.heard()));
  std::cout << "ended: " << to_string(*record.end_reason) << std::endl;
  return record.end_reason == EndReason::agent_goodbye ? 0 : 1;
}
