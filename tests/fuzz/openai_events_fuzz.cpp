// Whatever text comes is refused or understood as an event of either direction; what is understood
// can be written, and then means the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "voicebridge/openai/client_event.hpp"
#include "voicebridge/openai/server_event.hpp"

using namespace voicebridge;
using namespace voicebridge::openai;

namespace {

template <class Event, class Parse>
void check(std::string_view text, Parse parse) {
  const Result<Event> event = parse(text, JsonLimits{});
  if (!event) return;
  const auto written = to_json(*event);
  // Tools without a name or without an object for their parameters are not written.
  if (!written && written.error().field.rfind("tools.", 0) == 0) return;
  if (written) {
    const Result<Event> again = parse(*written, JsonLimits{});
    if (again && *again == *event) return;
  }
  std::fprintf(stderr, "not the same when written: %.*s\n", static_cast<int>(text.size()),
               text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check<ServerEvent>(text, parse_server_event);
  check<ClientEvent>(text, parse_client_event);
  return 0;
}
