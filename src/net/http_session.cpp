#include "net/http_session.hpp"

#include <ctime>

#include "net/http_response_writer.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

using ReaderState = HttpRequestReader::State;

HttpCounters::HttpCounters(MetricsRegistry& metrics)
    : connections(metrics.counter("net.http.connections")),
      connections_refused(metrics.counter("net.http.connections_refused")),
      requests(metrics.counter("net.http.requests")),
      faults(metrics.counter("net.http.faults")),
      timeouts(metrics.counter("net.http.timeouts")) {}

HttpSession::HttpSession(const HttpServerOptions& options, HttpCounters& counters, TimePoint now)
    : options_(options),
      counters_(counters),
      reader_({options.max_header_bytes, options.max_body_bytes}),
      // A new connection owes its first request: it has less patience to expect than one that
      // showed it works.
      deadline_(now + options.header_timeout) {}

void HttpSession::receive(std::string_view bytes, TimePoint now) {
  if (stage_ == Stage::lingering || stage_ == Stage::closed) return;
  pending_ += bytes;
  if (stage_ == Stage::reading) read(now);
}

void HttpSession::read(TimePoint now) {
  const ReaderState before = reader_.state();
  pending_.erase(0, reader_.feed(pending_));
  if (reader_.state() == ReaderState::failed) return reject(reader_.fault(), now);
  if (before != ReaderState::body && reader_.expects_continue()) {
    output_ += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  if (reader_.state() == ReaderState::complete) {
    stage_ = Stage::offering;
    deadline_.reset();
  } else {
    wait_for_input(before, now);
  }
}

/// A time limit starts with its part of the request; single bytes do not prolong it.
void HttpSession::wait_for_input(ReaderState before, TimePoint now) {
  if (reader_.state() == before) return;
  if (reader_.state() == ReaderState::head) deadline_ = now + options_.header_timeout;
  if (reader_.state() == ReaderState::body) deadline_ = now + options_.body_timeout;
}

void HttpSession::receive_end() {
  peer_done_ = true;
  if (stage_ == Stage::reading || stage_ == Stage::lingering) close();
}

HttpServerRequest HttpSession::take_request(TimePoint now) {
  const HttpHead& head = reader_.head();
  HttpServerRequest request;
  request.method = head.method;
  request.target = head.target;
  request.path = url_decode(std::string_view(head.target).substr(0, head.target.find('?')));
  request.headers = head.headers;
  request.body = reader_.take_body();
  ++request_number_;
  counters_.requests.add();
  stage_ = Stage::handling;
  deadline_ = now + options_.handler_timeout;
  return request;
}

void HttpSession::respond(std::uint64_t request_number, const HttpResponse& response,
                          TimePoint now) {
  if (stage_ != Stage::handling || request_number != request_number_) return;
  send(response, reader_.head().keep_alive() && !draining_, now);
}

void HttpSession::reject(const HttpFault& fault, TimePoint now) {
  counters_.faults.add();
  // Where this request ends is not known, so there can be no next one.
  pending_.clear();
  send(http_error(fault.status, fault.reason), false, now);
}

void HttpSession::send(const HttpResponse& response, bool keep_alive, TimePoint now) {
  HttpResponseContext context;
  context.keep_alive = keep_alive;
  context.date = std::time(nullptr);
  if (reader_.has_head()) {
    context.to_head = reader_.head().method == "HEAD";
    context.to_http_1_0 = !reader_.head().http_1_1;
  }
  output_ += write_http_response(response, context);
  keep_alive_ = keep_alive;
  stage_ = Stage::sending;
  deadline_ = now + options_.body_timeout;
}

void HttpSession::output_progress(TimePoint now) {
  if (stage_ == Stage::sending) deadline_ = now + options_.body_timeout;
}

void HttpSession::output_sent(TimePoint now) {
  if (stage_ != Stage::sending || has_output()) return;
  if (keep_alive_ && !draining_) return next_request(now);
  if (peer_done_) return close();
  stage_ = Stage::lingering;
  deadline_ = now + kLingerTimeout;
}

void HttpSession::next_request(TimePoint now) {
  reader_.reset();
  stage_ = Stage::reading;
  deadline_ = now + options_.idle_timeout;
  if (!pending_.empty()) read(now);
  if (stage_ == Stage::reading && peer_done_) close();
}

void HttpSession::drain() {
  draining_ = true;
  if (stage_ == Stage::reading && reader_.state() == ReaderState::idle) close();
}

std::string HttpSession::detach() {
  std::string left_over = std::move(pending_);
  close();
  return left_over;
}

void HttpSession::close() {
  stage_ = Stage::closed;
  deadline_.reset();
}

void HttpSession::on_deadline(TimePoint now) {
  if (!deadline_ || now < *deadline_) return;
  switch (stage_) {
    case Stage::reading:
      if (reader_.state() == ReaderState::idle) return close();
      counters_.timeouts.add();
      return send(http_error(408, "request not received in time"), false, now);
    case Stage::handling:
      counters_.timeouts.add();
      return respond(request_number_, http_error(504, "no answer in time"), now);
    case Stage::sending:
      counters_.timeouts.add();
      return close();
    default:
      return close();
  }
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
