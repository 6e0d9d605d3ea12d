// The media socket: lost, refused, doubled, silent, slow, and full of nonsense.
#include "testing/suite_scenario.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Command = CommandTrouble::Command;
using SocketFate = MediaTrouble::Socket;

template <SocketFate kSocket>
void socket_that(SuiteSetup& setup, SeededRandom&) {
  setup.plan.media.socket = kSocket;
}

template <BadFrame kFrame>
void nonsense(SuiteSetup& setup, SeededRandom&) {
  setup.plan.media.bad_frames = {kFrame, kFrame, kFrame};
}

void check_no_media(SuiteVerdict& v) {
  v.expect_end(EndReason::media_failed);
  v.expect_commands(Command::hang_up, 1);
  v.expect(v.far.heard.empty(), "somebody heard something");
}

void check_unharmed(SuiteVerdict& v) {
  v.expect_end(EndReason::agent_goodbye);
  v.expect_caller_turns(2);
  v.expect_accounted();
}

std::vector<SuiteScenario> nonsense_scenarios() {
  return {
      {"frame_no_json", "A message that is no JSON harms nothing", nonsense<BadFrame::no_json>,
       check_unharmed},
      {"frame_bad_base64", "Nor does audio that is not base64", nonsense<BadFrame::bad_base64>,
       check_unharmed},
      {"frame_no_payload", "Nor audio that is not there", nonsense<BadFrame::no_payload>,
       check_unharmed},
      {"frame_unknown_event", "Nor an event that nobody knows", nonsense<BadFrame::unknown_event>,
       check_unharmed},
      {"frame_huge", "Nor half a megabyte at once", nonsense<BadFrame::huge>, check_unharmed},
      {"frame_deep", "Nor a message nested 10,000 times", nonsense<BadFrame::deep>, check_unharmed},
  };
}

std::vector<SuiteScenario> opening_scenarios() {
  return {
      {"socket_never_opens", "A leg whose media never comes is hung up in time",
       socket_that<SocketFate::never_opens>, check_no_media},
      {"socket_no_start", "So is one whose socket opens and says nothing",
       socket_that<SocketFate::no_start>, check_no_media},
      {"socket_wrong_token", "A socket without the call's proof is refused",
       socket_that<SocketFate::wrong_token>,
       [](SuiteVerdict& v) {
         check_no_media(v);
         v.expect(v.far.streams_taken == 0, "it was taken");
       }},
      {"socket_twice", "A second socket with the same proof is refused, and the first goes on",
       socket_that<SocketFate::opens_twice>,
       [](SuiteVerdict& v) {
         check_unharmed(v);
         v.expect(v.far.streams_taken == 1, "the second was taken");
         v.expect(v.far.streams_refused == 1, "the second was not refused");
       }},
  };
}

std::vector<SuiteScenario> lost_stream_scenarios() {
  return {
      {"socket_lost", "A socket that is lost in mid-sentence ends the call, and the leg",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.drop_after = 1800ms; },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::media_failed);
         v.expect_commands(Command::hang_up, 1);
         v.expect_accounted(true);
       }},
      {"socket_lost_goodbye", "One that is lost during the goodbye does not change why it ended",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.script = R"({"agents":[{"replies":[
  {"on":"start","say":"Hello, and good bye to you and to all of your many friends.",
   "calls":[{"name":"end_call","arguments":{}}]}]}]})";
         setup.plan.person = {};
         setup.plan.media.drop_after = 3000ms;
       },
       [](SuiteVerdict& v) {
         v.expect_end(EndReason::agent_goodbye, EndReason::media_failed);
         v.expect_commands(Command::hang_up, 1);
       }},
      {"stream_stops", "A stream that ends without its call takes the call with it",
       [](SuiteSetup& setup, SeededRandom&) { setup.plan.media.stop_after = 2500ms; },
       [](SuiteVerdict& v) { v.expect_end(EndReason::caller_hangup); }},
      {"stream_hangs_open", "A call that ends without its stream takes the stream with it",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.media.hangs_open = true;
         setup.plan.hangup_after = 2500ms;
       },
       [](SuiteVerdict& v) { v.expect_end(EndReason::caller_hangup); }},
      {"slow_reader", "A carrier that reads slowly costs audio, not memory and not the call",
       [](SuiteSetup& setup, SeededRandom&) {
         setup.plan.media.wire.delay = Micros(700000);
         setup.plan.media.wire.max_backlog_bytes = 6000;
       },
       [](SuiteVerdict& v) {
         v.expect(v.record.end_reason == EndReason::agent_goodbye ||
                      v.record.end_reason == EndReason::silence ||
                      v.record.end_reason == EndReason::caller_hangup,
                  "it did not end as a call does");
         v.expect(v.far.heard.size() > 0, "nothing was heard at all");
       }},
  };
}

}  // namespace

std::vector<SuiteScenario> socket_scenarios() {
  return join_scenarios({opening_scenarios(), lost_stream_scenarios(), nonsense_scenarios()});
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
