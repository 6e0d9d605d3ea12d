#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "testing/twilio_conference.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/core/time.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// "true" in any case, as Twilio reads a flag.
bool twilio_flag(const FormFields& form, std::string_view name, bool fallback);
Millis twilio_seconds(const FormFields& form, std::string_view name, int fallback);
/// URL, method and events of `name`, `nameMethod` and the repeated `nameEvent`.
TwilioCallback twilio_callback(const FormFields& form, const std::string& name);

HttpResponse twilio_json(int status, std::string body);

/// The page of a list that was asked for.
class TwilioPage {
 public:
  TwilioPage(const FormFields& query, std::string path);
  /// Whether the next entry is on the page.
  bool takes();
  void write(JsonWriter& json) const;

 private:
  std::string address(std::size_t page) const;

  const std::string path_;
  std::size_t size_ = 50;
  std::size_t page_ = 0;
  std::size_t seen_ = 0;
  std::size_t taken_ = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
