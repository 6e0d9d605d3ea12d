#include <utility>

#include "voicebridge/telnyx/call_control.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void TelnyxCallControl::answer(std::string_view call, telnyx::AnswerRequest request, Scheduler& on,
                               Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::reject(std::string_view call, telnyx::RejectRequest request, Scheduler& on,
                               Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::hangup(std::string_view call, telnyx::HangupRequest request, Scheduler& on,
                               Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::speak(std::string_view call, telnyx::SpeakRequest request, Scheduler& on,
                              Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::playback_start(std::string_view call, telnyx::PlaybackStartRequest request,
                                       Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::playback_stop(std::string_view call, telnyx::PlaybackStopRequest request,
                                      Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::send_dtmf(std::string_view call, telnyx::SendDtmfRequest request,
                                  Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::streaming_start(std::string_view call,
                                        telnyx::StreamingStartRequest request, Scheduler& on,
                                        Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::streaming_stop(std::string_view call, telnyx::StreamingStopRequest request,
                                       Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::transfer(std::string_view call, telnyx::TransferRequest request,
                                 Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::bridge(std::string_view call, telnyx::BridgeRequest request, Scheduler& on,
                               Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::record_start(std::string_view call, telnyx::RecordStartRequest request,
                                     Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::record_stop(std::string_view call, telnyx::RecordStopRequest request,
                                    Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::gather(std::string_view call, telnyx::GatherRequest request, Scheduler& on,
                               Done done) const {
  send(call, std::move(request), on, std::move(done));
}
void TelnyxCallControl::gather_stop(std::string_view call, telnyx::GatherStopRequest request,
                                    Scheduler& on, Done done) const {
  send(call, std::move(request), on, std::move(done));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
