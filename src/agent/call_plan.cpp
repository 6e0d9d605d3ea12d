#include "agent/call_plan.hpp"

#include <algorithm>

#include "voicebridge/agent/handoff.hpp"

namespace voicebridge {
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

void fill(CallOptions& options, const Lead* lead) {
  std::map<std::string, std::string> values;
  if (lead != nullptr) {
    values = {{"first_name", lead->first_name},
              {"last_name", lead->last_name},
              {"summary", lead->summary}};
  }
  options.speech.instructions = fill_placeholders(options.speech.instructions, values);
  options.greeting = fill_placeholders(options.greeting, values);
  options.voicemail = fill_placeholders(options.voicemail, values);
}

LiveCall::Kind kind_of(CallFacts::Way way) {
  if (way == CallFacts::Way::outbound) return LiveCall::Kind::outbound;
  return way == CallFacts::Way::inbound ? LiveCall::Kind::inbound : LiveCall::Kind::stream_only;
}

}  // namespace

Result<LiveCall::Plan> plan_call(const CallShop& shop, const CallFacts& facts, const Lead* lead) {
  Result<CallProfile> profile = profile_of(shop.options, facts);
  if (!profile) return fail(profile.error());
  const bool web = facts.way == CallFacts::Way::web;
  LiveCall::Plan plan;
  plan.kind = kind_of(facts.way);
  plan.from = facts.from;
  plan.to = facts.to;
  if (lead != nullptr) plan.lead = *lead;
  plan.options = std::move(profile->options);
  plan.open_speech = std::move(profile->open_speech);
  plan.options.speech.media = MediaOwner::client;
  if (!web) fill(plan.options, lead);
  if (plan.kind != LiveCall::Kind::outbound) plan.options.expects_amd = false;
  if (plan.kind == LiveCall::Kind::stream_only) plan.options.media_is_call = true;
  plan.context["channel"] = web ? "web" : "phone";
  if (lead != nullptr) plan.context["lead_id"] = lead->id;
  add_tools(plan, std::move(profile->tools), *shop.parts.tools);
  return plan;
}

Result<LiveCall::Plan> plan_service_call(const CallShop& shop, ServiceCall call) {
  if (call.leg_id.empty()) return fail(Errc::invalid_argument, "must not be empty", "leg_id");
  if (!call.carrier) return fail(Errc::invalid_argument, "must not be null", "carrier");
  if (!call.open_speech) return fail(Errc::invalid_argument, "must be set", "open_speech");
  LiveCall::Plan plan;
  plan.kind = LiveCall::Kind::service;
  plan.leg_id = std::move(call.leg_id);
  plan.from = std::move(call.from);
  plan.to = std::move(call.to);
  plan.lead.id = std::move(call.lead_id);
  plan.call_id = call.options.call_id;
  plan.options = std::move(call.options);
  plan.options.speech.media = MediaOwner::service;
  plan.options.expects_amd = false;
  plan.options.media_is_call = false;
  fill(plan.options, nullptr);
  plan.carrier = std::move(call.carrier);
  plan.carrier_name = std::move(call.carrier_name);
  plan.open_speech = std::move(call.open_speech);
  plan.context["channel"] = "phone";
  if (!plan.lead.id.empty()) plan.context["lead_id"] = plan.lead.id;
  add_tools(plan, std::move(call.tools), *shop.parts.tools);
  return plan;
}

}  // namespace voicebridge
