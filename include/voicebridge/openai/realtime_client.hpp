#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/core/scheduler.hpp"
#include "voicebridge/net/websocket.hpp"
#include "voicebridge/openai/api_options.hpp"
#include "voicebridge/openai/realtime_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// Where the service is, which model, and how long it may take.
struct RealtimeClientOptions : ApiOptions {
  /// The whole address, instead of the one that `base_url`, `path` and `query` make. The model or
  /// the call is added unless it names `model`, `call_id` or `intent`.
  std::string url;
  /// Of a session of its own; with `call_id` the call's counts.
  std::string model = "gpt-realtime-2.1";
  /// A call by WebRTC or SIP that runs at the service ("rtc_…"): the session attaches to it instead
  /// of opening one of its own, the model is the call's, and `SpeechSpec::media` counts as
  /// `MediaOwner::service`.
  std::string call_id;
  Millis connect_timeout{5000};    ///< DNS, TCP and TLS.
  Millis handshake_timeout{5000};  ///< From the upgrade request to its answer.
  RealtimeSessionOptions session;  ///< How the conversation is run.
};

/// A conversation with a speech-to-speech model over the OpenAI Realtime API (WebSocket, GA shape).
///
/// `start` opens the connection. A refused key closes the session fatally; a service that cannot be
/// reached closes it with a retryable error. It may be destroyed at any moment, also inside a
/// callback: none comes after that.
///
/// @par Threads Everything on the scheduler's thread.
class VOICEBRIDGE_API RealtimeClient final : public SpeechSession {
 public:
  /// `websockets` and `scheduler` must outlive the client; the scheduler is the shard of the call.
  /// @return `Errc::invalid_argument` naming the option: `api_key`, `model`, `url`, `base_url`,
  /// `headers`.
  static Result<std::unique_ptr<RealtimeClient>> create(RealtimeClientOptions options,
                                                        WebSocketClient& websockets,
                                                        Scheduler& scheduler);
  ~RealtimeClient() override;
  RealtimeClient(const RealtimeClient&) = delete;
  RealtimeClient& operator=(const RealtimeClient&) = delete;

  void start(SpeechSpec spec, SpeechObserver& observer, TimePoint now) override;
  void append_audio(const AudioPayload& audio, TimePoint now) override;
  void request(SpeechRequest request, TimePoint now) override;
  void interrupt(InterruptCause cause, const std::optional<PlayedPosition>& heard,
                 TimePoint now) override;
  void reconfigure(SpeechPatch patch, TimePoint now) override;
  void close(TimePoint now) override;
  void footprint(Footprint& to) const override;

  /// Sends an event that this interface does not offer. What it causes comes by
  /// `RealtimeSessionOptions::on_raw_event`.
  /// @return `invalid_argument` unless it is a JSON object with a string `type`; `unavailable`
  /// without a connection; `resource_exhausted` when the connection is backed up.
  Result<> send_raw(std::string_view event_json);

  /// As they stand.
  const RealtimeStats& stats() const noexcept;

 private:
  class Impl;
  explicit RealtimeClient(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

/// The WebSocket address that the options stand for. @return `Errc::invalid_argument` naming the
/// option at fault.
VOICEBRIDGE_API Result<std::string> realtime_url(const RealtimeClientOptions& options);

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
