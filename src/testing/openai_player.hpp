#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "openai_event_out.hpp"
#include "openai_item_events.hpp"
#include "voicebridge/testing/openai_call_record.hpp"
#include "voicebridge/testing/playout.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The play-out buffer that the service owns on WebRTC and SIP calls: plays what the model says in
/// real time, tells when it starts, stops or is cleared, and truncates what a barge-in cut off.
class Player final : public PlayoutObserver {
 public:
  static constexpr std::size_t kMaxHeard = OpenAiSimRecord::kMaxEntries;

  Player(EventOut& out, ItemEvents& items, AudioFormat line);
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  void queue(const std::string& response_id, const std::string& item_id, ByteView audio,
             TimePoint now);
  /// The response is done: nothing more of it comes.
  void finish(const std::string& response_id, TimePoint now);
  /// Throws away what was not played, for a barge-in or the client.
  void clear(TimePoint now);

  Deadline next_deadline() const { return playout_.next_deadline(); }
  void on_deadline(TimePoint now);

  /// What was played since the last call.
  Bytes take_played() { return std::exchange(played_, {}); }
  const std::vector<OpenAiCallRecord::Heard>& heard() const { return heard_; }
  /// `begin` in `heard()` counts from here.
  void set_begin(TimePoint begin) { begin_ = begin; }

  void on_played(ByteView audio, TimePoint now) override;
  void on_dropped(ByteView audio, TimePoint now) override;
  void on_mark_echo(std::string_view name, TimePoint now) override;

 private:
  /// The audio of one item; positions count accepted bytes.
  struct Segment {
    std::string item_id;
    std::size_t reply;
    std::uint64_t begin, end;
    std::size_t heard;  ///< Index of its entry; beyond the end when there was no room.
  };
  struct Reply {
    std::string response_id;
    bool started = false;
    bool over = false;  ///< Stopped or cleared.
  };

  std::size_t reply_of(const std::string& response_id);
  void settle(TimePoint now);
  void start(std::size_t segment, TimePoint now);
  void stop(std::size_t reply);
  void cut(const Segment& segment, std::uint64_t head);
  std::uint64_t head() const { return playout_.played() + playout_.cleared(); }
  void measure();

  EventOut& out_;
  ItemEvents& items_;
  Playout playout_;
  TimePoint begin_{};
  std::uint64_t accepted_ = 0;
  std::vector<Segment> segments_;
  std::vector<Reply> replies_;
  std::vector<std::string> echoes_;  ///< Marks that came back and were not looked at yet.
  std::vector<OpenAiCallRecord::Heard> heard_;
  Bytes played_;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
