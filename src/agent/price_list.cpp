#include "voicebridge/agent/price_list.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr double kMillion = 1e6;

ModelPrice realtime(double text_in, double text_cached, double text_out, double audio_in,
                    double audio_cached, double audio_out) {
  ModelPrice price;
  price.text_in = text_in;
  price.text_cached = text_cached;
  price.text_out = text_out;
  price.audio_in = audio_in;
  price.audio_cached = audio_cached;
  price.audio_out = audio_out;
  return price;
}

ModelPrice with_images(ModelPrice price, double in, double cached) {
  price.image_in = in;
  price.image_cached = cached;
  return price;
}

ModelPrice by_the_minute(double usd) {
  ModelPrice price;
  price.minute = usd;
  return price;
}

/// Adds up amounts of which some may have no price.
class Sum {
 public:
  void add(double amount, const std::optional<double>& price, double unit) {
    if (amount <= 0) return;
    if (price) {
      usd_ += amount * *price / unit;
    } else {
      known_ = false;
    }
  }
  std::optional<double> usd() const { return known_ ? std::optional<double>(usd_) : std::nullopt; }

 private:
  double usd_ = 0;
  bool known_ = true;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void add_tokens(Sum& sum, std::int64_t tokens, const std::optional<double>& price) {
  sum.add(static_cast<double>(tokens), price, kMillion);
}

}  // namespace

const ModelPrice* PriceList::find(std::string_view model) const {
  std::string_view name = model;
  while (true) {
    const auto found = models.find(std::string(name));
    if (found != models.end()) return &found->second;
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || !is_number(name.substr(dash + 1))) return nullptr;
    name = name.substr(0, dash);
  }
}

std::shared_ptr<const PriceList> default_prices() {
  static const auto prices = [] {
    auto list = std::make_shared<PriceList>();
    list->as_of = "2026-11";
    const ModelPrice large = with_images(realtime(4, 0.40, 24, 32, 0.40, 64), 5, 0.50);
    list->models = {
        {"gpt-realtime-2", large},
        {"gpt-realtime-2.1", large},
        {"gpt-realtime-2.1-mini",
         with_images(realtime(0.60, 0.06, 2.40, 10, 0.30, 20), 0.80, 0.08)},
        {"gpt-realtime-1.5", realtime(4, 0.40, 16, 32, 0.40, 64)},
        {"gpt-live-transcribe", by_the_minute(0.017)},
        {"gpt-realtime-whisper", by_the_minute(0.017)},
        {"gpt-transcribe", by_the_minute(0.0045)},
    };
    return std::shared_ptr<const PriceList>(std::move(list));
  }();
  return prices;
}

std::optional<double> price_of(const SpeechUsage& usage, const PriceList& prices) {
  const ModelPrice* price = prices.find(usage.model);
  if (price == nullptr) return std::nullopt;
  Sum sum;
  add_tokens(sum, usage.input_text - usage.cached_text, price->text_in);
  add_tokens(sum, usage.cached_text, price->text_cached);
  add_tokens(sum, usage.output_text, price->text_out);
  add_tokens(sum, usage.input_audio - usage.cached_audio, price->audio_in);
  add_tokens(sum, usage.cached_audio, price->audio_cached);
  add_tokens(sum, usage.output_audio, price->audio_out);
  add_tokens(sum, usage.input_image - usage.cached_image, price->image_in);
  add_tokens(sum, usage.cached_image, price->image_cached);
  return sum.usd();
}

std::optional<double> price_of(const HearingUsage& usage, const PriceList& prices) {
  const ModelPrice* price = prices.find(usage.model);
  if (price == nullptr) return std::nullopt;
  Sum sum;
  sum.add(usage.seconds, price->minute, 60);
  add_tokens(sum, usage.input_text, price->text_in);
  add_tokens(sum, usage.input_audio, price->audio_in);
  add_tokens(sum, usage.output_text, price->text_out);
  return sum.usd();
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
