#include "net/rest_client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "net/http_syntax.hpp"

// Last, and its macro U() switched off: cpprestsdk brings Boost.Asio, which must not meet
// standalone Asio.
#define _TURN_OFF_PLATFORM_STRING  // NOLINT: its name for it
#include <cpprest/http_client.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

namespace rest = web::http;
using TlsContext = boost::asio::ssl::context;

/// Connections are kept alive per host; the hosts used longest ago are forgotten beyond this.
constexpr std::size_t kMaxHosts = 64;
constexpr std::size_t kPieceBytes = 16 * 1024;
/// cpprestsdk's own clock restarts with each piece it reads. It only has to be out of the way: the
/// deadline of the whole exchange is a timer of ours.
constexpr std::chrono::hours kCpprestTimeout{1};

Errc code_of(const std::error_code& error) {
  return error == std::errc::timed_out ? Errc::deadline_exceeded : Errc::unavailable;
}

/// The texts of cpprestsdk name the step that failed ("Error in SSL handshake"), never an address.
Error to_error(const std::string& peer, std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const rest::http_exception& e) {
    return fail(code_of(e.error_code()), "no answer from " + peer + ": " + e.what()).value();
  } catch (const pplx::task_canceled&) {
    return fail(Errc::cancelled, "the request to " + peer + " was cancelled").value();
  } catch (const std::exception& e) {
    return fail(Errc::unavailable, "no answer from " + peer + ": " + e.what()).value();
  }
}

Result<> check(const HttpRequest& request) {
  if (!is_token(request.method))
    return fail(Errc::invalid_argument, "not an HTTP method", "method");
  for (const auto& [name, value] : request.headers.fields()) {
    if (!is_token(name) || !is_field_value(value)) {
      return fail(Errc::invalid_argument, "a header has characters that HTTP does not allow",
                  "headers");
    }
  }
  return {};
}

rest::http_request to_cpprest(const HttpRequest& request, const Url& url) {
  rest::http_request out(request.method);
  out.set_request_uri(url.target);
  for (const auto& [name, value] : request.headers.fields()) out.headers().add(name, value);
  if (!request.body.empty()) {
    out.set_body(std::vector<unsigned char>(request.body.begin(), request.body.end()));
  }
  return out;
}

/// One request under way. cpprestsdk's threads, the scheduler's and the one that shuts down all
/// come here; the first to call `finish` decides.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::string peer, std::size_t max_bytes, Scheduler& on, HttpClient::Done done)
      : peer_(std::move(peer)), max_bytes_(max_bytes), on_(&on), done_(std::move(done)) {}

  void start(rest::client::http_client client, const rest::http_request& request, Millis timeout) {
    arm_timer(timeout);
    client.request(request, stop_.get_token())
        .then([self = shared_from_this()](pplx::task<rest::http_response> answer) {
          self->guarded([&] { self->read_head(answer.get()); });
        });
  }

  void finish(Result<HttpResponse> result) {
    const bool failed = !result;
    {
      const std::lock_guard lock(mutex_);
      if (on_ == nullptr) return;
      // `done_` goes along: what it holds must not be left to cpprestsdk's threads, which keep
      // `this` a while.
      on_->post([self = shared_from_this(), on = on_, done = std::move(done_),
                 result = std::move(result)]() mutable {
        on->cancel(self->timer_);
        done(std::move(result));
      });
      on_ = nullptr;
    }
    // Not after a whole answer: it would close a connection that is back in cpprestsdk's pool.
    if (failed) stop_.cancel();
  }

  void cancel() { finish(fail(Errc::cancelled, "the request to " + peer_ + " was cancelled")); }

 private:
  void arm_timer(Millis timeout) {
    const std::lock_guard lock(mutex_);
    if (on_ == nullptr) return;
    on_->post([weak = weak_from_this(), on = on_, until = on_->now() + timeout] {
      const auto self = weak.lock();
      if (!self) return;
      self->timer_ = on->run_at(until, [weak] {
        if (const auto late = weak.lock()) late->time_out();
      });
    });
  }

  void time_out() {
    finish(fail(Errc::deadline_exceeded, "no whole answer from " + peer_ + " in time"));
  }

  /// Exceptions of cpprestsdk's tasks end here.
  template <class Step>
  void guarded(Step step) {
    try {
      step();
    } catch (...) {
      finish(fail(to_error(peer_, std::current_exception())));
    }
  }

  void read_head(rest::http_response answer) {
    answer_.status = answer.status_code();
    for (const auto& [name, value] : answer.headers()) answer_.headers.add(name, value);
    if (answer.headers().content_length() > max_bytes_) return refuse_size();
    body_ = answer.body();
    read_piece();
  }

  /// Reads as the bytes come, so that an endless answer is noticed at its limit and not at its end.
  void read_piece() {
    body_.streambuf()
        .getn(piece_.data(), piece_.size())
        .then([self = shared_from_this()](pplx::task<std::size_t> read) {
          self->guarded([&] { self->take_piece(read.get()); });
        });
  }

  void take_piece(std::size_t size) {
    if (size == 0) return finish(std::move(answer_));
    if (answer_.body.size() + size > max_bytes_) return refuse_size();
    answer_.body.append(piece_.begin(), piece_.begin() + static_cast<std::ptrdiff_t>(size));
    read_piece();
  }

  void refuse_size() {
    finish(fail(Errc::payload_too_large, "the answer of " + peer_ + " is larger than " +
                                             std::to_string(max_bytes_) + " bytes"));
  }

  const std::string peer_;
  const std::size_t max_bytes_;
  std::mutex mutex_;
  Scheduler* on_;  // null once finished
  HttpClient::Done done_;
  Scheduler::TimerId timer_ = 0;  // used on the scheduler's thread only
  pplx::cancellation_token_source stop_;
  HttpResponse answer_;
  concurrency::streams::istream body_;
  std::vector<unsigned char> piece_ = std::vector<unsigned char>(kPieceBytes);
};

class CpprestClient final : public RestClient {
 public:
  CpprestClient(RestClientOptions options, Counter& refused)
      : max_pending_(options.max_pending),
        refused_(refused),
        config_(make_config(std::move(options.tls))) {}
  ~CpprestClient() override { shut_down(); }

  void send(HttpRequest request, Scheduler& on, Done done) override {
    auto url = parse_url(request.url);
    const std::string peer = url ? url->authority() : std::string("the server");
    auto exchange =
        std::make_shared<Exchange>(peer, request.max_response_bytes, on, std::move(done));
    switch (remember(exchange)) {
      case Admission::stopped:
        return exchange->cancel();
      case Admission::full:
        refused_.add();
        return exchange->finish(fail(Errc::resource_exhausted, "too many requests under way"));
      case Admission::taken:
        break;
    }
    if (!url) return exchange->finish(fail(url.error()));
    if (auto fine = check(request); !fine) return exchange->finish(fail(fine.error()));
    try {
      exchange->start(client_for(*url), to_cpprest(request, *url), request.timeout);
    } catch (...) {
      exchange->finish(fail(to_error(peer, std::current_exception())));
    }
  }

  void shut_down() override {
    std::vector<std::weak_ptr<Exchange>> pending;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      pending.swap(pending_);
      hosts_.clear();
    }
    for (const auto& weak : pending) {
      if (const auto exchange = weak.lock()) exchange->cancel();
    }
  }

 private:
  static rest::client::http_client_config make_config(TlsClientOptions tls) {
    rest::client::http_client_config config;
    config.set_timeout(kCpprestTimeout);
    config.set_max_redirects(0);
    config.set_validate_certificates(tls.verify_peer);
    config.set_ssl_context_callback([ca_file = std::move(tls.ca_file)](TlsContext& context) {
      context.set_options(TlsContext::no_tlsv1 | TlsContext::no_tlsv1_1);
      if (ca_file.empty()) return;
      // An authority of one's own replaces the system's, which cpprestsdk has loaded already.
      SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new());
      context.load_verify_file(ca_file);
    });
    return config;
  }

  enum class Admission { taken, full, stopped };

  Admission remember(const std::shared_ptr<Exchange>& exchange) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Admission::stopped;
    pending_.erase(std::remove_if(pending_.begin(), pending_.end(),
                                  [](const auto& weak) { return weak.expired(); }),
                   pending_.end());
    if (pending_.size() >= max_pending_) return Admission::full;
    pending_.push_back(exchange);
    return Admission::taken;
  }

  /// The client of the host, most recently used in front.
  rest::client::http_client client_for(const Url& url) {
    const std::string base = url.scheme + "://" + url.authority();
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(hosts_.begin(), hosts_.end(),
                              [&base](const auto& host) { return host.first == base; });
    if (found == hosts_.end()) {
      hosts_.emplace_front(base, rest::client::http_client(base, config_));
      if (hosts_.size() > kMaxHosts) hosts_.pop_back();
    } else {
      hosts_.splice(hosts_.begin(), hosts_, found);
    }
    return hosts_.front().second;
  }

  const std::size_t max_pending_;
  Counter& refused_;
  const rest::client::http_client_config config_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<std::weak_ptr<Exchange>> pending_;
  std::list<std::pair<std::string, rest::client::http_client>> hosts_;
};

}  // namespace

std::shared_ptr<RestClient> make_rest_client(RestClientOptions options, Counter& refused) {
  // Before cpprestsdk's threads exist: what is set up first is taken down last, and threads that
  // end after OpenSSL has been taken down leak what they hold of it.
  OPENSSL_init_ssl(0, nullptr);
  return std::make_shared<CpprestClient>(std::move(options), refused);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
