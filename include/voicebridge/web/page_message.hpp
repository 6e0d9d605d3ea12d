#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "voicebridge/core/error.hpp"
#include "voicebridge/core/secret.hpp"

namespace voicebridge::web {

// What a page says on its sockets, one JSON object a message.

struct PageHello {  ///< The first message.
  std::string session_id;
  Secret token;
  std::uint64_t after = 0;  ///< The last event that the page has seen.
};
struct PageText {  ///< A typed turn.
  std::string text;
};
struct PageLead {  ///< The visitor edited the card. As it was typed: nothing is checked here.
  std::string first_name;
  std::string last_name;
  std::string phone;
  bool consent = false;
};
struct PageCall {};  ///< The visitor wants to be called.
struct PageEnd {};   ///< The visitor hangs up.
struct PagePing {};
struct PageTranscript {  ///< Of a talk that does not pass here. `text` is all of the turn so far.
  enum class Who { visitor, agent } who = Who::visitor;
  std::string turn;
  std::string text;
  bool final = false;
  bool cut = false;
};
struct PagePlayed {  ///< The answer to a mark.
  std::string name;
  bool dropped = false;  ///< By a clear.
  /// Samples really played since `ready`, when the answer was given.
  std::optional<std::uint64_t> played_samples;
};
struct PagePosition {
  std::uint64_t played_samples = 0;  ///< Really played since `ready`.
};
using PageMessage = std::variant<PageHello, PageText, PageLead, PageCall, PageEnd, PagePing,
                                 PageTranscript, PagePlayed, PagePosition>;

/// How long the parts of a message may be, in bytes.
struct PageMessageLimits {
  std::size_t message = 32 * 1024;
  std::size_t id = 200;      ///< Of a session, a token, a turn, a mark.
  std::size_t name = 200;    ///< A name or a phone number of a lead.
  std::size_t text = 16384;  ///< A typed turn, or one of a transcript.
};

/// Reads a message of a page. What it has beside its members is ignored.
/// @return `Errc::invalid_argument` naming the field, `payload_too_large`, or `unsupported` for a
/// type that nobody knows.
VOICEBRIDGE_API Result<PageMessage> parse_page_message(std::string_view text,
                                                       const PageMessageLimits& limits = {});

}  // namespace voicebridge::web
