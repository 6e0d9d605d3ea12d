#include "testing/twilio_form.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kMaxPage = 1000;

std::size_t count_of(const FormFields& query, std::string_view name, std::size_t fallback) {
  const auto text = query.find(name);
  return text ? std::strtoull(std::string(*text).c_str(), nullptr, 10) : fallback;
}

}  // namespace

bool twilio_flag(const FormFields& form, std::string_view name, bool fallback) {
  const auto text = form.find(name);
  if (!text) return fallback;
  std::string lower(*text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "true";
}

Millis twilio_seconds(const FormFields& form, std::string_view name, int fallback) {
  const auto text = form.find(name);
  const int value = text ? std::atoi(std::string(*text).c_str()) : 0;
  return std::chrono::seconds(value > 0 ? value : fallback);
}

TwilioCallback twilio_callback(const FormFields& form, const std::string& name) {
  TwilioCallback callback;
  callback.url = form.text_or(name, "");
  callback.method = form.text_or(name + "Method", "POST");
  for (const auto& [field, value] : form.fields()) {
    if (field != name + "Event") continue;
    std::istringstream words(value);
    for (std::string word; words >> word;) callback.events.insert(word);
  }
  return callback;
}

TwilioPage::TwilioPage(const FormFields& query, std::string path)
    : path_(std::move(path)),
      size_(std::clamp<std::size_t>(count_of(query, "PageSize", 50), 1, kMaxPage)),
      page_(count_of(query, "Page", 0)) {}

bool TwilioPage::takes() {
  const std::size_t number = seen_++;
  if (number / size_ != page_) return false;
  ++taken_;
  return true;
}

std::string TwilioPage::address(std::size_t page) const {
  return path_ + "?PageSize=" + std::to_string(size_) + "&Page=" + std::to_string(page);
}

void TwilioPage::write(JsonWriter& json) const {
  json.field("page", page_).field("page_size", size_).field("start", page_ * size_);
  json.field("end", page_ * size_ + (taken_ == 0 ? 0 : taken_ - 1));
  json.field("first_page_uri", address(0)).field("uri", address(page_));
  json.key("next_page_uri");
  seen_ > (page_ + 1) * size_ ? json.string(address(page_ + 1)) : json.null();
  json.key("previous_page_uri");
  page_ > 0 ? json.string(address(page_ - 1)) : json.null();
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
