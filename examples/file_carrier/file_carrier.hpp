#pragma once

#include <functional>
#include <memory>
#include <string>

#include <voicebridge/voicebridge.hpp>

namespace file_carrier {

using namespace voicebridge;

/// A carrier with one telephone, which is a WAV file: it picks up at once, says what is in the
/// file, and keeps what it hears. Each `done` comes later, on the scheduler given, as the seam
/// wants.
class FileCarrier final : public Carrier {
 public:
  FileCarrier(WavAudio person, std::function<PhoneAgent&()> agent)
      : person_(std::move(person)), agent_(std::move(agent)) {}

  void dial(const CarrierDial& dial, Scheduler& on,
            std::function<void(Result<std::string>)> done) override {
    on.post([this, done, call = dial.call_id] {
      done("leg_1");
      agent_().on_carrier_event({"picked_up", "leg_1", call, LegAnswered{}});
    });
  }
  void start_media(const std::string& leg, const std::string& call, Scheduler& on,
                   Done done) override {
    const auto seat = agent_().seat(call);
    on.post([this, leg, seat, done, &on] {
      if (!seat) return done(fail(seat.error()));
      done({});
      stream_->begin(seat->attach(stream_), leg, on.now());
      tick(on);
    });
  }
  void hang_up(const std::string& leg, Scheduler& on, Done done) override {
    on.post([this, leg, done, &on] {
      done({});
      stream_->end(std::nullopt, on.now());
      agent_().on_carrier_event({"hung_up", leg, {}, LegEnded{"normal", true}});
    });
  }
  void answer(const std::string&, const std::string&, Scheduler& on, Done done) override {
    on.post([done] { done(fail(Errc::unsupported, "nobody calls from a file")); });
  }
  void speak(const std::string&, const std::string&, Scheduler& on, Done done) override {
    on.post([done] { done(fail(Errc::unsupported, "this carrier has no voice")); });
  }
  void transfer(const std::string&, const CarrierTransfer&, Scheduler& on,
                HandedOver done) override {
    on.post([done] { done(fail(Errc::unsupported, "there is nobody else")); });
  }

  /// When the call is over.
  const WavAudio& heard() const { return heard_; }

 private:
  /// 20 ms of both ways. Behind the end of the file the person is silent.
  void tick(Scheduler& on) {
    Samples frame(160);
    for (auto& sample : frame) sample = said_ < person_.frames() ? person_.samples[said_++] : 0;
    stream_->push({reinterpret_cast<const std::uint8_t*>(frame.data()), 320}, on.now());
    const ByteView played = stream_->pull(on.now());
    const auto* const samples = reinterpret_cast<const std::int16_t*>(played.data());
    heard_.samples.insert(heard_.samples.end(), samples, samples + played.size() / 2);
    if (stream_->running()) on.run_at(on.now() + PacedStream::kFrame, [this, &on] { tick(on); });
  }

  const WavAudio person_;
  const std::function<PhoneAgent&()> agent_;
  std::shared_ptr<PacedStream> stream_ = std::make_shared<PacedStream>(AudioFormat::l16(8000));
  std::size_t said_ = 0;
  WavAudio heard_;
};

}  // namespace file_carrier
