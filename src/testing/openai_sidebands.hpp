#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "openai_wire.hpp"
#include "voicebridge/testing/openai_call_record.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

/// The sockets that are attached to one call: what its session sends goes to each of them. Without
/// one it goes nowhere.
class Sidebands final : public WireSink {
 public:
  explicit Sidebands(OpenAiCallRecord& record) : record_(record) {}

  void add(std::uint64_t id, WireSink& sink, ConnectionFault fault, Millis at);
  void remove(std::uint64_t id, Millis at);
  bool has(std::uint64_t id) const { return lines_.count(id) != 0; }
  std::size_t size() const { return lines_.size(); }
  void set_now(TimePoint now);
  /// Only this one hears what `send` sends.
  template <class Send>
  void only(std::uint64_t id, Send send) {
    only_ = id;
    send();
    only_ = 0;
  }
  void count_received(std::uint64_t id);

  SendStatus send_text(std::string_view head, std::string_view payload,
                       std::string_view tail) override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t backlog() const override { return 0; }

  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

 private:
  struct Line {
    Line(WireSink& sink, ConnectionFault fault, std::size_t entry)
        : wire(sink, std::move(fault)), record(entry) {}
    ConnectionWire wire;
    std::size_t record;  ///< Its entry; beyond the end when there was no room.
  };
  OpenAiCallRecord::Sideband* entry(const Line& line);

  OpenAiCallRecord& record_;
  std::map<std::uint64_t, Line> lines_;
  std::uint64_t only_ = 0;
};

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
