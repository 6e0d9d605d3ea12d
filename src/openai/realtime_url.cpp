#include <algorithm>
#include <array>

#include "openai/api_request.hpp"
#include "voicebridge/openai/realtime_client.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

/// The service takes exactly one of these.
bool names_its_session(std::string_view target) {
  constexpr std::array<std::string_view, 3> kSelectors = {"model", "call_id", "intent"};
  return std::any_of(kSelectors.begin(), kSelectors.end(), [&](std::string_view name) {
    return query_parameter(target, name).has_value();
  });
}

}  // namespace

Result<std::string> realtime_url(const RealtimeClientOptions& options) {
  const bool whole = !options.url.empty();
  const auto url =
      whole ? detail::with_scheme(options.url, "ws", "url") : detail::api_address(options, "ws");
  if (!url) return url;
  if (whole && names_its_session(*url)) return url;
  const bool attaches = !options.call_id.empty();
  if (!attaches && options.model.empty())
    return fail(Errc::invalid_argument, "expected the name of a model", "model");
  const std::string selector =
      attaches ? "call_id=" + url_encode(options.call_id) : "model=" + url_encode(options.model);
  return detail::with_query(detail::with_query(*url, selector), whole ? "" : options.query);
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
