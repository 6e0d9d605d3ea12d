#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "voicebridge/core/error.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {

/// An element of a TwiML document: a verb such as `<Dial>` or what stands inside one. Nothing is
/// checked before `Twiml::xml`.
class VOICEBRIDGE_API TwimlElement {
 public:
  /// Names and values, in order.
  using Attributes = std::vector<std::pair<std::string, std::string>>;

  /// An element with text in it; both are escaped when they are written.
  explicit TwimlElement(std::string name, std::string text = {})
      : name_(std::move(name)), text_(std::move(text)) {}

  /// Sets an attribute, in place of an earlier one of the name. Lists are separated by spaces.
  TwimlElement& set(std::string_view attribute, std::string value);
  /// An attribute that is true or false.
  TwimlElement& flag(std::string_view attribute, bool value);
  /// An attribute that is a number.
  TwimlElement& number(std::string_view attribute, std::int64_t value);
  /// An element inside it, behind the others.
  TwimlElement& add(TwimlElement child);

  ///@{
  /// What it is made of.
  const std::string& name() const noexcept { return name_; }
  const std::string& text() const noexcept { return text_; }
  const Attributes& attributes() const noexcept { return attributes_; }
  const std::vector<TwimlElement>& children() const noexcept { return children_; }
  ///@}
  /// The value of an attribute; null without it.
  const std::string* find(std::string_view attribute) const noexcept;

 private:
  std::string name_;
  std::string text_;
  Attributes attributes_;
  std::vector<TwimlElement> children_;
};

/// What Twilio is told to do with a call: verbs, done one after the other; at their end it hangs up
/// (TwiML for Programmable Voice).
///
/// ```
/// Twiml().add(connect().add(stream("wss://a.example/media").add(parameter("token", t))))
///        .add(say("Sorry, we lost the connection.")).xml()
/// ```
class VOICEBRIDGE_API Twiml {
 public:
  /// A verb, behind the others.
  Twiml& add(TwimlElement verb);

  /// The document on one line, everything escaped.
  /// @return `Errc::invalid_argument`, `field` is verb and attribute ("Dial.timeout"), when
  /// something is not documented: an unknown element or attribute, a value out of its range, an
  /// element at the wrong place.
  Result<std::string> xml() const;

 private:
  TwimlElement response_{"Response"};
};

// The verbs, with what they cannot do without.

/// Spoken by Twilio's own voice.
VOICEBRIDGE_API TwimlElement say(std::string text);
/// @param url  http(s), absolute or relative to the document.
VOICEBRIDGE_API TwimlElement play(std::string url);
/// @param digits  Keys to press, `w` waits for half a second.
VOICEBRIDGE_API TwimlElement play_digits(std::string digits);
/// Silence.
VOICEBRIDGE_API TwimlElement pause(std::int64_t seconds);
VOICEBRIDGE_API TwimlElement gather();                     ///< Holds `say`, `play`, `pause`.
VOICEBRIDGE_API TwimlElement dial(std::string e164 = {});  ///< A number, or holds the nouns below.
VOICEBRIDGE_API TwimlElement connect();  ///< Holds one two-way `stream`; waits for its end.
VOICEBRIDGE_API TwimlElement start();    ///< Holds a one-way `stream`.
/// Ends the one-way stream of that name.
VOICEBRIDGE_API TwimlElement stop_stream(std::string name);
/// Ends the call.
VOICEBRIDGE_API TwimlElement hangup();
VOICEBRIDGE_API TwimlElement redirect(std::string url);  ///< Empty: the current document again.
VOICEBRIDGE_API TwimlElement
reject(std::string reason = "rejected");  ///< Or "busy". As the first verb.
/// Leaves the queue.
VOICEBRIDGE_API TwimlElement leave();
/// Records what the caller says.
VOICEBRIDGE_API TwimlElement record();
/// Waits in a queue, which is made when it is new.
VOICEBRIDGE_API TwimlElement enqueue(std::string queue);
/// Sends the far party of a SIP call elsewhere.
VOICEBRIDGE_API TwimlElement refer(std::string sip_uri);

// What stands inside verbs.

/// Whom `dial` calls: E.164.
VOICEBRIDGE_API TwimlElement number(std::string e164);
/// Which conference `dial` joins.
VOICEBRIDGE_API TwimlElement conference(std::string name);
/// Whom `dial` calls: `sip:…`.
VOICEBRIDGE_API TwimlElement sip(std::string uri);
/// @param url  wss:// without a query, or relative; ws:// on loopback only, for simulators.
VOICEBRIDGE_API TwimlElement stream(std::string url);
/// Of a `stream` or `sip`: told at the other end.
VOICEBRIDGE_API TwimlElement parameter(std::string name, std::string value);

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
