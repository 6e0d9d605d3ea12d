#include <map>

#include "testing/telnyx_parameters.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using Kind = TelnyxParameter::Kind;

constexpr std::string_view kBeeps = "always, never, on_enter, on_exit";
constexpr std::string_view kRoles = "barge, monitor, none, whisper";

constexpr TelnyxParameter kClientState = {"client_state", Kind::base64};
constexpr TelnyxParameter kCommandId = {"command_id", Kind::text};
constexpr TelnyxParameter kRegion = {"region", Kind::text, false,
                                     "Australia, Europe, Middle East, US"};
constexpr TelnyxParameter kCall = {"call_control_id", Kind::text, true};
constexpr TelnyxParameter kCalls = {"call_control_ids", Kind::list};
constexpr TelnyxParameter kBeep = {"beep_enabled", Kind::text, false, kBeeps};
constexpr TelnyxParameter kWhisper = {"whisper_call_control_ids", Kind::list};

TelnyxParameters conference_create() {
  return {kCall,
          {"name", Kind::text, true},
          kBeep,
          {"comfort_noise", Kind::boolean},
          {"duration_minutes", Kind::integer},
          {"hold_audio_url", Kind::url},
          {"hold_media_name", Kind::text},
          {"max_participants", Kind::integer, false, "", 2, 800},
          kRegion,
          {"start_conference_on_create", Kind::boolean},
          kClientState,
          kCommandId};
}

TelnyxParameters conference_join() {
  return {kCall,
          kBeep,
          {"end_conference_on_exit", Kind::boolean},
          {"soft_end_conference_on_exit", Kind::boolean},
          {"hold", Kind::boolean},
          {"hold_audio_url", Kind::url},
          {"hold_media_name", Kind::text},
          {"mute", Kind::boolean},
          {"start_conference_on_enter", Kind::boolean},
          {"supervisor_role", Kind::text, false, kRoles},
          kWhisper,
          kRegion,
          kClientState,
          kCommandId};
}

TelnyxParameters conference_speak() {
  return {{"payload", Kind::text, true, "", 1, 3000},
          {"voice", Kind::text, true},
          {"payload_type", Kind::text, false, "text, ssml"},
          {"language", Kind::text},
          {"voice_settings"},
          kCalls,
          kRegion,
          kCommandId};
}

TelnyxParameters conference_gather() {
  return {kCall,
          {"audio_url", Kind::url},
          {"media_name", Kind::text},
          {"invalid_audio_url", Kind::url},
          {"invalid_media_name", Kind::text},
          {"gather_id", Kind::text, false, "", 0, 100},
          {"initial_timeout_millis", Kind::integer},
          {"inter_digit_timeout_millis", Kind::integer},
          {"maximum_digits", Kind::integer},
          {"minimum_digits", Kind::integer},
          {"maximum_tries", Kind::integer},
          {"stop_playback_on_dtmf", Kind::boolean},
          {"terminating_digit", Kind::text},
          {"timeout_millis", Kind::integer},
          {"valid_digits", Kind::text},
          kClientState};
}

std::map<std::string_view, TelnyxParameters> all_conference_commands() {
  const TelnyxParameter recording = {"recording_id", Kind::text};
  return {
      {"create", conference_create()},
      {"update_participant",
       {kBeep,
        {"end_conference_on_exit", Kind::boolean},
        {"soft_end_conference_on_exit", Kind::boolean}}},
      {"join", conference_join()},
      {"leave", {kCall, kBeep, kRegion, kCommandId}},
      {"hold", {kCalls, {"audio_url", Kind::url}, {"media_name", Kind::text}, kRegion}},
      {"unhold", {{"call_control_ids", Kind::list, true}, kRegion}},
      {"mute", {kCalls, kRegion}},
      {"unmute", {kCalls, kRegion}},
      {"update",
       {kCall, {"supervisor_role", Kind::text, true, kRoles}, kWhisper, kRegion, kCommandId}},
      {"play", {{"audio_url", Kind::url}, {"media_name", Kind::text}, {"loop"}, kCalls, kRegion}},
      {"speak", conference_speak()},
      {"stop", {kCalls, kRegion}},
      {"record_start",
       {{"format", Kind::text, true, "wav, mp3"},
        {"channels", Kind::text, false, "single, dual"},
        {"custom_file_name", Kind::text, false, "", 1, 40},
        {"play_beep", Kind::boolean},
        {"trim", Kind::text, false, "trim-silence"},
        kRegion,
        kCommandId}},
      {"record_stop", {recording, kRegion, kClientState, kCommandId}},
      {"record_pause", {recording, kRegion, kCommandId}},
      {"record_resume", {recording, kRegion, kCommandId}},
      {"send_dtmf",
       {{"digits", Kind::text, true},
        {"duration_millis", Kind::integer, false, "", 100, 500},
        kCalls,
        kClientState}},
      {"gather_using_audio", conference_gather()},
      {"end", {kCommandId}},
  };
}

}  // namespace

const TelnyxParameters* conference_parameters_of(std::string_view command) {
  static const std::map<std::string_view, TelnyxParameters> commands = all_conference_commands();
  const auto found = commands.find(command);
  return found == commands.end() ? nullptr : &found->second;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
