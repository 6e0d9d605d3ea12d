#include "net/media_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

#if defined(MSG_NOSIGNAL)
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

/// Of what waits for the end of a batch. More goes out at once.
constexpr std::size_t kMostDeferred = 16 * 1024;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);  // an option that fails costs speed only
}

}  // namespace

MediaSocket::MediaSocket(MediaShared& shared, MediaSetup setup)
    : shared_(shared),
      fd_(std::move(setup.fd)),
      tls_(std::move(setup.tls)),
      left_over_(std::move(setup.left_over)),
      connection_(setup.role, setup.limits, std::move(setup.handler), *this, shared.pool,
                  shared.stats, shared.scheduler.now()),
      masks_(setup.role == ws::Role::client ? &shared.masks : nullptr) {
  set_socket_options(setup.limits.dead_after);
  if (tls_ && shared_.plain_buffer.empty()) {
    shared_.plain_buffer.resize(MediaShared::kBufferSize);
  }
  shared_.poller->add(*this);
}

MediaSocket::~MediaSocket() {
  if (timer_ != 0) shared_.scheduler.cancel(timer_);
  if (!ended_) shared_.poller->remove(*this);
  shared_.pool.give(unsent_);
}

void MediaSocket::set_socket_options(Millis dead_after) {
  const int flags = ::fcntl(fd_.get(), F_GETFL);
  ::fcntl(fd_.get(), F_SETFL, flags | O_NONBLOCK);
  set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
#if defined(TCP_USER_TIMEOUT)
  set_option(fd_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(dead_after.count()));
#else
  static_cast<void>(dead_after);
#endif
#if defined(SO_NOSIGPIPE)
  set_option(fd_.get(), SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
}

void MediaSocket::open() {
  connection_.handler().on_open(*this);
  std::string bytes = std::exchange(left_over_, {});
  if (!bytes.empty()) connection_.on_bytes(bytes.data(), bytes.size(), shared_.scheduler.now());
  settle();
}

void MediaSocket::abort() {
  connection_.on_lost();
  settle();
}

void MediaSocket::tell_closed() {
  connection_.handler().on_closed(connection_.close_code(), connection_.close_reason());
}

SendStatus MediaSocket::send_text(std::string_view head, std::string_view payload,
                                  std::string_view tail) {
  const SendStatus status = connection_.send_text(head, payload, tail);
  settle();
  return status;
}

SendStatus MediaSocket::send_binary(std::string_view data) {
  const SendStatus status = connection_.send_binary(data);
  settle();
  return status;
}

void MediaSocket::close(std::uint16_t code, std::string_view reason) {
  connection_.close(code, reason, shared_.scheduler.now());
  settle();
}

void MediaSocket::ping() {
  connection_.ping(shared_.scheduler.now());
  settle();
}

Millis MediaSocket::idle() const {
  return std::chrono::duration_cast<Millis>(shared_.scheduler.now() - connection_.last_heard());
}

void MediaSocket::on_readable() {
  if (ended_) return;
  BatchStage& batch = shared_.batch;
  if (batch.full()) batch.pass_on();
  next_read_.fetch();  // The kernel's part takes about as long.
  char* const buffer = batch.room();
  const ssize_t size = ::recv(fd_.get(), buffer, batch.room_size(), 0);
  using Kind = BatchStage::Arrival::Kind;
  if (size > 0) return batch.add({this, Kind::bytes, buffer, static_cast<std::size_t>(size)});
  if (size == 0) return batch.add({this, Kind::end_of_stream, buffer, 0});
  if (!would_block(errno)) batch.add({this, Kind::lost, buffer, 0});
}

void MediaSocket::take_in(const BatchStage::Arrival& arrival) {
  if (ended_) return;
  switch (arrival.kind) {
    case BatchStage::Arrival::Kind::end_of_stream:
      connection_.on_end_of_stream();
      break;
    case BatchStage::Arrival::Kind::lost:
      connection_.on_lost();
      break;
    case BatchStage::Arrival::Kind::bytes:
      if (tls_) {
        receive_cipher({arrival.data, arrival.size});
      } else {
        connection_.on_bytes(arrival.data, arrival.size, shared_.scheduler.now());
      }
      if (--reads_until_asked_ == 0) ask_for_footprint();
      break;
  }
  settle();
}

void MediaSocket::footprint(Footprint& to) const {
  to.add(connection_);
  to.add(masks_);
  to.add(unsent_);
  to.add(timer_at_);
}

void MediaSocket::ask_for_footprint() {
  reads_until_asked_ = kAskEvery;
  next_read_.clear();
  footprint(next_read_);
  if (!connection_.ended()) connection_.handler().footprint(next_read_);
}

void MediaSocket::receive_cipher(std::string_view cipher) {
  const TimePoint now = shared_.scheduler.now();
  tls_->feed(cipher);
  while (!connection_.ended()) {
    char* const plain = shared_.plain_buffer.data();
    const std::size_t size = tls_->read(plain, shared_.plain_buffer.size(), shared_.cipher_buffer);
    send_cipher();
    if (size == 0) break;
    connection_.on_bytes(plain, size, now);
  }
  if (tls_->state() == TlsSession::State::closed) connection_.on_end_of_stream();
  if (tls_->state() == TlsSession::State::failed) connection_.on_lost();
}

void MediaSocket::on_writable() {
  if (ended_ || backlog() == 0) return;
  if (!flush()) {
    connection_.on_lost();
  } else if (backlog() == 0) {
    shared_.pool.give(unsent_);
    unsent_at_ = 0;
    shared_.poller->watch_writable(*this, false);
    if (finishing_) {
      ::shutdown(fd_.get(), SHUT_WR);
    } else {
      connection_.on_flushed(shared_.scheduler.now());
    }
  }
  settle();
}

/// False when the connection is broken.
bool MediaSocket::flush() {
  const ssize_t size = ::send(fd_.get(), unsent_.data() + unsent_at_, backlog(), kSendFlags);
  if (size < 0) return would_block(errno);
  unsent_at_ += static_cast<std::size_t>(size);
  return true;
}

SendStatus MediaSocket::send_frame(ws::Opcode opcode, std::string_view head,
                                   std::string_view payload, std::string_view tail) {
  const std::size_t size = head.size() + payload.size() + tail.size();
  std::vector<char>& buffer = shared_.frame_buffer;
  if (buffer.size() < size + ws::kMaxFrameHeader) buffer.resize(size + ws::kMaxFrameHeader);
  char* const body = buffer.data() + ws::kMaxFrameHeader;
  char* end = body;
  for (const std::string_view part : {head, payload, tail}) {
    if (part.empty()) continue;  // its pointer may be null
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  const char* const frame = ws::seal_frame(body, size, opcode, masks_);
  const std::string_view bytes(frame, static_cast<std::size_t>(end - frame));
  const SendStatus status = tls_ ? encrypt_and_send(bytes) : send_bytes(bytes);
  if (buffer.size() > MediaShared::kBufferSize) std::vector<char>().swap(buffer);
  return status;
}

SendStatus MediaSocket::encrypt_and_send(std::string_view bytes) {
  if (!connection_.ended() && tls_->write(bytes, shared_.cipher_buffer)) return send_cipher();
  connection_.on_lost();
  return SendStatus::closed;
}

SendStatus MediaSocket::send_cipher() {
  std::string& cipher = shared_.cipher_buffer;
  const SendStatus status = cipher.empty() ? SendStatus::sent : send_bytes(cipher);
  cipher.clear();
  if (cipher.capacity() > MediaShared::kBufferSize) cipher.shrink_to_fit();
  return status;
}

SendStatus MediaSocket::send_bytes(std::string_view bytes) {
  if (connection_.ended()) return SendStatus::closed;
  if (may_defer(bytes.size())) {
    defer(bytes);
    return SendStatus::sent;
  }
  send_deferred();
  if (connection_.ended()) return SendStatus::closed;
  if (backlog() > 0) return queue_behind_backlog(bytes);
  const ssize_t size = ::send(fd_.get(), bytes.data(), bytes.size(), kSendFlags);
  if (size < 0 && !would_block(errno)) {
    connection_.on_lost();
    return SendStatus::closed;
  }
  if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
  if (bytes.empty()) return SendStatus::sent;
  shared_.poller->watch_writable(*this, true);
  unsent_ = shared_.pool.take();
  return queue_behind_backlog(bytes);
}

SendStatus MediaSocket::queue_behind_backlog(std::string_view bytes) {
  if (unsent_at_ > backlog()) {
    unsent_.erase(0, unsent_at_);  // less is moved than was sent, so this costs a constant a byte
    unsent_at_ = 0;
  }
  unsent_.append(bytes);
  return SendStatus::queued;
}

/// Whether the bytes can wait for the end of the batch: few, and nothing before them waits for the
/// peer.
bool MediaSocket::may_defer(std::size_t size) const {
  return shared_.batch.open() && backlog() == 0 && unsent_.size() + size <= kMostDeferred;
}

void MediaSocket::defer(std::string_view bytes) {
  if (!deferred_) {
    unsent_ = shared_.pool.take();
    deferred_ = true;
    shared_.batch.add_deferred(*this);
  }
  unsent_.append(bytes);
}

void MediaSocket::send_deferred() {
  if (!deferred_) return;
  deferred_ = false;
  const bool sound = flush();
  if (sound && backlog() > 0 && !ended_) return shared_.poller->watch_writable(*this, true);
  shared_.pool.give(unsent_);
  unsent_at_ = 0;
  if (sound) return;
  connection_.on_lost();
  settle();
}

void MediaSocket::finish_writing() {
  if (tls_) {
    tls_->close(shared_.cipher_buffer);
    send_cipher();
  }
  finishing_ = true;
  send_deferred();
  if (backlog() == 0) ::shutdown(fd_.get(), SHUT_WR);
}

/// To be called at the end of everything that may have changed the connection.
void MediaSocket::settle() {
  if (ended_) return;
  if (!connection_.ended()) return arm_deadline();
  ended_ = true;
  shared_.poller->remove(*this);
  shared_.on_ended(*this);
}

/// A later deadline leaves the timer as it is: it fires early, and is armed again then.
void MediaSocket::arm_deadline() {
  const Deadline next = connection_.next_deadline();
  if (!next || (timer_ != 0 && timer_at_ <= *next)) return;
  if (timer_ != 0) shared_.scheduler.cancel(timer_);
  timer_at_ = *next;
  timer_ = shared_.scheduler.run_at(timer_at_, [this] {
    timer_ = 0;
    connection_.on_deadline(shared_.scheduler.now());
    settle();
  });
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
