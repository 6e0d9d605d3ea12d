#pragma once

#include <memory>
#include <string>

#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/wire_sink.hpp"
#include "voicebridge/testing/carrier_plan.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A message that a media socket should not carry, of a carrier that speaks of `"event":"media"`.
std::string bad_frame(BadFrame kind);

/// Stands on a carrier's side of a media socket and does to its messages what a plan says: they
/// are lost, doubled, late or nonsense. Knows the messages by their `"event"`.
/// @par Threads The scheduler's.
class WireTamper final : public WireSink {
 public:
  /// `to_application` must outlive this.
  WireTamper(Scheduler& scheduler, WireSink& to_application, MediaTrouble trouble,
             std::uint64_t seed);

  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t backlog() const override { return wire_.backlog(); }
  /// The `start` that was sent.
  const std::string& start() const { return start_; }
  /// The stream ends, as the carrier's `stop` says, made from its `start`; then the socket.
  void stop();

 private:
  SendStatus send_start(std::string text);
  void send_later(std::string text, Millis delay);

  Scheduler& scheduler_;
  WireSink& wire_;
  const MediaTrouble trouble_;
  SeededRandom random_;
  std::string start_;  ///< As it was sent.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
