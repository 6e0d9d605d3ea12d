#include "web_limits.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace server {

using namespace voicebridge;

namespace {

constexpr Millis kMinute{60000};
/// When so many are known, those that were quiet for a minute are forgotten.
constexpr std::size_t kMaxAddresses = 65536;

Result<> exhausted(std::string message, Millis retry_after) {
  Error error = fail(Errc::resource_exhausted, std::move(message)).value();
  error.retry_after = retry_after;
  return tl::unexpected(std::move(error));
}

Millis until_free(const std::deque<TimePoint>& window, TimePoint now) {
  return std::chrono::duration_cast<Millis>(window.front() + kMinute - now) + Millis(1);
}

/// Without a port and the brackets before it, as some proxies write them, and without a zone.
std::string bare_address(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  return std::string(text.substr(0, text.find('%')));
}

/// Of an Origin or a configured address: scheme, host and port, in the form of browsers.
std::string origin_of(std::string_view text) {
  const auto url = parse_url(text);
  return url ? url->scheme + "://" + url->authority() : std::string();
}

}  // namespace

void WebLimits::tidy(Window& window, TimePoint now) {
  while (!window.empty() && window.front() + kMinute <= now) window.pop_front();
}

WebLimits::Window* WebLimits::window_of(Table& table, const std::string& address, TimePoint now) {
  const auto known = table.find(address);
  if (known == table.end() && table.size() >= kMaxAddresses) {
    for (auto entry = table.begin(); entry != table.end();) {
      tidy(entry->second, now);
      entry = entry->second.empty() ? table.erase(entry) : std::next(entry);
    }
    if (table.size() >= kMaxAddresses) return nullptr;
  }
  Window& window = known == table.end() ? table[address] : known->second;
  tidy(window, now);
  return &window;
}

Result<> WebLimits::admit(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  tidy(starts_, now);
  if (starts_.size() >= static_cast<std::size_t>(limits_.total_starts)) {
    return exhausted("too many sessions are being started: try again in a minute",
                     until_free(starts_, now));
  }
  Window* const theirs = window_of(starts_of_, address, now);
  if (theirs == nullptr) return exhausted("too many visitors: try again in a minute", kMinute);
  if (theirs->size() >= static_cast<std::size_t>(limits_.starts)) {
    return exhausted("too many sessions were started from here: try again in a minute",
                     until_free(*theirs, now));
  }
  const auto has = sessions_of_.find(address);
  if (has != sessions_of_.end() && has->second >= static_cast<std::size_t>(limits_.per_address)) {
    return exhausted("too many sessions are open from here: end one first", Millis(10000));
  }
  if (sessions_ >= static_cast<std::size_t>(limits_.sessions)) {
    return exhausted("all places are taken: try again soon", Millis(30000));
  }
  theirs->push_back(now);
  starts_.push_back(now);
  ++sessions_of_[address];
  ++sessions_;
  return {};
}

void WebLimits::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_of_.find(address);
  if (found == sessions_of_.end()) return;
  --sessions_;
  if (--found->second == 0) sessions_of_.erase(found);
}

Result<> WebLimits::admit_check(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  tidy(checks_, now);
  if (checks_.size() >= static_cast<std::size_t>(limits_.total_starts)) {
    return exhausted("too many checks are being asked for: try again in a minute",
                     until_free(checks_, now));
  }
  Window* const theirs = window_of(checks_of_, address, now);
  if (theirs == nullptr) return exhausted("too many visitors: try again in a minute", kMinute);
  if (theirs->size() >= static_cast<std::size_t>(limits_.starts)) {
    return exhausted("too many checks were asked for from here: try again in a minute",
                     until_free(*theirs, now));
  }
  theirs->push_back(now);
  checks_.push_back(now);
  return {};
}

std::size_t WebLimits::sessions() const {
  const std::lock_guard lock(mutex_);
  return sessions_;
}

std::string address_block(const std::string& address) {
  const std::string bare = bare_address(address);
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, bare.c_str(), bytes.data()) == 1) return bare;
  if (::inet_pton(AF_INET6, bare.c_str(), bytes.data()) != 1) return address;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  char text[INET6_ADDRSTRLEN];
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return ::inet_ntop(AF_INET, bytes.data() + kMapped.size(), text, sizeof text);
  }
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return std::string(::inet_ntop(AF_INET6, bytes.data(), text, sizeof text)) + "/64";
}

std::string visitor_address(const Config::Web& config, const HttpHeaders& headers,
                            const std::string& remote_address) {
  if (config.proxy_header.empty()) return address_block(remote_address);
  const auto told = headers.find(config.proxy_header);
  if (!told) return address_block(remote_address);
  // The last entry is the proxy's own; those before it can be anybody's.
  std::string_view last =
      told->substr(told->rfind(',') == std::string_view::npos ? 0 : told->rfind(',') + 1);
  while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
  while (!last.empty() && last.back() == ' ') last.remove_suffix(1);
  const bool usable = !last.empty() && last.size() <= 64;
  return address_block(usable ? std::string(last) : remote_address);
}

bool is_allowed_origin(const Config& config, const HttpHeaders& headers) {
  const auto given = headers.find("origin");
  if (!given) return true;
  const std::string origin = origin_of(*given);
  if (origin.empty()) return false;
  const auto host = headers.find("host");
  if (host && (origin == origin_of("http://" + std::string(*host)) ||
               origin == origin_of("https://" + std::string(*host)))) {
    return true;
  }
  if (!config.public_app_url.empty() && origin == origin_of(config.public_app_url)) return true;
  return std::any_of(config.web.origins.begin(), config.web.origins.end(),
                     [&](const std::string& allowed) { return origin_of(allowed) == origin; });
}

}  // namespace server
