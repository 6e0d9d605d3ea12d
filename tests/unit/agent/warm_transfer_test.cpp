// A warm transfer comes to its end whatever happens, and leaves nobody on a line alone.
#include "agent/warm_transfer.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "unit/agent/random_world.hpp"

using namespace voicebridge;
using namespace voicebridge::test;

namespace {

using Wish = WarmTransfer::Wish;
using State = WarmTransfer::State;
using Wishes = std::vector<Wish>;

const Result<> kRefused = fail(Errc::conflict, "90045");

struct Bench {
  WarmTransfer rules;
  TimePoint now{std::chrono::hours(1)};

  Bench() { rules.start(now); }
  Wishes wishes() { return rules.take_wishes(); }
  void pass(Millis by) {
    now += by;
    rules.on_deadline(now);
  }
  Bench& briefing() {
    rules.on_human_answered(now);
    return *this;
  }
  Bench& joining() {
    rules.on_human_decided(true, now);
    return *this;
  }
  Bench& joined() {
    joining();
    rules.on_joined({}, now);
    return *this;
  }
};

}  // namespace

TEST_CASE("a person who takes the call gets the caller, and both are followed to the end",
          "[warm_transfer]") {
  Bench b;
  CHECK(b.wishes() == Wishes{Wish::dial_human});
  b.briefing();
  CHECK(b.wishes().empty());
  b.joining();
  CHECK(b.wishes() == Wishes{Wish::join});
  b.rules.on_joined({}, b.now);
  CHECK(b.wishes() == Wishes{Wish::agent_leaves});
  SECTION("the person hangs up") {
    b.rules.on_human_gone("normal_clearing", b.now);
    CHECK(b.wishes() == Wishes{Wish::hang_up_caller});
    b.rules.on_caller_gone(b.now);
  }
  SECTION("the caller hangs up") {
    b.rules.on_caller_gone(b.now);
    CHECK(b.wishes() == Wishes{Wish::hang_up_human});
    b.rules.on_human_gone("normal_clearing", b.now);
  }
  SECTION("the carrier never tells the other's end") {
    b.rules.on_caller_gone(b.now);
    CHECK(b.wishes() == Wishes{Wish::hang_up_human});
    b.pass(15s);
  }
  SECTION("the talk is longer than any may be") {
    b.pass(std::chrono::hours(4));
    CHECK(b.wishes() == Wishes{Wish::hang_up_human, Wish::hang_up_caller});
    b.rules.on_caller_gone(b.now);
    b.rules.on_human_gone("time_limit", b.now);
  }
  CHECK(b.wishes() == Wishes{Wish::forget});
  CHECK(b.rules.state() == State::over);
  CHECK_FALSE(b.rules.next_deadline());
}

TEST_CASE("whoever cannot be reached, the caller is told why", "[warm_transfer]") {
  Bench b;
  b.wishes();
  SECTION("by the carrier's word") {
    const auto [cause, failure] =
        GENERATE(table<const char*, TransferFailure>({{"user_busy", TransferFailure::busy},
                                                      {"busy", TransferFailure::busy},
                                                      {"no_answer", TransferFailure::no_answer},
                                                      {"timeout", TransferFailure::no_answer},
                                                      {"no-answer", TransferFailure::no_answer},
                                                      {"call_rejected", TransferFailure::declined},
                                                      {"not_found", TransferFailure::unreachable},
                                                      {"failed", TransferFailure::unreachable}}));
    b.rules.on_human_gone(cause, b.now);
    CHECK(b.wishes() == Wishes{Wish::tell_caller, Wish::forget});
    CHECK(b.rules.failure() == failure);
  }
  SECTION("by ours, when the carrier has none: then their phone is stopped") {
    b.pass(30s);
    CHECK(b.wishes() == Wishes{Wish::tell_caller, Wish::hang_up_human});
    CHECK(b.rules.failure() == TransferFailure::no_answer);
    b.rules.on_human_gone("originator_cancel", b.now);
    CHECK(b.wishes() == Wishes{Wish::forget});
  }
  SECTION("they decline") {
    b.briefing();
    b.rules.on_human_decided(false, b.now);
    CHECK(b.wishes() == Wishes{Wish::tell_caller, Wish::hang_up_human});
    CHECK(b.rules.failure() == TransferFailure::declined);
    b.rules.on_human_decided(true, b.now);  // Too late.
    CHECK(b.wishes().empty());
    b.pass(15s);
    CHECK(b.wishes() == Wishes{Wish::forget});
  }
  SECTION("they hang up during the briefing") {
    b.briefing();
    b.rules.on_human_gone("normal_clearing", b.now);
    CHECK(b.wishes() == Wishes{Wish::tell_caller, Wish::forget});
    CHECK(b.rules.failure() == TransferFailure::hung_up);
  }
  SECTION("they never decide") {
    b.briefing();
    b.pass(60s);
    CHECK(b.wishes() == Wishes{Wish::tell_caller, Wish::hang_up_human});
  }
}

TEST_CASE("a join that fails gives the caller back", "[warm_transfer]") {
  Bench b;
  b.briefing().joining().wishes();
  SECTION("refused") {
    b.rules.on_joined(kRefused, b.now);
    CHECK(b.wishes() == Wishes{Wish::take_back});
  }
  SECTION("without an answer") {
    b.pass(20s);
    CHECK(b.wishes() == Wishes{Wish::take_back});
    b.rules.on_joined({}, b.now);  // Too late.
    CHECK(b.wishes().empty());
  }
  SECTION("because the person is gone") {
    b.rules.on_human_gone("normal_clearing", b.now);
    CHECK(b.wishes() == Wishes{Wish::take_back});
  }
  SECTION("and the caller cannot be taken back either: the line ends") {
    b.rules.on_joined(kRefused, b.now);
    b.wishes();
    if (GENERATE(true, false)) {
      b.rules.on_taken_back(kRefused, b.now);
    } else {
      b.pass(15s);
    }
    CHECK(b.wishes() == Wishes{Wish::give_up_caller, Wish::hang_up_human});
    b.rules.on_caller_gone(b.now);
    b.rules.on_human_gone("normal_clearing", b.now);
    CHECK(b.wishes() == Wishes{Wish::forget});
    return;
  }
  b.rules.on_taken_back({}, b.now);
  const Wishes told = b.wishes();
  REQUIRE_FALSE(told.empty());
  CHECK(told.front() == Wish::tell_caller);
}

TEST_CASE("a caller who hangs up takes the person's leg with them", "[warm_transfer]") {
  Bench b;
  b.wishes();
  SECTION("while it rings") {}
  SECTION("during the briefing") { b.briefing(); }
  SECTION("while they are joined") { b.briefing().joining(); }
  SECTION("while they are taken back") {
    b.briefing().joining();
    b.rules.on_joined(kRefused, b.now);
    CHECK(b.wishes() == Wishes{Wish::join, Wish::take_back});
    b.rules.on_caller_gone(b.now);
    CHECK(b.wishes() == Wishes{Wish::hang_up_human});
    b.rules.on_human_gone("normal_clearing", b.now);
    CHECK(b.wishes() == Wishes{Wish::forget});
    return;
  }
  b.wishes();
  b.rules.on_caller_gone(b.now);
  CHECK(b.wishes() == Wishes{Wish::hang_up_human});
  b.rules.on_joined({}, b.now);
  CHECK(b.wishes().empty());
  b.rules.on_human_gone("originator_cancel", b.now);
  CHECK(b.wishes() == Wishes{Wish::forget});
}

namespace {

/// Everything that can happen, in any order; a leg that was told to be gone stays gone.
class RandomTransfer {
 public:
  explicit RandomTransfer(std::uint64_t seed) : chance_(seed) {
    rules_.start(now_);
    obey();
  }

  void run() {
    for (int i = 0; i < 40 && !over(); ++i) {
      happen();
      obey();
      check_bounded();
    }
    // Nothing happens any more but time, and a few hours of it are enough.
    for (int i = 0; i < 20 && !over(); ++i) {
      const Deadline next = rules_.next_deadline();
      REQUIRE(next);
      now_ = std::max(now_, *next);
      rules_.on_deadline(now_);
      obey();
    }
    CHECK(forgotten_ == 1);
    CHECK(over());
    CHECK_FALSE(rules_.next_deadline());
    // No leg is left up, and the caller is the agent's, joined and gone, or hung up.
    CHECK((human_gone_ || human_hung_up_));
    CHECK(told_ + left_ + given_up_ <= 1);
    if (left_ > 0) {
      CHECK((caller_gone_ || caller_hung_up_));
    } else {
      CHECK((told_ == 1 || caller_gone_ || given_up_ == 1));
    }
    CHECK(human_hung_up_ <= 1);
    CHECK(caller_hung_up_ <= 1);
    // After the end nothing is wished for.
    for (int i = 0; i < 10; ++i) {
      happen();
      CHECK(rules_.take_wishes().empty());
    }
  }

 private:
  bool over() const { return rules_.state() == State::over; }

  void check_bounded() {
    if (over()) return;
    const Deadline next = rules_.next_deadline();
    REQUIRE(next);
    // Until the two talk with each other, no state of a waiting caller is longer than a minute.
    if (rules_.state() != State::joined) CHECK(*next - now_ <= Millis(60000));
  }

  void happen() {
    static constexpr const char* kCauses[] = {"user_busy", "timeout", "normal_clearing", "?"};
    switch (chance_.below(9)) {
      case 0:
        return rules_.on_human_answered(now_);
      case 1:
        return rules_.on_human_decided(!chance_.one_in(4), now_);
      case 2:
        if (!chance_.one_in(3)) return;
        human_gone_ = true;
        return rules_.on_human_gone(kCauses[chance_.below(4)], now_);
      case 3:
        if (!chance_.one_in(3)) return;
        caller_gone_ = true;
        return rules_.on_caller_gone(now_);
      case 4:
        return rules_.on_joined(any_result(), now_);
      case 5:
        return rules_.on_taken_back(any_result(), now_);
      case 6:
        return rules_.start(now_);
      default:
        now_ += Millis(chance_.below(30000));
        return rules_.on_deadline(now_);
    }
  }

  /// 422, 90045, 500, time-outs: to the rules they are one.
  Result<> any_result() { return chance_.one_in(2) ? Result<>() : kRefused; }

  void obey() {
    for (const Wish wish : rules_.take_wishes()) {
      CHECK(forgotten_ == 0);
      switch (wish) {
        case Wish::tell_caller:
          ++told_;
          CHECK(left_ == 0);
          break;
        case Wish::agent_leaves:
          ++left_;
          CHECK(told_ == 0);
          break;
        case Wish::give_up_caller:
          ++given_up_;
          break;
        case Wish::hang_up_human:
          ++human_hung_up_;
          break;
        case Wish::hang_up_caller:
          // Only a caller whom the agent has left: the others have an agent to talk to.
          CHECK(left_ == 1);
          ++caller_hung_up_;
          break;
        case Wish::forget:
          ++forgotten_;
          break;
        case Wish::dial_human:
          CHECK(++dialed_ == 1);
          break;
        case Wish::join:
          CHECK(++joins_ == 1);
          break;
        case Wish::take_back:
          CHECK(joins_ == 1);
          break;
      }
    }
  }

  Chance chance_;
  TimePoint now_{std::chrono::hours(1)};
  WarmTransfer rules_;
  bool human_gone_ = false;
  bool caller_gone_ = false;
  int told_ = 0, left_ = 0, given_up_ = 0, human_hung_up_ = 0, caller_hung_up_ = 0;
  int forgotten_ = 0, dialed_ = 0, joins_ = 0;
};

}  // namespace

TEST_CASE("in every order of events a transfer ends once and leaves no leg up",
          "[warm_transfer][property]") {
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    CAPTURE(seed);
    RandomTransfer(seed).run();
  }
}
