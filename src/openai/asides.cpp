#include "openai/asides.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

std::optional<Asides::Aside> Asides::open(std::string tag, std::string key) {
  std::optional<Aside> given_up;
  if (asides_.size() == kMax) given_up = take(asides_.begin());
  asides_.push_back({std::move(tag), std::move(key), {}, {}});
  return given_up;
}

void Asides::on_created(std::string_view tag, std::string_view response_id) {
  for (Aside& aside : asides_) {
    if (aside.tag == tag) aside.response_id = response_id;
  }
}

Asides::Aside* Asides::find_response(std::string_view response_id) {
  if (response_id.empty()) return nullptr;
  const auto found = std::find_if(asides_.begin(), asides_.end(), [&](const Aside& aside) {
    return aside.response_id == response_id;
  });
  return found == asides_.end() ? nullptr : &*found;
}

std::optional<Asides::Aside> Asides::take_tag(std::string_view tag) {
  return take(std::find_if(asides_.begin(), asides_.end(),
                           [&](const Aside& aside) { return aside.tag == tag; }));
}

std::optional<Asides::Aside> Asides::take_response(std::string_view response_id) {
  const Aside* const aside = find_response(response_id);
  return aside == nullptr ? std::nullopt : take_tag(aside->tag);
}

std::optional<Asides::Aside> Asides::take(std::vector<Aside>::iterator found) {
  if (found == asides_.end()) return std::nullopt;
  Aside taken = std::move(*found);
  asides_.erase(found);
  return taken;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
