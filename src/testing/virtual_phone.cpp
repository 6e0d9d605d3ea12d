#include "testing/virtual_phone.hpp"

#include <utility>

namespace voicebridge::testing {
namespace {

std::string path_of(std::string_view target) {
  return url_decode(target.substr(0, target.find('?')));
}

std::string query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
}

}  // namespace

struct VirtualPhone::Line {
  Line(ManualScheduler& clock, WirePipeOptions wire, std::string stream_id)
      : pipe(clock, wire), socket(clock, pipe.left()), id(std::move(stream_id)) {}

  WirePipe pipe;
  VirtualSocket socket;
  std::string id;
};

VirtualPhone::VirtualPhone(ManualScheduler& clock, const ScriptedCallOptions& options,
                           CarrierRig& rig)
    : clock_(clock),
      options_(options),
      rig_(rig),
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
  clock_.post([this, open] { connect(open); });
}

void VirtualPhone::connect(const SimStreamOpen& open) {
  const auto url = parse_url(open.url);
  HttpServerRequest request;
  request.method = "GET";
  request.target = url ? url->target : "/";
  request.path = path_of(request.target);
  request.headers = open.headers;
  request.shard = &clock_;
  const WebSocketDecision decision = rig_.on_stream(request);
  const auto* accepted = std::get_if<WebSocketAccept>(&decision);
  if (accepted == nullptr) {
    carrier_->on_stream_refused(open.id, std::get<HttpResponse>(decision).status, clock_.now());
    return rearm();
  }
  WirePipeOptions wire = options_.carrier_wire;
  wire.seed = options_.seed * 1000 + 500 + lines_.size();
  lines_.push_back(std::make_unique<Line>(clock_, wire, open.id));
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
  line.pipe.connect(application_end(accepted->handler, line.pipe, messages_), std::move(carrier));
  accepted->handler->on_open(line.socket);
  carrier_->on_stream_open(line.id, line.pipe.right(), clock_.now());
  rearm();
}

}  // namespace voicebridge::testing
