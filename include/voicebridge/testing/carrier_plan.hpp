#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/call/carrier.hpp"
#include "voicebridge/testing/call_plan.hpp"
#include "voicebridge/testing/wire_pipe.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What a carrier's detection of answering machines says, where it was asked for.
struct MachinePlan {
  /// How a machine's greeting ends.
  enum class Greeting { untold, beep, no_beep };
  std::optional<AnsweredBy> verdict = AnsweredBy::human;  ///< Nothing: it never comes.
  Millis verdict_after{1500};                             ///< From the answer.
  Greeting greeting = Greeting::untold;                   ///< How a machine's greeting ends.
  Millis greeting_after{4000};                            ///< From the answer.
  bool beep_first = false;  ///< The end of the greeting is all that is told.
};

/// The events of a leg, as `CarrierEvent::what` has them.
enum class LegEventKind { ringing, answered, answered_by, greeting_ended, spoke, ended };

/// What happens to the carrier's events on their way.
struct EventTrouble {
  Millis jitter{0};      ///< Each is late by up to so much, by chance: they overtake each other.
  double duplicate = 0;  ///< Share of events that come twice, 0 … 1.
  double drop = 0;       ///< Share of events that never come.
  /// For one kind of event, in place of chance.
  struct Rule {
    LegEventKind kind = LegEventKind::answered;  ///< Which event.
    Millis delay{0};                             ///< So much later.
    unsigned copies = 1;                         ///< 0: it never comes.
    bool forged = false;                         ///< Its proof of where it comes from is wrong.
  };
  std::vector<Rule> rules;  ///< For these kinds.
};

/// A command of the application that goes wrong.
struct CommandTrouble {
  /// Which command.
  enum class Command { dial, answer, hang_up, speak, start_media, transfer };
  /// How it goes wrong.
  enum class Kind {
    refused,     ///< The carrier says no, for good.
    unanswered,  ///< No answer comes, however often it is asked.
    leg_gone,    ///< The carrier says that the call has ended already.
    answer_lost  ///< It is carried out, and the first answer is an error of the server.
  };
  Command command = Command::transfer;  ///< Which command.
  Kind kind = Kind::refused;            ///< How it goes wrong.
};

/// A message that a media socket should not carry.
enum class BadFrame {
  no_json,
  bad_base64,
  no_payload,
  unknown_event,
  huge,  ///< Half a megabyte.
  deep,  ///< Nested 10,000 times.
};

/// What happens to the media stream of a leg.
struct MediaTrouble {
  /// What becomes of the socket.
  enum class Socket {
    opens,
    never_opens,
    wrong_token,  ///< It comes without the proof that it belongs to the call.
    opens_twice,  ///< A second one comes with the same proof.
    no_start,     ///< It opens and says nothing.
  };
  /// A time without frames.
  struct Gap {
    Millis begin{0};   ///< Since the answer.
    Millis length{0};  ///< How long.
  };
  Socket socket = Socket::opens;  ///< What becomes of the socket.
  Millis connect_delay{100};      ///< From when it is asked for.
  bool at_dial = false;        ///< The stream is asked for with the call instead of at the answer.
  bool other_codec = false;    ///< It tells of another format than was asked for, and sends that.
  bool unknown_codec = false;  ///< It tells of a format that does not exist.
  double loss = 0;             ///< Share of the caller's frames that never come, 0 … 1.
  double reorder = 0;          ///< Share that comes after the two that follow.
  double duplicate = 0;        ///< Share that comes twice.
  Millis jitter{0};            ///< Each frame is late by up to so much.
  std::vector<Gap> gaps;       ///< No frames come in these times.
  Millis mark_delay{0};        ///< Marks come back so much later.
  Millis mark_jitter{0};       ///< And up to so much more.
  bool lose_marks = false;     ///< They never come back.
  std::optional<Millis> drop_after;  ///< Since it opened: the socket breaks.
  std::optional<Millis> stop_after;  ///< Since it opened: the stream ends, the call does not.
  bool hangs_open = false;           ///< When the leg is hung up nothing is said on the socket.
  std::vector<BadFrame> bad_frames;  ///< Sent behind `start`, one a tenth of a second.
  Millis max_queue{30000};           ///< What the carrier takes ahead of the ear.
  /// The way between the carrier and the application; small limits are a slow reader. Its seed is
  /// set by the plan's.
  WirePipeOptions wire{Micros(10000), Micros(10000)};
};

/// Whom a caller is handed to by `Carrier::transfer`.
struct ColleaguePlan {
  std::string number = "+12025550199";        ///< Who that is.
  CallOutcome outcome = CallOutcome::answer;  ///< What they do.
  Millis ring{800};                           ///< How long their phone rings before that.
};

/// One call and all that the world does to it, whoever carries it. The same plan is the same call.
struct CarrierPlan {
  std::uint64_t seed = 1;  ///< Of everything that happens by chance.
  bool incoming = false;   ///< Somebody calls us; `CarrierUnderTest::call_in` begins it.
  CallOutcome outcome = CallOutcome::answer;  ///< What becomes of the call.
  Millis ring{200};                           ///< From the dial to the outcome.
  CalleeScript person;  ///< What the person at the far end does, from the answer on.
  CalleeIdle idle = CalleeIdle::silence;  ///< What the line carries while they say nothing.
  std::optional<Millis> hangup_after;     ///< Since the answer: that person hangs up.
  ColleaguePlan colleague;                ///< Whom the caller is handed to.
  MachinePlan machine;                    ///< What machine detection says.
  EventTrouble events;                    ///< What happens to events.
  MediaTrouble media;                     ///< What happens to the media stream.
  std::vector<CommandTrouble> commands;   ///< What goes wrong with commands.
  Millis command_delay{30};               ///< Of a command to the carrier, and of its answer.
};

/// Something that a plan may ask of a carrier. What a carrier cannot do it says
/// (`CarrierLane::cannot`), and the scenarios that need it are not run.
enum class CarrierAbility {
  incoming_calls,
  machine_detection,
  greeting_end,   ///< Tells when a machine's greeting is over.
  early_verdict,  ///< Tells of a machine before that.
  media_at_dial,
  other_codec,
  unknown_codec,
  keys,  ///< Keys of the telephone are told.
  frame_loss,
  frame_timing,   ///< Frames can be late, or stay away for a time.
  frame_reorder,  ///< They can overtake each other.
  frame_duplicate,
  marks,            ///< Echoes of marks can be late, or lost.
  socket_troubles,  ///< `MediaTrouble::Socket`
  socket_loss,
  stream_stop,  ///< `stop_after`, `hangs_open`
  bad_frames,
  slow_reader,
  event_order,  ///< Events can be late, lost or doubled.
  forged_events,
  commands_fail,
  answer_command,  ///< `Carrier::answer` is a command of its own …
  media_command,   ///< … and so is `Carrier::start_media`.
  own_voice,       ///< `Carrier::speak`
  transfer,
};
/// The name as it stands in records, logs and messages.
VOICEBRIDGE_API std::string_view to_string(CarrierAbility ability) noexcept;

/// What a carrier must be able to do for a plan, each named once.
VOICEBRIDGE_API std::vector<CarrierAbility> abilities_of(const CarrierPlan& plan);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
