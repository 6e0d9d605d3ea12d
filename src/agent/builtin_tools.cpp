#include "voicebridge/agent/builtin_tools.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr const char* kSaveLeadSchema = R"({
  "type": "object",
  "properties": {
    "first_name": {"type": "string", "minLength": 1, "maxLength": 100},
    "last_name": {"type": "string", "minLength": 1, "maxLength": 100},
    "phone": {"type": "string", "minLength": 3, "maxLength": 40},
    "consent": {"type": "boolean"}
  },
  "required": ["first_name", "last_name", "phone", "consent"],
  "additionalProperties": false
})";

constexpr const char* kTriggerCallSchema = R"({
  "type": "object",
  "properties": {"lead_id": {"type": "string", "minLength": 1}},
  "required": ["lead_id"],
  "additionalProperties": false
})";

constexpr const char* kTransferToHumanSchema = R"({
  "type": "object",
  "properties": {"target": {"type": "string"}},
  "additionalProperties": false
})";

constexpr const char* kCollectDigitsSchema = R"({
  "type": "object",
  "properties": {
    "max_digits": {"type": "integer", "minimum": 1, "maximum": 64},
    "min_digits": {"type": "integer", "minimum": 0, "maximum": 64},
    "terminator": {"type": "string", "maxLength": 4, "description": "Keys that end the entry; # if left out"}
  },
  "additionalProperties": false
})";

constexpr const char* kRecordingConsentSchema = R"({
  "type": "object",
  "properties": {"agreed": {"type": "boolean"}},
  "required": ["agreed"],
  "additionalProperties": false
})";

constexpr const char* kSendDtmfSchema = R"({
  "type": "object",
  "properties": {
    "digits": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-D*#wW]+$"}
  },
  "required": ["digits"],
  "additionalProperties": false
})";

constexpr const char* kEndCallSchema = R"({
  "type": "object",
  "properties": {"reason": {"type": "string"}},
  "additionalProperties": false
})";

std::string context_value(const ToolInvocation& call, const char* key) {
  const auto found = call.context.find(key);
  return found == call.context.end() ? std::string() : found->second;
}

Result<std::string> save_lead(PhoneAgent& agent, const std::string& region,
                              const ToolInvocation& call) {
  const std::string channel = context_value(call, "channel");
  const auto input =
      parse_lead(call.arguments, region, channel.empty() ? "tool" : channel, call.call_id);
  if (!input) return fail(input.error());
  const auto lead = agent.save_lead(*input, call.call_id);
  if (!lead) return fail(lead.error());
  return JsonWriter()
      .object()
      .field("lead_id", lead->id)
      .field("phone", lead->phone_e164)
      .end()
      .take();
}

/// Inside of a call the session does these itself, as they are about its line.
Result<> add_line_tools(ToolRegistry& tools) {
  const auto no_call = [](const ToolInvocation&) -> Result<std::string> {
    return fail(Errc::unsupported, "there is no telephone call");
  };
  auto added = tools.add(
      {"collect_digits",
       "Collects a number that the caller enters on the phone's keys, such as an account number. "
       "Ask for it in the same answer, then say nothing until the result is there.",
       kCollectDigitsSchema},
      no_call);
  if (!added) return added;
  added =
      tools.add({"recording_consent",
                 "Call it as soon as the caller has said whether they agree to be recorded, and "
                 "again when they take it back.",
                 kRecordingConsentSchema},
                no_call);
  if (!added) return added;
  return tools.add(
      {"send_dtmf", "Presses keys on the other side's menu. w waits half a second, W one second.",
       kSendDtmfSchema},
      no_call);
}

}  // namespace

Result<LeadInput> parse_lead(JsonView arguments, std::string region, std::string source,
                             std::string consent_source) {
  if (!arguments.is_object()) return fail(Errc::invalid_argument, "a JSON object is expected");
  LeadInput input;
  for (const JsonView::Member& member : arguments.members()) {
    std::string* text = member.key == "first_name"  ? &input.first_name
                        : member.key == "last_name" ? &input.last_name
                        : member.key == "phone"     ? &input.phone
                                                    : nullptr;
    if (text != nullptr && member.value.string()) {
      *text = *member.value.string();
    } else if (text != nullptr) {
      return fail(Errc::invalid_argument, "must be a string", std::string(member.key));
    } else if (member.key == "consent") {
      if (!member.value.boolean())
        return fail(Errc::invalid_argument, "must be true or false", "consent");
      input.consent = *member.value.boolean();
    } else {
      return fail(Errc::invalid_argument, "is not known", std::string(member.key));
    }
  }
  input.region = std::move(region);
  input.source = std::move(source);
  if (input.consent) {
    input.consent_text = "to be called back by phone";
    input.consent_source = std::move(consent_source);
  }
  return normalize_lead(std::move(input));
}

Result<> add_builtin_tools(ToolRegistry& tools, PhoneAgent& agent, std::string region) {
  auto added = tools.add(
      {"save_lead",
       "Stores a person's name and phone number once they have given them. consent is true only if "
       "they agreed to be called back. Returns the lead_id.",
       kSaveLeadSchema},
      [&agent, region](const ToolInvocation& call) { return save_lead(agent, region, call); });
  if (!added) return added;
  added = tools.add_async(
      {"trigger_call", "Calls a stored lead by phone now. Only after save_lead with consent.",
       kTriggerCallSchema},
      [&agent](const ToolInvocation& call, ToolReply reply) {
        CallLeadRequest request;
        request.lead_id = call.arguments["lead_id"].string_or("");
        request.session_id = call.call_id;
        agent.call_lead(std::move(request), [reply](Result<CallStatus> status) {
          if (!status) return reply(fail(status.error()));
          reply(JsonWriter()
                    .object()
                    .field("call_id", status->call_id)
                    .field("status", status->state)
                    .end()
                    .take());
        });
      });
  if (!added) return added;
  // Inside of a call the session does these two itself, because words have to be heard first. The
  // targets are the call's: it puts their names into the schema, or leaves the tool out.
  added = tools.add({"transfer_to_human",
                     "Puts the caller through to a person. Call it when they ask for one, or when "
                     "you cannot help. target is one of the names listed, if it matters which.",
                     kTransferToHumanSchema},
                    [](const ToolInvocation&) -> Result<std::string> {
                      return fail(Errc::unsupported, "there is no call to transfer");
                    });
  if (!added) return added;
  added = add_line_tools(tools);
  if (!added) return added;
  return tools.add(
      {"end_call",
       "Ends the call. Call it when everything is said; say goodbye in the same answer.",
       kEndCallSchema},
      [](const ToolInvocation&) -> Result<std::string> { return R"({"ok":true})"; });
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
