#include "voicebridge/testing/twilio_carrier.hpp"

#include <algorithm>
#include <utility>

#include "testing/twilio_carrier_impl.hpp"
#include "testing/twilio_text.hpp"
#include "voicebridge/core/base64.hpp"
#include "voicebridge/twilio/webhook_verifier.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kMaxConferences = 1000;
constexpr std::size_t kMaxFetches = 10'000;
constexpr Millis kCallbackTimeout{15000};
/// What the rules of `WebhookFaults` call a request for TwiML.
constexpr std::string_view kTwimlRequest = "twiml";

}  // namespace

TwilioCarrier::Impl::Impl(TwilioCarrierOptions o, SimNetwork& n, TimePoint now)
    : options_(std::move(o)),
      network_(n),
      wall_(options_.wall_time, now),
      ids_(options_.seed),
      last_call_seed_(options_.seed),
      outbox_([this](const WebhookAttempt& attempt) { return write_callback(attempt); },
              options_.webhooks, options_.wall_time, now) {}

TwilioCarrier::TwilioCarrier(TwilioCarrierOptions options, SimNetwork& network, TimePoint now)
    : impl_(std::make_unique<Impl>(std::move(options), network, now)) {}

TwilioCarrier::~TwilioCarrier() = default;

SimApiReply TwilioCarrier::on_request(const SimApiRequest& request, TimePoint now) {
  impl_->forget_old_calls();
  SimApiReply reply = impl_->handle(request, now);
  impl_->send_posts(now);
  return reply;
}

std::string TwilioCarrier::call_in(const std::string& from, const std::string& to,
                                   const CallPlan& plan, TimePoint now) {
  Impl& me = *impl_;
  me.forget_old_calls();
  TwilioCallSetup setup = me.new_setup();
  setup.direction = "inbound";
  setup.from = from;
  setup.to = to;
  setup.call_token = "%7B%22parentCallInfoToken%22%3A%22" + setup.sid + "%22%7D";
  setup.document = {
      me.options_.voice_url, me.options_.voice_method, {}, me.options_.voice_fallback_url, "POST"};
  setup.status.url = me.options_.status_callback;
  const std::string sid = me.add_call(std::move(setup), plan, now).sid();
  me.send_posts(now);
  return sid;
}

void TwilioCarrier::plan_next(const std::string& to, CallPlan plan) {
  impl_->plans_[to].push_back(std::move(plan));
}
void TwilioCarrier::inject(SimApiFault fault) { impl_->faults_.push_back(std::move(fault)); }
void TwilioCarrier::set_webhook_faults(WebhookFaults faults) {
  impl_->options_.webhooks = faults;
  impl_->outbox_.set_faults(std::move(faults));
}
void TwilioCarrier::set_voice_url(std::string url) { impl_->options_.voice_url = std::move(url); }
void TwilioCarrier::set_media_chaos(TwilioMediaChaos chaos) { impl_->options_.media = chaos; }
void TwilioCarrier::set_signing_token(std::string token) {
  impl_->options_.signing_token = std::move(token);
}

void TwilioCarrier::on_post_answer(std::uint64_t post_id, const HttpResponse& answer,
                                   TimePoint now) {
  impl_->on_post_answer(post_id, answer, now);
  impl_->send_posts(now);
}

// --- media sockets and SIP ----------------------------------------------------------------------

void TwilioCarrier::on_stream_open(const std::string& stream_sid, WireSink& sink, TimePoint now) {
  TwilioCall* const call = impl_->call_of_stream(stream_sid);
  if (call == nullptr) return sink.close(1000, "");
  call->on_stream_open(*call->leg().find_stream(stream_sid), sink, now);
  impl_->send_posts(now);
}

void TwilioCarrier::on_stream_text(const std::string& stream_sid, std::string_view text,
                                   TimePoint now) {
  if (TwilioCall* const call = impl_->call_of_stream(stream_sid))
    call->leg().find_stream(stream_sid)->on_text(text, now);
}

void TwilioCarrier::on_stream_binary(const std::string& stream_sid, TimePoint) {
  if (TwilioCall* const call = impl_->call_of_stream(stream_sid))
    call->leg().find_stream(stream_sid)->on_binary();
}

void TwilioCarrier::on_stream_closed(const std::string& stream_sid, TimePoint now) {
  TwilioCall* const call = impl_->call_of_stream(stream_sid);
  TwilioStream* const stream = call == nullptr ? nullptr : call->leg().find_stream(stream_sid);
  if (stream == nullptr || !stream->open()) return;
  stream->on_closed(now);
  call->on_stream_over(*stream, now);
  impl_->send_posts(now);
}

void TwilioCarrier::on_stream_refused(const std::string& stream_sid, int http_status,
                                      TimePoint now) {
  TwilioCall* const call = impl_->call_of_stream(stream_sid);
  if (call == nullptr) return;
  call->on_stream_refused(*call->leg().find_stream(stream_sid), http_status, now);
  impl_->send_posts(now);
}

void TwilioCarrier::on_sip_answered(const std::string& call_sid, TimePoint now) {
  if (TwilioCall* const call = impl_->find(call_sid)) call->answer(now);
  impl_->send_posts(now);
}

void TwilioCarrier::on_sip_ended(const std::string& call_sid, int sip_status, TimePoint now) {
  impl_->at_sip_.erase(call_sid);
  TwilioCall* const call = impl_->find(call_sid);
  if (call == nullptr) return;
  const bool answered = call->in_progress();
  const bool busy = sip_status == 486 || sip_status == 600 || sip_status == 603;
  call->end(answered ? TwilioCall::Status::completed
            : busy   ? TwilioCall::Status::busy
                     : TwilioCall::Status::failed,
            std::to_string(answered ? 200 : sip_status), now);
  impl_->send_posts(now);
}

Deadline TwilioCarrier::next_deadline() const { return impl_->next_deadline(); }
void TwilioCarrier::on_deadline(TimePoint now) { impl_->on_deadline(now); }

// --- what a test looks at -----------------------------------------------------------------------

std::vector<std::string> TwilioCarrier::calls() const {
  std::vector<std::string> all;
  for (const auto& call : impl_->calls_) all.push_back(call->sid());
  return all;
}
std::size_t TwilioCarrier::active_calls() const { return impl_->active_calls(); }
const SimLeg* TwilioCarrier::leg(const std::string& call_sid) const {
  const TwilioCall* const call = impl_->look(call_sid);
  return call == nullptr ? nullptr : &call->leg();
}
const std::vector<SimApiRecord>& TwilioCarrier::requests() const { return impl_->requests_; }
const std::vector<WebhookRecord>& TwilioCarrier::webhooks() const {
  return impl_->outbox_.records();
}
const TwilioWarnings& TwilioCarrier::warnings() const { return impl_->warnings_; }
std::string TwilioCarrier::status(const std::string& call_sid) const {
  return impl_->call_status(call_sid);
}
Millis TwilioCarrier::heard_from(const std::string& listener, const std::string& speaker) const {
  const auto found = impl_->heard_from_.find({listener, speaker});
  return found == impl_->heard_from_.end() ? Millis(0) : found->second;
}
std::string TwilioCarrier::state_json(TimePoint now) const { return impl_->state(now); }

// --- requests to the application ----------------------------------------------------------------

void TwilioCarrier::Impl::tell(const std::string& type, const TwilioCallback& where,
                               FormFields fields, TimePoint now) {
  WebhookTarget target;
  target.url = where.url;
  target.method = where.method;
  target.retries.clear();  // What is not taken is lost.
  outbox_.add({type, ids_.uuid(), to_iso8601(wall_.millis(now)), fields.encode()}, target, now);
}

SimPost TwilioCarrier::Impl::write_callback(const WebhookAttempt& attempt) const {
  SimPost post;
  post.url = attempt.url;
  post.method = attempt.target.method;
  post.timeout = kCallbackTimeout;
  post.headers.add("I-Twilio-Idempotency-Token", attempt.event.id);
  return sign(std::move(post), FormFields::parse(attempt.event.payload).value_or(FormFields()),
              attempt.rule.bad_signature);
}

/// Puts the fields where the method wants them and signs the whole.
SimPost TwilioCarrier::Impl::sign(SimPost post, const FormFields& fields,
                                  bool bad_signature) const {
  const std::string& token =
      options_.signing_token.empty() ? options_.auth_token : options_.signing_token;
  const std::string user = credentials_of(post.url);
  if (!user.empty()) post.headers.add("Authorization", "Basic " + base64_encode(ByteView(user)));
  FormFields signed_fields;
  if (post.method == "GET") {
    post.url = post.url.substr(0, post.url.find('#'));
    post.url += (post.url.find('?') == std::string::npos ? "?" : "&") + fields.encode();
  } else {
    post.body = fields.encode();
    post.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    signed_fields = fields;
  }
  std::string signature =
      twilio::request_signature(Secret(token), signed_webhook_url(post.url), signed_fields);
  if (bad_signature) signature[0] = signature[0] == 'A' ? 'B' : 'A';
  post.headers.add("X-Twilio-Signature", signature);
  post.headers.add("User-Agent", "TwilioProxy/1.1");
  post.url = plain_url(post.url);
  return post;
}

void TwilioCarrier::Impl::fetch(TwilioCall& call, TwilioFetch fetch, TimePoint now) {
  SimPost post;
  post.id = ++last_fetch_;
  post.url = fetch.url;
  post.method = fetch.method;
  post.timeout = options_.twiml_timeout;
  post.headers.add("I-Twilio-Idempotency-Token", ids_.uuid());
  if (fetches_.size() >= kMaxFetches) fetches_.erase(fetches_.begin());
  fetches_.emplace(post.id, Fetching{call.sid(), fetch.number, now + options_.twiml_timeout});
  SimPost request = sign(std::move(post), fetch.fields, false);
  // The answers to further copies are for nothing: Twilio has the first.
  const auto& rules = options_.webhooks.rules;
  const auto rule = std::find_if(rules.begin(), rules.end(),
                                 [](const auto& one) { return one.event_type == kTwimlRequest; });
  const unsigned copies = rule == rules.end() ? 1 : std::max(rule->copies, 1u);
  for (unsigned copy = 0; copy < copies; ++copy) {
    if (copy > 0) request.id = ++last_fetch_;
    posts_.push_back(request);
  }
}

void TwilioCarrier::Impl::give_up_fetches(TimePoint now) {
  std::vector<std::uint64_t> late;
  for (const auto& [id, fetching] : fetches_) {
    if (fetching.until <= now) late.push_back(id);
  }
  for (const std::uint64_t id : late) on_post_answer(id, HttpResponse{}, now);
}

void TwilioCarrier::Impl::on_post_answer(std::uint64_t post_id, const HttpResponse& answer,
                                         TimePoint now) {
  const auto fetching = fetches_.extract(post_id);
  if (fetching.empty()) return outbox_.on_answer(post_id, answer.status, now);
  TwilioCall* const call = find(fetching.mapped().call_sid);
  if (call != nullptr) call->on_document(fetching.mapped().number, answer, now);
}

void TwilioCarrier::Impl::open_stream(const TwilioStream& stream) {
  const TwilioStreamSetup& setup = stream.setup();
  streams_[setup.sid] = setup.call_sid;
  const std::string& token =
      options_.signing_token.empty() ? options_.auth_token : options_.signing_token;
  SimStreamOpen open{setup.sid, setup.url, {}};
  open.headers.add("X-Twilio-Signature", twilio::request_signature(Secret(token), setup.url));
  if (setup.url.find('?') == std::string::npos) network_.open_stream(open);
}

void TwilioCarrier::Impl::send_posts(TimePoint now) {
  for (const SimPost& post : std::exchange(posts_, {})) network_.post_webhook(post);
  for (const SimPost& post : outbox_.take_due(now)) network_.post_webhook(post);
}

// --- conferences --------------------------------------------------------------------------------

TwilioConference* TwilioCarrier::Impl::conference(std::string_view sid_or_name) {
  for (auto found = conferences_.rbegin(); found != conferences_.rend(); ++found) {
    const bool live = (*found)->state() != TwilioConference::State::completed;
    if ((*found)->sid() == sid_or_name || (live && (*found)->name() == sid_or_name))
      return found->get();
  }
  return nullptr;
}

TwilioConference& TwilioCarrier::Impl::conference_named(const std::string& name, TimePoint now) {
  TwilioConference* const known = conference(name);
  if (known != nullptr && known->state() != TwilioConference::State::completed) return *known;
  if (conferences_.size() >= kMaxConferences) {
    const auto over = std::find_if(conferences_.begin(), conferences_.end(), [](const auto& c) {
      return c->state() == TwilioConference::State::completed;
    });
    if (over != conferences_.end()) conferences_.erase(over);
  }
  TwilioConferenceHost& host = *this;
  conferences_.push_back(std::make_unique<TwilioConference>(new_sid("CF"), name, host, now));
  return *conferences_.back();
}

TwilioConference* TwilioCarrier::Impl::conference_of(const TwilioCall& call) {
  const auto found = conference_by_call_.find(call.sid());
  return found == conference_by_call_.end() ? nullptr : conference(found->second);
}

void TwilioCarrier::Impl::enter_conference(TwilioCall& call, const std::string& name,
                                           TwilioParticipant participant,
                                           const TwilioCallback& callback, TimePoint now) {
  const bool by_api = name.empty();
  TwilioConference* const room =
      by_api ? conference(call.setup().conference) : &conference_named(name, now);
  if (room == nullptr || room->state() == TwilioConference::State::completed) {
    return call.on_left_conference(now);
  }
  participant.call_sid = call.sid();
  conference_by_call_[call.sid()] = room->sid();
  if (!by_api) room->offer_callback(callback);
  room->join(std::move(participant), now);
}

void TwilioCarrier::Impl::leave_conference(TwilioCall& call, const std::string& reason,
                                           TimePoint now) {
  TwilioConference* const room =
      conference_of(call) != nullptr ? conference_of(call) : conference(call.setup().conference);
  conference_by_call_.erase(call.sid());
  if (room != nullptr) room->leave(call.sid(), reason, now);
}

void TwilioCarrier::Impl::tell(TwilioConference& conference, const std::string& event,
                               FormFields fields, TimePoint now) {
  FormFields all = {{"AccountSid", options_.account_sid}};
  for (const auto& [name, value] : fields.fields()) all.add(name, value);
  all.add("Timestamp", rfc2822(wall_.millis(now)));
  tell("conference." + event, conference.callback(), std::move(all), now);
}

void TwilioCarrier::Impl::on_left(const std::string& call_sid, TimePoint now) {
  conference_by_call_.erase(call_sid);
  if (TwilioCall* const call = find(call_sid)) call->on_left_conference(now);
}

std::string TwilioCarrier::Impl::call_status(const std::string& call_sid) const {
  const TwilioCall* const call = look(call_sid);
  return call == nullptr ? std::string() : std::string(twilio::to_string(call->status()));
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
