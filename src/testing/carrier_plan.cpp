#include "voicebridge/testing/carrier_plan.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

void add_abilities_of(const MediaTrouble& media, std::vector<CarrierAbility>& all) {
  const auto need = [&](bool wanted, CarrierAbility ability) {
    if (wanted) all.push_back(ability);
  };
  const auto socket = media.socket;
  need(media.at_dial, CarrierAbility::media_at_dial);
  need(media.other_codec, CarrierAbility::other_codec);
  need(media.unknown_codec, CarrierAbility::unknown_codec);
  need(media.loss > 0, CarrierAbility::frame_loss);
  need(media.jitter > Millis(0) || !media.gaps.empty(), CarrierAbility::frame_timing);
  need(media.reorder > 0, CarrierAbility::frame_reorder);
  need(media.duplicate > 0, CarrierAbility::frame_duplicate);
  need(media.mark_delay > Millis(0) || media.mark_jitter > Millis(0) || media.lose_marks,
       CarrierAbility::marks);
  need(socket != MediaTrouble::Socket::opens, CarrierAbility::socket_troubles);
  need(media.drop_after.has_value(), CarrierAbility::socket_loss);
  need(media.stop_after.has_value() || media.hangs_open, CarrierAbility::stream_stop);
  need(!media.bad_frames.empty(), CarrierAbility::bad_frames);
  need(media.wire.max_backlog_bytes != WirePipeOptions().max_backlog_bytes,
       CarrierAbility::slow_reader);
}

void add_abilities_of(const EventTrouble& events, std::vector<CarrierAbility>& all) {
  bool order = events.jitter > Millis(0) || events.duplicate > 0 || events.drop > 0;
  bool forged = false;
  for (const EventTrouble::Rule& rule : events.rules) {
    order = order || rule.delay > Millis(0) || rule.copies != 1;
    forged = forged || rule.forged;
  }
  if (order) all.push_back(CarrierAbility::event_order);
  if (forged) all.push_back(CarrierAbility::forged_events);
}

}  // namespace

std::string_view to_string(CarrierAbility ability) noexcept {
  switch (ability) {
    case CarrierAbility::incoming_calls:
      return "incoming calls";
    case CarrierAbility::machine_detection:
      return "detection of answering machines";
    case CarrierAbility::greeting_end:
      return "the end of a machine's greeting";
    case CarrierAbility::early_verdict:
      return "a verdict before a machine's greeting is over";
    case CarrierAbility::media_at_dial:
      return "media asked for at dial";
    case CarrierAbility::other_codec:
      return "another codec than asked for";
    case CarrierAbility::unknown_codec:
      return "a codec nobody knows";
    case CarrierAbility::keys:
      return "keys";
    case CarrierAbility::frame_loss:
      return "lost frames";
    case CarrierAbility::frame_timing:
      return "late frames and gaps";
    case CarrierAbility::frame_reorder:
      return "frames that overtake each other";
    case CarrierAbility::frame_duplicate:
      return "doubled frames";
    case CarrierAbility::marks:
      return "late and lost marks";
    case CarrierAbility::socket_troubles:
      return "troubles of a media socket";
    case CarrierAbility::socket_loss:
      return "a lost media socket";
    case CarrierAbility::stream_stop:
      return "the end of a stream without that of its call";
    case CarrierAbility::bad_frames:
      return "bad messages";
    case CarrierAbility::slow_reader:
      return "a slow reader";
    case CarrierAbility::event_order:
      return "late, lost and doubled events";
    case CarrierAbility::forged_events:
      return "forged events";
    case CarrierAbility::commands_fail:
      return "commands that fail";
    case CarrierAbility::answer_command:
      return "a command that answers";
    case CarrierAbility::media_command:
      return "a command that opens the media";
    case CarrierAbility::own_voice:
      return "a voice of its own";
    case CarrierAbility::transfer:
      return "transfers";
  }
  return "";
}

std::vector<CarrierAbility> abilities_of(const CarrierPlan& plan) {
  std::vector<CarrierAbility> all;
  if (plan.incoming) all.push_back(CarrierAbility::incoming_calls);
  for (const CalleeStep& step : plan.person.steps) {
    if (step.kind != CalleeStep::Kind::dtmf) continue;
    all.push_back(CarrierAbility::keys);
    break;
  }
  if (plan.machine.greeting != MachinePlan::Greeting::untold) {
    all.push_back(CarrierAbility::greeting_end);
  }
  add_abilities_of(plan.media, all);
  add_abilities_of(plan.events, all);
  for (const CommandTrouble& trouble : plan.commands) {
    using Command = CommandTrouble::Command;
    if (trouble.command == Command::answer) all.push_back(CarrierAbility::answer_command);
    if (trouble.command == Command::start_media) all.push_back(CarrierAbility::media_command);
    all.push_back(CarrierAbility::commands_fail);
  }
  return all;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
