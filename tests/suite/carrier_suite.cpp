// The behavioural suite on every lane that there is.
#include "voicebridge/testing/carrier_suite.hpp"
#include "voicebridge/testing/rig_lane.hpp"

int main(int argc, char** argv) {
  using namespace voicebridge;
  using namespace voicebridge::testing;
  return carrier_suite_main(
      argc, argv,
      {telnyx_lane("telnyx-pcmu", AudioFormat::pcmu()),
       telnyx_lane("telnyx-pcma", AudioFormat::pcma()),
       telnyx_lane("telnyx-l16", AudioFormat::l16(16000)), twilio_lane("twilio")});
}
