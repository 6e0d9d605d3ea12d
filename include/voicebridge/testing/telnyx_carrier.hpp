#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/testing/sim_carrier.hpp"
#include "voicebridge/testing/telnyx_sim_media.hpp"
#include "voicebridge/testing/webhook_outbox.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Whose account it is, and how the service behaves.
struct TelnyxCarrierOptions {
  std::string api_key = "KEY_SIMULATED";  ///< What requests have to carry.
  std::string connection_id;              ///< The only one accepted by dial; empty: any.
  std::string webhook_url;           ///< Of the application; a call's `webhook_url` goes before it.
  std::string webhook_failover_url;  ///< Tried when the other does not take an event.
  WebhookFaults webhooks;            ///< What happens to events on their way.
  CallPlan plan;                     ///< For calls without a plan of their own.
  std::size_t channel_limit = 1000;  ///< Calls at one time; a dial beyond it gets 403 90041.
  std::size_t kept_calls =
      1000;  ///< Ended calls that can still be asked for; older ones are forgotten.
  unsigned rate_limit = 1000;  ///< Requests a second; beyond it 429 10011.
  Millis speak_per_character{
      65};  ///< How long `speak` takes; real voices read about 15 characters a second.
  Millis playback_length{2000};  ///< Of any file given to `playback_start`.
  /// Files that are not there: `file_not_found`.
  std::vector<std::string> missing_audio;
  /// Commands that get 90045 while a stream is open ("bridge", "conference.join" …). Which ones do
  /// at Telnyx is not published.
  std::vector<std::string> refused_while_streaming{"fork_start"};
  std::uint64_t seed = 1;                ///< Of ids, plans and the signing key.
  UnixMillis wall_time = 1763717400000;  ///< What the wall clock shows when the carrier is made.
};

/// Telnyx without the network: the Call Control API, its calls, webhooks and media, as strict as
/// the real service. No I/O and no clock: requests, answers and time come as arguments, the rest
/// goes out through `SimNetwork`. The same options and inputs give the same run. One
/// thread at a time.
///
/// A call has one media stream at most, so that `SimStreamOpen::id` is its call_control_id.
class VOICEBRIDGE_API TelnyxCarrier final : public SimCarrier {
 public:
  /// What it does goes out by `network`, which must outlive it.
  TelnyxCarrier(TelnyxCarrierOptions options, SimNetwork& network, TimePoint now);
  ~TelnyxCarrier() override;

  SimApiReply on_request(const SimApiRequest& request, TimePoint now) override;

  std::string call_in(const std::string& from, const std::string& to, const CallPlan& plan,
                      TimePoint now) override;
  void plan_next(const std::string& to, CallPlan plan) override;
  /// Every call dialled to `to` follows this plan, unless one of `plan_next` waits.
  void plan_number(const std::string& to, CallPlan plan);
  void inject(SimApiFault fault) override;
  /// For the calls to come.
  void set_webhook_url(std::string url);
  void set_webhook_faults(WebhookFaults faults) override;

  /// `status` 0: no answer in time.
  void on_webhook_answer(std::uint64_t post_id, int status, TimePoint now);
  void on_post_answer(std::uint64_t post_id, const HttpResponse& answer, TimePoint now) override;
  void on_stream_open(const std::string& call_control_id, WireSink& sink, TimePoint now) override;
  void on_stream_text(const std::string& call_control_id, std::string_view text,
                      TimePoint now) override;
  void on_stream_binary(const std::string& call_control_id, TimePoint now) override;  ///< Ignored.
  void on_stream_closed(const std::string& call_control_id, TimePoint now) override;
  void on_stream_refused(const std::string& call_control_id, int http_status,
                         TimePoint now) override;

  /// When `on_deadline` is to be called next; nothing: it waits for input only.
  Deadline next_deadline() const override;
  /// What is due by now: timeouts, repetitions. To be called at `next_deadline`, or later.
  void on_deadline(TimePoint now) override;

  /// What verifies its webhooks.
  std::string public_key_base64() const;
  const TelnyxSimMedia* media(const std::string& call_control_id) const;  ///< See `leg`.
  const SimLeg* leg(const std::string& call_control_id) const override;
  std::vector<std::string> calls() const override;
  std::size_t active_calls() const override;
  const std::vector<SimApiRecord>& requests() const override;
  /// What happens to events on their way.
  const std::vector<WebhookRecord>& webhooks() const override;
  /// Whether what one leg says can be heard by another now: they are bridged, in one conference
  /// (not on hold, not muted, by their roles), or one supervises the other.
  bool hears(const std::string& listener, const std::string& speaker) const;
  /// How long one leg has heard the voice of another.
  Millis heard_from(const std::string& listener, const std::string& speaker) const;
  /// The conference that a leg is in; empty: none.
  std::string conference_of(const std::string& call_control_id) const;
  /// Per call: states, what was really played and dropped in bytes and milliseconds, what was said;
  /// what was asked, what was told and how the application answered.
  std::string state_json(TimePoint now) const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
