#include "voicebridge/telnyx/telnyx_conference.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::string_view kNotWhileStreaming = "90045";

Result<> without_value(const Result<CommandResult>& result) {
  return result ? Result<>() : Result<>(fail(result.error()));
}

}  // namespace

struct TelnyxConference::State {
  State(TelnyxCallControl call_control, TelnyxStreamServer stream_server,
        TelnyxConferenceOptions opts)
      : control(std::move(call_control)),
        streams(std::move(stream_server)),
        options(std::move(opts)) {}

  void remember(const std::string& name, const std::string& id);
  std::string find(const std::string& name);  ///< Empty: there is none.

  const TelnyxCallControl control;
  const TelnyxStreamServer streams;
  const TelnyxConferenceOptions options;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> ids_;  ///< By our name.
  std::deque<std::string> order_;
};

void TelnyxConference::State::remember(const std::string& name, const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!ids_.emplace(name, id).second) return;
  order_.push_back(name);
  while (order_.size() > options.max_remembered) {
    ids_.erase(order_.front());
    order_.pop_front();
  }
}

std::string TelnyxConference::State::find(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::string() : found->second;
}

/// One join, step by step. Held by the request that is under way.
class TelnyxConference::Joining : public std::enable_shared_from_this<Joining> {
 public:
  Joining(std::shared_ptr<State> state, ConferenceParties parties, Scheduler& on, Done done)
      : state_(std::move(state)), parties_(std::move(parties)), on_(on), done_(std::move(done)) {}

  void create(bool streaming = true) {
    telnyx::CreateConferenceRequest request;
    request.call_control_id = parties_.caller_leg;
    request.name = parties_.name;
    // Asked twice for the same, with or without the stream, Telnyx must not take it for one.
    request.command_id = parties_.name + (streaming ? ".create" : ".create-again");
    state_->control.create_conference(
        std::move(request), on_, [self = shared_from_this(), streaming](auto made) {
          if (made) {
            self->conference_ = made->id;
            self->state_->remember(self->parties_.name, made->id);
            if (self->parties_.is_called_off()) return self->give_up();
            return self->add_person();
          }
          self->unless_streaming(made.error(), streaming, self->parties_.caller_leg,
                                 [self] { self->create(false); });
        });
  }

 private:
  void give_up() { done_(fail(Errc::cancelled, "the join was called off")); }

  void add_person(bool streaming = true) {
    telnyx::JoinConferenceRequest request;
    request.call_control_id = parties_.human_leg;
    request.end_conference_on_exit = true;
    request.start_conference_on_enter = true;
    request.command_id = parties_.name + (streaming ? ".join" : ".join-again");
    state_->control.send_to_conference(
        conference_, std::move(request), on_, [self = shared_from_this(), streaming](auto joined) {
          if (self->parties_.is_called_off()) return self->give_up();
          if (joined) return self->stop_streams();
          self->unless_streaming(joined.error(), streaming, self->parties_.human_leg,
                                 [self] { self->add_person(false); });
        });
  }

  /// Stops the stream that is in the way and goes on; any other fault is the end.
  void unless_streaming(const Error& error, bool streaming, const std::string& leg,
                        std::function<void()> again) {
    if (!streaming || error.provider_code != kNotWhileStreaming) return done_(fail(error));
    state_->control.streaming_stop(
        leg, {}, on_, [self = shared_from_this(), again = std::move(again)](auto stopped) {
          if (!stopped) return self->done_(fail(stopped.error()));
          if (self->parties_.is_called_off()) return self->give_up();
          again();
        });
  }

  /// They hear each other; what is left are the agent's own ears and voices.
  void stop_streams() {
    state_->control.streaming_stop(
        parties_.human_leg, {}, on_, [self = shared_from_this()](const auto&) {
          self->state_->control.streaming_stop(self->parties_.caller_leg, {}, self->on_,
                                               [self](const auto&) { self->bind(); });
        });
  }

  /// The leg that a conference is made with has no such setting before. Should it not be taken, the
  /// application hangs up the person when it hears of the caller's end.
  void bind() {
    telnyx::UpdateParticipantRequest request;
    request.end_conference_on_exit = true;
    state_->control.update_participant(
        conference_, parties_.caller_leg, std::move(request), on_,
        [self = shared_from_this()](const auto&) { self->done_({}); });
  }

  const std::shared_ptr<State> state_;
  const ConferenceParties parties_;
  Scheduler& on_;
  const Done done_;
  std::string conference_;
};

TelnyxConference::TelnyxConference(TelnyxCallControl control, TelnyxStreamServer streams,
                                   TelnyxConferenceOptions options)
    : state_(std::make_shared<State>(std::move(control), std::move(streams), std::move(options))) {}

TelnyxConference::~TelnyxConference() = default;

void TelnyxConference::hold(const ConferenceParties&, bool, Scheduler& scheduler, Done done) {
  scheduler.post([done = std::move(done)] { done({}); });
}

void TelnyxConference::join(const ConferenceParties& parties, Scheduler& on, Done done) {
  std::make_shared<Joining>(state_, parties, on, std::move(done))->create();
}

void TelnyxConference::take_back(const ConferenceParties& parties, Scheduler& on, Done done) {
  const auto stream_again = [state = state_, parties, &on, done](const Result<CommandResult>&) {
    // One that runs still belongs to the talk before: the caller is to have one for certain.
    state->control.streaming_stop(
        parties.caller_leg, {}, on, [state, parties, &on, done](const Result<CommandResult>&) {
          telnyx::StreamingStartRequest request;
          request.stream =
              state->streams.stream_to_leg(parties.caller_leg, state->options.format, on.now());
          state->control.streaming_start(
              parties.caller_leg, std::move(request), on,
              [done](const Result<CommandResult>& started) { done(without_value(started)); });
        });
  };
  const std::string conference = state_->find(parties.name);
  if (conference.empty()) return stream_again({});
  telnyx::LeaveConferenceRequest request;
  request.call_control_id = parties.caller_leg;
  state_->control.send_to_conference(conference, std::move(request), on,
                                     [stream_again, done](const Result<CommandResult>& left) {
                                       // Who is still in it would be hung up when it ends.
                                       if (!left) return done(fail(left.error()));
                                       stream_again(left);
                                     });
}

void TelnyxConference::end(const ConferenceParties& parties, Scheduler& on, Done done) {
  const std::string conference = state_->find(parties.name);
  if (conference.empty()) return on.post([done = std::move(done)] { done({}); });
  state_->control.send_to_conference(
      conference, telnyx::EndConferenceRequest(), on,
      [done = std::move(done)](const Result<CommandResult>& ended) { done(without_value(ended)); });
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
