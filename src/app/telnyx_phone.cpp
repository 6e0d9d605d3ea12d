#include "voicebridge/app/telnyx_phone.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "voicebridge/agent/builtin_tools.hpp"
#include "voicebridge/openai/speech_factory.hpp"
#include "voicebridge/telnyx/media_format.hpp"
#include "voicebridge/telnyx/stream_server.hpp"
#include "voicebridge/telnyx/telnyx_carrier.hpp"
#include "voicebridge/telnyx/telnyx_conference.hpp"
#include "voicebridge/telnyx/webhook_route.hpp"
#include "voicebridge/telnyx/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr const char* kWebhooks = "/telnyx/webhooks";
constexpr std::uint16_t kPort = 8080;

Result<std::uint16_t> port_of(const std::string& text) {
  if (text.empty()) return kPort;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  if (read.ec == std::errc() && read.ptr == end) return port;
  return fail(Errc::invalid_argument, "PORT is no port: " + text, "PORT");
}

std::string or_else(std::string value, const char* otherwise) {
  return value.empty() ? std::string(otherwise) : value;
}

}  // namespace

Result<TelnyxPhoneOptions> telnyx_phone_options(const Variables& variables) {
  auto model = realtime_options(variables);
  if (!model) return fail(model.error());
  auto there =
      need_variables(variables, {"PUBLIC_APP_URL", "TELNYX_API_KEY", "TELNYX_PUBLIC_KEY",
                                 "TELNYX_CALL_CONTROL_APP_ID", "TELNYX_OUTBOUND_CALLER_ID"});
  if (!there) return fail(there.error());
  const auto port = port_of(variables("PORT"));
  if (!port) return fail(port.error());
  TelnyxPhoneOptions options;
  options.http.address = or_else(variables("HOST"), options.http.address.c_str());
  options.http.port = *port;
  options.public_app_url = variables("PUBLIC_APP_URL");
  options.account.api_base =
      or_else(variables("TELNYX_API_BASE"), options.account.api_base.c_str());
  options.account.api_key = Secret(variables("TELNYX_API_KEY"));
  options.public_key = variables("TELNYX_PUBLIC_KEY");
  options.line.connection_id = variables("TELNYX_CALL_CONTROL_APP_ID");
  options.line.caller_id = variables("TELNYX_OUTBOUND_CALLER_ID");
  if (const auto codec = variables("TELNYX_STREAM_CODEC"); !codec.empty()) {
    const auto format = telnyx::stream_format(codec);
    if (!format) return fail(Errc::invalid_argument, format.error().message, "TELNYX_STREAM_CODEC");
    options.line.format = *format;
  }
  options.model = std::move(*model);
  options.agent.phone.speech.voice = or_else(variables("OPENAI_REALTIME_VOICE"), "marin");
  options.agent.phone.speech.transcription_model =
      or_else(variables("OPENAI_TRANSCRIPTION_MODEL"), "gpt-transcribe");
  options.region = variables("VOICEBRIDGE_REGION");
  return options;
}

struct TelnyxPhone::Impl {
  explicit Impl(TelnyxPhoneOptions wanted) : options(std::move(wanted)) {}
  ~Impl();
  Result<> make();
  Result<> make_line();
  Result<> make_agent();
  Result<TelnyxStreamTarget> seat(const TelnyxStreamRequest& request);

  TelnyxPhoneOptions options;
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<HttpClient> client;
  std::unique_ptr<WebSocketClient> websockets;
  std::unique_ptr<TelnyxCarrier> carrier;
  std::unique_ptr<TelnyxConference> conference;
  ToolRegistry tools;
  std::unique_ptr<PhoneAgent> agent;
  std::unique_ptr<HttpServer> server;
};

TelnyxPhone::Impl::~Impl() {
  // First nothing new comes in, then the loops end, then what they used may go.
  if (server) server->stop(Millis(0));
  if (runtime) {
    runtime->stop();
    runtime->join();
  }
  server.reset();
}

Result<> TelnyxPhone::Impl::make() {
  auto loops = Runtime::create(options.runtime);
  if (!loops) return fail(loops.error());
  runtime = std::move(*loops);
  client = make_http_client(*runtime);
  websockets = make_websocket_client(*runtime);
  auto listening = HttpServer::create(*runtime, options.http);
  if (!listening) return fail(listening.error());
  server = std::move(*listening);
  if (auto made = make_line(); !made) return made;
  return make_agent();
}

Result<TelnyxStreamTarget> TelnyxPhone::Impl::seat(const TelnyxStreamRequest& request) {
  auto seat = agent->seat(request.call);
  if (!seat) return fail(seat.error());
  return TelnyxStreamTarget{std::move(seat->attach), seat->scheduler, options.line.format};
}

Result<> TelnyxPhone::Impl::make_line() {
  TelnyxStreamServerOptions sockets;
  sockets.public_app_url = options.public_app_url;
  sockets.log = options.log;
  auto door = TelnyxStreamServer::create(
      std::move(sockets), [this](const TelnyxStreamRequest& request) { return seat(request); });
  if (!door) return fail(door.error());
  auto control = TelnyxCallControl::create(*client, options.account);
  if (!control) return fail(control.error());
  if (options.line.webhook_url.empty()) {
    options.line.webhook_url = options.public_app_url + kWebhooks;
  }
  auto line = TelnyxCarrier::create(*control, *door, options.line);
  if (!line) return fail(line.error());
  carrier = std::move(*line);
  TelnyxConferenceOptions joining;
  joining.format = options.line.format;
  conference = std::make_unique<TelnyxConference>(std::move(*control), *door, joining);

  telnyx::WebhookVerifierOptions keys;
  keys.public_keys = {options.public_key};
  auto verifier = telnyx::WebhookVerifier::create(std::move(keys));
  if (!verifier) return fail(verifier.error());
  telnyx::add_webhook_route(
      *server, kWebhooks, std::make_shared<const telnyx::WebhookVerifier>(std::move(*verifier)),
      [this](const CarrierEvent& event) { agent->on_carrier_event(event); }, options.log);
  door->add_route(*server);
  return {};
}

Result<> TelnyxPhone::Impl::make_agent() {
  // A model that cannot be had is told now, and not to the first caller.
  if (auto address = openai::realtime_url(options.model); !address) return fail(address.error());
  PhoneAgentParts parts;
  parts.next_scheduler = [this]() -> Scheduler& { return runtime->next_shard(); };
  parts.open_speech = openai::speech_factory(options.model, *websockets, options.log);
  parts.carrier = carrier.get();
  parts.conference = conference.get();
  parts.tools = &tools;
  parts.leads = options.leads;
  parts.calls = options.calls;
  parts.log = options.log;
  parts.metrics = &runtime->metrics();
  SpeechSpec& speech = options.agent.phone.speech;
  speech.input = speech.output = options.line.format;
  agent = std::make_unique<PhoneAgent>(std::move(parts), options.agent);
  return add_builtin_tools(tools, *agent, options.region);
}

TelnyxPhone::TelnyxPhone(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TelnyxPhone::~TelnyxPhone() = default;

Result<std::unique_ptr<TelnyxPhone>> TelnyxPhone::create(TelnyxPhoneOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto made = impl->make(); !made) return fail(made.error());
  return std::unique_ptr<TelnyxPhone>(new TelnyxPhone(std::move(impl)));
}

Runtime& TelnyxPhone::runtime() { return *impl_->runtime; }
HttpServer& TelnyxPhone::http() { return *impl_->server; }
ToolRegistry& TelnyxPhone::tools() { return impl_->tools; }
PhoneAgent& TelnyxPhone::agent() { return *impl_->agent; }
Result<> TelnyxPhone::start() { return impl_->server->start(); }
void TelnyxPhone::stop(Millis grace) { impl_->agent->stop(grace); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
