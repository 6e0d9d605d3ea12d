#include "openai_session.hpp"

#include <fmt/format.h>

#include "openai_client_events.hpp"
#include "voicebridge/core/base64.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::size_t kMaxAppendBytes = 15u << 20;
constexpr std::size_t kMaxEventBytes = 24u << 20;  // the largest append in base64, and its envelope
constexpr Millis kMinCommit{100};

ReplyTiming timing_of(const OpenAiSimOptions& options) {
  return {options.first_audio, options.speed, options.piece_min, options.piece_max};
}

Millis length_of(const SessionSetup& setup) {
  const auto fault = setup.scenario->connection_fault(setup.handshake.connection);
  return setup.line ? setup.options.session_length
                    : fault.session_length.value_or(setup.options.session_length);
}

}  // namespace

Session::Session(SessionSetup setup, WireSink& sink)
    : setup_(std::move(setup)),
      length_(length_of(setup_)),
      ids_(setup_.options.seed + setup_.id_seed + setup_.handshake.connection),
      out_(sink, ids_, record_),
      config_(setup_.handshake.model, setup_.line),
      script_(setup_.scenario, setup_.handshake.connection, setup_.agent),
      maker_(script_, setup_.voice, timing_of(setup_.options), ids_, setup_.options.seed, record_,
             setup_.line),
      items_(out_, conversation_, ids_, script_, unanswered_, record_),
      mcp_(out_, items_, ids_, setup_.scenario),
      transcriber_(out_, setup_.options.transcription_delay) {
  if (setup_.line) player_.emplace(out_, items_, *setup_.line);
}

void Session::open(TimePoint now) {
  opened_ = now;
  record_.open = true;
  record_.model = setup_.handshake.model;
  record_.session_id = ids_.make("sess_");
  if (setup_.handshake.beta_header) {
    refuse(beta_disabled(), {});
    out_.close(4000, "beta_api_shape_disabled");
    return;
  }
  ResponseContext context{out_, conversation_, record_};
  context.keep_audio_bytes = setup_.options.keep_audio_bytes;
  context.opened = opened_;
  context.player = player();
  responses_.emplace(context, config_, maker_, unanswered_, ids_.make("conv_"));
  if (const auto given = Json::parse(setup_.handshake.session_json)) config_.begin(*given);
  input_.configure(config_);
  if (player_) player_->set_begin(now);
  send_session("session.created");
  mcp_.configure(config_.output().tools_json, now);
}

void Session::send_session(const char* type) {
  out_.event(type, [&](JsonWriter& json) {
    json.key("session");
    config_.write(json, record_.session_id, setup_.handshake.unix_seconds + length_.count() / 1000);
  });
}

void Session::receive(std::string_view text, TimePoint now) {
  if (out_.closed() || !responses_) return;
  JsonLimits limits;
  limits.max_bytes = kMaxEventBytes;
  const auto json = Json::parse(text, limits);
  if (!json || !json->root().is_object()) {
    refuse({"invalid_event", "The event could not be parsed: expected a JSON object.", ""}, {});
    return;
  }
  auto error = check_client_event(*json, player_.has_value());
  if (!error) {
    ++record_.client_events[(*json)["type"].string_or("")];
    error = handle(*json, now);
  }
  if (error) refuse(*error, *json);
  settle();
}

std::optional<ApiError> Session::handle(JsonView event, TimePoint now) {
  const std::string type = event["type"].string_or("");
  if (type == "input_audio_buffer.append") return append(event, now);
  if (type == "session.update") return update(event, now);
  if (type == "input_audio_buffer.commit") return commit(now);
  if (type == "response.cancel") return responses_->cancel(event, now);
  if (type == "response.create") {
    choose_agent();
    return responses_->create(event, now);
  }
  if (type == "input_audio_buffer.clear") {
    clear();
  } else if (type == "output_audio_buffer.clear") {
    player_->clear(now);
  } else {
    return handle_item(type, event, now);
  }
  return std::nullopt;
}

std::optional<ApiError> Session::handle_item(const std::string& type, JsonView event,
                                             TimePoint now) {
  if (type == "conversation.item.retrieve") return items_.retrieve(event);
  if (type == "conversation.item.truncate") return items_.truncate(event);
  if (type == "conversation.item.delete") return items_.erase(event);
  return create_item(event, now);
}

std::optional<ApiError> Session::create_item(JsonView event, TimePoint now) {
  choose_agent();
  if (auto error = items_.create(event, config_.input_format())) return error;
  const JsonView item = event["item"];
  if (item["type"].string_or("") != "mcp_approval_response") return std::nullopt;
  if (!item["approve"].bool_or(false)) return std::nullopt;
  const Item* request = conversation_.find(item["approval_request_id"].string_or(""));
  return responses_->run_approved(Item(*request), now);
}

void Session::choose_agent() {
  script_.choose_agent(config_.output().instructions, config_.tracing_json());
}

void Session::refuse(const ApiError& error, JsonView event) {
  record_.add(record_.violations,
              {event["type"].string_or(""), error.code, error.param, error.message});
  std::optional<std::string> event_id;
  if (const auto id = event["event_id"].string()) event_id = std::string(*id);
  out_.error(error, event_id);
}

std::optional<ApiError> Session::update(JsonView event, TimePoint now) {
  if (auto error = mcp_.check(event["session"]["tools"])) return error;
  if (auto error = config_.update(event["session"], record_.audio_sent > 0)) return error;
  input_.configure(config_);
  send_session("session.updated");
  mcp_.configure(config_.output().tools_json, now);
  return std::nullopt;
}

std::optional<ApiError> Session::append(JsonView event, TimePoint now) {
  if (player_) {
    return ApiError{"invalid_value", "The audio of this session is carried by its call.", "type"};
  }
  const std::string_view audio = *event["audio"].string();
  if (base64_decoded_size(audio) > kMaxAppendBytes) {
    return ApiError{"invalid_value", "Invalid 'audio': at most 15 MiB may be appended at once.",
                    "audio"};
  }
  scratch_.clear();
  if (!base64_decode_append(scratch_, audio) || !input_.whole_samples(scratch_.size())) {
    return ApiError{"invalid_value", "Invalid 'audio': expected whole samples in base64.", "audio"};
  }
  listen(scratch_, now);
  return std::nullopt;
}

void Session::listen(ByteView audio, TimePoint now) {
  record_.audio_received += audio.size();
  append_bounded(record_.received_audio, audio, setup_.options.keep_audio_bytes);
  while (auto edge = input_.consume(audio)) on_edge(*edge, now);
  check_idle(now);
}

void Session::hear(ByteView audio, TimePoint now) {
  if (out_.closed() || !responses_) return;
  listen(audio, now);
  settle();
}

void Session::press(char key, std::int64_t received_at) {
  JsonWriter json;
  json.object().field("type", "input_audio_buffer.dtmf_event_received");
  json.field("event", std::string(1, key)).field("received_at", received_at);
  out_.send(json.end().take());
}

std::optional<ApiError> Session::commit(TimePoint now) {
  if (input_.pending() < kMinCommit) {
    return ApiError{
        "input_audio_buffer_commit_empty",
        fmt::format(
            "Error committing input audio buffer: buffer too small. Expected at least 100ms "
            "of audio, but buffer only has {}.00ms of audio.",
            input_.pending().count()),
        ""};
  }
  commit_turn(speech_item_.empty() ? ids_.make("item_") : std::exchange(speech_item_, {}), now);
  return std::nullopt;
}

void Session::clear() {
  input_.clear();
  speech_item_.clear();
  out_.event("input_audio_buffer.cleared");
}

void Session::on_edge(SpeechEdge edge, TimePoint now) {
  const TurnDetectionConfig turns = config_.turn_detection().value_or(TurnDetectionConfig{});
  if (edge.started) {
    quiet_since_.reset();
    speech_item_ = ids_.make("item_");
    out_.event("input_audio_buffer.speech_started", [&](JsonWriter& json) {
      json.field("audio_start_ms", edge.at.count()).field("item_id", speech_item_);
    });
    if (turns.interrupt_response) interrupt(now);
    return;
  }
  if (speech_item_.empty()) return;  // committed by hand while the caller spoke
  out_.event("input_audio_buffer.speech_stopped", [&](JsonWriter& json) {
    json.field("audio_end_ms", edge.at.count()).field("item_id", speech_item_);
  });
  commit_turn(std::exchange(speech_item_, {}), now);
  if (turns.create_response) answer(ReplyCause::turn, now);
}

/// The caller speaks: what is being said stops. Where the audio is the client's, the client clears
/// its own.
void Session::interrupt(TimePoint now) {
  responses_->interrupt(now);
  if (player_) player_->clear(now);
}

void Session::commit_turn(std::string item_id, TimePoint now) {
  choose_agent();
  Item item;
  item.id = item_id;
  item.role = "user";
  ContentPart part;
  part.type = "input_audio";
  part.format = input_.format();
  part.audio = input_.take();
  part.audio_bytes = part.audio->size();
  const Millis length = part.duration();
  item.content.push_back(std::move(part));

  quiet_since_.reset();
  unanswered_.turn = true;
  const std::string words = script_.hear_turn();
  const auto at = std::chrono::duration_cast<Millis>(now - opened_);
  record_.add(record_.turns, {item_id, length, words, at});
  out_.event("input_audio_buffer.committed", [&](JsonWriter& json) {
    write_previous(json, conversation_.last_id());
    json.field("item_id", item_id);
  });
  items_.announce(std::move(item));
  transcriber_.add(item_id, words, config_.transcription_model(), length, now);
}

/// The service speaks by itself. When it cannot, that is no fault of the client's.
void Session::answer(ReplyCause cause, TimePoint now) {
  if (auto error = responses_->answer(cause, now)) out_.error(*error, std::nullopt);
}

void Session::check_idle(TimePoint now) {
  const auto& turns = config_.turn_detection();
  if (!quiet_since_ || !turns || !turns->idle_timeout || input_.speaking() || responses_->active())
    return;
  if (input_.received() < *quiet_since_ + *turns->idle_timeout) return;
  const std::string item_id = ids_.make("item_");
  const Millis since = *quiet_since_;
  out_.event("input_audio_buffer.timeout_triggered", [&](JsonWriter& json) {
    json.field("audio_start_ms", since.count()).field("audio_end_ms", input_.received().count());
    json.field("item_id", item_id);
  });
  commit_turn(item_id, now);
  answer(ReplyCause::idle, now);
}

/// Looks after what the last event has changed.
void Session::settle() {
  if (responses_->active()) quiet_since_.reset();
  if (const auto length = responses_->take_finished()) quiet_since_ = input_.received() + *length;
  record_.agent = script_.agent().name;
}

void Session::expire() {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(length_).count();
  const std::string message =
      fmt::format("Your session hit the maximum duration of {} minutes.", minutes);
  out_.error({"session_expired", message, ""}, std::nullopt);
  out_.close(1001, message);
}

Deadline Session::next_deadline() const {
  if (out_.closed() || !responses_) return std::nullopt;
  Deadline next = earliest(responses_->next_deadline(), transcriber_.next_deadline());
  if (player_) next = earliest(next, player_->next_deadline());
  next = earliest(next, mcp_.next_deadline());
  return earliest(opened_ + length_, next);
}

void Session::on_deadline(TimePoint now) {
  if (out_.closed() || !responses_) return;
  mcp_.on_deadline(now);
  transcriber_.on_deadline(now);
  responses_->on_deadline(now);
  if (player_) player_->on_deadline(now);
  settle();
  if (now >= opened_ + length_) expire();
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
