#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/asio.hpp"
#include "net/http_router.hpp"
#include "net/http_session.hpp"
#include "net/shard_door.hpp"
#include "net/tls_context.hpp"
#include "voicebridge/net/http_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

class HttpConnection;
class Shard;

/// What the listeners of one server share. Not changed after `start`.
struct HttpServerContext {
  HttpServerContext(Runtime& server_runtime, HttpServerOptions server_options)
      : runtime(server_runtime), options(std::move(server_options)), counters(runtime.metrics()) {}

  Runtime& runtime;
  const HttpServerOptions options;
  HttpCounters counters;
  HttpRouter router;
  std::optional<TlsContext> tls;
};

/// One shard's listening socket and the connections that it accepted. `close` comes before the
/// destructor, unless the loop has ended: then nothing of it runs any more.
/// @par Threads The shard's, but for `listen` and `close_handlers`.
class HttpListener : public std::enable_shared_from_this<HttpListener> {
 public:
  HttpListener(std::shared_ptr<HttpServerContext> context, Shard& shard);
  ~HttpListener();

  /// Binds and listens; connections wait in the backlog until `start`. @return the port.
  Result<std::uint16_t> listen(const asio::ip::tcp::endpoint& endpoint, bool share_port);
  void start();
  /// Stops accepting; `done` is called when the last connection is gone, those left after `grace`
  /// are cut.
  void stop(Millis grace, std::function<void()> done);
  /// Cuts everything.
  void close();
  /// No handler runs after this returns. Any thread, but not inside a handler.
  void close_handlers();

  // For the connections.
  HttpServerContext& context() { return *context_; }
  Shard& shard() { return shard_; }
  const std::shared_ptr<ShardDoor>& door() const { return door_; }
  /// For the bytes of one read; and for what TLS makes of them. Valid until the next read of any
  /// connection.
  std::vector<char>& read_buffer() { return read_buffer_; }
  std::vector<char>& plain_buffer() { return plain_buffer_; }
  /// Runs `call` unless handlers are closed. @return whether it ran.
  bool call_handler(const std::function<void()>& call);
  void remove(HttpConnection& connection);

 private:
  void accept();
  void on_accepted(asio::ip::tcp::socket socket);
  void refuse(asio::ip::tcp::socket socket);
  std::vector<std::shared_ptr<HttpConnection>> connections() const;
  void report_stopped();

  std::shared_ptr<HttpServerContext> context_;
  Shard& shard_;
  asio::ip::tcp::acceptor acceptor_;
  std::shared_ptr<ShardDoor> door_;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
  std::vector<char> read_buffer_;
  std::vector<char> plain_buffer_;
  std::vector<std::function<void()>> on_stopped_;
  bool stopping_ = false;
  std::mutex handlers_mutex_;
  bool handlers_closed_ = false;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
