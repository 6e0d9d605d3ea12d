#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/core/time.hpp"

namespace server {

/// Tokens by which a browser proves that a session is its own, each for one session and good until
/// it was not used for a while. Only digests are kept, and looked up by.
/// @par Threads Any.
class SessionTokens {
 public:
  explicit SessionTokens(voicebridge::Millis lifetime) : lifetime_(lifetime) {}

  /// A new token for the session.
  voicebridge::Secret issue(const std::string& session_id, voicebridge::TimePoint now);
  /// Renews it. @return Its session. `Errc::unauthenticated`, without a reason that would help
  /// somebody who guesses, for one that is unknown, expired, or of another session than the one
  /// claimed; an empty claim is none.
  voicebridge::Result<std::string> check(std::string_view token, std::string_view claimed_session,
                                         voicebridge::TimePoint now);
  /// The session is over: its token opens nothing any more.
  void revoke(const std::string& session_id);

  voicebridge::Millis lifetime() const { return lifetime_; }
  std::size_t count() const;

 private:
  struct Grant {
    std::string session_id;
    voicebridge::TimePoint expires;
  };

  const voicebridge::Millis lifetime_;
  mutable std::mutex mutex_;
  std::map<std::string, Grant> grants_;  ///< By digest; one a session, which bounds them.
};

}  // namespace server
