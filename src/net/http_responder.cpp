#include "net/http_responder.hpp"

#include "net/http_response_writer.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

HttpResponder::State::~State() { send(net::http_error(500, "internal error")); }

void HttpResponder::State::send(HttpResponse response) {
  if (!sent.exchange(true)) deliver(std::move(response));
}

void HttpResponder::send(HttpResponse response) const { state_->send(std::move(response)); }

void HttpResponder::send(int status, std::string body, std::string content_type) const {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", std::move(content_type));
  response.body = std::move(body);
  send(std::move(response));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
