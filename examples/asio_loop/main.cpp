// A program that has an Asio loop of its own, and answers the phone on it: voicebridge starts no
// loop, the program's drives it. So calls, their hooks and the program's own work share one thread,
// and what they share needs no lock. The Asio of the program may be another than voicebridge's.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./asio_loop
// In earnest: set the variables of .env.example. Ctrl-C lets the calls say goodbye.
#include <asio.hpp>
#include <csignal>
#include <iostream>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;
using namespace std::chrono_literals;

namespace {

/// Does something again and again on the loop.
void every(asio::steady_timer& timer, Millis interval, const std::function<void()>& work) {
  work();
  timer.expires_after(interval);
  timer.async_wait([&timer, interval, work](std::error_code stopped) {
    if (!stopped) every(timer, interval, work);
  });
}

}  // namespace

int main() {
  asio::io_context loop;
  int loaves = 100;  // What the program is about; touched on the loop only.
  asio::steady_timer oven(loop);
  every(oven, 250ms, [&] { ++loaves; });

  TelnyxPhoneOptions options = or_exit(telnyx_phone_options());
  options.runtime.threads = 0;  // No thread: `poll` drives it.
  options.agent.phone.speech.instructions = "You answer the phone of a bakery.";
  options.agent.phone.greeting = "Greet the caller and ask what they need.";
  const auto phone = or_exit(TelnyxPhone::create(std::move(options)));

  // Handlers of tools run on other threads. This one asks the loop, and waits for nothing.
  or_exit(phone->tools().add_async(
      {"count_loaves", "How much bread there is", R"({"type":"object"})"},
      [&](const ToolInvocation&, ToolReply reply) {
        asio::post(loop, [&loaves, reply] { reply(std::to_string(loaves)); });
      }));
  phone->agent().on_ended([&](const CallRecord& record, const std::string&) {
    loaves -= 2;  // On the loop, as hooks are.
    std::cout << "call over: " << to_string(*record.end_reason) << std::endl;
  });
  or_exit(phone->start());

  // Voice comes in pieces of 20 ms: a quarter of that is soon enough.
  asio::steady_timer tick(loop);
  every(tick, 5ms, [&] { phone->runtime().poll(); });

  asio::signal_set signals(loop, SIGINT, SIGTERM);
  asio::steady_timer leaving(loop);
  signals.async_wait([&](std::error_code, int) {
    phone->stop(5s);
    every(leaving, 50ms, [&] {
      if (phone->agent().live_calls() == 0) loop.stop();
    });
  });
  loop.run();
  std::cout << "loaves: " << loaves << std::endl;
  return 0;
}
