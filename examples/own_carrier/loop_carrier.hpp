#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loop_exchange.hpp"
#include "voicebridge/agent/phone_agent.hpp"
#include "voicebridge/call/carrier.hpp"
#include "voicebridge/call/media_stream.hpp"

namespace own_carrier {

/// The line of one leg as voicebridge sees it: a `MediaStream` towards the exchange, and what the
/// exchange says handed to the call's `MediaObserver`.
class LoopStream final : public voicebridge::MediaStream, public LoopEar {
 public:
  LoopStream(LoopExchange& exchange, voicebridge::Scheduler& scheduler, std::string leg)
      : exchange_(exchange), scheduler_(scheduler), leg_(std::move(leg)) {}

  void serve(std::shared_ptr<voicebridge::MediaObserver> observer) {
    observer_ = std::move(observer);
  }

  bool send_audio(const voicebridge::AudioPayload& audio) override;
  void send_mark(std::string_view name) override;
  void clear() override;
  void close() override;

  void on_line_open(voicebridge::AudioFormat format) override;
  void on_frame(voicebridge::ByteView audio, voicebridge::Millis position) override;
  void on_key(char key) override;
  void on_echo(std::string_view name) override;
  void on_line_closed(bool lost) override;

 private:
  LoopExchange& exchange_;
  voicebridge::Scheduler& scheduler_;
  const std::string leg_;
  std::shared_ptr<voicebridge::MediaObserver> observer_;  ///< Null before the begin and at the end.
  voicebridge::AudioFormat format_;
  voicebridge::Bytes scratch_;
};

/// The exchange's commands as a `Carrier`.
class LoopCarrier final : public voicebridge::Carrier {
 public:
  using Seat = std::function<voicebridge::Result<voicebridge::StreamSeat>(const std::string& call)>;
  LoopCarrier(LoopExchange& exchange, Seat seat) : exchange_(exchange), seat_(std::move(seat)) {}

  void dial(const voicebridge::CarrierDial& dial, voicebridge::Scheduler& on,
            std::function<void(voicebridge::Result<std::string>)> done) override;
  void answer(const std::string& leg_id, const std::string& call_id, voicebridge::Scheduler& on,
              Done done) override;
  void hang_up(const std::string& leg_id, voicebridge::Scheduler& on, Done done) override;
  void speak(const std::string& leg_id, const std::string& text, voicebridge::Scheduler& on,
             Done done) override;
  void start_media(const std::string& leg_id, const std::string& call_id,
                   voicebridge::Scheduler& on, Done done) override;
  void transfer(const std::string& leg_id, const voicebridge::CarrierTransfer& transfer,
                voicebridge::Scheduler& on, HandedOver done) override;

 private:
  LoopExchange& exchange_;
  const Seat seat_;
};

/// What the exchange tells, in the words that every carrier's calls understand.
voicebridge::CarrierEvent to_carrier_event(const LoopEvent& event);

}  // namespace own_carrier
