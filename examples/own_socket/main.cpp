// No server and no carrier: the caller's audio comes by a socket of your own, and you feed the call
// by hand. Here the socket is standard input and output, raw µ-law of 8 kHz both ways, which any
// program can give: a modem, an RTP stack, a radio, socat, sox.
//
// Offline:    sox hello.wav -t ul -r 8000 -c 1 - pad 3 |
//               voicebridge-sim --scenario scenario.json -- ./own_socket |
//               sox -t ul -r 8000 -c 1 - heard.wav
// In earnest: OPENAI_API_KEY=… ./own_socket
#include <unistd.h>

#include <array>
#include <future>
#include <iostream>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;

namespace {

/// One call over a pair of descriptors, on its shard: every 20 ms a frame in and a frame out.
struct Line : std::enable_shared_from_this<Line> {
  explicit Line(Scheduler& on) : shard(on) {}

  void tick() {
    const TimePoint now = shard.now();
    Bytes heard(frame.size(), AudioFormat::pcmu().silence_byte());
    // Silence while nothing comes. A socket that may lag is read without blocking.
    if (::read(STDIN_FILENO, frame.data(), frame.size()) > 0)
      heard.assign(frame.begin(), frame.end());
    stream->push(heard, now);
    const ByteView said = stream->pull(now);
    if (!said.empty() && ::write(STDOUT_FILENO, said.data(), said.size()) < 0) {
      return stream->end(std::nullopt, now);  // Nobody listens any more: they have hung up.
    }
    if (stream->running()) next(now + PacedStream::kFrame);
  }
  void next(TimePoint when) {
    shard.run_at(when, [self = shared_from_this()] { self->tick(); });
  }

  Scheduler& shard;
  std::shared_ptr<PacedStream> stream = std::make_shared<PacedStream>(AudioFormat::pcmu());
  std::array<std::uint8_t, 160> frame{};
};

}  // namespace

int main() {
  const auto runtime = or_exit(Runtime::create());
  const auto sockets = make_websocket_client(*runtime);
  ToolRegistry tools;
  PhoneAgentParts parts;
  parts.next_scheduler = [&]() -> Scheduler& { return runtime->next_shard(); };
  parts.open_speech = openai::speech_factory(or_exit(realtime_options()), *sockets);
  parts.tools = &tools;
  PhoneAgentOptions options;
  options.web.speech.instructions = "You answer the intercom of a bakery. Be brief.";
  options.web.greeting = "Greet the visitor.";
  PhoneAgent agent(parts, options);
  or_exit(add_builtin_tools(tools, agent, "US"));  // end_call: the agent hangs up.
  std::promise<EndReason> over;
  agent.on_ended(
      [&](const CallRecord& record, const auto&) { over.set_value(*record.end_reason); });

  const StreamSeat seat = or_exit(agent.seat_web());  // A call that is nothing but its stream.
  seat.scheduler->post([&seat, line = std::make_shared<Line>(*seat.scheduler)] {
    line->stream->begin(seat.attach(line->stream), "door", line->shard.now());
    line->tick();
  });
  std::cerr << "ended: " << to_string(over.get_future().get()) << "\n";
  runtime->stop();  // Before what the call uses goes.
  runtime->join();
}
