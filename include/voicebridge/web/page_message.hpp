#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {

// What a page says on its sockets, one JSON object a message.

/// The first message.
struct PageHello {
  std::string session_id;   ///< As `POST /session` gave it; so the next.
  Secret token;             ///< What proves that the page may.
  std::uint64_t after = 0;  ///< The last event that the page has seen.
};
/// A typed turn.
struct PageText {
  std::string text;  ///< What was typed.
};
/// The visitor edited the card. As it was typed: nothing is checked here.
struct PageLead {
  std::string first_name;  ///< As typed; so the next.
  std::string last_name;   ///< As typed; so the next.
  std::string phone;       ///< As typed.
  bool consent = false;    ///< The box is ticked.
};
struct PageCall {};  ///< The visitor wants to be called.
struct PageEnd {};   ///< The visitor hangs up.
struct PagePing {};
/// Of a talk that does not pass here. `text` is all of the turn so far.
struct PageTranscript {
  /// The two sides of the talk.
  enum class Who { visitor, agent } who = Who::visitor;  ///< Whose turn it is.
  std::string turn;                                      ///< Names the turn.
  std::string text;                                      ///< All of it that is known.
  bool final = false;                                    ///< No words will be added.
  bool cut = false;                                      ///< The agent was interrupted.
};
/// The answer to a mark.
struct PagePlayed {
  std::string name;      ///< The mark's.
  bool dropped = false;  ///< By a clear.
  /// Samples really played since `ready`, when the answer was given.
  std::optional<std::uint64_t> played_samples;
};
/// How much has been played, told without being asked.
struct PagePosition {
  std::uint64_t played_samples = 0;  ///< Really played since `ready`.
};
/// Any message of a page.
using PageMessage = std::variant<PageHello, PageText, PageLead, PageCall, PageEnd, PagePing,
                                 PageTranscript, PagePlayed, PagePosition>;

/// How long the parts of a message may be, in bytes.
struct PageMessageLimits {
  std::size_t message = 32 * 1024;  ///< The message as a whole.
  std::size_t id = 200;             ///< Of a session, a token, a turn, a mark.
  std::size_t name = 200;           ///< A name or a phone number of a lead.
  std::size_t text = 16384;         ///< A typed turn, or one of a transcript.
};

/// Reads a message of a page. What it has beside its members is ignored.
/// @return `Errc::invalid_argument` naming the field, `payload_too_large`, or `unsupported` for a
/// type that nobody knows.
VOICEBRIDGE_API Result<PageMessage> parse_page_message(std::string_view text,
                                                       const PageMessageLimits& limits = {});

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
