#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "config.hpp"
#include "voicebridge/core/error.hpp"
#include "voicebridge/core/time.hpp"

namespace server {

/// How many sessions browsers may start and have. No clock: time comes in.
/// @par Threads Any.
class WebLimits {
 public:
  explicit WebLimits(const Config::Web& limits) : limits_(limits) {}

  /// Takes a place for a session of the address. `Errc::resource_exhausted` with `retry_after`.
  /// What is refused counts as no start.
  voicebridge::Result<> admit(const std::string& address, voicebridge::TimePoint now);
  /// The session is over.
  void leave(const std::string& address);
  /// A request that costs something but starts no session, such as a diagnosis: by the same limits
  /// as starts, counted apart from them.
  voicebridge::Result<> admit_check(const std::string& address, voicebridge::TimePoint now);

  std::size_t sessions() const;

 private:
  /// When things happened in the last minute.
  using Window = std::deque<voicebridge::TimePoint>;
  using Table = std::map<std::string, Window>;
  static void tidy(Window& window, voicebridge::TimePoint now);
  /// What the address did in the last minute. Null: too many addresses are known to take another.
  static Window* window_of(Table& table, const std::string& address, voicebridge::TimePoint now);

  const Config::Web& limits_;
  mutable std::mutex mutex_;
  Window starts_;
  Window checks_;
  Table starts_of_;
  Table checks_of_;
  std::map<std::string, std::size_t> sessions_of_;
  std::size_t sessions_ = 0;
};

/// What limits count as one address: an IPv4 address (in IPv6's form too), or the /64 network of an
/// IPv6 address, all of which is one customer's. Without a port; text that is no address stays.
std::string address_block(const std::string& address);

/// The visitor's address, as limits count it: of the connection, or as a proxy that is trusted
/// tells it.
std::string visitor_address(const Config::Web& config, const voicebridge::HttpHeaders& headers,
                            const std::string& remote_address);

/// Whether a page of that origin may start sessions: the server's own, by its Host or its public
/// address, and those of the configuration. No Origin: no browser that would let another page do
/// harm.
bool is_allowed_origin(const Config& config, const voicebridge::HttpHeaders& headers);

}  // namespace server
