#include "agent/call_plan.hpp"

#include <algorithm>

#include "voicebridge/agent/handoff.hpp"
#include "voicebridge/core/json.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

std::vector<ToolSpec> pick(const ToolRegistry& tools, const std::vector<std::string>& names) {
  std::vector<ToolSpec> all = tools.specs();
  if (names.empty()) return all;
  const auto unwanted = [&](const ToolSpec& spec) {
    return std::find(names.begin(), names.end(), spec.name) == names.end();
  };
  all.erase(std::remove_if(all.begin(), all.end(), unwanted), all.end());
  return all;
}

/// After the plan's own context: what the call says of itself wins.
void add_tools(LiveCall::Plan& plan, CallTools tools, const ToolRegistry& registry) {
  plan.options.speech.tools = tools.specs ? std::move(*tools.specs) : pick(registry, tools.names);
  plan.tool_options = std::move(tools.options);
  plan.context.insert(tools.context.begin(), tools.context.end());
}

Result<CallProfile> profile_of(const PhoneAgentOptions& options, const CallFacts& facts) {
  if (options.profile_for) return options.profile_for(facts);
  CallProfile profile;
  const bool web = facts.way == CallFacts::Way::web;
  profile.options = web ? options.web : options.phone;
  profile.tools.names = web ? options.web_tools : options.phone_tools;
  return profile;
}

/// A carrier that was asked for by name, as a plan holds it. The usual one needs no mention.
Result<std::shared_ptr<Carrier>> carrier_of(const CallShop& shop, const std::string& name) {
  if (name.empty() && !shop.can_dial()) return nullptr;
  Carrier* const found = shop.carrier_named(name);
  if (found == nullptr) return fail(Errc::invalid_argument, "is not configured here", "carrier");
  if (found == shop.parts.carrier) return nullptr;
  // Nothing is owned: the carriers outlive the agent.
  return std::shared_ptr<Carrier>(std::shared_ptr<void>(), found);
}

/// What instructions and greeting may name.
std::map<std::string, std::string> placeholders(const Lead* lead, const CallNotes& notes) {
  std::map<std::string, std::string> values;
  if (const auto metadata = Json::parse(notes.metadata_json)) {
    for (const JsonView::Member& member : metadata->root().members()) {
      values["metadata." + std::string(member.key)] =
          member.value.is_string() ? std::string(*member.value.string()) : member.value.dump();
    }
  }
  if (lead != nullptr) {
    values["first_name"] = lead->first_name;
    values["last_name"] = lead->last_name;
    values["summary"] = lead->summary;
    values["contact_name"] = lead->first_name + ' ' + lead->last_name;
  }
  if (!notes.contact_name.empty()) values["contact_name"] = notes.contact_name;
  values["business_name"] = notes.business_name;
  return values;
}

void fill(CallOptions& options, const Lead* lead, const CallNotes& notes) {
  const auto values = placeholders(lead, notes);
  options.speech.instructions = fill_placeholders(options.speech.instructions, values);
  options.greeting = fill_placeholders(options.greeting, values);
  options.voicemail = fill_placeholders(options.voicemail, values);
  options.screening_answer = fill_placeholders(options.screening_answer, values);
}

/// What the tools are told of the call.
void add_context(LiveCall::Plan& plan) {
  const std::pair<const char*, const std::string&> entries[] = {
      {"lead_id", plan.lead.id},
      {"contact_name", plan.notes.contact_name},
      {"business_name", plan.notes.business_name},
      {"user_id", plan.notes.user_id},
      {"metadata", plan.notes.metadata_json}};
  for (const auto& [name, value] : entries) {
    if (!value.empty() && value != "{}") plan.context[name] = value;
  }
}

LiveCall::Kind kind_of(CallFacts::Way way) {
  if (way == CallFacts::Way::outbound) return LiveCall::Kind::outbound;
  return way == CallFacts::Way::inbound ? LiveCall::Kind::inbound : LiveCall::Kind::stream_only;
}

}  // namespace

Result<LiveCall::Plan> plan_call(const CallShop& shop, CallFacts facts, const Lead* lead,
                                 CallNotes notes) {
  const LiveCall::Kind kind = kind_of(facts.way);
  Result<std::shared_ptr<Carrier>> carrier = nullptr;
  if (kind != LiveCall::Kind::stream_only) carrier = carrier_of(shop, facts.carrier);
  if (!carrier) return fail(carrier.error());
  if (kind == LiveCall::Kind::stream_only)
    facts.carrier.clear();
  else if (facts.carrier.empty())
    facts.carrier = shop.options.carrier_name;
  Result<CallProfile> profile = profile_of(shop.options, facts);
  if (!profile) return fail(profile.error());
  const bool web = facts.way == CallFacts::Way::web;
  LiveCall::Plan plan;
  plan.kind = kind;
  plan.web = web;
  plan.language = facts.language;
  if (*carrier) plan.carrier_name = facts.carrier;
  plan.carrier = std::move(*carrier);
  plan.from = facts.from;
  plan.to = facts.to;
  plan.notes = std::move(notes);
  if (lead != nullptr) plan.lead = *lead;
  plan.options = std::move(profile->options);
  plan.open_speech = std::move(profile->open_speech);
  plan.options.speech.media = MediaOwner::client;
  if (!web) fill(plan.options, lead, plan.notes);
  if (plan.kind != LiveCall::Kind::outbound) plan.options.expects_amd = false;
  if (plan.kind == LiveCall::Kind::stream_only) plan.options.media_is_call = true;
  plan.context["channel"] = web ? "web" : "phone";
  add_context(plan);
  add_tools(plan, std::move(profile->tools), *shop.parts.tools);
  return plan;
}

Result<LiveCall::Plan> plan_service_call(const CallShop& shop, ServiceCall call) {
  if (call.leg_id.empty()) return fail(Errc::invalid_argument, "must not be empty", "leg_id");
  if (!call.carrier) return fail(Errc::invalid_argument, "must not be null", "carrier");
  if (!call.open_speech) return fail(Errc::invalid_argument, "must be set", "open_speech");
  LiveCall::Plan plan;
  plan.kind = LiveCall::Kind::service;
  plan.web = call.web;
  plan.language = std::move(call.language);
  plan.leg_id = std::move(call.leg_id);
  plan.from = std::move(call.from);
  plan.to = std::move(call.to);
  plan.lead.id = std::move(call.lead_id);
  plan.call_id = call.options.call_id;
  plan.options = std::move(call.options);
  plan.options.speech.media = MediaOwner::service;
  plan.options.expects_amd = false;
  plan.options.media_is_call = false;
  if (!plan.web) fill(plan.options, nullptr, plan.notes);
  plan.carrier = std::move(call.carrier);
  plan.carrier_name = std::move(call.carrier_name);
  plan.conference = std::move(call.conference);
  plan.phone_leg = std::move(call.phone_leg_id);
  plan.phone_carrier = std::move(call.phone_carrier);
  plan.open_speech = std::move(call.open_speech);
  plan.context["channel"] = plan.web ? "web" : "phone";
  add_context(plan);
  add_tools(plan, std::move(call.tools), *shop.parts.tools);
  return plan;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
