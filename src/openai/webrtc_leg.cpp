#include "voicebridge/openai/webrtc_leg.hpp"

#include <utility>

#include "openai/service_error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

template <class Done>
void refuse_browser(Scheduler& on, Done done, Errc code, const char* why) {
  on.post([done = std::move(done), error = detail::make_error(code, why)] { done(fail(error)); });
}

}  // namespace

WebrtcLeg::WebrtcLeg(RealtimeApi api, std::string call_id)
    : api_(std::move(api)), call_id_(std::move(call_id)) {}

bool WebrtcLeg::is_ours(const std::string& leg_id, Scheduler& on, const Done& done) const {
  if (leg_id == call_id_) return true;
  refuse_browser(on, done, Errc::not_found, "this is the carrier of another call");
  return false;
}

void WebrtcLeg::dial(const CarrierDial&, Scheduler& on,
                     std::function<void(Result<std::string>)> done) {
  refuse_browser(on, std::move(done), Errc::unsupported, "the service makes no calls");
}

void WebrtcLeg::answer(const std::string& leg_id, const std::string&, Scheduler& on, Done done) {
  if (is_ours(leg_id, on, done)) on.post([done = std::move(done)] { done({}); });
}

void WebrtcLeg::hang_up(const std::string& leg_id, Scheduler& on, Done done) {
  if (is_ours(leg_id, on, done)) api_.hangup(leg_id, on, std::move(done));
}

void WebrtcLeg::speak(const std::string&, const std::string&, Scheduler& on, Done done) {
  refuse_browser(on, std::move(done), Errc::unsupported,
                 "the service carries the audio of this call");
}

void WebrtcLeg::start_media(const std::string& leg_id, const std::string&, Scheduler& on,
                            Done done) {
  if (is_ours(leg_id, on, done)) on.post([done = std::move(done)] { done({}); });
}

void WebrtcLeg::transfer(const std::string&, const CarrierTransfer&, Scheduler& on,
                         HandedOver done) {
  refuse_browser(on, std::move(done), Errc::unsupported, "a browser cannot be handed on");
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
