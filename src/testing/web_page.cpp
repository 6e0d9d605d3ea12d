#include "testing/web_page.hpp"

#include <utility>

#include "testing/wire_tamper.hpp"
#include "voicebridge/audio/level.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr AudioFormat kPageFormat = AudioFormat::l16(24000);
constexpr Millis kPageFrame{20};
constexpr std::uint64_t kPositionTicks = 10;  ///< 200 ms
constexpr Millis kAgainAfter{500};
constexpr double kAudibleDbfs = -42;

PlayoutOptions page_playout(const CarrierPlan& plan) {
  PlayoutOptions options;
  options.format = kPageFormat;
  options.max_queue = plan.media.max_queue;
  return options;
}

MediaFaults page_faults(const CarrierPlan& plan) {
  MediaFaults faults;
  faults.jitter = plan.media.jitter;
  for (const auto& gap : plan.media.gaps) faults.gaps.push_back({gap.begin, gap.length});
  return faults;
}

bool marks_are_true(const MediaTrouble& trouble) {
  return trouble.mark_delay == Millis(0) && trouble.mark_jitter == Millis(0) && !trouble.lose_marks;
}

}  // namespace

struct WebPage::Line {
  Line(ManualScheduler& clock, WirePipeOptions wire)
      : pipe(clock, wire), socket(clock, pipe.left()), opened(clock.now()) {}

  WirePipe pipe;
  VirtualSocket socket;
  const TimePoint opened;
  bool ready = false;
};

WebPage::WebPage(ManualScheduler& clock, const CarrierPlan& plan, Connect connect,
                 std::function<void()> hung_up)
    : clock_(clock),
      plan_(plan),
      connect_(std::move(connect)),
      hung_up_(std::move(hung_up)),
      codec_(*make_audio_codec(kPageFormat)),
      random_(plan.seed),
      person_(plan.person, plan.idle, kPageFormat.sample_rate, plan.seed),
      microphone_(page_faults(plan), plan.seed),
      playout_(page_playout(plan), *this),
      driver_(clock, playout_) {
  far_end_.outbound = kPageFormat;
}

WebPage::~WebPage() { clock_.cancel(tick_timer_); }

void WebPage::arrive() {
  tick_timer_ = clock_.run_at(clock_.now() + kPageFrame, [this] { tick(); });
}

void WebPage::open(const std::string& session_id, const std::string& token) {
  session_id_ = session_id;
  token_ = token;
  if (plan_.media.socket == MediaTrouble::Socket::never_opens) return;
  if (plan_.media.socket == MediaTrouble::Socket::wrong_token) token_ = "wrong";
  clock_.run_at(clock_.now() + plan_.media.connect_delay,
                [this, alive = std::weak_ptr<const bool>(alive_)] {
                  if (!alive.expired()) connect();
                });
}

void WebPage::connect() {
  HttpServerRequest request;
  request.method = "GET";
  request.target = request.path = "/api/web/stream";
  request.headers = HttpHeaders{{"Host", "shop.test"}, {"Origin", "https://shop.test"}};
  request.shard = &clock_;
  const WebSocketDecision decision = connect_(request);
  const auto* accepted = std::get_if<WebSocketAccept>(&decision);
  if (accepted == nullptr) {
    ++far_end_.streams_refused;
    return;
  }
  Line& line = join(*accepted, lines_.empty());
  if (plan_.media.socket != MediaTrouble::Socket::no_start) say_hello(line);
  if (plan_.media.socket != MediaTrouble::Socket::opens_twice || lines_.size() > 1) return;
  clock_.run_at(clock_.now() + kAgainAfter, [this, alive = std::weak_ptr<const bool>(alive_)] {
    if (!alive.expired()) connect();
  });
}

WebPage::Line& WebPage::join(const WebSocketAccept& accepted, bool first) {
  ++far_end_.streams_taken;
  WirePipeOptions wire = plan_.media.wire;
  wire.seed = plan_.seed * 1000 + 500 + lines_.size();
  lines_.push_back(std::make_unique<Line>(clock_, wire));
  Line& line = *lines_.back();
  WirePipeEnd page;
  if (first) {
    page.on_text = [this](std::string_view text) { on_text(text); };
    page.on_binary = [this](std::string_view data) { on_binary(data); };
  }
  page.on_closed = [this, &line](std::uint16_t code, std::string_view) { on_closed(line, code); };
  line.pipe.connect(application_end(accepted.handler, line.pipe, messages_), std::move(page));
  if (first) trouble_line(line);
  accepted.handler->on_open(line.socket);
  return line;
}

void WebPage::say_hello(Line& line) {
  JsonWriter hello;
  hello.object().field("type", "hello").field("session_id", session_id_).field("token", token_);
  line.pipe.right().send_text(hello.field("after", 0).end().text());
}

void WebPage::trouble_line(Line& line) {
  const auto later = [this, alive = std::weak_ptr<const bool>(alive_)](Millis delay, auto act) {
    clock_.run_at(clock_.now() + delay, [alive, act] {
      if (!alive.expired()) act();
    });
  };
  if (plan_.media.drop_after) later(*plan_.media.drop_after, [&line] { line.pipe.cut(); });
  if (plan_.media.stop_after) {
    later(*plan_.media.stop_after, [&line] { line.pipe.right().close(1000, {}); });
  }
}

void WebPage::on_text(std::string_view text) {
  const auto json = Json::parse(text);
  const std::string type = json ? (*json)["type"].string_or("") : std::string();
  if (type == "ready") {
    open_ = lines_.front().get();
    far_end_.streaming = true;
    for (const BadFrame kind : plan_.media.bad_frames) send_bad_frame(kind);
  } else if (type == "mark") {
    ++far_end_.marks;
    playout_.mark((*json)["name"].string_or(""), clock_.now());
    driver_.rearm();
  } else if (type == "clear") {
    clearing_ = true;
    playout_.clear(clock_.now());
    clearing_ = false;
    driver_.rearm();
  } else if (type == "error" || type.empty()) {
    ++far_end_.errors;
  }
}

void WebPage::on_binary(std::string_view data) {
  if (data.size() > 1920 || data.size() % 2 != 0) ++far_end_.errors;
  const ByteView audio(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  if (audio.size() < kPageFormat.frame_bytes()) ++far_end_.short_pieces;
  far_end_.overflow_bytes += audio.size() - playout_.append(audio, clock_.now());
  driver_.rearm();
}

void WebPage::on_closed(Line& line, std::uint16_t code) {
  const bool refused = code == 4401 || code == 4409;
  if (refused && clock_.now() - line.opened < kAgainAfter) {
    --far_end_.streams_taken;
    ++far_end_.streams_refused;
  }
  if (&line != open_) return;
  playout_.on_deadline(clock_.now());
  far_end_.unplayed_bytes += playout_.queued();
  driver_.stop();
  open_ = nullptr;
  far_end_.streaming = false;
}

void WebPage::send_bad_frame(BadFrame kind) {
  const auto frame = [this, kind] {
    if (!open_) return;
    WireSink& wire = open_->pipe.right();
    if (kind == BadFrame::bad_base64) {
      wire.send_binary("odd");
    } else if (kind == BadFrame::no_payload) {
      wire.send_binary({});
    } else {
      wire.send_text(bad_frame(kind));
    }
  };
  clock_.run_at(clock_.now() + Millis(100), [frame, alive = std::weak_ptr<const bool>(alive_)] {
    if (!alive.expired()) frame();
  });
}

void WebPage::on_played(ByteView audio, TimePoint) {
  far_end_.heard.insert(far_end_.heard.end(), audio.begin(), audio.end());
  Samples samples;
  if (codec_->decode(audio, samples) && peak_dbfs(samples) > kAudibleDbfs) agent_audible_ = true;
}

void WebPage::on_dropped(ByteView audio, TimePoint) {
  far_end_.dropped.insert(far_end_.dropped.end(), audio.begin(), audio.end());
}

void WebPage::on_mark_echo(std::string_view name, TimePoint) {
  if (plan_.media.lose_marks) return;
  JsonWriter json;
  json.object().field("type", "played").field("name", name);
  if (clearing_) json.field("dropped", true);
  if (marks_are_true(plan_.media)) json.field("played_samples", playout_.played() / 2);
  const Millis jitter(static_cast<std::int64_t>(
      random_.up_to(static_cast<std::uint64_t>(plan_.media.mark_jitter.count()))));
  send_later(json.end().take(), plan_.media.mark_delay + jitter);
}

void WebPage::send_later(std::string text, Millis delay) {
  clock_.run_at(clock_.now() + delay,
                [this, text = std::move(text), alive = std::weak_ptr<const bool>(alive_)] {
                  if (!alive.expired() && open_) open_->pipe.right().send_text(text);
                });
}

void WebPage::tell_position() {
  if (!marks_are_true(plan_.media) || playout_.idle()) return;
  JsonWriter json;
  json.object().field("type", "position").field("played_samples", playout_.played() / 2);
  open_->pipe.right().send_text(json.end().text());
}

void WebPage::tick() {
  tick_timer_ = clock_.run_at(clock_.now() + kPageFrame, [this] { tick(); });
  ++ticks_;
  if (open_) {
    playout_.on_deadline(clock_.now());
    driver_.rearm();
    if (ticks_ % kPositionTicks == 0) tell_position();
  }
  const ScriptedCallee::Tick now = person_.tick(std::exchange(agent_audible_, false));
  if (open_ && now.samples != nullptr) send_frame(now.samples);
  if (now.hangup) hung_up_();
}

void WebPage::send_frame(const std::int16_t* samples) {
  const Millis since(kPageFrame * static_cast<std::int64_t>(ticks_));
  const auto arrives = microphone_.arrival(clock_.now(), since);
  if (!arrives) return;
  Bytes frame;
  if (!codec_->encode(SampleView(samples, person_.frame_samples()), frame)) return;
  far_end_.said.insert(far_end_.said.end(), frame.begin(), frame.end());
  clock_.run_at(*arrives, [this, frame, alive = std::weak_ptr<const bool>(alive_)] {
    if (alive.expired() || !open_) return;
    open_->pipe.right().send_binary({reinterpret_cast<const char*>(frame.data()), frame.size()});
  });
}

void WebPage::leave() {
  clock_.cancel(tick_timer_);
  tick_timer_ = 0;
  if (open_ && !plan_.media.hangs_open) open_->pipe.right().close(1000, {});
}

const FarEnd& WebPage::far_end() {
  far_end_.utterances = person_.utterances();
  far_end_.clears.clear();
  for (const PlayoutClear& clear : playout_.clears()) {
    far_end_.clears.push_back({clear.played, clear.dropped, clear.marks});
  }
  return far_end_;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
