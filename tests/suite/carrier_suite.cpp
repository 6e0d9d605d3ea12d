// The behavioural suite on every lane that this build has.
#include <algorithm>

#include "voicebridge/audio/audio_codec.hpp"
#include "voicebridge/testing/carrier_suite.hpp"
#include "voicebridge/testing/rig_lane.hpp"

using namespace voicebridge;
using namespace voicebridge::testing;

int main(int argc, char** argv) {
  std::vector<CarrierLane> lanes = {telnyx_lane("telnyx-pcmu", AudioFormat::pcmu()),
                                    telnyx_lane("telnyx-pcma", AudioFormat::pcma()),
                                    telnyx_lane("telnyx-l16", AudioFormat::l16(16000)),
                                    telnyx_lane("telnyx-g722", AudioFormat::g722()),
                                    telnyx_lane("telnyx-opus", AudioFormat::opus(16000)),
                                    twilio_lane("twilio"),
                                    web_lane("web")};
  const auto switched_off = [](const CarrierLane& lane) { return !make_audio_codec(lane.format); };
  lanes.erase(std::remove_if(lanes.begin(), lanes.end(), switched_off), lanes.end());
  return carrier_suite_main(argc, argv, lanes);
}
