#pragma once

#include <deque>
#include <string>

#include "openai_event_out.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The transcription model that runs beside the speech model: its events come a while after the
/// turn, whatever the response does meanwhile.
class Transcriber {
 public:
  static constexpr std::size_t kMaxJobs = 100;  ///< Beyond it the oldest is done at once.

  Transcriber(EventOut& out, Millis delay) : out_(out), delay_(delay) {}

  void add(std::string item_id, std::string text, const std::string& model, Millis length,
           TimePoint now);
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

 private:
  struct Job {
    TimePoint due;
    std::string item_id;
    std::string text;
    std::string model;
    Millis length;
  };
  void send(const Job& job);
  void write_usage(JsonWriter& out, const Job& job) const;

  EventOut& out_;
  const Millis delay_;
  std::deque<Job> jobs_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
