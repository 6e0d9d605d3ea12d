#include "voicebridge/testing/rig_lane.hpp"

#include <utility>

#include "testing/carrier_rigs.hpp"
#include "testing/virtual_model.hpp"
#include "testing/virtual_phone.hpp"
#include "voicebridge/testing/audio_account.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Command = CommandTrouble::Command;

constexpr Command kAllCommands[] = {Command::dial,  Command::answer,      Command::hang_up,
                                    Command::speak, Command::start_media, Command::transfer};
constexpr const char* kRigCaller = "+12025550123";
constexpr const char* kRigNumber = "+12025550100";
/// How long somebody who calls waits to be answered.
constexpr Millis kCallerPatience{20000};

std::string amd_result(const MachinePlan& plan) {
  if (!plan.verdict) return {};
  switch (*plan.verdict) {
    case AnsweredBy::human:
    case AnsweredBy::human_residence:
      return "human_residence";
    case AnsweredBy::human_business:
      return "human_business";
    case AnsweredBy::machine:
      return "machine";
    case AnsweredBy::fax:
      return "fax_detected";
    case AnsweredBy::silence:
      return "silence";
    case AnsweredBy::not_sure:
      return "not_sure";
  }
  return {};
}

AmdPlan amd_plan(const MachinePlan& plan) {
  AmdPlan amd;
  amd.result = amd_result(plan);
  amd.delay = plan.verdict_after;
  if (plan.greeting == MachinePlan::Greeting::beep) amd.greeting = "beep_detected";
  if (plan.greeting == MachinePlan::Greeting::no_beep) amd.greeting = "no_beep_detected";
  amd.greeting_delay = plan.greeting_after;
  amd.beep_before_detection = plan.beep_first;
  return amd;
}

bool is_coded(AudioFormat format) {
  return format.encoding == AudioEncoding::g722 || format.encoding == AudioEncoding::opus;
}

CallPlan call_plan(const CarrierPlan& plan, AudioFormat format) {
  CallPlan call;
  call.outcome = plan.outcome;
  call.ring = plan.incoming ? kCallerPatience : plan.ring;
  call.amd = amd_plan(plan.machine);
  call.script = plan.person;
  call.idle = plan.idle;
  call.hangup_after = plan.hangup_after;
  // Between carrier and person there is no packet of the application's codec.
  call.leg_format = is_coded(format) ? AudioFormat::l16(16000) : format;
  if (plan.media.other_codec) {
    const bool mu_law = format.encoding == AudioEncoding::pcmu;
    call.codec_surprise = mu_law ? AudioFormat::pcma() : AudioFormat::pcmu();
  }
  call.faults.jitter = plan.media.jitter;
  call.faults.loss = plan.media.loss;
  call.faults.reorder = plan.media.reorder;
  for (const auto& gap : plan.media.gaps) call.faults.gaps.push_back({gap.begin, gap.length});
  call.stream_connect_delay = Millis(0);
  call.max_queue = plan.media.max_queue;
  return call;
}

WebhookFaults webhook_faults(const EventTrouble& trouble, const RigWords& words) {
  WebhookFaults faults;
  faults.jitter = trouble.jitter;
  faults.duplicate = trouble.duplicate;
  faults.drop = trouble.drop;
  for (const EventTrouble::Rule& wanted : trouble.rules) {
    WebhookFaults::Rule rule;
    rule.event_type = words.event(wanted.kind);
    rule.delay = wanted.delay;
    rule.copies = wanted.copies;
    rule.bad_signature = wanted.forged;
    if (!rule.event_type.empty()) faults.rules.push_back(std::move(rule));
  }
  return faults;
}

SimApiFault api_fault(const CommandTrouble& trouble, const RigWords& words) {
  SimApiFault fault;
  fault.command = words.command(trouble.command);
  fault.times = 1000;
  switch (trouble.kind) {
    case CommandTrouble::Kind::refused:
      fault.status = 403;
      break;
    case CommandTrouble::Kind::unanswered:
      fault.status = 0;
      break;
    case CommandTrouble::Kind::leg_gone:
      fault.status = 422;
      break;
    case CommandTrouble::Kind::answer_lost:
      fault.status = 500;
      fault.times = 1;
      fault.effective = true;
      break;
  }
  return fault;
}

ScriptedCallOptions rig_options(const CarrierPlan& plan, AudioFormat format,
                                const RigWords& words) {
  ScriptedCallOptions options;
  options.seed = plan.seed;
  options.codec = format;
  options.media_at_dial = plan.media.at_dial;
  options.callee = call_plan(plan, format);
  options.webhooks = webhook_faults(plan.events, words);
  options.carrier_wire = plan.media.wire;
  options.api_delay = plan.command_delay;
  return options;
}

class RigUnderTest final : public CarrierUnderTest {
 public:
  using MakeRig = std::function<std::unique_ptr<CarrierRig>(const ScriptedCallOptions&)>;

  RigUnderTest(const CarrierPlan& plan, AudioFormat format, const MakeRig& make_rig, RigWords words,
               CarrierWorld world)
      : plan_(plan),
        words_(std::move(words)),
        world_(std::move(world)),
        options_(rig_options(plan_, format, words_)),
        wall_(kScriptedWallTime, world_.clock->now()),
        rig_(make_rig(options_)),
        phone_(*world_.clock, options_, *rig_, &plan_.media) {}

  Result<> open() {
    for (const CommandTrouble& trouble : plan_.commands) {
      phone_.carrier().inject(api_fault(trouble, words_));
    }
    CallPlan colleague;
    colleague.outcome = plan_.colleague.outcome;
    colleague.ring = plan_.colleague.ring;
    colleague.leg_format = options_.callee.leg_format;
    phone_.carrier().plan_next(plan_.colleague.number, std::move(colleague));
    CarrierRigParts parts;
    parts.http = &phone_;
    parts.wall_time = [this] { return wall_.millis(world_.clock->now()); };
    parts.seat = world_.seat;
    parts.on_event = world_.on_event;
    parts.log = world_.log;
    return rig_->open(std::move(parts));
  }

  Carrier& carrier() override { return rig_->carrier(); }

  void call_in() override {
    phone_.carrier().call_in(kRigCaller, kRigNumber, options_.callee, world_.clock->now());
    phone_.rearm();
  }

  FarEnd far_end() const override {
    const std::vector<std::string> calls = service().calls();
    FarEnd far_end;
    if (!calls.empty()) far_end = far_end_of(*service().leg(calls.front()));
    far_end.streams_taken = phone_.sockets().taken;
    far_end.streams_refused = phone_.sockets().refused;
    return far_end;
  }

  std::vector<CarrierCommandRecord> commands() const override {
    std::vector<CarrierCommandRecord> all;
    for (const SimApiRecord& request : service().requests()) {
      for (const Command command : kAllCommands) {
        if (words_.command(command) != request.command) continue;
        const bool done = request.status >= 200 && request.status < 300 && !request.repeated;
        all.push_back({command, request.at, done});
      }
    }
    return all;
  }

  std::size_t legs_made() const override { return service().calls().size(); }
  std::size_t legs_up() const override { return service().active_calls(); }

 private:
  const SimCarrier& service() const { return phone_.carrier(); }

  const CarrierPlan plan_;
  const RigWords words_;
  const CarrierWorld world_;
  const ScriptedCallOptions options_;
  const WallClock wall_;
  std::unique_ptr<CarrierRig> rig_;
  VirtualPhone phone_;
};

std::string telnyx_event(LegEventKind kind) {
  switch (kind) {
    case LegEventKind::ringing:
      return "call.initiated";
    case LegEventKind::answered:
      return "call.answered";
    case LegEventKind::answered_by:
      return "call.machine.premium.detection.ended";
    case LegEventKind::greeting_ended:
      return "call.machine.premium.greeting.ended";
    case LegEventKind::spoke:
      return "call.speak.ended";
    case LegEventKind::ended:
      return "call.hangup";
  }
  return {};
}

std::string telnyx_command(Command command) {
  switch (command) {
    case Command::dial:
      return "dial";
    case Command::answer:
      return "answer";
    case Command::hang_up:
      return "hangup";
    case Command::speak:
      return "speak";
    case Command::start_media:
      return "streaming_start";
    case Command::transfer:
      return "transfer";
  }
  return {};
}

std::string twilio_event(LegEventKind kind) {
  switch (kind) {
    case LegEventKind::ringing:
      return "call.ringing";
    case LegEventKind::answered:
      return "call.in-progress";
    case LegEventKind::answered_by:
      return "amd";
    case LegEventKind::ended:
      return "call.completed";
    case LegEventKind::greeting_ended:  // Told with the verdict.
    case LegEventKind::spoke:           // Told by the next document that is asked for.
      return {};
  }
  return {};
}

/// Twilio answers and opens media by the document that it asks for.
std::string twilio_command(Command command) {
  const bool own = command != Command::answer && command != Command::start_media;
  return own ? telnyx_command(command) : std::string();
}

std::string twilio_cannot(CarrierAbility ability) {
  switch (ability) {
    case CarrierAbility::media_at_dial:
      return "its media always comes with the answer";
    case CarrierAbility::early_verdict:
      return "it tells of a machine when its greeting is over";
    case CarrierAbility::other_codec:
    case CarrierAbility::unknown_codec:
      return "its media is PCMU, whatever the line speaks";
    case CarrierAbility::frame_reorder:
      return "its frames are numbered by a TCP stream and cannot overtake each other";
    case CarrierAbility::answer_command:
      return "it answers by the document that it asks for";
    case CarrierAbility::media_command:
      return "it opens the media by the document that it asks for";
    default:
      return {};
  }
}

}  // namespace

CarrierLane rig_lane(
    std::string name, AudioFormat format,
    std::function<std::unique_ptr<CarrierRig>(const ScriptedCallOptions& options)> make_rig,
    RigWords words, std::function<std::string(CarrierAbility)> cannot) {
  CarrierLane lane;
  lane.name = std::move(name);
  lane.format = format;
  lane.cannot = std::move(cannot);
  lane.make = [format, make_rig = std::move(make_rig), words = std::move(words)](
                  const CarrierPlan& plan,
                  CarrierWorld world) -> Result<std::unique_ptr<CarrierUnderTest>> {
    auto made = std::make_unique<RigUnderTest>(plan, format, make_rig, words, std::move(world));
    if (auto opened = made->open(); !opened) return fail(opened.error());
    return made;
  };
  return lane;
}

CarrierLane telnyx_lane(std::string name, AudioFormat format) {
  return rig_lane(std::move(name), format, make_telnyx_rig, {telnyx_event, telnyx_command});
}

CarrierLane twilio_lane(std::string name) {
  return rig_lane(std::move(name), AudioFormat::pcmu(), make_twilio_rig,
                  {twilio_event, twilio_command}, twilio_cannot);
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
