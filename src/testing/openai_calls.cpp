#include "voicebridge/testing/openai_calls.hpp"

#include <algorithm>
#include <utility>

#include "openai_calls_impl.hpp"
#include "openai_event_out.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using namespace detail;

std::string secret_of(const OpenAiCallsOptions& options, IdGenerator& ids) {
  if (!options.webhook_secret.empty()) return options.webhook_secret;
  const std::string seed = ids.make();
  return "whsec_" + base64_encode(ByteView(std::string_view(seed)));
}

CallStage make_stage(std::shared_ptr<const OpenAiScenario> scenario,
                     std::shared_ptr<const VoiceSource> voice, const OpenAiCallsOptions& options,
                     TimePoint now) {
  const WallClock wall(options.wall_time, now);
  return {std::move(scenario), std::move(voice), options.session, wall};
}

std::string address_of(const std::string& who, std::string_view host) {
  if (who.find("sip:") != std::string::npos) return who;
  return "<sip:" + who + "@" + std::string(host) + ">";
}

void write_header(JsonWriter& out, std::string_view name, std::string_view value) {
  out.object().field("name", name).field("value", value).end();
}

/// The body of the webhook about a call.
std::string incoming_event(const Call& call, const std::string& type, const std::string& event_id,
                           std::int64_t unix_seconds, const std::string& project_id) {
  const SipCallPlan& plan = call.plan();
  JsonWriter out;
  out.object().field("object", "event").field("id", event_id).field("type", type);
  out.field("created_at", unix_seconds).key("data").object().field("call_id", call.id());
  if (!plan.media_security.empty()) out.field("sip_media_security", plan.media_security);
  out.key("sip_headers").array();
  write_header(out, "From", address_of(plan.from, "pstn.example.com"));
  write_header(out, "To",
               plan.to.empty() ? "<sip:" + project_id + "@sip.api.openai.com;transport=tls>"
                               : address_of(plan.to, "sip.api.openai.com"));
  write_header(out, "Call-ID", call.id().substr(4) + "@203.0.113.7");
  for (const auto& [name, value] : plan.headers) write_header(out, name, value);
  return out.end().end().end().take();
}

}  // namespace

OpenAiCalls::Impl::Impl(std::shared_ptr<const OpenAiScenario> scenario,
                        std::shared_ptr<const VoiceSource> voice, OpenAiCallsOptions given,
                        OpenAiCallsNetwork& network, TimePoint now)
    : options(std::move(given)),
      stage(make_stage(std::move(scenario), std::move(voice), options, now)),
      ids(options.seed),
      secrets(options.max_secrets),
      webhooks(secret_of(options, ids), stage.wall, network, ids) {
  webhooks.set_url(options.webhook_url);
  webhooks.on_attempt([this](const std::string& id, const Webhooks::Attempt& attempt,
                             TimePoint at) { return note_webhook(id, attempt, at); },
                      [this](const std::string& id, std::size_t index, int status) {
                        Call* call = find(id);
                        if (call != nullptr && index < call->webhooks().size()) {
                          call->webhooks()[index].status = status;
                        }
                      });
}

std::size_t OpenAiCalls::Impl::note_webhook(const std::string& call_id,
                                            const Webhooks::Attempt& attempt, TimePoint now) {
  Call* call = find(call_id);
  if (call == nullptr) return 0;
  auto& entries = call->webhooks();
  if (entries.size() == OpenAiSimRecord::kMaxEntries) return entries.size();
  entries.push_back(
      {attempt.webhook_id, attempt.event_id, attempt.type, call->since(now), std::nullopt});
  return entries.size() - 1;
}

Call* OpenAiCalls::Impl::find(const std::string& call_id) const {
  const auto found = calls.find(call_id);
  return found == calls.end() ? nullptr : found->second.get();
}

std::size_t OpenAiCalls::Impl::active() const {
  return static_cast<std::size_t>(std::count_if(
      calls.begin(), calls.end(), [](const auto& entry) { return !entry.second->ended(); }));
}

Call& OpenAiCalls::Impl::add(const std::string& kind, SipCallPlan plan, TimePoint now) {
  forget_old();
  const std::string id = ids.make("rtc_");
  order.push_back(id);
  auto call = std::make_unique<Call>(stage, id, kind, std::move(plan), made++, now);
  return *calls.emplace(id, std::move(call)).first->second;
}

/// The oldest of those that have ended, beyond the limit.
void OpenAiCalls::Impl::forget_old() {
  std::size_t surplus = order.size() - std::min(order.size(), options.kept_calls + active());
  for (auto id = order.begin(); id != order.end() && surplus > 0;) {
    Call* call = find(*id);
    if (!call->ended() || !call->gone()) {
      ++id;
      continue;
    }
    calls.erase(*id);
    id = order.erase(id);
    --surplus;
  }
}

OpenAiCalls::OpenAiCalls(std::shared_ptr<const OpenAiScenario> scenario,
                         std::shared_ptr<const VoiceSource> voice, OpenAiCallsOptions options,
                         OpenAiCallsNetwork& network, TimePoint now)
    : impl_(std::make_unique<Impl>(std::move(scenario), std::move(voice), std::move(options),
                                   network, now)) {}

OpenAiCalls::~OpenAiCalls() = default;

SimApiReply OpenAiCalls::on_request(const SimApiRequest& request, TimePoint now) {
  return impl_->serve(request, now);
}

std::variant<OpenAiSimHandshake, HttpResponse> OpenAiCalls::judge_upgrade(
    std::string_view target, const HttpHeaders& headers, std::size_t connection,
    TimePoint now) const {
  const std::int64_t seconds = impl_->stage.wall.millis(now) / 1000;
  const UpgradeDoor door{
      impl_->options.api_key,
      [&](std::string_view key) { return impl_->secrets.session_of(key, seconds); },
      [&](const std::string& id) {
        const Call* call = impl_->find(id);
        return call != nullptr && call->connected();
      }};
  auto judged =
      check_upgrade(target, headers, door, impl_->stage.scenario->connection_fault(connection));
  if (auto* handshake = std::get_if<OpenAiSimHandshake>(&judged)) {
    handshake->connection = connection;
    handshake->unix_seconds = seconds;
  }
  return judged;
}

std::uint64_t OpenAiCalls::attach(const OpenAiSimHandshake& handshake, WireSink& sink,
                                  TimePoint now) {
  const std::uint64_t id = ++impl_->last_sideband;
  if (handshake.beta_header) {
    sink.send_text(error_event("event_beta", beta_disabled(), std::nullopt));
    sink.close(4000, "beta_api_shape_disabled");
    return id;
  }
  Call* call = impl_->find(handshake.call_id);
  if (call == nullptr || !call->connected()) {
    sink.close(1000, "");
    return id;
  }
  impl_->attached[id] = handshake.call_id;
  call->attach(id, sink, impl_->stage.scenario->connection_fault(handshake.connection), now);
  return id;
}

void OpenAiCalls::on_text(std::uint64_t sideband, std::string_view text, TimePoint now) {
  if (Call* call = impl_->call_of(sideband)) call->receive(sideband, text, now);
}

void OpenAiCalls::detach(std::uint64_t sideband, TimePoint now) {
  if (Call* call = impl_->call_of(sideband)) call->detach(sideband, now);
  impl_->attached.erase(sideband);
}

std::string OpenAiCalls::sip_call(SipCallPlan plan, TimePoint now) {
  Impl& me = *impl_;
  const bool full = me.active() >= me.options.max_calls;
  Call& call = me.add("sip", std::move(plan), now);
  if (full) {
    call.reject(503, now);
    return call.id();
  }
  const std::int64_t seconds = me.stage.wall.millis(now) / 1000;
  const auto tell = [&](const std::string& type) {
    WebhookEvent event{call.id(), type, me.ids.make("evt_"), ""};
    event.body = incoming_event(call, type, event.event_id, seconds, me.options.project_id);
    me.webhooks.add(event, call.plan().webhook, now);
  };
  if (call.plan().webhook.live_event) tell("live.call.incoming");
  tell("realtime.call.incoming");
  return call.id();
}

bool OpenAiCalls::hang_up(const std::string& call_id, TimePoint now) {
  Call* call = impl_->find(call_id);
  if (call == nullptr || call->ended()) return false;
  call->leave(now);
  return true;
}

bool OpenAiCalls::press(const std::string& call_id, std::string_view keys, TimePoint now) {
  Call* call = impl_->find(call_id);
  const bool known = keys.find_first_not_of("0123456789*#ABCD") == std::string_view::npos;
  if (call == nullptr || !call->connected() || !known) return false;
  call->press(keys, now);
  return true;
}

void OpenAiCalls::on_webhook_answer(std::uint64_t post_id, int status, TimePoint now) {
  impl_->webhooks.on_answer(post_id, status, now);
}

void OpenAiCalls::set_webhook_url(std::string url) { impl_->webhooks.set_url(std::move(url)); }

void OpenAiCalls::shut_down(TimePoint now) {
  for (const auto& [id, call] : impl_->calls) call->shut_down(now);
}

Deadline OpenAiCalls::next_deadline() const {
  Deadline next = impl_->webhooks.next_deadline();
  for (const auto& [id, call] : impl_->calls) next = earliest(next, call->next_deadline());
  return next;
}

void OpenAiCalls::on_deadline(TimePoint now) {
  impl_->webhooks.on_deadline(now);
  for (const auto& [id, call] : impl_->calls) call->on_deadline(now);
}

const std::string& OpenAiCalls::webhook_secret() const { return impl_->webhooks.secret(); }

std::vector<std::string> OpenAiCalls::calls() const {
  return {impl_->order.begin(), impl_->order.end()};
}

std::size_t OpenAiCalls::active_calls() const { return impl_->active(); }

std::optional<OpenAiCallRecord> OpenAiCalls::record(const std::string& call_id) const {
  const Call* call = impl_->find(call_id);
  if (call == nullptr) return std::nullopt;
  return call->record();
}

void OpenAiCalls::write_state(JsonWriter& out) const {
  out.key("calls").array();
  for (const auto& id : impl_->order) impl_->find(id)->record().write(out);
  out.end().field("secrets", impl_->secrets.issued());
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
