#pragma once

#include <map>
#include <string>
#include <string_view>

#include "support/schema_check.hpp"

namespace voicebridge::test {

/// Checks the events of the Realtime API against the official schema, each against the definition
/// of its type.
class EventCheck {
 public:
  EventCheck();
  /// Empty when the text is an event that the service may send.
  std::string server(std::string_view text) const { return check(text, server_); }
  /// Empty when the text is an event that a client may send, without a key too many.
  std::string client(std::string_view text) const { return check(text, client_); }

 private:
  using Definitions = std::map<std::string, std::string, std::less<>>;  ///< By type.
  Definitions definitions_of(std::string_view group) const;
  std::string check(std::string_view text, const Definitions& definitions) const;

  SchemaFile schema_;
  Definitions server_;
  Definitions client_;
};

/// Made once for a test program.
const EventCheck& event_check();

}  // namespace voicebridge::test
