#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>

#include "voicebridge/call/carrier.hpp"

namespace voicebridge::test {

/// A carrier that keeps what it is asked for and answers when the test says so.
class FakeCarrier final : public Carrier {
 public:
  struct Request {
    std::string what;
    std::string leg;
    std::string argument;
    Scheduler* on;
    Done done;
  };
  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override {
    requests.push_back({"dial", dial.call_id, dial.to, &on, {}});
    on.post([done = std::move(done), answer = dial_answer] { done(answer); });
  }
  void answer(const std::string& leg, const std::string&, Scheduler& on, Done done) override {
    requests.push_back({"answer", leg, "", &on, std::move(done)});
  }
  void hang_up(const std::string& leg, Scheduler& on, Done done) override {
    requests.push_back({"hang_up", leg, "", &on, std::move(done)});
  }
  void speak(const std::string& leg, const std::string& text, Scheduler& on, Done done) override {
    requests.push_back({"speak", leg, text, &on, std::move(done)});
  }
  void start_media(const std::string& leg, const std::string&, Scheduler& on, Done done) override {
    requests.push_back({"start_media", leg, "", &on, std::move(done)});
  }
  void transfer(const std::string& leg, const CarrierTransfer& transfer, Scheduler& on,
                HandedOver done) override {
    requests.push_back({"transfer", leg, transfer.to, &on, [done](const Result<>& result) {
                          if (!result) return done(fail(result.error()));
                          done(HandOver::done);
                        }});
  }
  std::size_t count(const std::string& what) const {
    return static_cast<std::size_t>(std::count_if(
        requests.begin(), requests.end(), [&](const Request& r) { return r.what == what; }));
  }
  const Request& last(const std::string& what) const {
    for (auto r = requests.rbegin(); r != requests.rend(); ++r) {
      if (r->what == what) return *r;
    }
    throw std::runtime_error("not asked for: " + what);
  }
  std::deque<Request> requests;
  Result<std::string> dial_answer = std::string("leg_out");
};

}  // namespace voicebridge::test
