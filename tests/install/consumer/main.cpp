// Uses a real thing of each installed library: asks a simulated Telnyx for its state, over a
// socket.
#include <cstdio>
#include <future>
#include <string>
#include <voicebridge/testing/telnyx_simulator.hpp>
#include <voicebridge/voicebridge.hpp>

namespace vb = voicebridge;

namespace {

vb::Result<std::string> state_of(const vb::testing::TelnyxSimulator& simulator,
                                 vb::Runtime& runtime) {
  const auto client = vb::make_http_client(runtime);
  vb::HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(simulator.port()) + "/__sim/state";
  std::promise<vb::Result<vb::HttpResponse>> answered;
  client->send(std::move(request), runtime.shard(0),
               [&answered](auto response) { answered.set_value(std::move(response)); });
  return answered.get_future().get().map([](const auto& response) { return response.body; });
}

vb::Result<void> run() {
  const auto phone = vb::normalize_phone("06 12 34 56 78", "FR");
  if (!phone) return vb::fail(phone.error());
  if (*phone != "+33612345678") return vb::fail(vb::Errc::internal, "wrong number: " + *phone);

  auto runtime = vb::Runtime::create();
  if (!runtime) return vb::fail(runtime.error());
  auto simulator = vb::testing::TelnyxSimulator::create(**runtime);
  if (!simulator) return vb::fail(simulator.error());
  const auto text = state_of(**simulator, **runtime);
  if (!text) return vb::fail(text.error());
  const auto state = vb::Json::parse(*text);
  if (!state) return vb::fail(state.error());
  if (!state->root().is_object())
    return vb::fail(vb::Errc::protocol_error, "the state is no object");
  return {};
}

}  // namespace

int main() {
  const auto result = run();
  std::printf("voicebridge %s: %s\n", VOICEBRIDGE_VERSION,
              result ? "works" : to_string(result.error()).c_str());
  return result ? 0 : 1;
}
