#include "testing/virtual_phone.hpp"

#include <optional>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

std::string path_of(std::string_view target) {
  return url_decode(target.substr(0, target.find('?')));
}

std::string query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
}

constexpr Millis kSecondSocketAfter{500};

}  // namespace

struct VirtualPhone::Line {
  Line(ManualScheduler& clock, WirePipeOptions wire, std::string stream_id)
      : pipe(clock, wire), socket(clock, pipe.left()), id(std::move(stream_id)) {}

  WirePipe pipe;
  VirtualSocket socket;
  std::string id;
  std::optional<WireTamper> tamper;
};

VirtualPhone::VirtualPhone(ManualScheduler& clock, const ScriptedCallOptions& options,
                           CarrierRig& rig, const MediaTrouble* trouble)
    : clock_(clock),
      options_(options),
      rig_(rig),
      trouble_(trouble),
      carrier_(rig.make_service(*this, clock.now())),
      driver_(clock, *carrier_) {
  messages_.cut_at = options.cut_carrier_at;
}

VirtualPhone::~VirtualPhone() = default;

void VirtualPhone::send(HttpRequest request, Scheduler& on, Done done) {
  on.run_at(on.now() + options_.api_delay, [this, &on, request = std::move(request),
                                            done = std::move(done)] {
    const auto url = parse_url(request.url);
    const std::string target = url ? url->target : "/";
    SimApiReply reply = carrier_->on_request(
        {request.method, path_of(target), request.headers, request.body, query_of(target)},
        clock_.now());
    rearm();
    const Millis delay = reply.answered ? options_.api_delay + reply.delay : request.timeout;
    on.run_at(on.now() + delay, [reply = std::move(reply), done] {
      if (!reply.answered) return done(fail(Errc::deadline_exceeded, "no answer in time"));
      done(reply.response);
    });
  });
}

void VirtualPhone::post_webhook(const SimPost& post) {
  clock_.post([this, post] {
    // The application may answer from within what the carrier does.
    rig_.on_request(post, [this, id = post.id](HttpResponse answer) {
      clock_.post([this, id, answer = std::move(answer)] {
        carrier_->on_post_answer(id, answer, clock_.now());
        rearm();
      });
    });
  });
}

void VirtualPhone::open_stream(const SimStreamOpen& open) {
  if (trouble_ == nullptr) return clock_.post([this, open] { connect(open); });
  if (trouble_->socket == MediaTrouble::Socket::never_opens) return;
  clock_.run_at(clock_.now() + trouble_->connect_delay, [this, open] { connect(open); });
}

HttpServerRequest VirtualPhone::upgrade_of(const SimStreamOpen& open) const {
  const auto url = parse_url(open.url);
  HttpServerRequest request;
  request.method = "GET";
  request.target = url ? url->target : "/";
  request.path = path_of(request.target);
  request.headers = open.headers;
  request.shard = &clock_;
  return request;
}

void VirtualPhone::connect(const SimStreamOpen& open) {
  HttpServerRequest request = upgrade_of(open);
  if (trouble_ && trouble_->socket == MediaTrouble::Socket::wrong_token) request.headers = {};
  const WebSocketDecision decision = rig_.on_stream(request);
  const auto* accepted = std::get_if<WebSocketAccept>(&decision);
  if (accepted == nullptr) {
    ++sockets_.refused;
    carrier_->on_stream_refused(open.id, std::get<HttpResponse>(decision).status, clock_.now());
    return rearm();
  }
  Line& line = join(*accepted, open.id);
  const bool twice = trouble_ && trouble_->socket == MediaTrouble::Socket::opens_twice;
  if (twice && sockets_.taken == 1) connect_again(request, line);
}

VirtualPhone::Line& VirtualPhone::join(const WebSocketAccept& accepted,
                                       const std::string& stream_id) {
  ++sockets_.taken;
  WirePipeOptions wire = options_.carrier_wire;
  wire.seed = options_.seed * 1000 + 500 + lines_.size();
  lines_.push_back(std::make_unique<Line>(clock_, wire, stream_id));
  Line& line = *lines_.back();
  WirePipeEnd carrier;
  carrier.on_text = [this, &line](std::string_view text) {
    carrier_->on_stream_text(line.id, text, clock_.now());
    rearm();
  };
  carrier.on_closed = [this, &line](std::uint16_t, std::string_view) {
    carrier_->on_stream_closed(line.id, clock_.now());
    rearm();
  };
  line.pipe.connect(application_end(accepted.handler, line.pipe, messages_), std::move(carrier));
  if (trouble_) trouble_line(line);
  accepted.handler->on_open(line.socket);
  WireSink& out = line.tamper ? static_cast<WireSink&>(*line.tamper) : line.pipe.right();
  carrier_->on_stream_open(line.id, out, clock_.now());
  rearm();
  return line;
}

void VirtualPhone::trouble_line(Line& line) {
  line.tamper.emplace(clock_, line.pipe.right(), *trouble_, options_.seed);
  if (trouble_->drop_after) {
    clock_.run_at(clock_.now() + *trouble_->drop_after, [&line] { line.pipe.cut(); });
  }
  if (!trouble_->stop_after) return;
  // The stream is over, and the call is not.
  clock_.run_at(clock_.now() + *trouble_->stop_after, [this, &line] {
    line.tamper->stop();
    carrier_->on_stream_closed(line.id, clock_.now());
    rearm();
  });
}

/// Somebody who has seen the first connection tries to be one, too. Where the upgrade does not
/// prove enough the application refuses what comes behind it.
void VirtualPhone::connect_again(const HttpServerRequest& request, Line& first) {
  clock_.run_at(clock_.now() + kSecondSocketAfter, [this, request, &first] {
    const WebSocketDecision decision = rig_.on_stream(request);
    const auto* accepted = std::get_if<WebSocketAccept>(&decision);
    ++(accepted ? sockets_.taken : sockets_.refused);
    if (accepted == nullptr) return;
    WirePipeOptions wire = options_.carrier_wire;
    lines_.push_back(std::make_unique<Line>(clock_, wire, std::string()));
    Line& second = *lines_.back();
    WirePipeEnd carrier;
    carrier.on_closed = [this, opened = clock_.now()](std::uint16_t, std::string_view) {
      if (clock_.now() - opened > kSecondSocketAfter) return;
      --sockets_.taken;
      ++sockets_.refused;
    };
    second.pipe.connect(application_end(accepted->handler, second.pipe, messages_),
                        std::move(carrier));
    accepted->handler->on_open(second.socket);
    second.pipe.right().send_text(first.tamper->start());
  });
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
