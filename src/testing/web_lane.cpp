// The lane of the behavioural suite on which a web page is the leg.
#include <utility>

#include "testing/web_page.hpp"
#include "voicebridge/testing/rig_lane.hpp"
#include "voicebridge/web/stream_server.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr Millis kPageEventDelay{20};
constexpr Millis kPageRingLimit{60000};

/// What the application does with a web talk that has no phone call behind it: when its audio is
/// over the page is let go.
class LastWord final : public MediaObserver {
 public:
  LastWord(std::shared_ptr<MediaObserver> call, std::shared_ptr<EventFeed> events)
      : call_(std::move(call)), events_(std::move(events)) {}

  void on_media_start(const MediaStart& start, TimePoint now) override {
    call_->on_media_start(start, now);
  }
  void on_media_audio(const AudioPayload& audio, Millis position, TimePoint now) override {
    call_->on_media_audio(audio, position, now);
  }
  void on_media_mark(std::string_view name, TimePoint now) override {
    call_->on_media_mark(name, now);
  }
  void on_media_played(Micros played, TimePoint now) override {
    call_->on_media_played(played, now);
  }
  void on_media_dtmf(char digit, TimePoint now) override { call_->on_media_dtmf(digit, now); }
  void on_media_stop(const std::optional<Error>& why, TimePoint now) override {
    call_->on_media_stop(why, now);
    events_->add(R"({"type":"bye","reason":"agent"})");
    events_->close();
  }

 private:
  std::shared_ptr<MediaObserver> call_;
  std::shared_ptr<EventFeed> events_;
};

/// Presses the button of the page and closes it, and tells of that as carriers tell of legs.
class PageUnderTest final : public CarrierUnderTest, private Carrier {
 public:
  PageUnderTest(const CarrierPlan& plan, CarrierWorld world)
      : plan_(plan),
        world_(std::move(world)),
        streams_(make_streams()),
        page_(
            *world_.clock, plan_,
            [this](const HttpServerRequest& request) { return streams_.accept(request, true); },
            [this] { end("the visitor has left"); }) {}

  Carrier& carrier() override { return *this; }
  void call_in() override {
    press_button({});
    tell("incoming", LegIncoming{"+12025550123", "+12025550100"});
  }
  FarEnd far_end() const override { return page_.far_end(); }
  std::vector<CarrierCommandRecord> commands() const override { return commands_; }
  std::size_t legs_made() const override { return legs_made_; }
  std::size_t legs_up() const override { return up() ? 1 : 0; }

 private:
  enum class State { none, waiting, talking, over };
  using Command = CommandTrouble::Command;

  void dial(const CarrierDial& wanted, Scheduler& on,
            std::function<void(Result<std::string>)> done) override;
  void answer(const std::string& leg, const std::string& call, Scheduler& on, Done done) override;
  void hang_up(const std::string& leg, Scheduler& on, Done done) override;
  void speak(const std::string&, const std::string&, Scheduler& on, Done done) override {
    refuse(Command::speak, on, std::move(done));
  }
  void start_media(const std::string& leg, const std::string& call, Scheduler& on,
                   Done done) override;
  void transfer(const std::string&, const CarrierTransfer&, Scheduler& on,
                HandedOver done) override {
    note(Command::transfer);
    on.post(
        [done = std::move(done)] { done(fail(Errc::unsupported, "a page cannot be handed on")); });
  }

  WebStreamServer make_streams();
  Result<WebStreamTarget> admit(const WebStreamRequest& request);
  bool up() const { return state_ == State::waiting || state_ == State::talking; }
  void press_button(const std::string& call);
  void outcome();
  void talk();
  void end(const std::string& cause);
  template <class What>
  void tell(const char* type, What what);
  void note(Command command) { commands_.push_back({command, world_.clock->now(), true}); }
  void later(Millis delay, std::function<void()> act) {
    timers_.push_back(world_.clock->run_at(world_.clock->now() + delay, std::move(act)));
  }
  void refuse(Command command, Scheduler& on, Done done) {
    note(command);
    on.post([done = std::move(done)] { done(fail(Errc::unsupported, "a page cannot do that")); });
  }

  const CarrierPlan plan_;
  const CarrierWorld world_;
  WebStreamServer streams_;
  mutable WebPage page_;
  State state_ = State::none;
  std::string leg_;
  std::string call_;
  std::size_t legs_made_ = 0;
  std::vector<CarrierCommandRecord> commands_;
  std::vector<Scheduler::TimerId> timers_;  ///< A handful a call.
};

WebStreamServer PageUnderTest::make_streams() {
  WebStreamServerOptions options;
  options.origins = OriginRules::create({"https://shop.test"}).value();
  return WebStreamServer::create(std::move(options),
                                 [this](const WebStreamRequest& request) { return admit(request); })
      .value();
}

Result<WebStreamTarget> PageUnderTest::admit(const WebStreamRequest& request) {
  if (!request.token.equals("token of " + request.session_id)) {
    return fail(Errc::unauthenticated, "the token is of no session");
  }
  const auto seat = world_.seat(request.session_id);
  if (!seat) return fail(seat.error());
  WebStreamTarget target;
  target.events = std::make_shared<EventFeed>();
  target.scheduler = seat->scheduler;
  target.attach = [attach = seat->attach, events = target.events](
                      std::shared_ptr<MediaStream> stream) -> std::shared_ptr<MediaObserver> {
    auto call = attach(std::move(stream));
    if (!call) return nullptr;
    return std::make_shared<LastWord>(std::move(call), events);
  };
  return target;
}

template <class What>
void PageUnderTest::tell(const char* type, What what) {
  CarrierEvent event;
  event.type = type;
  event.leg_id = leg_;
  event.call_id = call_;
  event.what = std::move(what);
  world_.clock->run_at(world_.clock->now() + kPageEventDelay,
                       [this, event = std::move(event)] { world_.on_event(event); });
}

void PageUnderTest::press_button(const std::string& call) {
  state_ = State::waiting;
  call_ = call;
  leg_ = "page-" + std::to_string(++legs_made_);
}

void PageUnderTest::dial(const CarrierDial& wanted, Scheduler& on,
                         std::function<void(Result<std::string>)> done) {
  note(Command::dial);
  press_button(wanted.call_id);
  tell("ringing", LegRinging{});
  const bool waits_on = plan_.outcome == CallOutcome::timeout;
  later(waits_on ? kPageRingLimit : plan_.ring, [this] { outcome(); });
  on.post([done = std::move(done), leg = leg_] { done(leg); });
}

void PageUnderTest::outcome() {
  if (state_ != State::waiting) return;
  if (plan_.outcome == CallOutcome::answer) return talk();
  end("the visitor does not press the button");
}

void PageUnderTest::talk() {
  state_ = State::talking;
  tell("pressed", LegAnswered{});
  if (plan_.hangup_after) later(*plan_.hangup_after, [this] { end("the visitor has left"); });
  page_.arrive();
}

void PageUnderTest::answer(const std::string&, const std::string& call, Scheduler& on, Done done) {
  const bool known = state_ == State::waiting;
  call_ = call;
  if (known) talk();
  on.post([done = std::move(done), known] {
    if (known) return done({});
    done(fail(Errc::not_found, "the page is gone"));
  });
}

void PageUnderTest::hang_up(const std::string&, Scheduler& on, Done done) {
  note(Command::hang_up);
  end("ended by the agent");
  on.post([done = std::move(done)] { done({}); });
}

void PageUnderTest::start_media(const std::string&, const std::string& call, Scheduler& on,
                                Done done) {
  note(Command::start_media);
  if (state_ == State::talking) page_.open(call, "token of " + call);
  on.post([done = std::move(done)] { done({}); });
}

void PageUnderTest::end(const std::string& cause) {
  if (!up()) return;
  const bool reached = state_ == State::talking;
  state_ = State::over;
  for (const Scheduler::TimerId timer : timers_) world_.clock->cancel(timer);
  page_.leave();
  tell("left", LegEnded{cause, reached});
}

std::string page_cannot(CarrierAbility ability) {
  switch (ability) {
    case CarrierAbility::machine_detection:
    case CarrierAbility::greeting_end:
    case CarrierAbility::early_verdict:
      return "no machine opens a page";
    case CarrierAbility::media_at_dial:
      return "a page opens its stream when somebody has pressed the button";
    case CarrierAbility::other_codec:
    case CarrierAbility::unknown_codec:
      return "its audio is linear, 24000 Hz";
    case CarrierAbility::keys:
      return "a page has no telephone keys";
    case CarrierAbility::frame_loss:
    case CarrierAbility::frame_reorder:
    case CarrierAbility::frame_duplicate:
      return "its frames come by a TCP stream, whole and in order";
    case CarrierAbility::event_order:
    case CarrierAbility::forged_events:
      return "its socket is all that it tells of itself";
    case CarrierAbility::commands_fail:
    case CarrierAbility::answer_command:
    case CarrierAbility::media_command:
      return "nobody commands a page: it comes by itself";
    case CarrierAbility::own_voice:
      return "a page has no voice of its own";
    case CarrierAbility::transfer:
      return "a page cannot be handed on";
    default:
      return {};
  }
}

}  // namespace

CarrierLane web_lane(std::string name) {
  CarrierLane lane;
  lane.name = std::move(name);
  lane.format = AudioFormat::l16(24000);
  lane.make = [](const CarrierPlan& plan,
                 CarrierWorld world) -> Result<std::unique_ptr<CarrierUnderTest>> {
    return std::make_unique<PageUnderTest>(plan, std::move(world));
  };
  lane.cannot = page_cannot;
  return lane;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
