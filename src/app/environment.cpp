#include "voicebridge/app/environment.hpp"

#include <cstdlib>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

std::string environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

Result<> need_variables(const Variables& variables, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (variables(name).empty()) {
      return fail(Errc::invalid_argument, std::string(name) + " is not set", name);
    }
  }
  return {};
}

Result<openai::RealtimeClientOptions> realtime_options(const Variables& variables) {
  if (auto there = need_variables(variables, {"OPENAI_API_KEY"}); !there) {
    return fail(there.error());
  }
  openai::RealtimeClientOptions options;
  options.api_key = Secret(variables("OPENAI_API_KEY"));
  options.url = variables("OPENAI_REALTIME_URL");
  options.project = variables("OPENAI_PROJECT_ID");
  if (auto base = variables("OPENAI_BASE_URL"); !base.empty()) options.base_url = std::move(base);
  if (auto model = variables("OPENAI_REALTIME_MODEL"); !model.empty()) {
    options.model = std::move(model);
  }
  return options;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
