#include "agent/profile_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/profile_files.hpp"
#include "voicebridge/core/json_faults.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kMaxInstructions = 100000;
constexpr std::int64_t kDefaultBudget = 20000;
constexpr std::int64_t kMaxBudget = 200000;

std::string step(const std::string& pointer, std::size_t index) {
  return json_pointer(pointer, std::to_string(index));
}

std::vector<std::string> strings_of(JsonView list) {
  std::vector<std::string> strings;
  for (const JsonView element : list.elements()) {
    if (element.is_string()) strings.emplace_back(*element.string());
  }
  return strings;
}

std::optional<std::string> text_of(JsonView value) {
  if (!value.is_string()) return std::nullopt;
  return std::string(*value.string());
}

std::optional<Millis> millis_of(JsonView value, std::int64_t unit = 1) {
  const auto number = value.integer();
  if (!number) return std::nullopt;
  return Millis(*number * unit);
}

}  // namespace

AgentProfile ProfileReader::read(JsonView agent, const std::string& pointer) {
  AgentProfile profile;
  profile.id = agent["id"].string_or("");
  profile.is_default = agent["default"].bool_or(false);
  read_callers(profile, agent);
  read_words(profile, agent, pointer);
  read_machines(profile, agent, pointer);
  read_loss(profile, agent, pointer);
  read_knowledge(profile, agent, pointer);
  if (agent["tools"].is_array()) read_tools(profile, agent["tools"], pointer + "/tools");
  read_turns(profile, agent["turn_detection"], pointer + "/turn_detection");
  read_limits(profile, agent["limits"]);
  read_keys(profile, agent["keys"]);
  read_retry(profile, agent["retry"]);
  read_recording(profile, agent["recording"], pointer + "/recording");
  read_transfers(profile, agent["transfers"], pointer + "/transfers");
  if (const auto name = agent["hold_music_file"].string()) {
    profile.hold_music = read_audio(*name, pointer + "/hold_music_file");
  }
  if (agent["session"].is_object()) read_session(profile, agent["session"], pointer + "/session");
  return profile;
}

void ProfileReader::read_callers(AgentProfile& profile, JsonView agent) {
  profile.numbers = strings_of(agent["numbers"]);
  profile.sip_hosts = strings_of(agent["sip_hosts"]);
  for (const JsonView header : agent["sip_headers"].elements()) {
    profile.sip_headers.push_back({header["name"].string_or(""), header["value"].string_or("")});
  }
}

void ProfileReader::read_words(AgentProfile& profile, JsonView agent, const std::string& pointer) {
  profile.language = agent["language"].string_or("");
  profile.instructions = agent["instructions"].string_or("");
  if (const auto name = agent["instructions_file"].string()) {
    const std::string where = pointer + "/instructions_file";
    if (agent["instructions"].exists()) {
      fault(where, "must not stand beside \"instructions\"");
    }
    auto text = read_text_below(folder_, std::string(*name), kMaxInstructions);
    if (text)
      profile.instructions = std::move(*text);
    else
      fault(where, text.error().message);
  }
  profile.voice = agent["voice"].string_or("");
  profile.model = agent["model"].string_or("");
  profile.transcription_model = text_of(agent["transcription_model"]);
  profile.greeting = text_of(agent["greeting"]);
  profile.goodbye = agent["goodbye"].string_or("");
  profile.filler = agent["filler"].string_or("");
  profile.silence_prompt = agent["silence_prompt"].string_or("");
}

/// What answering machines and screened calls get.
void ProfileReader::read_machines(AgentProfile& profile, JsonView agent,
                                  const std::string& pointer) {
  profile.voicemail = agent["voicemail"].string_or("");
  profile.voicemail_audio = read_audio(agent["voicemail_file"], pointer + "/voicemail_file");
  const std::string on_machine = agent["on_machine"].string_or("");
  if (on_machine == "hang_up") profile.on_machine = MachinePolicy::hang_up;
  if (on_machine == "leave_message") profile.on_machine = MachinePolicy::leave_message;
  const std::string on_screening = agent["on_screening"].string_or("");
  if (on_screening == "hang_up") profile.on_screening = ScreeningPolicy::hang_up;
  if (on_screening == "talk") profile.on_screening = ScreeningPolicy::talk;
  profile.screening_answer = agent["screening_answer"].string_or("");
  profile.greet_before_verdict = agent["greet_before_verdict"].boolean();
}

/// Null when nothing is named, or what is named cannot be played.
std::shared_ptr<const WavAudio> ProfileReader::read_audio(JsonView name,
                                                          const std::string& pointer) {
  return name.is_string() ? read_audio(*name.string(), pointer) : nullptr;
}

/// What the caller hears, and where they go, when there is no model to speak with any more.
void ProfileReader::read_loss(AgentProfile& profile, JsonView agent, const std::string& pointer) {
  profile.apology = agent["apology"].string_or("");
  profile.apology_audio = read_audio(agent["apology_file"], pointer + "/apology_file");
  const std::string policy = agent["on_model_lost"].string_or("");
  if (policy == "hang_up") profile.on_model_lost = ModelLossPolicy::hang_up;
  if (policy != "transfer") return;
  profile.on_model_lost = ModelLossPolicy::transfer;
  if (agent["transfers"].size() == 0) {
    fault(pointer + "/on_model_lost", "needs somebody in \"transfers\"");
  }
}

std::shared_ptr<const WavAudio> ProfileReader::read_audio(std::string_view name,
                                                          const std::string& pointer) {
  auto audio = read_speech_below(folder_, std::string(name));
  if (audio) return std::make_shared<const WavAudio>(std::move(*audio));
  fault(pointer, audio.error().message);
  return nullptr;
}

void ProfileReader::read_knowledge(AgentProfile& profile, JsonView agent,
                                   const std::string& pointer) {
  const std::int64_t budget = agent["knowledge_budget"].integer_or(kDefaultBudget);
  std::size_t used = 0;
  const auto snippets = agent["knowledge"].elements();
  for (std::size_t i = 0; i < snippets.size(); ++i) {
    const std::string where = step(pointer + "/knowledge", i);
    const JsonView snippet = snippets[i];
    ProfileKnowledge knowledge{snippet["title"].string_or(""), snippet["text"].string_or("")};
    const auto name = snippet["file"].string();
    if (snippet["text"].exists() == snippet["file"].exists()) {
      fault(where, "needs either \"text\" or \"file\"");
    } else if (name) {
      auto text = read_text_below(folder_, std::string(*name), kMaxBudget);
      if (!text) fault(where + "/file", text.error().message);
      knowledge.text = std::move(text).value_or(std::string());
    }
    const std::size_t before = used;
    used += knowledge.title.size() + knowledge.text.size();
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(budget, 0));
    if (before <= most && used > most) {
      fault(where, fmt::format("brings the knowledge to {} bytes, and knowledge_budget is {}", used,
                               budget));
    }
    profile.knowledge.push_back(std::move(knowledge));
  }
}

void ProfileReader::read_tools(AgentProfile& profile, JsonView tools, const std::string& pointer) {
  profile.tools.emplace();
  std::set<std::string> names;
  const auto elements = tools.elements();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const JsonView element = elements[i];
    ProfileTool tool;
    tool.name =
        element.is_string() ? std::string(*element.string()) : element["name"].string_or("");
    tool.description = element["description"].string_or("");
    tool.deadline = millis_of(element["deadline_ms"]);
    tool.filler_after = millis_of(element["filler_after_ms"]);
    tool.filler = element["filler"].string_or("");
    if (element["settings"].is_object()) tool.settings_json = element["settings"].dump();
    const std::string where = element.is_string() ? step(pointer, i) : step(pointer, i) + "/name";
    if (!tool.name.empty() && !names.insert(tool.name).second) {
      fault(where, fmt::format("\"{}\" stands here twice", tool.name));
    } else if (checks_.tools != nullptr && !tool.name.empty() &&
               checks_.tools->find(tool.name) == nullptr) {
      fault(where, fmt::format("there is no tool \"{}\"", tool.name));
    }
    profile.tools->push_back(std::move(tool));
  }
}

void ProfileReader::read_turns(AgentProfile& profile, JsonView turns, const std::string& pointer) {
  using Mode = TurnDetection::Mode;
  const std::string mode = turns["mode"].string_or("");
  if (mode == "server_vad") profile.turns.mode = Mode::server_vad;
  if (mode == "semantic_vad") profile.turns.mode = Mode::semantic_vad;
  if (mode == "manual") profile.turns.mode = Mode::manual;
  profile.turns.threshold = turns["threshold"].number();
  profile.turns.prefix_padding = millis_of(turns["prefix_padding_ms"]);
  profile.turns.silence = millis_of(turns["silence_ms"]);
  profile.turns.interrupt = turns["interrupt"].boolean();
  if (profile.turns.mode != Mode::semantic_vad) return;
  for (const char* key : {"threshold", "prefix_padding_ms", "silence_ms"}) {
    if (turns[key].exists()) {
      fault(json_pointer(pointer, key), "is of no use to semantic_vad, which judges by the words");
    }
  }
}

/// To whom the caller's keys are told; who is not named does not learn them.
void ProfileReader::read_keys(AgentProfile& profile, JsonView keys) {
  if (!keys.is_object()) return;
  KeyOptions& into = profile.keys.emplace();
  into.masked = keys["masked"].bool_or(false);
  into.voice_ends = keys["voice_ends"].bool_or(false);
  if (!keys["told_to"].is_array()) return;
  const auto told = strings_of(keys["told_to"]);
  into.tell_model = std::find(told.begin(), told.end(), "model") != told.end();
  into.tell_tools = std::find(told.begin(), told.end(), "tools") != told.end();
}

void ProfileReader::read_retry(AgentProfile& profile, JsonView retry) {
  if (!retry.is_object()) return;
  RedialOptions& into = profile.retry.emplace();
  for (const JsonView delay : retry["after_minutes"].elements()) {
    if (const auto after = millis_of(delay, 60000)) into.after.push_back(*after);
  }
  if (!retry["when"].is_array()) return;
  const auto when = strings_of(retry["when"]);
  into.not_reached = std::find(when.begin(), when.end(), "not_reached") != when.end();
  into.machine = std::find(when.begin(), when.end(), "machine") != when.end();
}

void ProfileReader::read_recording(AgentProfile& profile, JsonView recording,
                                   const std::string& pointer) {
  if (!recording.is_object()) return;
  RecordingOptions& into = profile.recording.emplace();
  const std::string by = recording["by"].string_or("us");
  if (by == "nobody") into.by = RecordedBy::nobody;
  if (by == "carrier") into.by = RecordedBy::carrier;
  const std::string consent = recording["consent"].string_or("none");
  if (consent == "announced") into.consent = RecordingConsent::announced;
  if (consent == "agreed") into.consent = RecordingConsent::agreed;
  into.announcement = recording["announcement"].string_or("");
  if (into.consent != RecordingConsent::none && into.announcement.empty()) {
    fault(pointer + "/announcement", "is missing: who is recorded has to be told");
  }
  const auto key = [&](const char* name) {
    const std::string text = recording[name].string_or("");
    return text.empty() ? char(0) : text.front();
  };
  into.agree_key = key("agree_key");
  into.refuse_key = key("refuse_key");
  if (into.agree_key != 0 && into.agree_key == into.refuse_key) {
    fault(pointer + "/refuse_key", "must not be the agree_key");
  }
  into.pause_for_masked_keys = recording["pause_for_masked_keys"].bool_or(true);
  if (const auto days = recording["retention_days"].number(); days && *days > 0) {
    constexpr double kDay = 86400000;
    into.retention = Millis(static_cast<std::int64_t>(*days * kDay));
  }
}

void ProfileReader::read_limits(AgentProfile& profile, JsonView limits) {
  ProfileLimits& into = profile.limits;
  if (const auto most = limits["max_calls"].integer(); most && *most > 0) {
    into.max_calls = static_cast<std::size_t>(*most);
  }
  into.max_length = millis_of(limits["max_length_s"], 1000);
  into.silence_prompt_after = millis_of(limits["silence_prompt_after_s"], 1000);
  if (const auto prompts = limits["silence_prompts"].integer(); prompts && *prompts >= 0) {
    into.silence_prompts = static_cast<unsigned>(*prompts);
  }
  into.budget_usd = limits["budget_usd"].number();
}

void ProfileReader::read_transfers(AgentProfile& profile, JsonView transfers,
                                   const std::string& pointer) {
  std::set<std::string> names;
  const auto elements = transfers.elements();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    ProfileTransfer transfer{elements[i]["name"].string_or(""),
                             elements[i]["description"].string_or(""),
                             read_target(elements[i], step(pointer, i))};
    if (!transfer.name.empty() && !names.insert(transfer.name).second) {
      fault(step(pointer, i) + "/name", fmt::format("\"{}\" stands here twice", transfer.name));
    }
    profile.transfers.push_back(std::move(transfer));
  }
}

TransferTarget ProfileReader::read_target(JsonView transfer, const std::string& pointer) {
  TransferTarget target(transfer["to"].string_or(""));
  const auto take_text = [&](std::string& into, const char* key) {
    if (const auto text = text_of(transfer[key])) into = *text;
  };
  const auto take_seconds = [&](Millis& into, const char* key) {
    if (const auto time = millis_of(transfer[key], 1000)) into = *time;
  };
  if (transfer["mode"].string_or("") == "warm") target.mode = TransferTarget::Mode::warm;
  take_seconds(target.ring_timeout, "ring_timeout_s");
  take_text(target.on_failure, "on_failure");
  if (!target.is_warm()) {
    for (const char* key :
         {"meanwhile", "company", "briefing", "briefing_text", "briefing_timeout_s", "accept_by"}) {
      if (transfer[key].exists()) {
        fault(json_pointer(pointer, key), "is for a transfer of mode \"warm\"");
      }
    }
    return target;
  }
  if (transfer["meanwhile"].string_or("") == "company") {
    target.meanwhile = TransferTarget::Meanwhile::company;
  }
  take_text(target.company, "company");
  take_text(target.briefing, "briefing");
  take_text(target.briefing_text, "briefing_text");
  take_seconds(target.briefing_timeout, "briefing_timeout_s");
  if (transfer["accept_by"].is_array()) {
    target.accept_by_keys = target.accept_by_voice = false;
    for (const std::string& way : strings_of(transfer["accept_by"])) {
      (way == "keys" ? target.accept_by_keys : target.accept_by_voice) = true;
    }
  }
  return target;
}

/// In the words of the model's service, which somebody else knows.
void ProfileReader::read_session(AgentProfile& profile, JsonView session,
                                 const std::string& pointer) {
  profile.session_json = session.dump();
  if (!checks_.session) return;
  const auto known = checks_.session(profile.session_json);
  if (known) return;
  std::string where = pointer;
  const std::string& field = known.error().field;
  for (std::size_t begin = 0; begin < field.size();) {
    const std::size_t end = std::min(field.find('.', begin), field.size());
    where = json_pointer(where, std::string_view(field).substr(begin, end - begin));
    begin = end + 1;
  }
  fault(std::move(where), known.error().message);
}

void ProfileReader::fault(std::string pointer, std::string message) {
  faults_.push_back({file_, std::move(pointer), std::move(message)});
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
