#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

/// The texts that are being made beside the conversation. Few; of more the oldest is given up.
class Asides {
 public:
  static constexpr std::size_t kMax = 4;
  static constexpr std::size_t kMaxText = 16 * 1024;

  struct Aside {
    std::string tag;  ///< Of the request and of the response's metadata; the id of its event, too.
    std::string key;  ///< The application's.
    std::string response_id;  ///< Empty until it is created.
    std::string text;         ///< So far.
  };

  /// The one that had to go for it.
  std::optional<Aside> open(std::string tag, std::string key);
  void on_created(std::string_view tag, std::string_view response_id);
  /// Null: the response is none of them.
  Aside* find_response(std::string_view response_id);
  std::optional<Aside> take_tag(std::string_view tag);
  std::optional<Aside> take_response(std::string_view response_id);
  std::vector<Aside> take_all() { return std::exchange(asides_, {}); }

 private:
  std::optional<Aside> take(std::vector<Aside>::iterator found);

  std::vector<Aside> asides_;
};

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
