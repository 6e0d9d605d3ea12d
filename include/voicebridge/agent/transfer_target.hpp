#pragma once

#include <string>
#include <utility>

#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// Somebody whom a caller can be handed to, and how.
struct TransferTarget {
  /// How much the person is told before.
  enum class Mode {
    cold,  ///< They are rung and get the caller at once.
    warm,  ///< They are told first who calls and why, and may decline.
  };
  /// What the caller hears while a warm transfer rings.
  enum class Meanwhile {
    hold,     ///< Music, until somebody is there. The agent is silent and hears nothing.
    company,  ///< The agent goes on talking.
  };

  TransferTarget() = default;
  /// A cold transfer to that address.
  TransferTarget(std::string address) : to(std::move(address)) {}  // NOLINT(google-explicit-*)
  /// The same.
  TransferTarget(const char* address) : to(address) {}  // NOLINT(google-explicit-*)

  std::string to;              ///< E.164, or a SIP address.
  Mode mode = Mode::cold;      ///< How they get the caller.
  Millis ring_timeout{25000};  ///< How long their phone rings.
  /// Told to the model with the tool's result when nobody takes the call.
  std::string on_failure =
      "Tell the caller in one sentence why nobody could take the call, and offer that somebody "
      "calls them back.";

  // Of warm transfers only.
  Meanwhile meanwhile = Meanwhile::hold;  ///< What the caller hears until they take the call.
  std::string company =
      "Keep the caller company while the other line rings: one short, friendly sentence. They are "
      "not put through yet.";  ///< Asked of the model at the start, and at each silence.
  std::string briefing;        ///< More for the model that briefs the person.
  /// Spoken by the carrier's voice when there is no model for it; {{summary}} is filled in. It has
  /// to name the keys.
  std::string briefing_text =
      "A caller would like to speak with you. {{summary}} To take the call press 1. To decline "
      "press 2.";
  Millis briefing_timeout{60000};  ///< From the person's answer to their decision.
  bool accept_by_keys = true;      ///< 1 accepts, 2 declines.
  /// Their word accepts or declines, as the model that briefs them understands it.
  bool accept_by_voice = true;

  /// Whether they are told first who calls.
  bool is_warm() const { return mode == Mode::warm; }
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
