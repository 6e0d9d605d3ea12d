#include "testing/virtual_model.hpp"

#include <utility>

#include "testing/openai_upgrade.hpp"
#include "voicebridge/testing/deadline_driver.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A connection that is being made; whoever holds it may let go of it.
struct VirtualModel::Attempt {
  std::size_t number;
  WebSocketRequest request;
  std::shared_ptr<WebSocketHandler> handler;
  Failed failed;
};

struct VirtualModel::Line {
  Line(VirtualModel& model, std::size_t number, OpenAiSimHandshake handshake)
      : pipe(model.clock_, wire_of(model.options_, number)),
        socket(model.clock_, pipe.left()),
        session(model.options_.scenario, model.voice_, model.options_.model, std::move(handshake),
                pipe.right()),
        driver(model.clock_, session) {}

  static WirePipeOptions wire_of(const ScriptedCallOptions& options, std::size_t number) {
    WirePipeOptions wire = options.model_wire;
    wire.seed = options.seed * 1000 + number;
    return wire;
  }

  WirePipe pipe;
  VirtualSocket socket;
  OpenAiSimSession session;
  DeadlineDriver<OpenAiSimSession> driver;
};

VirtualModel::VirtualModel(ManualScheduler& clock, const ScriptedCallOptions& options)
    : clock_(clock),
      options_(options),
      voice_(options.voice ? options.voice : std::make_shared<ToneVoice>()),
      wall_(kScriptedWallTime, clock.now()) {
  messages_.cut_at = options.cut_model_at;
}

VirtualModel::~VirtualModel() = default;

std::shared_ptr<void> VirtualModel::connect(WebSocketRequest request, Scheduler& on,
                                            std::shared_ptr<WebSocketHandler> handler,
                                            Failed failed) {
  auto attempt = std::make_shared<Attempt>(
      Attempt{asked_++, std::move(request), std::move(handler), std::move(failed)});
  on.run_at(on.now() + options_.model_connect, [this, weak = std::weak_ptr<Attempt>(attempt)] {
    if (const auto wanted = weak.lock()) open(*wanted);
  });
  return attempt;
}

void VirtualModel::open(Attempt& attempt) {
  const auto url = parse_url(attempt.request.url);
  auto judged = detail::check_upgrade(url ? url->target : "", attempt.request.headers,
                                      {options_.model_key, {}, {}},
                                      options_.scenario->connection_fault(attempt.number));
  if (const auto* refusal = std::get_if<HttpResponse>(&judged)) {
    Error error;
    error.code = Errc::unauthenticated;
    error.message = refusal->body;
    error.http_status = refusal->status;
    return attempt.failed(std::move(error));
  }
  auto& handshake = std::get<OpenAiSimHandshake>(judged);
  handshake.connection = attempt.number;
  handshake.unix_seconds = wall_time() / 1000;
  lines_.push_back(std::make_unique<Line>(*this, attempt.number, std::move(handshake)));
  Line& line = *lines_.back();
  WirePipeEnd service;
  service.on_text = [this, &line](std::string_view text) {
    if (options_.on_model_text) options_.on_model_text(false, text);
    line.session.receive(text, clock_.now());
    line.driver.rearm();
  };
  service.on_closed = [&line](std::uint16_t, std::string_view) {
    line.session.on_closed();
    line.driver.rearm();
  };
  line.pipe.connect(with_tap(application_end(attempt.handler, line.pipe, messages_)),
                    std::move(service));
  attempt.handler->on_open(line.socket);
  line.session.on_open(clock_.now());
  line.driver.rearm();
}

WirePipeEnd VirtualModel::with_tap(WirePipeEnd end) {
  if (!options_.on_model_text) return end;
  end.on_text = [this, next = std::move(end.on_text)](std::string_view text) {
    options_.on_model_text(true, text);
    next(text);
  };
  return end;
}

std::vector<const OpenAiSimRecord*> VirtualModel::records() const {
  std::vector<const OpenAiSimRecord*> records;
  for (const auto& line : lines_) records.push_back(&line->session.record());
  return records;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
