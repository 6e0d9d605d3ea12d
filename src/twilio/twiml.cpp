#include "voicebridge/twilio/twiml.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/utf8.hpp"
#include "limits.hpp"
#include "twiml_rules.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace twilio {
namespace {

constexpr std::string_view kHead = R"(<?xml version="1.0" encoding="UTF-8"?>)";

/// Depth and width are bounded by the rules of where an element may stand; Response and Dial are
/// the widest.
constexpr std::size_t kMaxChildren = 1000;

tl::unexpected<Error> wrong(const TwimlElement& element, std::string_view attribute,
                            std::string_view complaint) {
  std::string field = element.name();
  if (!attribute.empty()) field.append(1, '.').append(attribute);
  std::string message = fmt::format("{} {}", field, complaint);
  return fail(Errc::invalid_argument, std::move(message), std::move(field));
}

/// Well-formed UTF-8 of characters that XML 1.0 can hold.
bool is_xml_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = detail::utf8_character_size(text, at);
    const auto first = static_cast<unsigned char>(text[at]);
    const bool control = first < 0x20 && first != '\t' && first != '\n' && first != '\r';
    const std::string_view character = text.substr(at, size);
    if (size == 0 || control || character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") {
      return false;
    }
    at += size;
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text, bool attribute) {
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>' && !attribute) {
      out += "&gt;";
    } else if (c == '"' && attribute) {
      out += "&quot;";
    } else if (c == '\r' || (attribute && (c == '\n' || c == '\t'))) {
      // Parsers make spaces of these, and line ends of the first.
      out += fmt::format("&#{};", static_cast<int>(c));
    } else {
      out += c;
    }
  }
}

void append_element(std::string& out, const TwimlElement& element) {
  out.append(1, '<').append(element.name());
  for (const auto& [name, value] : element.attributes()) {
    out.append(1, ' ').append(name).append("=\"");
    append_escaped(out, value, true);
    out += '"';
  }
  if (element.text().empty() && element.children().empty()) {
    out += "/>";
    return;
  }
  out += '>';
  append_escaped(out, element.text(), false);
  for (const TwimlElement& child : element.children()) append_element(out, child);
  out.append("</").append(element.name()).append(1, '>');
}

std::size_t count_of(const TwimlElement& element, std::string_view child_name) {
  return static_cast<std::size_t>(
      std::count_if(element.children().begin(), element.children().end(),
                    [&](const TwimlElement& child) { return child.name() == child_name; }));
}

bool is_blank(const std::string* value) { return value == nullptr || value->empty(); }

Result<> check_stream(const TwimlElement& stream, std::string_view parent) {
  if (parent == "Stop") {
    if (is_blank(stream.find("name"))) return wrong(stream, "name", "must tell what to stop");
    for (const auto& attribute : stream.attributes()) {
      if (attribute.first != "name") return wrong(stream, attribute.first, "means nothing in Stop");
    }
    return {};
  }
  if (is_blank(stream.find("url"))) return wrong(stream, "url", "is needed");
  const std::string* const track = stream.find("track");
  if (parent == "Connect" && track != nullptr && *track != "inbound_track") {
    return wrong(stream, "track", "must be inbound_track in Connect");
  }
  return {};
}

Result<> check_parameter(const TwimlElement& parameter) {
  const std::string* const name = parameter.find("name");
  const std::string* const value = parameter.find("value");
  if (is_blank(name)) return wrong(parameter, "name", "is needed");
  if (value == nullptr) return wrong(parameter, "value", "is needed");
  if (name->size() + value->size() >= kMaxParameter) {
    return wrong(parameter, "value", "must be under 500 characters together with the name");
  }
  return {};
}

Result<> check_dial(const TwimlElement& dial) {
  const bool nouns = !dial.children().empty();
  if (dial.text().empty() != nouns) return wrong(dial, {}, "needs a number, or nouns inside");
  if (nouns) return {};
  const std::string fault = fault_of_text(TextRule::phone, dial.text());
  return fault.empty() ? Result<>() : wrong(dial, {}, fault);
}

Result<> check_play(const TwimlElement& play) {
  const bool digits = !is_blank(play.find("digits"));
  if (digits == !play.text().empty()) return wrong(play, {}, "needs a URL or digits, not both");
  if (digits) return {};
  const std::string fault = fault_of_text(TextRule::url, play.text());
  return fault.empty() ? Result<>() : wrong(play, {}, fault);
}

/// What the tables cannot say.
Result<> check_sense(const TwimlElement& element, std::string_view parent) {
  const std::string& name = element.name();
  if (name == "Stream") return check_stream(element, parent);
  if (name == "Parameter") return check_parameter(element);
  if (name == "Dial") return check_dial(element);
  if (name == "Play") return check_play(element);
  if (name == "Enqueue" && element.text().empty() && is_blank(element.find("workflowSid"))) {
    return wrong(element, {}, "needs the name of a queue, or workflowSid");
  }
  if (name == "Refer" && count_of(element, "Sip") != 1) {
    return wrong(element, {}, "needs one Sip inside");
  }
  const bool streams = name == "Connect" || name == "Start" || name == "Stop";
  if (streams && count_of(element, "Stream") != 1) {
    return wrong(element, {}, "needs one Stream inside");
  }
  const std::string* const label = element.find("participantLabel");
  if (label != nullptr && label->size() > kMaxLabel) {
    return wrong(element, "participantLabel", "must not have more than 128 characters");
  }
  return {};
}

Result<> check_children(const TwimlElement& parent);

Result<> check_element(const TwimlElement& element, std::string_view parent) {
  const ElementRule* const rule = element_rule(element.name());
  if (rule == nullptr) return wrong(element, {}, "is no element of TwiML");
  if (!is_one_of(parent, rule->parents)) {
    return wrong(element, {}, fmt::format("must not stand in {}", parent));
  }
  for (const auto& [name, value] : element.attributes()) {
    const AttributeRule* const attribute = attribute_rule(*rule, name);
    if (attribute == nullptr) return wrong(element, name, "is no attribute of it");
    if (!is_xml_text(value)) return wrong(element, name, "holds what XML cannot");
    const std::string fault = fault_of_value(*attribute, value);
    if (!fault.empty()) return wrong(element, name, fault);
  }
  if (!is_xml_text(element.text())) return wrong(element, {}, "holds what XML cannot");
  const std::string fault = fault_of_text(rule->text, element.text());
  if (!fault.empty()) return wrong(element, {}, fault);
  if (auto sense = check_sense(element, parent); !sense) return sense;
  return check_children(element);
}

Result<> check_children(const TwimlElement& parent) {
  if (parent.children().size() > kMaxChildren) return wrong(parent, {}, "holds too much");
  for (const TwimlElement& child : parent.children()) {
    if (auto checked = check_element(child, parent.name()); !checked) return checked;
    if (child.name() == "Reject" && &child != &parent.children().front()) {
      return wrong(child, {}, "must be the first verb");
    }
  }
  return {};
}

}  // namespace

// --- elements -----------------------------------------------------------------------------------

TwimlElement& TwimlElement::set(std::string_view attribute, std::string value) {
  const auto known = std::find_if(attributes_.begin(), attributes_.end(),
                                  [&](const auto& pair) { return pair.first == attribute; });
  if (known != attributes_.end()) {
    known->second = std::move(value);
  } else {
    attributes_.emplace_back(std::string(attribute), std::move(value));
  }
  return *this;
}

TwimlElement& TwimlElement::flag(std::string_view attribute, bool value) {
  return set(attribute, value ? "true" : "false");
}

TwimlElement& TwimlElement::number(std::string_view attribute, std::int64_t value) {
  return set(attribute, std::to_string(value));
}

TwimlElement& TwimlElement::add(TwimlElement child) {
  children_.push_back(std::move(child));
  return *this;
}

const std::string* TwimlElement::find(std::string_view attribute) const noexcept {
  for (const auto& [name, value] : attributes_) {
    if (name == attribute) return &value;
  }
  return nullptr;
}

// --- the document -------------------------------------------------------------------------------

Twiml& Twiml::add(TwimlElement verb) {
  response_.add(std::move(verb));
  return *this;
}

Result<std::string> Twiml::xml() const {
  if (auto checked = check_children(response_); !checked) return fail(checked.error());
  std::string out(kHead);
  append_element(out, response_);
  return out;
}

// --- verbs and nouns ----------------------------------------------------------------------------

TwimlElement say(std::string text) { return TwimlElement("Say", std::move(text)); }
TwimlElement play(std::string url) { return TwimlElement("Play", std::move(url)); }
TwimlElement play_digits(std::string digits) {
  return TwimlElement("Play").set("digits", std::move(digits));
}
TwimlElement pause(std::int64_t seconds) { return TwimlElement("Pause").number("length", seconds); }
TwimlElement gather() { return TwimlElement("Gather"); }
TwimlElement dial(std::string e164) { return TwimlElement("Dial", std::move(e164)); }
TwimlElement connect() { return TwimlElement("Connect"); }
TwimlElement start() { return TwimlElement("Start"); }
TwimlElement stop_stream(std::string name) {
  return TwimlElement("Stop").add(TwimlElement("Stream").set("name", std::move(name)));
}
TwimlElement hangup() { return TwimlElement("Hangup"); }
TwimlElement redirect(std::string url) { return TwimlElement("Redirect", std::move(url)); }
TwimlElement reject(std::string reason) {
  return TwimlElement("Reject").set("reason", std::move(reason));
}
TwimlElement leave() { return TwimlElement("Leave"); }
TwimlElement record() { return TwimlElement("Record"); }
TwimlElement enqueue(std::string queue) { return TwimlElement("Enqueue", std::move(queue)); }
TwimlElement refer(std::string sip_uri) {
  return TwimlElement("Refer").add(sip(std::move(sip_uri)));
}
TwimlElement number(std::string e164) { return TwimlElement("Number", std::move(e164)); }
TwimlElement conference(std::string name) { return TwimlElement("Conference", std::move(name)); }
TwimlElement sip(std::string uri) { return TwimlElement("Sip", std::move(uri)); }
TwimlElement stream(std::string url) { return TwimlElement("Stream").set("url", std::move(url)); }
TwimlElement parameter(std::string name, std::string value) {
  return TwimlElement("Parameter").set("name", std::move(name)).set("value", std::move(value));
}

}  // namespace twilio
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
