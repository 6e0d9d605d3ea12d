#include "testing/virtual_phone.hpp"

#include <utility>

namespace voicebridge::testing {
namespace {

TelnyxCarrierOptions carrier_options(const ScriptedCallOptions& options) {
  TelnyxCarrierOptions carrier;
  carrier.webhook_url = "http://app.test/telnyx/webhooks";
  carrier.webhooks = options.webhooks;
  carrier.webhooks.seed = options.seed;
  carrier.plan = options.callee;
  carrier.seed = options.seed;
  return carrier;
}

std::string path_of(std::string_view target) {
  return url_decode(target.substr(0, target.find('?')));
}

}  // namespace

struct VirtualPhone::Line {
  Line(ManualScheduler& clock, WirePipeOptions wire, std::string leg_id)
      : pipe(clock, wire), socket(clock, pipe.left()), leg(std::move(leg_id)) {}

  WirePipe pipe;
  VirtualSocket socket;
  std::string leg;
};

VirtualPhone::VirtualPhone(ManualScheduler& clock, const ScriptedCallOptions& options)
    : clock_(clock),
      options_(options),
      carrier_(carrier_options(options), *this, clock.now()),
      driver_(clock, carrier_) {
  messages_.cut_at = options.cut_carrier_at;
}

VirtualPhone::~VirtualPhone() = default;

void VirtualPhone::send(HttpRequest request, Scheduler& on, Done done) {
  on.run_at(on.now() + options_.api_delay, [this, &on, request = std::move(request),
                                            done = std::move(done)] {
    const auto url = parse_url(request.url);
    TelnyxApiReply reply = carrier_.on_request(
        {request.method, path_of(url ? url->target : "/"), request.headers, request.body},
        clock_.now());
    rearm();
    const Millis delay = reply.answered ? options_.api_delay + reply.delay : request.timeout;
    on.run_at(on.now() + delay, [reply = std::move(reply), done] {
      if (!reply.answered) return done(fail(Errc::deadline_exceeded, "no answer in time"));
      done(reply.response);
    });
  });
}

void VirtualPhone::post_webhook(const TelnyxWebhookPost& post) {
  clock_.post([this, post] {
    const int status = application_.on_webhook(post.headers, post.body);
    carrier_.on_webhook_answer(post.id, status, clock_.now());
    rearm();
  });
}

void VirtualPhone::open_stream(const TelnyxStreamOpen& open) {
  clock_.post([this, open] { connect(open); });
}

void VirtualPhone::connect(const TelnyxStreamOpen& open) {
  const auto url = parse_url(open.url);
  HttpServerRequest request;
  request.method = "GET";
  request.target = url ? url->target : "/";
  request.path = path_of(request.target);
  request.headers = open.headers;
  request.shard = &clock_;
  const WebSocketDecision decision = application_.on_stream(request);
  const auto* accepted = std::get_if<WebSocketAccept>(&decision);
  if (accepted == nullptr) {
    carrier_.on_stream_refused(open.call_control_id, clock_.now());
    return rearm();
  }
  WirePipeOptions wire = options_.carrier_wire;
  wire.seed = options_.seed * 1000 + 500 + lines_.size();
  lines_.push_back(std::make_unique<Line>(clock_, wire, open.call_control_id));
  Line& line = *lines_.back();
  WirePipeEnd carrier;
  carrier.on_text = [this, &line](std::string_view text) {
    carrier_.on_stream_text(line.leg, text, clock_.now());
    rearm();
  };
  carrier.on_closed = [this, &line](std::uint16_t, std::string_view) {
    carrier_.on_stream_closed(line.leg, clock_.now());
    rearm();
  };
  line.pipe.connect(application_end(accepted->handler, line.pipe, messages_), std::move(carrier));
  accepted->handler->on_open(line.socket);
  carrier_.on_stream_open(line.leg, line.pipe.right(), clock_.now());
  rearm();
}

}  // namespace voicebridge::testing
