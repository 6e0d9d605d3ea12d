#pragma once

#include <cstdint>
#include <string>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A request to a simulated REST interface.
struct SimApiRequest {
  std::string method;      ///< In capitals.
  std::string path;        ///< Decoded, such as "/v2/calls/v3:abc/actions/hangup".
  HttpHeaders headers;     ///< As they came.
  std::string body;        ///< As it came.
  std::string query = {};  ///< As it came, without the question mark.
};

/// The answer to a request.
struct SimApiReply {
  HttpResponse response;  ///< What is answered.
  Millis delay{0};        ///< Before the answer.
  bool answered = true;   ///< False: the client shall wait in vain.
};

/// One request to make to the application. Answer with `on_post_answer`.
struct SimPost {
  std::uint64_t id = 0;         ///< Names it in `on_post_answer`.
  std::string url;              ///< Absolute.
  HttpHeaders headers;          ///< Signature included.
  std::string body;             ///< As it is signed.
  Millis timeout{2000};         ///< For the answer.
  std::string method = "POST";  ///< In capitals.
};

/// A media WebSocket the carrier wants: connect, then `on_stream_open`, or `on_stream_refused`.
struct SimStreamOpen {
  std::string id;       ///< Names the stream in the functions below.
  std::string url;      ///< ws:// or wss://
  HttpHeaders headers;  ///< Of the upgrade.
};

/// The way out of a carrier. Called inside the carrier's functions; must not call back into it.
class VOICEBRIDGE_API SimNetwork {
 public:
  virtual ~SimNetwork() = default;
  /// Have this POST made; its answer comes by `on_post_answer`.
  virtual void post_webhook(const SimPost& post) = 0;
  /// Have this socket opened.
  virtual void open_stream(const SimStreamOpen& open) = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
