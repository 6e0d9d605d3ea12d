#include "voicebridge/twilio/twilio_conference.hpp"

#include <memory>
#include <utility>

#include "voicebridge/twilio/twiml.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

using twilio::TwimlElement;

/// `<Dial><Conference>` for one of the two who stay: their leaving is the end of it.
TwimlElement enter_conference(const std::string& name) {
  auto room = twilio::conference(name);
  room.flag("startConferenceOnEnter", true).flag("endConferenceOnExit", true);
  room.set("beep", "false").set("waitUrl", "").set("jitterBufferSize", "small");
  return twilio::dial().add(std::move(room));
}

void run_instead(const TwilioCallControl& control, const std::string& leg, TwimlElement verb,
                 Scheduler& on, ConferenceControl::Done done) {
  auto document = twilio::Twiml().add(std::move(verb)).xml();
  if (!document) {
    on.post([done = std::move(done), error = document.error()] { done(fail(error)); });
    return;
  }
  twilio::UpdateCallRequest request;
  request.twiml = std::move(*document);
  control.update_call(leg, request, on, [done = std::move(done)](const Result<twilio::Call>& call) {
    done(call ? Result<>() : Result<>(fail(call.error())));
  });
}

/// A conference that is not there any more has ended.
void end_by_name(const TwilioCallControl& control, const std::string& name, Scheduler& on,
                 ConferenceControl::Done done) {
  control.find_conferences(
      name, on,
      [control, &on, done = std::move(done)](const Result<std::vector<twilio::Conference>>& found) {
        if (!found) return done(fail(found.error()));
        if (found->empty()) return done({});
        control.end_conference(found->front().sid, on, [done](const Result<TwilioEnded>& ended) {
          done(ended ? Result<>() : Result<>(fail(ended.error())));
        });
      });
}

/// Whether the caller's leg ends when this one does.
void end_with(const TwilioCallControl& control, const std::string& conference,
              const std::string& leg, bool ends, Scheduler& on, ConferenceControl::Done done) {
  twilio::UpdateParticipantRequest request;
  request.end_conference_on_exit = ends;
  control.update_participant(conference, leg, request, on,
                             [done = std::move(done)](const Result<twilio::Participant>& changed) {
                               done(changed ? Result<>() : Result<>(fail(changed.error())));
                             });
}

Result<> called_off() { return fail(Errc::cancelled, "the join was called off"); }

void do_nothing(Scheduler& on, ConferenceControl::Done done) {
  on.post([done = std::move(done)] { done({}); });
}

}  // namespace

TwilioConference::TwilioConference(TwilioCallControl control, TwilioStreamServer streams)
    : control_(std::move(control)), streams_(std::move(streams)) {}

void TwilioConference::hold(const ConferenceParties&, bool, Scheduler& scheduler, Done done) {
  do_nothing(scheduler, std::move(done));
}

/// The person first: as long as their leg is not sure the caller keeps the agent's music.
void TwilioConference::join(const ConferenceParties& parties, Scheduler& on, Done done) {
  const auto enter = enter_conference(parties.name);
  run_instead(
      control_, parties.human_leg, enter, on,
      [control = control_, parties, enter, &on, done = std::move(done)](const Result<>& entered) {
        if (!entered) return done(entered);
        if (parties.is_called_off()) return done(called_off());
        run_instead(control, parties.caller_leg, enter, on, done);
      });
}

void TwilioConference::take_back(const ConferenceParties& parties, Scheduler& on, Done done) {
  run_instead(control_, parties.caller_leg,
              streams_.connect(parties.caller_call, parties.caller_leg, on.now()), on,
              std::move(done));
}

void TwilioConference::end(const ConferenceParties& parties, Scheduler& on, Done done) {
  end_by_name(control_, parties.name, on, std::move(done));
}

TwilioSipConference::TwilioSipConference(TwilioCallControl control, TwilioSipTalk talk)
    : control_(std::move(control)), talk_(std::move(talk)) {}

void TwilioSipConference::hold(const ConferenceParties& parties, bool on, Scheduler& scheduler,
                               Done done) {
  twilio::UpdateParticipantRequest request;
  request.hold = on;
  control_.update_participant(talk_.conference, parties.caller_leg, request, scheduler,
                              [done = std::move(done)](const Result<twilio::Participant>& changed) {
                                done(changed ? Result<>() : Result<>(fail(changed.error())));
                              });
}

/// The steps by which the person takes the agent's place. Held by the request that is under way.
class TwilioSipConference::Joining : public std::enable_shared_from_this<Joining> {
 public:
  Joining(TwilioCallControl control, TwilioSipTalk talk, ConferenceParties parties, Scheduler& on,
          Done done)
      : control_(std::move(control)),
        talk_(std::move(talk)),
        parties_(std::move(parties)),
        on_(on),
        done_(std::move(done)) {}

  /// First the agent's leaving must not be the end any more: should that fail, nothing has changed.
  void begin() {
    end_with(control_, talk_.conference, talk_.agent_call, false, on_,
             then([](Joining& self) { self.person_enters(); }));
  }

 private:
  void person_enters() {
    run_instead(control_, parties_.human_leg, enter_conference(talk_.conference), on_,
                then([](Joining& self) { self.caller_hears(); }));
  }
  void caller_hears() {
    TwilioSipConference(control_, talk_).hold(parties_, false, on_, then([](Joining& self) {
                                                self.agent_goes();
                                              }));
  }
  /// Should it not go by this, then by the service, which is told to hang up as well.
  void agent_goes() {
    control_.end_call(talk_.agent_call, on_,
                      [self = shared_from_this()](const Result<TwilioEnded>&) { self->done_({}); });
  }
  Done then(void (*next)(Joining&)) {
    return [self = shared_from_this(), next](const Result<>& result) {
      if (!result) return self->done_(result);
      if (self->parties_.is_called_off()) return self->done_(called_off());
      next(*self);
    };
  }

  const TwilioCallControl control_;
  const TwilioSipTalk talk_;
  const ConferenceParties parties_;
  Scheduler& on_;
  const Done done_;
};

void TwilioSipConference::join(const ConferenceParties& parties, Scheduler& on, Done done) {
  std::make_shared<Joining>(control_, talk_, parties, on, std::move(done))->begin();
}

/// Whose leaving is the end of it is set first: the agent's again, who has not left before the
/// caller could hear somebody else, and no more the person's, who may have come in.
void TwilioSipConference::take_back(const ConferenceParties& parties, Scheduler& on, Done done) {
  const auto caller_hears = [control = control_, talk = talk_, parties, &on,
                             done = std::move(done)](const Result<>&) {
    TwilioSipConference(control, talk).hold(parties, false, on, done);
  };
  end_with(control_, talk_.conference, talk_.agent_call, true, on,
           [control = control_, talk = talk_, parties, &on, caller_hears](const Result<>&) {
             end_with(control, talk.conference, parties.human_leg, false, on, caller_hears);
           });
}

void TwilioSipConference::end(const ConferenceParties&, Scheduler& on, Done done) {
  end_by_name(control_, talk_.conference, on, std::move(done));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
