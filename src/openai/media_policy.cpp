#include "openai/media_policy.hpp"

#include <string_view>
#include <utility>

#include "openai/api_error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {
namespace {

constexpr std::uint16_t kNormalClosure = 1000;
constexpr std::uint16_t kNoStatus = 1005;  ///< Closed in good order, without a code.
constexpr int kNotFound = 404;

bool mentions(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

/// Without what tunes it: what it is, and what the service does by itself.
VadConfig kind_of(const VadConfig& vad) {
  VadConfig kind;
  kind.type = vad.type;
  kind.create_response = vad.create_response;
  kind.interrupt_response = vad.interrupt_response;
  return kind;
}

}  // namespace

SessionConfig MediaPolicy::configuration(SessionConfig whole) const {
  if (!attached_) return whole;
  // The rest was said when the call was accepted; a voice that is named again after the first sound
  // would have the whole update refused.
  SessionConfig part;
  part.type = std::move(whole.type);
  part.instructions = std::move(whole.instructions);
  part.tools = std::move(whole.tools);
  part.tool_choice = std::move(whole.tool_choice);
  part.audio.input = std::move(whole.audio.input);
  part.audio.input.format.reset();
  auto& turns = part.audio.input.turn_detection;
  if (tuning_ == Tuning::none) turns = {};
  if (tuning_ == Tuning::kind && turns) turns = kind_of(*turns);
  return part;
}

SpeechPatch MediaPolicy::change(SpeechPatch patch) const {
  if (attached_) {
    patch.input.reset();
    patch.output.reset();
  }
  return patch;
}

bool MediaPolicy::give_way(const ServiceError& error) {
  constexpr std::string_view kTurns = "turn_detection";
  const bool blamed = mentions(error.param, kTurns) || mentions(error.message, kTurns);
  if (!attached_ || !blamed || tuning_ == Tuning::none) return false;
  tuning_ = tuning_ == Tuning::all ? Tuning::kind : Tuning::none;
  return true;
}

MediaPolicy::Stop MediaPolicy::stop(InterruptCause cause, const TurnDetection& turns,
                                    const Sound& sound) const noexcept {
  const bool barge_in = cause == InterruptCause::barge_in;
  if (!attached_) return {sound.reply_runs && !(barge_in && sound.service_cancels), false};
  // It hears the caller itself, and then cancels, clears and truncates without being asked.
  const bool service_stops =
      barge_in && turns.mode != TurnDetection::Mode::manual && turns.interrupt;
  if (service_stops) return {false, false};
  return {sound.reply_runs, sound.reply_runs || sound.to_be_heard};
}

bool MediaPolicy::is_end_of_call(std::uint16_t close_code) const noexcept {
  return attached_ && (close_code == kNormalClosure || close_code == kNoStatus);
}

bool MediaPolicy::is_end_of_call(const Error& error) const noexcept {
  return attached_ && (error.http_status == kNotFound || error.provider_code == kCallNotFound);
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
