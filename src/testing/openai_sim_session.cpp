#include "voicebridge/testing/openai_sim_session.hpp"

#include <fmt/format.h>

#include "openai_client_events.hpp"
#include "openai_input_audio.hpp"
#include "openai_response_runner.hpp"
#include "openai_transcriber.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge::testing {
namespace {

using namespace detail;

constexpr std::size_t kMaxAppendBytes = 15u << 20;
constexpr std::size_t kMaxEventBytes = 24u << 20;  // the largest append in base64, and its envelope
constexpr Millis kMinCommit{100};

ReplyTiming timing_of(const OpenAiSimOptions& options) {
  return {options.first_audio, options.speed, options.piece_min, options.piece_max};
}

}  // namespace

struct OpenAiSimSession::Impl {
  Impl(std::shared_ptr<const OpenAiScenario> scenario, std::shared_ptr<const VoiceSource> voice,
       OpenAiSimOptions given, OpenAiSimHandshake shake, WireSink& sink)
      : options(given),
        handshake(std::move(shake)),
        ids(options.seed + handshake.connection),
        out(sink, ids, scenario->connection_fault(handshake.connection), record),
        config(handshake.model),
        script(std::move(scenario), handshake.connection),
        maker(script, std::move(voice), timing_of(options), ids, options.seed, record),
        items(out, conversation, ids, script, unanswered, record),
        transcriber(out, options.transcription_delay) {}

  // The client's events.
  void open(TimePoint now);
  void send_session(const char* type);
  void receive(std::string_view text, TimePoint now);
  std::optional<ApiError> handle(JsonView event, TimePoint now);
  std::optional<ApiError> update(JsonView event);
  std::optional<ApiError> append(JsonView event, TimePoint now);
  std::optional<ApiError> commit(TimePoint now);
  void clear();
  void refuse(const ApiError& error, JsonView event);

  // The caller's turns.
  void on_edge(SpeechEdge edge, TimePoint now);
  void commit_turn(std::string item_id, TimePoint now);
  void answer(ReplyCause cause, TimePoint now);
  void check_idle(TimePoint now);
  void settle();

  void expire();
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  const OpenAiSimOptions options;
  const OpenAiSimHandshake handshake;
  IdGenerator ids;
  OpenAiSimRecord record;
  EventOut out;
  SessionConfig config;
  Conversation conversation;
  Script script;
  Unanswered unanswered;
  ReplyMaker maker;
  ItemEvents items;
  Transcriber transcriber;
  InputAudio input;
  std::optional<ResponseRunner> responses;  ///< Once open: it needs the time.
  std::string speech_item;                  ///< Of the turn being spoken.
  std::optional<Millis> quiet_since;  ///< Received audio at which the agent's last words are over.
  TimePoint opened;
  Bytes scratch;
};

void OpenAiSimSession::Impl::open(TimePoint now) {
  opened = now;
  record.open = true;
  record.model = handshake.model;
  record.session_id = ids.make("sess_");
  if (handshake.beta_header) {
    refuse({"beta_api_shape_disabled",
            "The Realtime Beta API is no longer supported. Please use the GA API.", ""},
           {});
    out.close(4000, "beta_api_shape_disabled");
    return;
  }
  responses.emplace(ResponseContext{out, conversation, record, options.keep_audio_bytes, opened},
                    config, maker, unanswered, ids.make("conv_"));
  input.configure(config);
  send_session("session.created");
}

void OpenAiSimSession::Impl::send_session(const char* type) {
  out.event(type, [&](JsonWriter& json) {
    json.key("session");
    config.write(json, record.session_id,
                 handshake.unix_seconds + options.session_length.count() / 1000);
  });
}

void OpenAiSimSession::Impl::receive(std::string_view text, TimePoint now) {
  if (out.closed() || !responses) return;
  JsonLimits limits;
  limits.max_bytes = kMaxEventBytes;
  const auto json = Json::parse(text, limits);
  if (!json || !json->root().is_object()) {
    refuse({"invalid_event", "The event could not be parsed: expected a JSON object.", ""}, {});
    return;
  }
  auto error = check_client_event(*json);
  if (!error) {
    ++record.client_events[(*json)["type"].string_or("")];
    error = handle(*json, now);
  }
  if (error) refuse(*error, *json);
  settle();
}

std::optional<ApiError> OpenAiSimSession::Impl::handle(JsonView event, TimePoint now) {
  const std::string type = event["type"].string_or("");
  if (type == "input_audio_buffer.append") return append(event, now);
  if (type == "session.update") return update(event);
  if (type == "input_audio_buffer.commit") return commit(now);
  if (type == "conversation.item.create") return items.create(event, config.input_format());
  if (type == "conversation.item.retrieve") return items.retrieve(event);
  if (type == "conversation.item.truncate") return items.truncate(event);
  if (type == "conversation.item.delete") return items.erase(event);
  if (type == "response.cancel") return responses->cancel(event, now);
  if (type == "response.create") {
    script.choose_agent(config.output().instructions, config.tracing_json());
    return responses->create(event, now);
  }
  clear();
  return std::nullopt;
}

void OpenAiSimSession::Impl::refuse(const ApiError& error, JsonView event) {
  record.add(record.violations,
             {event["type"].string_or(""), error.code, error.param, error.message});
  std::optional<std::string> event_id;
  if (const auto id = event["event_id"].string()) event_id = std::string(*id);
  out.error(error, event_id);
}

std::optional<ApiError> OpenAiSimSession::Impl::update(JsonView event) {
  if (auto error = config.update(event["session"], record.audio_sent > 0)) return error;
  input.configure(config);
  send_session("session.updated");
  return std::nullopt;
}

std::optional<ApiError> OpenAiSimSession::Impl::append(JsonView event, TimePoint now) {
  const std::string_view audio = *event["audio"].string();
  if (base64_decoded_size(audio) > kMaxAppendBytes) {
    return ApiError{"invalid_value", "Invalid 'audio': at most 15 MiB may be appended at once.",
                    "audio"};
  }
  scratch.clear();
  if (!base64_decode_append(scratch, audio) || !input.whole_samples(scratch.size())) {
    return ApiError{"invalid_value", "Invalid 'audio': expected whole samples in base64.", "audio"};
  }
  record.audio_received += scratch.size();
  append_bounded(record.received_audio, scratch, options.keep_audio_bytes);
  ByteView rest(scratch);
  while (auto edge = input.consume(rest)) on_edge(*edge, now);
  check_idle(now);
  return std::nullopt;
}

std::optional<ApiError> OpenAiSimSession::Impl::commit(TimePoint now) {
  if (input.pending() < kMinCommit) {
    return ApiError{
        "input_audio_buffer_commit_empty",
        fmt::format(
            "Error committing input audio buffer: buffer too small. Expected at least 100ms "
            "of audio, but buffer only has {}.00ms of audio.",
            input.pending().count()),
        ""};
  }
  commit_turn(speech_item.empty() ? ids.make("item_") : std::exchange(speech_item, {}), now);
  return std::nullopt;
}

void OpenAiSimSession::Impl::clear() {
  input.clear();
  speech_item.clear();
  out.event("input_audio_buffer.cleared");
}

void OpenAiSimSession::Impl::on_edge(SpeechEdge edge, TimePoint now) {
  const TurnDetectionConfig turns = config.turn_detection().value_or(TurnDetectionConfig{});
  if (edge.started) {
    quiet_since.reset();
    speech_item = ids.make("item_");
    out.event("input_audio_buffer.speech_started", [&](JsonWriter& json) {
      json.field("audio_start_ms", edge.at.count()).field("item_id", speech_item);
    });
    if (turns.interrupt_response) responses->interrupt(now);
    return;
  }
  if (speech_item.empty()) return;  // committed by hand while the caller spoke
  out.event("input_audio_buffer.speech_stopped", [&](JsonWriter& json) {
    json.field("audio_end_ms", edge.at.count()).field("item_id", speech_item);
  });
  commit_turn(std::exchange(speech_item, {}), now);
  if (turns.create_response) answer(ReplyCause::turn, now);
}

void OpenAiSimSession::Impl::commit_turn(std::string item_id, TimePoint now) {
  script.choose_agent(config.output().instructions, config.tracing_json());
  Item item;
  item.id = item_id;
  item.role = "user";
  ContentPart part;
  part.type = "input_audio";
  part.format = input.format();
  part.audio = input.take();
  part.audio_bytes = part.audio->size();
  const Millis length = part.duration();
  item.content.push_back(std::move(part));

  quiet_since.reset();
  unanswered.turn = true;
  const std::string words = script.hear_turn();
  const auto at = std::chrono::duration_cast<Millis>(now - opened);
  record.add(record.turns, {item_id, length, words, at});
  out.event("input_audio_buffer.committed", [&](JsonWriter& json) {
    write_previous(json, conversation.last_id());
    json.field("item_id", item_id);
  });
  items.announce(std::move(item));
  transcriber.add(item_id, words, config.transcription_model(), length, now);
}

/// The service speaks by itself. When it cannot, that is no fault of the client's.
void OpenAiSimSession::Impl::answer(ReplyCause cause, TimePoint now) {
  if (auto error = responses->answer(cause, now)) out.error(*error, std::nullopt);
}

void OpenAiSimSession::Impl::check_idle(TimePoint now) {
  const auto& turns = config.turn_detection();
  if (!quiet_since || !turns || !turns->idle_timeout || input.speaking() || responses->active())
    return;
  if (input.received() < *quiet_since + *turns->idle_timeout) return;
  const std::string item_id = ids.make("item_");
  const Millis since = *quiet_since;
  out.event("input_audio_buffer.timeout_triggered", [&](JsonWriter& json) {
    json.field("audio_start_ms", since.count()).field("audio_end_ms", input.received().count());
    json.field("item_id", item_id);
  });
  commit_turn(item_id, now);
  answer(ReplyCause::idle, now);
}

/// Looks after what the last event has changed.
void OpenAiSimSession::Impl::settle() {
  if (responses->active()) quiet_since.reset();
  if (const auto length = responses->take_finished()) quiet_since = input.received() + *length;
  record.agent = script.agent().name;
}

void OpenAiSimSession::Impl::expire() {
  const auto minutes =
      std::chrono::duration_cast<std::chrono::minutes>(options.session_length).count();
  const std::string message =
      fmt::format("Your session hit the maximum duration of {} minutes.", minutes);
  out.error({"session_expired", message, ""}, std::nullopt);
  out.close(1001, message);
}

Deadline OpenAiSimSession::Impl::next_deadline() const {
  if (out.closed() || !responses) return std::nullopt;
  return earliest(opened + options.session_length,
                  earliest(responses->next_deadline(), transcriber.next_deadline()));
}

void OpenAiSimSession::Impl::on_deadline(TimePoint now) {
  if (out.closed() || !responses) return;
  transcriber.on_deadline(now);
  responses->on_deadline(now);
  settle();
  if (now >= opened + options.session_length) expire();
}

OpenAiSimSession::OpenAiSimSession(std::shared_ptr<const OpenAiScenario> scenario,
                                   std::shared_ptr<const VoiceSource> voice,
                                   OpenAiSimOptions options, OpenAiSimHandshake handshake,
                                   WireSink& sink)
    : impl_(std::make_unique<Impl>(std::move(scenario), std::move(voice), options,
                                   std::move(handshake), sink)) {}

OpenAiSimSession::~OpenAiSimSession() = default;

void OpenAiSimSession::on_open(TimePoint now) { impl_->open(now); }
void OpenAiSimSession::receive(std::string_view text, TimePoint now) { impl_->receive(text, now); }
void OpenAiSimSession::on_closed() {
  impl_->record.open = false;
  impl_->out.stop();
}
Deadline OpenAiSimSession::next_deadline() const { return impl_->next_deadline(); }
void OpenAiSimSession::on_deadline(TimePoint now) { impl_->on_deadline(now); }
const OpenAiSimRecord& OpenAiSimSession::record() const { return impl_->record; }

}  // namespace voicebridge::testing
