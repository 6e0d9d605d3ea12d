#include "openai_reply_maker.hpp"

#include <fmt/format.h>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {

ReplyMaker::ReplyMaker(Script& script, std::shared_ptr<const VoiceSource> voice, ReplyTiming timing,
                       IdGenerator& ids, std::uint64_t seed, OpenAiSimRecord& record,
                       std::optional<AudioFormat> line)
    : script_(script),
      voice_(std::move(voice)),
      timing_(timing),
      ids_(ids),
      random_(seed),
      record_(record),
      line_(line) {}

ResponseSpec ReplyMaker::make(const std::vector<ReplyCause>& causes, OutputConfig config,
                              std::string_view wish) {
  ScenarioReply fallback;
  fallback.on = causes.front();
  const ScenarioReply* reply = script_.take(causes);
  if (reply == nullptr) {
    fallback.say = quoted_sentence(wish);
    if (fallback.say.empty()) fallback.say = script_.agent().default_line;
    reply = &fallback;
  }
  return follow(*reply, std::move(config));
}

ResponseSpec ReplyMaker::make_aside(const std::string& talk, OutputConfig config,
                                    std::string_view wish) {
  const ScenarioReply* const scripted = script_.take({ReplyCause::aside});
  if (scripted != nullptr) return follow(*scripted, std::move(config));
  ResponseSpec spec;
  spec.id = ids_.make("resp_");
  spec.cause = ReplyCause::aside;
  // As it was said: no placeholder is looked for in it.
  const std::string quoted = quoted_sentence(wish);
  spec.outputs.push_back(
      make_message(quoted.empty() ? "What was said:" + talk : quoted, {}, config));
  spec.plan = plan_reply(spec.outputs, timing_, spec.fault, random_);
  spec.config = std::move(config);
  return spec;
}

ResponseSpec ReplyMaker::follow(const ScenarioReply& reply, OutputConfig config) {
  ResponseSpec spec;
  spec.id = ids_.make("resp_");
  spec.cause = reply.on;
  spec.fault = reply.fault;
  const std::string say = filled(reply.say, config.instructions, false);
  if (!say.empty()) spec.outputs.push_back(make_message(say, reply.fault, config));
  if (reply.fault.kind == ReplyFault::Kind::two_items) split(spec.outputs);
  for (const auto& call : reply.calls) {
    if (config.allows_tool(call.name)) {
      spec.outputs.push_back(make_call(call, config.instructions));
    } else {
      record_.add(record_.notes, fmt::format("the model may not call {} here", call.name));
    }
  }
  for (const auto& call : reply.mcp_calls) {
    if (config.allows_mcp(call.server, call.name)) {
      spec.outputs.push_back(make_mcp_call(call, config));
    } else {
      record_.add(record_.notes,
                  fmt::format("the model may not call {} of {} here", call.name, call.server));
    }
  }
  ReplyTiming timing = timing_;
  timing.first_audio += reply.delay;
  if (reply.speed > 0) timing.speed = reply.speed;
  spec.plan = plan_reply(spec.outputs, timing, spec.fault, random_);
  spec.config = std::move(config);
  return spec;
}

Item ReplyMaker::make_message(const std::string& say, const ReplyFault& fault,
                              const OutputConfig& config) {
  Item item;
  item.id = ids_.make("item_");
  item.role = "assistant";
  ContentPart part;
  if (config.audio && fault.kind != ReplyFault::Kind::text_only) {
    part.type = "output_audio";
    part.transcript = say;
    part.format = line_.value_or(config.format);
    part.audio = voice_->speak(script_.agent().language, say, part.format);
    part.audio_bytes = part.audio->size();
  } else {
    part.type = "output_text";
    part.text = say;
  }
  item.content.push_back(std::move(part));
  return item;
}

Item ReplyMaker::make_call(const ScenarioCall& call, std::string_view instructions) {
  Item item;
  item.id = ids_.make("item_");
  item.type = "function_call";
  item.call_id = ids_.make("call_");
  item.name = call.name;
  item.arguments = filled(call.arguments_json, instructions, true);
  return item;
}

Item ReplyMaker::make_mcp_call(const ScenarioMcpCall& call, const OutputConfig& config) {
  const bool ask = config.needs_approval(call.server, call.name);
  Item item;
  item.id = ids_.make(ask ? "mcpr_" : "mcp_");
  item.type = ask ? "mcp_approval_request" : "mcp_call";
  item.server_label = call.server;
  item.name = call.name;
  item.arguments = filled(call.arguments_json, config.instructions, true);
  item.output = filled(call.output, config.instructions, false);
  item.error = call.error;
  if (!ask) script_.tool_answered(item.name, item.output);
  return item;
}

ResponseSpec ReplyMaker::make_approved(const Item& request, OutputConfig config) {
  Item item = request;
  item.id = ids_.make("mcp_");
  item.type = "mcp_call";
  item.approval_request_id = request.id;
  script_.tool_answered(item.name, item.output);
  ResponseSpec spec;
  spec.id = ids_.make("resp_");
  spec.outputs.push_back(std::move(item));
  spec.plan = plan_reply(spec.outputs, timing_, spec.fault, random_);
  spec.config = std::move(config);
  return spec;
}

/// Cuts a spoken message into two items of half the words and half the audio each.
void ReplyMaker::split(std::vector<Item>& outputs) {
  if (outputs.size() != 1 || !outputs.front().is_agent_audio()) return;
  ContentPart& first = outputs.front().content.front();
  const std::size_t bytes = first.audio_bytes / 4 * 2;  // whole samples
  const std::size_t words = first.transcript->find(' ', first.transcript->size() / 2);
  const std::size_t cut = words == std::string::npos ? first.transcript->size() : words + 1;
  Item second = outputs.front();
  second.id = ids_.make("item_");
  ContentPart& rest = second.content.front();
  rest.transcript = first.transcript->substr(cut);
  rest.audio = std::make_shared<const Bytes>(
      first.audio->begin() + static_cast<std::ptrdiff_t>(bytes), first.audio->end());
  rest.audio_bytes = rest.audio->size();
  first.transcript->resize(cut);
  first.audio_bytes = bytes;
  outputs.push_back(std::move(second));
}

std::string ReplyMaker::filled(std::string_view text, std::string_view instructions, bool in_json) {
  std::vector<std::string> missing;
  std::string result = script_.fill(text, instructions, in_json, missing);
  for (const auto& name : missing) {
    record_.add(record_.notes, fmt::format("placeholder {{{{{}}}}} has no value", name));
  }
  return result;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
