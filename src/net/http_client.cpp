#include "net/rest_client.hpp"
#include "net/runtime_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

/// The application's handle. cpprestsdk's threads may hold on to the client itself for a while.
class RuntimeHttpClient final : public HttpClient {
 public:
  explicit RuntimeHttpClient(std::shared_ptr<net::RestClient> client)
      : client_(std::move(client)) {}
  ~RuntimeHttpClient() override { client_->shut_down(); }

  void send(HttpRequest request, Scheduler& on, Done done) override {
    client_->send(std::move(request), on, std::move(done));
  }

 private:
  const std::shared_ptr<net::RestClient> client_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(Runtime& runtime, TlsClientOptions tls) {
  net::RestClientOptions options;
  options.tls = std::move(tls);
  auto client = net::make_rest_client(std::move(options),
                                      runtime.metrics().counter("net.http_client.refused"));
  runtime.impl().add_stop_listener(client);
  return std::make_unique<RuntimeHttpClient>(std::move(client));
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
