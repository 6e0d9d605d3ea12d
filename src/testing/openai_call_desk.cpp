#include "openai_call_desk.hpp"

#include <chrono>
#include <future>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

/// A runtime that has been stopped runs no task any more; nobody must wait for it.
constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kMaxUnanswered = 1000;

}  // namespace

/// One socket with `?call_id=`. On the desk's shard; may outlive the desk.
class CallDesk::Sideband final : public WebSocketHandler {
 public:
  Sideband(const std::shared_ptr<CallDesk>& desk, OpenAiSimHandshake handshake)
      : desk_(desk), handshake_(std::move(handshake)) {}

  void on_open(WebSocket& socket) override {
    socket_ = &socket;
    const auto desk = desk_.lock();
    if (!desk || desk->stopped_) return socket.close(1001, "going away");
    id_ = desk->with_calls(
        [&](OpenAiCalls& calls, TimePoint now) { return calls.attach(handshake_, socket, now); });
  }
  void on_text(std::string_view text) override {
    use([&](OpenAiCalls& calls, TimePoint now) { calls.on_text(id_, text, now); });
  }
  void on_binary(std::string_view) override {
    socket_->close(1003, "binary frames are not supported");
  }
  void on_closed(std::uint16_t, std::string_view) override {
    use([&](OpenAiCalls& calls, TimePoint now) { calls.detach(id_, now); });
  }

 private:
  template <class Use>
  void use(Use&& what) {
    if (const auto desk = desk_.lock()) desk->with_calls(std::forward<Use>(what));
  }

  const std::weak_ptr<CallDesk> desk_;
  const OpenAiSimHandshake handshake_;
  WebSocket* socket_ = nullptr;
  std::uint64_t id_ = 0;
};

CallDesk::CallDesk(Runtime& runtime, std::shared_ptr<const OpenAiScenario> scenario,
                   std::shared_ptr<const VoiceSource> voice, const OpenAiCallsOptions& options)
    : shard_(runtime.next_shard()),
      http_(make_http_client(runtime)),
      calls_(std::move(scenario), std::move(voice), options, *this, shard_.now()),
      driver_(shard_, *this) {}

void CallDesk::add_routes(HttpServer& server) {
  const auto handler = [weak = weak_from_this()](HttpServerRequest request,
                                                 HttpResponder responder) {
    if (auto self = weak.lock()) self->serve(std::move(request), std::move(responder));
  };
  server.route("POST", "/v1/realtime/client_secrets", handler);
  server.route("POST", "/v1/realtime/calls", handler);
  server.route("POST", "/v1/realtime/calls/{id}/{verb}", handler);
  server.route(
      "POST", "/__sim/sip_calls",
      [weak = weak_from_this()](const HttpServerRequest& request, const HttpResponder& responder) {
        if (auto self = weak.lock()) self->ring(request.body, responder);
      });
}

/// Calls by SIP, asked for from outside: plans in, ids out.
void CallDesk::ring(const std::string& body, const HttpResponder& responder) {
  const auto json = Json::parse(body);
  auto plans = json ? SipCallPlan::parse_all(*json) : fail(json.error());
  JsonWriter out;
  out.object();
  if (!plans) {
    const Error& error = plans.error();
    out.field("error", error.message).field("field", error.field);
    return responder.send(400, out.end().take());
  }
  out.key("calls").array();
  with_calls([&](OpenAiCalls& calls, TimePoint now) {
    for (auto& plan : *plans) out.string(calls.sip_call(std::move(plan), now));
  });
  responder.send(200, out.end().end().take());
}

/// A request may send to sidebands, so it is served where they live.
void CallDesk::serve(HttpServerRequest request, HttpResponder responder) {
  shard_.post([self = shared_from_this(), request = std::move(request),
               responder = std::move(responder)]() mutable {
    if (self->stopped_) return;
    const SimApiRequest wanted{std::move(request.method),
                               std::move(request.path),
                               std::move(request.headers),
                               std::move(request.body),
                               {}};
    self->answer(self->with_calls([&](OpenAiCalls& calls, TimePoint now) {
      return calls.on_request(wanted, now);
    }),
                 std::move(responder));
  });
}

void CallDesk::answer(SimApiReply reply, HttpResponder responder) {
  if (!reply.answered) {
    if (unanswered_.size() < kMaxUnanswered) unanswered_.push_back(std::move(responder));
  } else if (reply.delay == Millis(0)) {
    responder.send(std::move(reply.response));
  } else {
    shard_.run_at(shard_.now() + reply.delay,
                  [response = std::move(reply.response), responder = std::move(responder)] {
                    responder.send(response);
                  });
  }
}

void CallDesk::stop() {
  const auto done = std::make_shared<std::promise<void>>();
  shard_.post([self = shared_from_this(), done] {
    self->stopped_ = true;
    self->driver_.stop();
    self->unanswered_.clear();
    {
      const std::lock_guard<std::mutex> lock(self->mutex_);
      self->calls_.shut_down(self->shard_.now());
    }
    done->set_value();
  });
  done->get_future().wait_for(kPatience);
}

std::variant<OpenAiSimHandshake, HttpResponse> CallDesk::judge(const HttpServerRequest& request,
                                                               std::size_t connection) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return calls_.judge_upgrade(request.target, request.headers, connection, shard_.now());
}

std::shared_ptr<WebSocketHandler> CallDesk::make_sideband(OpenAiSimHandshake handshake) {
  return std::make_shared<Sideband>(shared_from_this(), std::move(handshake));
}

bool CallDesk::on_shard(const std::function<bool(OpenAiCalls& calls, TimePoint now)>& use) {
  const auto done = std::make_shared<std::promise<bool>>();
  shard_.post([self = shared_from_this(), use, done] {
    done->set_value(!self->stopped_ && self->with_calls(use));
  });
  auto result = done->get_future();
  return result.wait_for(kPatience) == std::future_status::ready && result.get();
}

Deadline CallDesk::next_deadline() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return calls_.next_deadline();
}

void CallDesk::on_deadline(TimePoint now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  calls_.on_deadline(now);
}

void CallDesk::wake() {
  shard_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->stopped_) self->driver_.rearm();
  });
}

void CallDesk::post_webhook(const SimPost& post) {
  HttpRequest request;
  request.method = "POST";
  request.url = post.url;
  request.headers = post.headers;
  request.body = post.body;
  request.timeout = post.timeout;
  http_->send(std::move(request), shard_,
              [weak = weak_from_this(), id = post.id](const Result<HttpResponse>& response) {
                const auto self = weak.lock();
                if (!self) return;
                self->with_calls([&](OpenAiCalls& calls, TimePoint now) {
                  calls.on_webhook_answer(id, response ? response->status : 0, now);
                });
              });
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
