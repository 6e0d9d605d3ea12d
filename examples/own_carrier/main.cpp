// A carrier of another make under the behavioural suite. See docs/adding-a-carrier.md.
#include "loop_carrier.hpp"
#include "voicebridge/testing/carrier_suite.hpp"

using namespace voicebridge;
using namespace voicebridge::testing;
using namespace own_carrier;

namespace {

/// The production code and the exchange behind it, as the suite wants to see them.
class LoopUnderTest final : public CarrierUnderTest {
 public:
  LoopUnderTest(const CarrierPlan& plan, AudioFormat format, CarrierWorld world)
      : world_(std::move(world)),
        exchange_(*world_.clock, plan, format, [this](const LoopEvent& event) { on_event(event); }),
        carrier_(exchange_, world_.seat) {}

  Carrier& carrier() override { return counted_; }
  void call_in() override { exchange_.somebody_calls(); }
  FarEnd far_end() const override { return exchange_.far_end(); }
  std::vector<CarrierCommandRecord> commands() const override { return counted_.records; }
  std::size_t legs_made() const override { return exchange_.legs_made(); }
  std::size_t legs_up() const override { return exchange_.leg_up() ? 1 : 0; }

 private:
  /// Writes down what the application asks. Where the simulated service does that by itself, as
  /// those of voicebridge do, nothing like this is needed.
  struct Counted final : Carrier {
    Counted(Carrier& carrier, const ManualScheduler& time) : inner(carrier), clock(time) {}
    void note(CommandTrouble::Command command) { records.push_back({command, clock.now(), true}); }
    void dial(const CarrierDial& dial, Scheduler& on,
              std::function<void(Result<std::string>)> done) override {
      note(CommandTrouble::Command::dial);
      inner.dial(dial, on, std::move(done));
    }
    void answer(const std::string& leg, const std::string& call, Scheduler& on,
                Done done) override {
      note(CommandTrouble::Command::answer);
      inner.answer(leg, call, on, std::move(done));
    }
    void hang_up(const std::string& leg, Scheduler& on, Done done) override {
      note(CommandTrouble::Command::hang_up);
      inner.hang_up(leg, on, std::move(done));
    }
    void speak(const std::string& leg, const std::string& text, Scheduler& on, Done done) override {
      note(CommandTrouble::Command::speak);
      inner.speak(leg, text, on, std::move(done));
    }
    void start_media(const std::string& leg, const std::string& call, Scheduler& on,
                     Done done) override {
      note(CommandTrouble::Command::start_media);
      inner.start_media(leg, call, on, std::move(done));
    }
    void transfer(const std::string& leg, const CarrierTransfer& transfer, Scheduler& on,
                  HandedOver done) override {
      note(CommandTrouble::Command::transfer);
      inner.transfer(leg, transfer, on, std::move(done));
    }
    Carrier& inner;
    const ManualScheduler& clock;
    std::vector<CarrierCommandRecord> records;
  };

  void on_event(const LoopEvent& event) { world_.on_event(to_carrier_event(event)); }

  const CarrierWorld world_;
  mutable LoopExchange exchange_;
  LoopCarrier carrier_;
  Counted counted_{carrier_, *world_.clock};
};

std::string cannot(CarrierAbility ability) {
  switch (ability) {
    case CarrierAbility::machine_detection:
    case CarrierAbility::greeting_end:
    case CarrierAbility::early_verdict:
      return "the exchange does not listen to who picks up";
    case CarrierAbility::media_at_dial:
      return "a line is opened when somebody has picked up";
    case CarrierAbility::unknown_codec:
      return "formats are a type here, not a word";
    case CarrierAbility::frame_timing:
    case CarrierAbility::frame_reorder:
    case CarrierAbility::frame_duplicate:
    case CarrierAbility::marks:
    case CarrierAbility::socket_troubles:
    case CarrierAbility::bad_frames:
    case CarrierAbility::slow_reader:
      return "the line is a function call, not a socket";
    case CarrierAbility::event_order:
    case CarrierAbility::forged_events:
      return "events come in order, from this process";
    case CarrierAbility::commands_fail:
      return "commands are function calls";
    case CarrierAbility::transfer:
      return "the exchange cannot hand a caller on";
    default:
      return {};
  }
}

CarrierLane loop_lane() {
  CarrierLane lane;
  lane.name = "loop-pcmu";
  lane.format = AudioFormat::pcmu();
  lane.make = [](const CarrierPlan& plan,
                 CarrierWorld world) -> Result<std::unique_ptr<CarrierUnderTest>> {
    return std::make_unique<LoopUnderTest>(plan, AudioFormat::pcmu(), std::move(world));
  };
  lane.cannot = cannot;
  return lane;
}

}  // namespace

int main(int argc, char** argv) { return carrier_suite_main(argc, argv, {loop_lane()}); }
