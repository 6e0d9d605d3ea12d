#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/telnyx_call.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// One leg in a conference.
struct TelnyxConferenceMember {
  std::string id;    ///< Of the participant.
  std::string call;  ///< call_control_id
  std::string leg_id;
  std::string joined_at;
  bool held = false;
  bool muted = false;
  bool end_on_exit = false;       ///< Its leaving ends the conference and hangs up the others.
  bool soft_end_on_exit = false;  ///< Its leaving ends the conference; the others are parked.
  std::string role = "none";      ///< "none" and "barge", "monitor", "whisper"
  std::vector<std::string> whispers_to;
};

/// A conference: who is in it and who hears whom. No webhooks, no commands.
struct TelnyxConference {
  std::string id;
  std::string name;
  std::string region = "US";
  std::string created_at;
  std::string updated_at;
  std::string expires_at;
  std::size_t max_participants = 250;
  bool started = true;  ///< Until then everybody is on hold.
  std::string end_reason;
  std::string ended_by;  ///< call_control_id of the host that left.
  /// Of the leg it was made with, which may be forgotten before the conference is.
  TelnyxCallSetup creator;
  std::vector<TelnyxConferenceMember> members;
  std::string floor;  ///< Who has it: the one that speaks, or spoke last.
  TimePoint floor_heard{};
  std::optional<std::string> recording_since;
  std::string recording_id;
  bool recording_dual = false;

  bool ended() const { return !end_reason.empty(); }
  std::string_view status() const;
  TelnyxConferenceMember* find(std::string_view call);
  const TelnyxConferenceMember* find(std::string_view call) const;
  bool hears(std::string_view listener, std::string_view speaker) const;
  /// The members of the object that the API tells of a conference.
  void describe(JsonWriter& json) const;
  void describe(JsonWriter& json, const TelnyxConferenceMember& member) const;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
