// What the call has used and cost, and what it may cost.
#include <fmt/format.h>

#include <algorithm>

#include "agent/call_session_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr const char* kComeToAnEnd =
    "This call must end soon. Bring the conversation to a friendly close within your next two "
    "answers, and do not begin anything new.";

}  // namespace

void CallSession::Impl::handle(const SpeechUsage& event, TimePoint now) {
  SpeechUsage& sum = record.usage;
  sum.input_text += event.input_text;
  sum.input_audio += event.input_audio;
  sum.input_image += event.input_image;
  sum.cached_text += event.cached_text;
  sum.cached_audio += event.cached_audio;
  sum.cached_image += event.cached_image;
  sum.output_text += event.output_text;
  sum.output_audio += event.output_audio;
  sum.model = event.model;
  charge(price_of(event, prices()), event.model, now);
}

void CallSession::Impl::handle(const HearingUsage& event, TimePoint now) {
  HearingUsage used = event;
  if (used.model.empty()) used.model = options.speech.transcription_model;
  HearingUsage& sum = record.hearing;
  sum.input_text += used.input_text;
  sum.input_audio += used.input_audio;
  sum.output_text += used.output_text;
  sum.seconds += used.seconds;
  sum.model = used.model;
  charge(price_of(used, prices()), used.model, now);
}

const PriceList& CallSession::Impl::prices() const {
  return options.prices ? *options.prices : *default_prices();
}

void CallSession::Impl::charge(const std::optional<double>& usd, const std::string& model,
                               TimePoint now) {
  CallCost& cost = record.cost;
  if (usd) {
    cost.usd += *usd;
    return check_budget(now);
  }
  auto& unpriced = cost.unpriced_models;
  if (std::find(unpriced.begin(), unpriced.end(), model) != unpriced.end()) return;
  unpriced.push_back(model);
  note(now, "cost", "no price is known for a model", {{"model", model}});
}

void CallSession::Impl::check_budget(TimePoint now) {
  if (options.budget_usd <= 0 || over()) return;
  const double usd = record.cost.usd;
  const auto told = [&](const char* what) {
    note(now, "cost", what,
         {{"usd", fmt::format("{:.4f}", usd)},
          {"budget", fmt::format("{:.4f}", options.budget_usd)}});
  };
  if (!budget_warned && usd >= options.budget_usd * options.budget_warn) {
    budget_warned = true;
    told("most of the budget is used");
    tell({AddNote::Kind::rule, kComeToAnEnd}, now);
  }
  if (usd < options.budget_usd || budget_used_up || state != CallState::talking) return;
  budget_used_up = true;
  told("the budget is used up");
  if (!transfer) end_politely(EndReason::budget, now);
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
