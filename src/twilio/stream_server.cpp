#include "voicebridge/twilio/stream_server.hpp"

#include <atomic>

#include "net/socket_refusal.hpp"
#include "stream_connection.hpp"
#include "value_checks.hpp"
#include "voicebridge/net/stream_tokens.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kPlaceholder = "{call_id}";
constexpr std::string_view kTokenParameter = "token";

std::string filled(std::string url, std::string_view call) {
  const std::size_t at = url.find(kPlaceholder);
  if (at != std::string::npos) url.replace(at, kPlaceholder.size(), url_encode(call));
  return url;
}

/// What a token is issued for: the leg, if it is known, and the call. A SID has no slash.
std::string grant_text(std::string_view call_sid, std::string_view call) {
  return std::string(call_sid).append(1, '/').append(call);
}

auto not_valid() { return fail(Errc::unauthenticated, "the stream token is not valid"); }

}  // namespace

struct TwilioStreamServer::State {
  State(TwilioStreamServerOptions opts, OnStream handler)
      : options(std::move(opts)), on_stream(std::move(handler)), tokens(options.max_tokens) {}

  std::string url() const { return "ws" + options.public_url.substr(4) + options.path; }

  Result<TwilioStreamTarget> ask(const TwilioStreamRequest& request);
  /// The call that the token of `start` was issued for.
  Result<std::string> redeem(const std::string& claimed_call, const MediaStart& start,
                             const std::string& account_sid, TimePoint now);
  Result<> admit(twilio::StreamAdmission& admission, const MediaStart& start,
                 const std::string& account_sid, TimePoint now);

  const TwilioStreamServerOptions options;
  const OnStream on_stream;
  StreamTokens tokens;
  net::StreamPlace::Count open = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused_signature{0};
  std::atomic<std::uint64_t> refused_full{0};
  std::atomic<std::uint64_t> refused_call{0};
  std::atomic<std::uint64_t> refused_token{0};
};

Result<TwilioStreamTarget> TwilioStreamServer::State::ask(const TwilioStreamRequest& request) {
  auto target = on_stream(request);
  if (target) return target;
  ++refused_call;
  options.log.warn("twilio", "media stream refused", {{"error", to_string(target.error())}});
  return target;
}

Result<std::string> TwilioStreamServer::State::redeem(const std::string& claimed_call,
                                                      const MediaStart& start,
                                                      const std::string& account_sid,
                                                      TimePoint now) {
  const auto token = start.parameters.find(std::string(kTokenParameter));
  if (token == start.parameters.end()) return not_valid();
  const auto grant = tokens.redeem(token->second, {}, now);
  if (!grant) return not_valid();
  const std::size_t slash = grant->find('/');
  const std::string_view call_sid = std::string_view(*grant).substr(0, slash);
  std::string call = grant->substr(slash + 1);
  const bool same_leg = call_sid.empty() || call_sid == start.call_id;
  const bool same_call = claimed_call.empty() || claimed_call == call;
  const bool same_account = options.account_sid.empty() || options.account_sid == account_sid;
  if (!same_leg || !same_call || !same_account) return not_valid();
  return call;
}

Result<> TwilioStreamServer::State::admit(twilio::StreamAdmission& admission,
                                          const MediaStart& start, const std::string& account_sid,
                                          TimePoint now) {
  TwilioStreamRequest& request = admission.request;
  auto call = redeem(request.call, start, account_sid, now);
  if (!call) {
    ++refused_token;
    return fail(call.error());
  }
  if (admission.target) return {};
  request.call = std::move(*call);
  request.call_sid = start.call_id;
  request.stream_sid = start.stream_id;
  request.parameters = start.parameters;
  request.parameters.erase(std::string(kTokenParameter));
  auto target = ask(request);
  if (!target) return fail(target.error());
  if (target->shard != nullptr && target->shard != request.shard) {
    return fail(Errc::conflict, "the call lives on another shard than its media socket");
  }
  admission.target = std::move(*target);
  return {};
}

TwilioStreamServer::TwilioStreamServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<TwilioStreamServer> TwilioStreamServer::create(TwilioStreamServerOptions options,
                                                      OnStream on_stream) {
  while (!options.public_url.empty() && options.public_url.back() == '/') {
    options.public_url.pop_back();
  }
  if (!twilio::is_web_url(options.public_url)) {
    return fail(Errc::invalid_argument, "the public address of the server is needed", "public_url");
  }
  if (options.path.empty() || options.path.front() != '/') {
    return fail(Errc::invalid_argument, "the path begins with a slash", "path");
  }
  if (!options.status_callback.empty() && !twilio::is_web_url(options.status_callback)) {
    return fail(Errc::invalid_argument, "must be an absolute URL", "status_callback");
  }
  if (!on_stream) {
    return fail(Errc::invalid_argument, "somebody must serve the streams", "on_stream");
  }
  auto state = std::make_shared<State>(std::move(options), std::move(on_stream));
  if (!twilio::is_stream_url(filled(state->url(), "x"))) {
    return fail(Errc::invalid_argument, "Twilio connects to https:// addresses only", "public_url");
  }
  return TwilioStreamServer(std::move(state));
}

void TwilioStreamServer::add_route(HttpServer& server) const {
  server.websocket(state_->options.path, [self = *this](const HttpServerRequest& request) {
    return self.accept(request);
  });
}

WebSocketDecision TwilioStreamServer::accept(const HttpServerRequest& request) const {
  const TwilioStreamServerOptions& options = state_->options;
  auto place = net::StreamPlace::take(state_->open, options.max_streams);
  if (!place) {
    ++state_->refused_full;
    return net::socket_refusal(503, "too many media streams");
  }
  if (options.verifier && !options.verifier->verify_socket(request.target, request.headers)) {
    ++state_->refused_signature;
    options.log.warn("twilio", "media stream refused: no valid signature");
    return net::socket_refusal(403, "a valid signature is needed");
  }
  twilio::StreamAdmission admission;
  admission.media = options.media;
  admission.log = options.log;
  admission.admit = [state = state_](twilio::StreamAdmission& admitted, const MediaStart& start,
                                     const std::string& account_sid, TimePoint now) {
    return state->admit(admitted, start, account_sid, now);
  };
  const auto claimed = request.parameters.find("call_id");
  if (claimed != request.parameters.end()) {
    admission.request.call = claimed->second;
    admission.request.shard = request.shard;
    auto target = state_->ask(admission.request);
    if (!target) {
      return net::socket_refusal(net::socket_refusal_status(target.error().code),
                                 "the call takes no media stream");
    }
    admission.target = std::move(*target);
  }
  ++state_->accepted;
  Scheduler* const shard = admission.target ? admission.target->shard : nullptr;
  return WebSocketAccept{
      std::make_shared<twilio::StreamConnection>(std::move(admission), std::move(*place)), shard,
      options.limits};
}

twilio::TwimlElement TwilioStreamServer::connect(std::string_view call, std::string_view call_sid,
                                                 TimePoint now, Millis waiting) const {
  const Secret token = state_->tokens.issue(grant_text(call_sid, call), now,
                                            state_->options.token_lifetime + waiting);
  twilio::TwimlElement stream = twilio::stream(filled(state_->url(), call));
  if (!state_->options.status_callback.empty()) {
    stream.set("statusCallback", state_->options.status_callback);
  }
  stream.add(twilio::parameter(std::string(kTokenParameter), std::string(token.reveal())));
  return twilio::connect().add(std::move(stream));
}

TwilioStreamCounters TwilioStreamServer::counters() const {
  return {state_->accepted,     state_->refused_signature, state_->refused_full,
          state_->refused_call, state_->refused_token,     state_->open->load()};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
