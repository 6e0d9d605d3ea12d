#pragma once

#include <string>

#include "voicebridge/core/secret.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

/// Where the service is and who asks: the same for its REST calls and its sockets. Any compatible
/// endpoint can stand here.
struct ApiOptions {
  /// The API's address, http(s) or ws(s); `path` and what is asked for are added. A call that came
  /// by the EU's SIP host is known at https://eu.api.openai.com/v1 only.
  std::string base_url = "https://api.openai.com/v1";
  std::string path = "/realtime";  ///< Of the Realtime API, behind the base.
  std::string query;  ///< Of every address, without the "?": "api-version=…". Already encoded.
  Secret api_key;     ///< Goes into `auth_header`.
  std::string auth_header =
      "Authorization";  ///< Carries "Bearer" and the key; any other name ("api-key") the bare key.
  std::string organization;       ///< OpenAI-Organization; empty: that of the key.
  std::string project;            ///< OpenAI-Project; empty: that of the key.
  std::string safety_identifier;  ///< OpenAI-Safety-Identifier: the end user, hashed and stable.
  HttpHeaders headers;            ///< More of them.
};

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
