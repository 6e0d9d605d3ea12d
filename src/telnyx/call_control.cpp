#include "voicebridge/telnyx/call_control.hpp"

#include <fmt/format.h>

#include <mutex>

#include "api_answers.hpp"
#include "rate_gate.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kStreamInUse = "90045";

template <class Request, class = void>
struct TakesCommandId : std::false_type {};
template <class Request>
struct TakesCommandId<Request, std::void_t<decltype(std::declval<Request&>().command_id)>>
    : std::true_type {};

}  // namespace

/// What is to be sent, and how.
struct TelnyxCallControl::Call {
  std::string method = "POST";
  std::string path;  ///< Below `api_base`.
  std::string body;
  Millis timeout{0};
  bool repeatable = true;
  std::string command_id;
  telnyx::AfterEnd after_end = telnyx::AfterEnd::fails;
};

/// Shared by the copies; requests come from any thread.
class TelnyxCallControl::RateGate {
 public:
  void note(const HttpHeaders& headers, TimePoint now) {
    const std::lock_guard<std::mutex> lock(mutex_);
    limit_.note(headers, now);
  }
  Millis wait(TimePoint now) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return limit_.wait(now);
  }

 private:
  mutable std::mutex mutex_;
  telnyx::RateLimit limit_;
};

TelnyxCallControl::TelnyxCallControl(HttpClient& client, TelnyxCallControlOptions options)
    : client_(&client), options_(std::move(options)), gate_(std::make_shared<RateGate>()) {}

Result<TelnyxCallControl> TelnyxCallControl::create(HttpClient& client,
                                                    TelnyxCallControlOptions options) {
  if (options.api_key.empty()) {
    return fail(Errc::invalid_argument, "a Telnyx API key is needed", "api_key");
  }
  const auto base = parse_url(options.api_base);
  if (!base || (base->scheme != "https" && base->scheme != "http")) {
    return fail(Errc::invalid_argument, "api_base must be an http:// or https:// URL", "api_base");
  }
  while (options.api_base.back() == '/') options.api_base.pop_back();
  if (!options.make_command_id) options.make_command_id = random_uuid;
  return TelnyxCallControl(client, std::move(options));
}

/// Gives the request an id where it takes one.
template <class Request>
std::string TelnyxCallControl::identify(Request& request) const {
  if constexpr (TakesCommandId<Request>::value) {
    if (request.command_id.empty()) request.command_id = options_.make_command_id();
    return request.command_id;
  } else {
    return {};
  }
}

void TelnyxCallControl::exchange(Call call, Scheduler& on, HttpClient::Done done) const {
  HttpRequest request;
  request.method = std::move(call.method);
  request.url = options_.api_base + call.path;
  request.headers.add("authorization", fmt::format("Bearer {}", options_.api_key.reveal()));
  if (request.method != "GET") request.headers.add("content-type", "application/json");
  request.headers.add("accept", "application/json");
  request.body = std::move(call.body);
  request.timeout = call.timeout;
  RetryOptions retry = options_.retry;
  if (!call.repeatable) retry.max_attempts = 1;
  auto send = [client = client_, request = std::move(request), retry, &on, gate = gate_,
               done = std::move(done)]() mutable {
    send_with_retry(*client, std::move(request), RetryPolicy(retry), on,
                    [gate, &on, done = std::move(done)](Result<HttpResponse> answer) {
                      if (answer) gate->note(answer->headers, on.now());
                      if (!answer) answer = fail(telnyx::from_telnyx(answer.error()));
                      done(std::move(answer));
                    });
  };
  const TimePoint now = on.now();
  const Millis wait = gate_->wait(now);
  if (wait == Millis(0)) return send();
  on.run_at(now + wait, std::move(send));
}

void TelnyxCallControl::command(Call call, Result<std::string> body, Scheduler& on,
                                Done done) const {
  if (!body) {
    on.post([done = std::move(done), error = body.error()] { done(fail(error)); });
    return;
  }
  call.body = std::move(*body);
  if (call.timeout == Millis(0)) call.timeout = options_.command_timeout;
  const bool end_is_success = call.after_end == telnyx::AfterEnd::succeeds;
  exchange(call, on,
           [done = std::move(done), id = call.command_id,
            end_is_success](const Result<HttpResponse>& answer) {
             done(telnyx::read_command(answer, id, end_is_success));
           });
}

template <class T>
void TelnyxCallControl::look_up(std::string path, Scheduler& on, Got<T> done) const {
  Call call;
  call.method = "GET";
  call.path = std::move(path);
  call.timeout = options_.command_timeout;
  exchange(std::move(call), on, [done = std::move(done)](const Result<HttpResponse>& answer) {
    done(telnyx::read_answer<T>(answer));
  });
}

void TelnyxCallControl::dial(telnyx::DialRequest request, Scheduler& on, Dialed done) const {
  Call call;
  call.path = "/calls";
  call.timeout = options_.dial_timeout;
  call.command_id = identify(request);
  Result<std::string> body = to_json(request);
  if (!body) {
    on.post([done = std::move(done), error = body.error()] { done(fail(error)); });
    return;
  }
  call.body = std::move(*body);
  exchange(call, on,
           [done = std::move(done), id = call.command_id](const Result<HttpResponse>& answer) {
             auto dialed = telnyx::read_answer<DialedCall>(answer);
             if (dialed) dialed->command_id = id;
             done(std::move(dialed));
           });
}

void TelnyxCallControl::get_call(std::string_view call, Scheduler& on,
                                 Got<TelnyxCallStatus> done) const {
  look_up<TelnyxCallStatus>("/calls/" + url_encode(call), on, std::move(done));
}

void TelnyxCallControl::send(std::string_view call, telnyx::CallCommand command_of_call,
                             Scheduler& on, Done done) const {
  Call out;
  std::visit(
      [&](auto& request) {
        using Request = std::decay_t<decltype(request)>;
        out.command_id = identify(request);
        out.after_end = Request::kAfterEnd;
        out.repeatable = Request::kRepeatable;
        if constexpr (std::is_same_v<Request, telnyx::ClientStateUpdateRequest>) out.method = "PUT";
      },
      command_of_call);
  out.path = fmt::format("/calls/{}/actions/{}", url_encode(call), action_of(command_of_call));
  Result<std::string> body = to_json(command_of_call);
  if (call.empty()) {
    body = fail(Errc::invalid_argument, "a command needs a call", "call_control_id");
  }
  command(std::move(out), std::move(body), on, std::move(done));
}

void TelnyxCallControl::send_around_stream(std::string_view call, telnyx::CallCommand command,
                                           std::optional<telnyx::StreamingStartRequest> resume,
                                           Scheduler& on, Done done) const {
  // Refused, the command has not been carried out: another id cannot do it twice.
  telnyx::CallCommand again = command;
  std::visit(
      [](auto& request) {
        if constexpr (TakesCommandId<std::decay_t<decltype(request)>>::value)
          request.command_id.clear();
      },
      again);
  const auto restart = [self = *this, call = std::string(call), resume = std::move(resume), &on](
                           const Result<CommandResult>& sent, const Done& tell) {
    if (!sent || !resume) return tell(sent);
    self.send(call, *resume, on, [sent, tell](const Result<CommandResult>& started) {
      tell(started ? sent : started);
    });
  };
  send(call, std::move(command), on,
       [self = *this, call = std::string(call), again = std::move(again), restart, &on,
        done = std::move(done)](const Result<CommandResult>& sent) {
         if (sent || sent.error().provider_code != kStreamInUse) return done(sent);
         self.send(call, telnyx::StreamingStopRequest{}, on,
                   [=, &on](const Result<CommandResult>& stopped) {
                     if (!stopped) return done(stopped);
                     self.send(call, again, on, [=](Result<CommandResult> second) {
                       if (second) second->stream_was_stopped = true;
                       restart(second, done);
                     });
                   });
       });
}

void TelnyxCallControl::create_conference(telnyx::CreateConferenceRequest request, Scheduler& on,
                                          Got<TelnyxConferenceStatus> done) const {
  Call call;
  call.path = "/conferences";
  call.timeout = options_.dial_timeout;
  call.command_id = identify(request);
  Result<std::string> body = to_json(request);
  if (!body) {
    on.post([done = std::move(done), error = body.error()] { done(fail(error)); });
    return;
  }
  call.body = std::move(*body);
  exchange(std::move(call), on, [done = std::move(done)](const Result<HttpResponse>& answer) {
    done(telnyx::read_answer<TelnyxConferenceStatus>(answer));
  });
}

void TelnyxCallControl::get_conference(std::string_view conference, Scheduler& on,
                                       Got<TelnyxConferenceStatus> done) const {
  look_up<TelnyxConferenceStatus>("/conferences/" + url_encode(conference), on, std::move(done));
}

void TelnyxCallControl::list_participants(std::string_view conference, Scheduler& on,
                                          Got<std::vector<TelnyxParticipant>> done) const {
  look_up<std::vector<TelnyxParticipant>>(
      fmt::format("/conferences/{}/participants?page%5Bsize%5D=250", url_encode(conference)), on,
      std::move(done));
}

void TelnyxCallControl::update_participant(std::string_view conference,
                                           std::string_view participant,
                                           telnyx::UpdateParticipantRequest request, Scheduler& on,
                                           Done done) const {
  Call call;
  call.method = "PATCH";
  call.path = fmt::format("/conferences/{}/participants/{}", url_encode(conference),
                          url_encode(participant));
  command(std::move(call), to_json(request), on, std::move(done));
}

void TelnyxCallControl::send_to_conference(std::string_view conference,
                                           telnyx::ConferenceCommand command_of_conference,
                                           Scheduler& on, Done done) const {
  Call out;
  std::string_view action;
  std::visit(
      [&](auto& request) {
        using Request = std::decay_t<decltype(request)>;
        action = Request::kAction;
        out.command_id = identify(request);
        out.after_end = Request::kAfterEnd;
        out.repeatable = Request::kRepeatable;
      },
      command_of_conference);
  out.path = fmt::format("/conferences/{}/actions/{}", url_encode(conference), action);
  Result<std::string> body = to_json(command_of_conference);
  if (conference.empty()) {
    body = fail(Errc::invalid_argument, "a command needs a conference", "conference_id");
  }
  command(std::move(out), std::move(body), on, std::move(done));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
