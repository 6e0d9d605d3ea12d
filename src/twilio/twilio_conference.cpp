#include "voicebridge/twilio/twilio_conference.hpp"

#include <utility>

#include "voicebridge/twilio/twiml.hpp"

namespace voicebridge {
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

/// Whether the caller's leg ends when the agent's does.
void end_with_agent(const TwilioCallControl& control, const TwilioSipTalk& talk, bool ends,
                    Scheduler& on, ConferenceControl::Done done) {
  twilio::UpdateParticipantRequest request;
  request.end_conference_on_exit = ends;
  control.update_participant(talk.conference, talk.agent_call, request, on,
                             [done = std::move(done)](const Result<twilio::Participant>& changed) {
                               done(changed ? Result<>() : Result<>(fail(changed.error())));
                             });
}

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
  run_instead(control_, parties.human_leg, enter_conference(parties.name), on,
              [control = control_, parties, &on, done = std::move(done)](const Result<>& entered) {
                if (!entered) return done(entered);
                run_instead(control, parties.caller_leg, enter_conference(parties.name), on, done);
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

/// First the agent's leaving must not be the end any more: should that fail, nothing has changed.
void TwilioSipConference::join(const ConferenceParties& parties, Scheduler& on, Done done) {
  const auto agent_goes = [control = control_, agent = talk_.agent_call, &on,
                           done](const Result<>& heard) {
    if (!heard) return done(heard);
    // Should it not go by this, then by the service, which is told to hang up as well.
    control.end_call(agent, on, [done](const Result<TwilioEnded>&) { done({}); });
  };
  const auto caller_hears = [control = control_, talk = talk_, parties, &on,
                             agent_goes](const Result<>& entered) {
    if (!entered) return agent_goes(entered);
    TwilioSipConference(control, talk).hold(parties, false, on, agent_goes);
  };
  end_with_agent(
      control_, talk_, false, on,
      [control = control_, talk = talk_, parties, &on, caller_hears](const Result<>& may_leave) {
        if (!may_leave) return caller_hears(may_leave);
        run_instead(control, parties.human_leg, enter_conference(talk.conference), on,
                    caller_hears);
      });
}

/// The agent has not left before the caller could hear somebody else.
void TwilioSipConference::take_back(const ConferenceParties& parties, Scheduler& on, Done done) {
  end_with_agent(
      control_, talk_, true, on,
      [control = control_, talk = talk_, parties, &on, done = std::move(done)](const Result<>&) {
        TwilioSipConference(control, talk).hold(parties, false, on, done);
      });
}

void TwilioSipConference::end(const ConferenceParties&, Scheduler& on, Done done) {
  end_by_name(control_, talk_.conference, on, std::move(done));
}

}  // namespace voicebridge
