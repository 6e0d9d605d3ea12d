#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/call/speech_session.hpp"
#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// What a model takes, in USD for a million tokens of a kind. None: not known.
struct ModelPrice {
  /// Text: what is said to the model, what of it was cached, what it says.
  ///@{
  /// Text: what the model is told, what of that was cached, and what it says.
  std::optional<double> text_in, text_cached, text_out;
  ///@}
  /// Audio, likewise.
  ///@{
  /// Audio: what the model hears, what of that was cached, and what it says.
  std::optional<double> audio_in, audio_cached, audio_out;
  ///@}
  /// Pictures that are shown to the model.
  ///@{
  /// Pictures: what the model is shown, and what of that was cached.
  std::optional<double> image_in, image_cached;
  ///@}
  std::optional<double> minute;  ///< USD for a minute of audio, where time is counted.
};

/// Prices by model. They change without notice: an application that bills by them keeps its own.
struct VOICEBRIDGE_API PriceList {
  std::string as_of;                         ///< When they were read, for a person: "2026-11".
  std::map<std::string, ModelPrice> models;  ///< By the service's name.

  /// Of the model itself, or of the longest name that it is a dated state of
  /// ("gpt-realtime-2-2026-05-01" of "gpt-realtime-2"). Null: not known, and not guessed.
  const ModelPrice* find(std::string_view model) const;
};

/// OpenAI's prices as they were published in November 2026.
VOICEBRIDGE_API std::shared_ptr<const PriceList> default_prices();

/// What a call has cost so far.
struct CallCost {
  double usd = 0;                            ///< Of what has a price.
  std::vector<std::string> unpriced_models;  ///< Used, and not or not wholly in the list.
};

/// USD of one answer or one transcription; none when a kind that was used has no price.
VOICEBRIDGE_API std::optional<double> price_of(const SpeechUsage& usage, const PriceList& prices);
/// The same of a transcription.
VOICEBRIDGE_API std::optional<double> price_of(const HearingUsage& usage, const PriceList& prices);

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
