#include "net/http_request_reader.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
/// A body is given its memory at once up to this size; a larger one has to arrive first.
constexpr std::size_t kMaxReservedBytes = 64 * 1024;

}  // namespace

std::size_t HttpRequestReader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  if (state_ == State::idle) {
    // Some clients send an empty line after a body (RFC 9112 section 2.2).
    taken = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (taken < bytes.size()) state_ = State::head;
  }
  if (state_ == State::head) taken += feed_head(bytes.substr(taken));
  if (state_ == State::body) taken += feed_body(bytes.substr(taken));
  return taken;
}

std::size_t HttpRequestReader::feed_head(std::string_view bytes) {
  const std::size_t before = raw_head_.size();
  const std::size_t room = limits_.max_head_bytes - before;
  raw_head_.append(bytes.substr(0, room));
  // The end may have begun in the bytes of an earlier call.
  const std::size_t from = before < kHeadEnd.size() ? 0 : before - kHeadEnd.size() + 1;
  const std::size_t end = raw_head_.find(kHeadEnd, from);
  if (end != std::string::npos) {
    raw_head_.resize(end + kHeadEnd.size());
    end_head();
    return raw_head_.size() - before;
  }
  if (raw_head_.size() == limits_.max_head_bytes) {
    const bool in_request_line = raw_head_.find('\n') == std::string::npos;
    in_request_line ? fail_with(414, "request target too long") : fail_with(431, "head too large");
  }
  return std::min(bytes.size(), room);
}

void HttpRequestReader::end_head() {
  auto head = parse_http_head(raw_head_);
  if (!head) return fail_with(head.error().status, head.error().reason);
  head_ = std::move(*head);
  if (head_->content_length.value_or(0) > limits_.max_body_bytes) {
    return fail_with(413, "body too large");
  }
  if (head_->chunked) chunks_.emplace(limits_.max_body_bytes);
  if (head_->content_length) body_.reserve(std::min(*head_->content_length, kMaxReservedBytes));
  state_ = head_->has_body() ? State::body : State::complete;
}

std::size_t HttpRequestReader::feed_body(std::string_view bytes) {
  if (bytes.empty()) return 0;
  body_begun_ = true;
  if (!chunks_) {
    const std::size_t size = std::min(bytes.size(), *head_->content_length - body_.size());
    body_.append(bytes.substr(0, size));
    if (body_.size() == *head_->content_length) state_ = State::complete;
    return size;
  }
  const std::size_t taken = chunks_->feed(bytes, body_);
  switch (chunks_->status()) {
    case ChunkedDecoder::Status::more:
      break;
    case ChunkedDecoder::Status::done:
      state_ = State::complete;
      break;
    case ChunkedDecoder::Status::malformed:
      fail_with(400, "malformed chunk");
      break;
    case ChunkedDecoder::Status::too_large:
      fail_with(413, "body too large");
      break;
  }
  return taken;
}

bool HttpRequestReader::expects_continue() const {
  return state_ == State::body && !body_begun_ && head_->http_1_1 &&
         head_->headers.count("expect") != 0;
}

void HttpRequestReader::reset() {
  state_ = State::idle;
  raw_head_.clear();
  head_.reset();
  chunks_.reset();
  body_begun_ = false;
  body_.clear();
}

void HttpRequestReader::fail_with(int status, std::string_view reason) {
  state_ = State::failed;
  fault_ = {status, reason};
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
