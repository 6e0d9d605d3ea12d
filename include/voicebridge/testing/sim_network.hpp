#pragma once

#include <cstdint>
#include <string>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge::testing {

/// A request to a simulated REST interface.
struct SimApiRequest {
  std::string method;
  std::string path;  ///< Decoded, such as "/v2/calls/v3:abc/actions/hangup".
  HttpHeaders headers;
  std::string body;
  std::string query = {};  ///< As it came, without the question mark.
};

struct SimApiReply {
  HttpResponse response;
  Millis delay{0};
  bool answered = true;  ///< False: the client shall wait in vain.
};

/// One request to make to the application. Answer with `on_post_answer`.
struct SimPost {
  std::uint64_t id = 0;
  std::string url;
  HttpHeaders headers;
  std::string body;
  Millis timeout{2000};
  std::string method = "POST";
};

/// A media WebSocket the carrier wants: connect, then `on_stream_open`, or `on_stream_refused`.
struct SimStreamOpen {
  std::string id;  ///< Names the stream in the functions below.
  std::string url;
  HttpHeaders headers;
};

/// The way out of a carrier. Called inside the carrier's functions; must not call back into it.
class VOICEBRIDGE_API SimNetwork {
 public:
  virtual ~SimNetwork() = default;
  virtual void post_webhook(const SimPost& post) = 0;
  virtual void open_stream(const SimStreamOpen& open) = 0;
};

}  // namespace voicebridge::testing
