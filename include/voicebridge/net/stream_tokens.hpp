#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"
#include "voicebridge/core/time.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// One-time tokens that open a media socket, each bound to one call and good for a while.
///
/// Only their digests are kept, and looked up by, so neither a memory dump nor the time of an
/// answer helps to guess one. When too many are outstanding the oldest are forgotten, and counted.
/// @par Threads Any.
class VOICEBRIDGE_API StreamTokens {
 public:
  /// @param max_outstanding Of more the oldest are forgotten.
  explicit StreamTokens(std::size_t max_outstanding = 10000);
  ///@{
  /// What was moved from may only go, or be assigned to.
  StreamTokens(StreamTokens&&) noexcept;
  StreamTokens& operator=(StreamTokens&&) noexcept;
  ///@}
  ~StreamTokens();

  /// A new token for `call`, whatever names the call in the stream's URL.
  Secret issue(std::string_view call, TimePoint now, Millis lifetime);

  /// Takes the token back; whatever comes of it, it is used up.
  /// @param claimed_call  Which call the socket says it belongs to; empty when it says nothing.
  /// @return The call the token was issued for. `Errc::unauthenticated`, without a reason that
  /// would help somebody who guesses, when it is unknown, used, expired, or for another call.
  Result<std::string> redeem(std::string_view token, std::string_view claimed_call, TimePoint now);

  /// Tokens that were issued and neither redeemed nor forgotten.
  std::size_t outstanding() const;
  /// Tokens that had to go because there were too many.
  std::size_t forgotten_early() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
