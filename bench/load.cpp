#include "load.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>

#include "child_process.hpp"
#include "net/ws/codec.hpp"
#include "net/ws/upgrade.hpp"
#include "voicebridge/core/base64.hpp"

namespace bench {
namespace {

using namespace voicebridge;
using net::ws::Opcode;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kFrame = 160;    ///< 20 ms of G.711.
constexpr std::size_t kWindow = 1024;  ///< Sending times remembered, in frames.
constexpr auto kPeriod = std::chrono::milliseconds(20);

/// The audio of frame `sequence`: its number, and a pattern that belongs to it.
std::string audio_text(std::uint32_t sequence) {
  std::array<std::uint8_t, kFrame> audio;
  audio.fill(static_cast<std::uint8_t>(sequence * 7 + 1));
  std::memcpy(audio.data(), &sequence, sizeof sequence);
  return base64_encode(ByteView(audio.data(), audio.size()));
}

/// The base64 between the quotes behind `key`.
std::optional<std::string_view> audio_of(std::string_view message, std::string_view key) {
  const auto at = message.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + key.size();
  const auto end = message.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return message.substr(begin, end - begin);
}

/// One direction of one call.
struct Lane {
  std::uint32_t next_out = 0;
  std::uint32_t next_in = 0;
  std::array<Clock::time_point, kWindow> sent_at{};

  /// A message may hold several frames: what came late is sent on together.
  void take(std::string_view text, LaneResult* result, Bytes& scratch) {
    scratch.clear();
    if (!base64_decode_append(scratch, text) || scratch.size() % kFrame != 0) {
      if (result) ++result->damaged;
      return;
    }
    for (std::size_t at = 0; at < scratch.size(); at += kFrame) {
      take_frame(ByteView(scratch.data() + at, kFrame), result);
    }
  }

  void take_frame(ByteView audio, LaneResult* result) {
    std::uint32_t sequence = 0;
    std::memcpy(&sequence, audio.data(), sizeof sequence);
    if (result == nullptr) {
      next_in = sequence + 1;
      return;
    }
    ++result->received;
    const auto pattern = static_cast<std::uint8_t>(sequence * 7 + 1);
    const ByteView rest = audio.subview(sizeof sequence);
    if (std::any_of(rest.begin(), rest.end(), [&](std::uint8_t b) { return b != pattern; })) {
      ++result->damaged;
      return;
    }
    const auto late = std::chrono::duration_cast<std::chrono::microseconds>(
        Clock::now() - sent_at[sequence % kWindow]);
    result->latencies_us.push_back(static_cast<std::uint32_t>(late.count()));
    if (sequence == next_in) {
      ++next_in;
    } else if (sequence > next_in) {
      result->lost += sequence - next_in;
      next_in = sequence + 1;
    } else {
      ++(sequence + 1 == next_in ? result->duplicated : result->reordered);
    }
  }
};

enum class Kind { listener, carrier, model };

struct Socket final : net::ws::FrameSink {
  Socket(Kind k, std::size_t c, int f, net::ws::Role role, net::BufferPool& pool)
      : kind(k), call(c), fd(f), decoder(role, 1 << 20, pool) {}
  bool on_message(Opcode, std::string_view text) override {
    owner(*this, text);
    return true;
  }
  bool on_control(Opcode kind_, std::string_view) override { return kind_ != Opcode::close; }

  Kind kind;
  std::size_t call;
  int fd;
  net::ws::FrameDecoder decoder;
  std::string head;  ///< Of the handshake, until it is whole.
  bool open = false;
  std::function<void(Socket&, std::string_view)> owner;
};

struct Call {
  std::unique_ptr<Socket> carrier;
  Socket* model = nullptr;
  Lane up;
  Lane down;
  bool model_talks = false;
  Clock::time_point next;
};

}  // namespace

std::uint32_t LaneResult::percentile(double q) {
  if (latencies_us.empty()) return 0;
  const auto at = latencies_us.begin() +
                  static_cast<std::ptrdiff_t>(q * static_cast<double>(latencies_us.size() - 1));
  std::nth_element(latencies_us.begin(), at, latencies_us.end());
  return *at;
}

struct Load::Impl {
  std::size_t count;
  std::uint16_t carrier_target;
  std::uint16_t model_port;
  bool direct;
  int set = epoll_create1(EPOLL_CLOEXEC);
  int listener = -1;
  net::BufferPool pool;
  net::ws::MaskSource masks;
  std::vector<Call> calls;
  std::vector<std::unique_ptr<Socket>> models;
  std::string out;
  std::array<char, 65536> buffer;
  Bytes scratch;
  LoadResult* result = nullptr;
  bool talking = false;
  std::string trouble;

  void watch(int fd, void* owner) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = owner;
    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
  }

  void send_text(Socket& socket, std::string_view text) {
    out.assign(net::ws::kMaxFrameHeader, '\0');
    out += text;
    char* payload = out.data() + net::ws::kMaxFrameHeader;
    char* frame = net::ws::seal_frame(payload, text.size(), Opcode::text,
                                      socket.kind == Kind::carrier ? &masks : nullptr);
    const auto size = static_cast<std::size_t>(out.data() + out.size() - frame);
    if (send(socket.fd, frame, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size))
      trouble = "a peer reads too slowly";
  }

  void open_carrier(std::size_t index) {
    Call& call = calls[index];
    const int fd = connect_to(carrier_target);
    if (fd < 0) {
      trouble = "cannot connect";
      return;
    }
    call.carrier = std::make_unique<Socket>(Kind::carrier, index, fd, net::ws::Role::client, pool);
    call.carrier->owner = [this](Socket& s, std::string_view text) { on_carrier(s, text); };
    watch(fd, call.carrier.get());
    const std::string request = fmt::format(
        "GET /api/telnyx/stream?call_control_id=bench-{} HTTP/1.1\r\nHost: "
        "127.0.0.1:{}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: "
        "AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        index, carrier_target);
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) trouble = "cannot send";
  }

  void accept_model() {
    while (true) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      // Which call it belongs to shows by its first audio; connections come one at a time, so by
      // order too.
      const std::size_t index = models.size();
      models.push_back(
          std::make_unique<Socket>(Kind::model, index, fd, net::ws::Role::server, pool));
      models.back()->owner = [this](Socket& s, std::string_view text) { on_model(s, text); };
      watch(fd, models.back().get());
      if (index < calls.size()) calls[index].model = models.back().get();
    }
  }

  void handshake(Socket& socket, std::string_view bytes) {
    socket.head += bytes;
    const std::size_t size = net::ws::head_size(socket.head);
    if (size == 0) return;
    std::string rest = socket.head.substr(size);
    socket.head.resize(size);
    socket.open = true;
    if (socket.kind == Kind::model) {
      const auto reply = net::ws::accept_upgrade(socket.head);
      if (send(socket.fd, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL) < 0 ||
          reply.status != 101)
        trouble = "bad upgrade";
      if (!direct)
        send_text(
            socket,
            R"({"type":"session.created","event_id":"e","session":{"type":"realtime","id":"sess_1"}})");
      if (direct) calls[socket.call].model_talks = true;
    } else if (socket.head.compare(0, 12, "HTTP/1.1 101") != 0) {
      trouble = "the upgrade was refused: " + socket.head.substr(0, 60);
    } else {
      start_stream(socket);
    }
    if (!rest.empty()) socket.decoder.feed(rest.data(), rest.size(), socket);
  }

  void start_stream(Socket& socket) {
    send_text(socket, R"({"event":"connected","version":"1.0.0"})");
    send_text(
        socket,
        fmt::format(
            R"({{"event":"start","sequence_number":"1","stream_id":"s{0}","start":{{"user_id":"u","call_control_id":"bench-{0}","call_session_id":"c","from":"+12025550100","to":"+12025550101","media_format":{{"encoding":"PCMU","sample_rate":8000,"channels":1}}}}}})",
            socket.call));
  }

  void on_carrier(Socket& socket, std::string_view text) {
    Call& call = calls[socket.call];
    if (const auto audio = audio_of(text, direct ? "\"delta\":\"" : "\"payload\":\"")) {
      call.down.take(*audio, result ? &result->down : nullptr, scratch);
    } else if (text.find("\"mark\"") != std::string_view::npos) {
      send_text(socket, text);
    }
  }

  void on_model(Socket& socket, std::string_view text) {
    Call& call = calls[socket.call];
    if (const auto audio = audio_of(text, direct ? "\"payload\":\"" : "\"audio\":\"")) {
      call.up.take(*audio, result ? &result->up : nullptr, scratch);
    } else if (text.find("\"session.update\"") != std::string_view::npos) {
      send_text(
          socket,
          R"({"type":"session.updated","event_id":"e","session":{"type":"realtime","id":"sess_1"}})");
    } else if (text.find("\"response.create\"") != std::string_view::npos && !call.model_talks) {
      begin_answer(socket);
      call.model_talks = true;
    }
  }

  /// An answer that never ends.
  void begin_answer(Socket& socket) {
    send_text(
        socket,
        R"({"type":"response.created","event_id":"e","response":{"id":"resp_1","object":"realtime.response","status":"in_progress"}})");
    send_text(
        socket,
        R"({"type":"response.output_item.added","event_id":"e","response_id":"resp_1","output_index":0,"item":{"id":"item_1","type":"message","role":"assistant","status":"in_progress","content":[]}})");
    send_text(
        socket,
        R"({"type":"response.content_part.added","event_id":"e","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"part":{"type":"audio","transcript":""}})");
  }

  void send_frames(Call& call, Clock::time_point now) {
    if (call.carrier && call.carrier->open) {
      const std::uint32_t n = call.up.next_out++;
      call.up.sent_at[n % kWindow] = now;
      if (result) ++result->up.sent;
      send_text(
          *call.carrier,
          fmt::format(
              R"({{"event":"media","sequence_number":"{0}","stream_id":"s","media":{{"track":"inbound","chunk":"{0}","timestamp":"{1}","payload":"{2}"}}}})",
              n + 1, n * 20, audio_text(n)));
    }
    if (call.model && call.model->open && call.model_talks) {
      const std::uint32_t n = call.down.next_out++;
      call.down.sent_at[n % kWindow] = now;
      if (result) ++result->down.sent;
      send_text(
          *call.model,
          fmt::format(
              R"({{"type":"response.output_audio.delta","event_id":"event_1234567890","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"{}"}})",
              audio_text(n)));
    }
  }

  void read(Socket& socket) {
    const ssize_t got = recv(socket.fd, buffer.data(), buffer.size(), 0);
    if (got == 0)
      trouble =
          socket.kind == Kind::carrier ? "a media socket was closed" : "a model socket was closed";
    if (got <= 0) {
      epoll_ctl(set, EPOLL_CTL_DEL, socket.fd, nullptr);
      return;
    }
    if (!socket.open) return handshake(socket, {buffer.data(), static_cast<std::size_t>(got)});
    socket.decoder.feed(buffer.data(), static_cast<std::size_t>(got), socket);
  }

  /// Serves sockets, and sends what is due when `talking`, until `until` or until `done`.
  template <class Done>
  void loop(Clock::time_point until, Done done) {
    std::array<epoll_event, 256> events;
    while (trouble.empty() && !done()) {
      const auto now = Clock::now();
      if (now >= until) return;
      if (talking) {
        for (Call& call : calls) {
          if (call.next > now) continue;
          call.next += kPeriod;
          send_frames(call, Clock::now());
        }
      }
      const int ready =
          epoll_wait(set, events.data(), static_cast<int>(events.size()), talking ? 0 : 5);
      for (int i = 0; i < ready; ++i) {
        void* owner = events[static_cast<std::size_t>(i)].data.ptr;
        if (owner == nullptr)
          accept_model();
        else
          read(*static_cast<Socket*>(owner));
      }
    }
  }
};

Load::Load(std::size_t calls, std::uint16_t carrier_target, std::uint16_t model_port, bool direct)
    : impl_(new Impl) {
  impl_->count = calls;
  impl_->carrier_target = carrier_target;
  impl_->model_port = model_port;
  impl_->direct = direct;
  impl_->calls.resize(calls);
  impl_->listener = listen_on(model_port);
  impl_->watch(impl_->listener, nullptr);
}

Load::~Load() {
  for (Call& call : impl_->calls) {
    if (call.carrier) close(call.carrier->fd);
  }
  for (const auto& model : impl_->models) close(model->fd);
  close(impl_->listener);
  close(impl_->set);
}

std::string Load::connect(std::size_t calls) {
  Impl& s = *impl_;
  s.talking = false;
  const auto until = Clock::now() + std::chrono::seconds(30);
  for (std::size_t i = s.models.size(); i < calls && s.trouble.empty(); ++i) {
    s.open_carrier(i);
    // One call after the other, so that sockets are told apart by their order.
    s.loop(until, [&] {
      return s.calls[i].model != nullptr && s.calls[i].model->open && s.calls[i].carrier->open &&
             s.calls[i].model_talks;
    });
    if (Clock::now() >= until) s.trouble = "calls were not connected in 30 s";
  }
  const auto now = Clock::now();
  for (std::size_t i = 0; i < s.count; ++i)
    s.calls[i].next = now + kPeriod * static_cast<int>(i) / static_cast<int>(s.count);
  s.talking = true;
  return s.trouble;
}

void Load::run(double seconds) {
  impl_->loop(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(seconds)),
              [] { return false; });
}

LoadResult Load::measure(double seconds) {
  LoadResult result;
  for (Call& call : impl_->calls) {
    // What is on its way now belongs to nobody: counting begins with the next frame sent.
    call.up.next_in = call.up.next_out;
    call.down.next_in = call.down.next_out;
  }
  impl_->talking = false;
  run(0.05);
  for (Call& call : impl_->calls) {
    call.up.next_in = call.up.next_out;
    call.down.next_in = call.down.next_out;
    call.next += std::chrono::milliseconds(50);
  }
  impl_->talking = true;
  impl_->result = &result;
  run(seconds);
  impl_->talking = false;
  // For what is on its way; shorter than the pause that the bridge takes for a gap and fills.
  run(0.15);
  impl_->result = nullptr;
  impl_->talking = true;
  for (Call& call : impl_->calls) call.next = Clock::now();
  for (Call& call : impl_->calls) {
    result.up.lost += call.up.next_out - call.up.next_in;
    result.down.lost += call.down.next_out - call.down.next_in;
  }
  return result;
}

}  // namespace bench
