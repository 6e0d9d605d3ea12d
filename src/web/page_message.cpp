#include "voicebridge/web/page_message.hpp"

#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace web {
namespace {

constexpr unsigned kMaxDepth = 4;
/// More samples than a page plays in a century: a number that is none of a playback.
constexpr std::int64_t kMaxSamples = std::int64_t{1} << 46;
/// What a double of a page can count to.
constexpr std::int64_t kMaxSequence = std::int64_t{1} << 53;

/// Reads the members of one message; the first that is wrong is what it remembers.
class Members {
 public:
  explicit Members(JsonView message) : message_(message) {}

  std::string text(const char* key, std::size_t limit, bool required = true) {
    const JsonView member = message_[key];
    if (!member.exists() && !required) return {};
    const auto value = member.string();
    if (!value) {
      wrong(key, Errc::invalid_argument, "must be text");
      return {};
    }
    if (required && value->empty()) wrong(key, Errc::invalid_argument, "must not be empty");
    if (value->size() > limit) wrong(key, Errc::payload_too_large, "is too long");
    return std::string(*value);
  }

  bool flag(const char* key) {
    const JsonView member = message_[key];
    if (member.exists() && !member.is_bool()) {
      wrong(key, Errc::invalid_argument, "must be true or false");
    }
    return member.bool_or(false);
  }

  std::uint64_t count(const char* key, std::int64_t most, bool required) {
    const JsonView member = message_[key];
    if (!member.exists() && !required) return 0;
    const auto value = member.integer();
    if (value && *value >= 0 && *value <= most) return static_cast<std::uint64_t>(*value);
    wrong(key, Errc::invalid_argument, "must be a whole number that is not negative");
    return 0;
  }

  bool has(const char* key) const { return message_[key].exists(); }

  void wrong(const char* key, Errc code, std::string message) {
    if (fault_) return;
    fault_.emplace();
    fault_->code = code;
    fault_->message = std::move(message);
    fault_->field = key;
  }

  template <class T>
  Result<PageMessage> give(T message) {
    if (fault_) return fail(std::move(*fault_));
    return PageMessage(std::move(message));
  }

 private:
  JsonView message_;
  std::optional<Error> fault_;
};

Result<PageMessage> read_hello(Members m, const PageMessageLimits& limits) {
  PageHello hello;
  hello.session_id = m.text("session_id", limits.id);
  hello.token = Secret(m.text("token", limits.id));
  hello.after = m.count("after", kMaxSequence, false);
  return m.give(std::move(hello));
}

Result<PageMessage> read_lead(Members m, const PageMessageLimits& limits) {
  PageLead lead;
  lead.first_name = m.text("first_name", limits.name, false);
  lead.last_name = m.text("last_name", limits.name, false);
  lead.phone = m.text("phone", limits.name, false);
  lead.consent = m.flag("consent");
  return m.give(std::move(lead));
}

Result<PageMessage> read_transcript(Members m, const PageMessageLimits& limits) {
  PageTranscript said;
  const std::string who = m.text("who", limits.id);
  if (who != "visitor" && who != "agent") {
    m.wrong("who", Errc::invalid_argument, "must be visitor or agent");
  }
  said.who = who == "agent" ? PageTranscript::Who::agent : PageTranscript::Who::visitor;
  said.turn = m.text("turn", limits.id);
  said.text = m.text("text", limits.text, false);
  said.final = m.flag("final");
  said.cut = m.flag("cut");
  return m.give(std::move(said));
}

Result<PageMessage> read_played(Members m, const PageMessageLimits& limits) {
  PagePlayed played;
  played.name = m.text("name", limits.id);
  played.dropped = m.flag("dropped");
  if (m.has("played_samples")) {
    played.played_samples = m.count("played_samples", kMaxSamples, true);
  }
  return m.give(std::move(played));
}

}  // namespace

Result<PageMessage> parse_page_message(std::string_view text, const PageMessageLimits& limits) {
  if (text.size() > limits.message) return fail(Errc::payload_too_large, "is too long");
  const auto json = Json::parse(text, {limits.message, kMaxDepth});
  if (!json) return fail(json.error());
  const auto type = (*json)["type"].string();
  if (!type) return fail(Errc::invalid_argument, "must be text", "type");
  Members members(json->root());
  if (*type == "position") {
    return members.give(PagePosition{members.count("played_samples", kMaxSamples, true)});
  }
  if (*type == "played") return read_played(members, limits);
  if (*type == "ping") return members.give(PagePing{});
  if (*type == "text") return members.give(PageText{members.text("text", limits.text)});
  if (*type == "transcript") return read_transcript(members, limits);
  if (*type == "hello") return read_hello(members, limits);
  if (*type == "lead") return read_lead(members, limits);
  if (*type == "call") return members.give(PageCall{});
  if (*type == "end") return members.give(PageEnd{});
  return fail(Errc::unsupported, "nobody knows this type", "type");
}

}  // namespace web
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
