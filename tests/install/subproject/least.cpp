// A program on a voicebridge without SQLite, codecs and simulators.
#include <cstdio>
#include <voicebridge/voicebridge.hpp>

int main() {
  const auto phone = voicebridge::normalize_phone("06 12 34 56 78", "FR");
  const auto codec = voicebridge::make_audio_codec(voicebridge::AudioFormat::opus(16000));
  const bool works = phone && *phone == "+33612345678" && !codec &&
                     codec.error().code == voicebridge::Errc::unsupported &&
                     voicebridge::make_memory_lead_store() != nullptr && !VOICEBRIDGE_WITH_SQLITE;
  std::printf("least: %s\n", works ? "works" : "does not work");
  return works ? 0 : 1;
}
