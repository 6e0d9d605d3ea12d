#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/call/speech_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// The tools of a call over all its sessions with the model. A session that takes over does not
/// know what its predecessor has asked for, and may ask for the same again: nothing runs twice
/// because of that.
class ToolLog {
 public:
  struct Open {
    ToolCall wanted;       ///< As it runs; `id` is unique in the call.
    std::string asked_as;  ///< The id by which the session of `generation` knows it.
    unsigned generation;
  };
  enum class Verdict {
    run,   ///< `id` is the name to run it by.
    wait,  ///< It runs already: its answer is for this request too.
    done,  ///< An earlier session has just had it run: `output` is its result.
    full,
    known,  ///< This very request was told before.
  };
  struct Answer {
    Verdict verdict;
    std::string id;
    std::string output;
  };

  Answer want(const ToolCall& call, unsigned generation, TimePoint now);
  /// None: it is not open.
  std::optional<Open> finish(const std::string& id, const std::string& output, TimePoint now);
  /// A result that came after its tool was given up.
  void late(std::string_view tool, const std::string& output, TimePoint now);
  /// The model begins an answer: what is finished by now is in it …
  void reply_began();
  /// … and has been told, as the answer was.
  void told();
  /// The session is new: what the others have asked for.
  std::string account() const;

  bool any_open() const { return !open_.empty(); }
  bool any_untold() const;
  void clear() { open_.clear(); }

 private:
  void keep(ToolCall wanted, const std::string& output, unsigned generation, TimePoint now);

  struct Done {
    ToolCall wanted;
    std::string output;
    unsigned generation;
    TimePoint at;
    bool in_answer = false;
    bool told = false;
  };
  static constexpr std::size_t kMaxOpen = 32;
  static constexpr std::size_t kMaxDone = 24;    ///< Older ones are forgotten.
  static constexpr std::size_t kMaxTold = 2000;  ///< Bytes of a result in the account.

  std::map<std::string, Open> open_;
  std::vector<Done> done_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
