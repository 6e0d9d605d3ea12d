#include "voicebridge/openai/client_event.hpp"

#include "openai/event_codec.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {
namespace {

const detail::ReaderTable<ClientEventBody>& readers() {
  static const auto table = [] {
    auto readers = detail::reader_table(static_cast<const ClientEventBody*>(nullptr));
    readers["transcription_session.update"] = [](JsonView json, OtherMembers& more) {
      auto body = detail::read_body<ClientEventBody, SessionUpdate>(json, more);
      std::get<SessionUpdate>(body).session.type = "transcription";
      return body;
    };
    return readers;
  }();
  return table;
}

Result<> check(const SessionUpdate& event) { return detail::check_tools(event.session.tools); }
Result<> check(const ResponseCreate& event) {
  return event.response ? detail::check_tools(event.response->tools) : Result<>();
}
template <class Event>
Result<> check(const Event&) {
  return {};
}

/// For events that hold no JSON text and no tools: nothing of them can be refused.
std::string write(ClientEventBody body, std::string_view event_id) {
  return to_json(ClientEvent{std::string(event_id), std::move(body), {}}).value();
}

std::optional<std::string> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

Result<ClientEvent> parse_client_event(std::string_view text, JsonLimits limits) {
  const auto json = detail::parse_event_text(text, limits);
  if (!json) return fail(json.error());
  ClientEvent event;
  detail::read_event(json->root(), readers(), event);
  return event;
}

Result<std::string> to_json(const ClientEvent& event) {
  const auto ok = std::visit([](const auto& body) { return check(body); }, event.body);
  return ok ? detail::write_event(event) : fail(ok.error());
}

bool operator==(const ClientEvent& a, const ClientEvent& b) { return detail::same_event(a, b); }

std::string_view type_name(const ClientEventBody& body) noexcept {
  return std::visit([](const auto& event) { return detail::name_of(event); }, body);
}

Result<std::string> session_update(const SessionConfig& session, std::string_view event_id) {
  SessionUpdate update{session};
  update.session.model.reset();
  return to_json(ClientEvent{std::string(event_id), std::move(update), {}});
}

std::string input_audio_append(std::string_view audio) {
  return write(InputAudioAppend{std::string(audio)}, {});
}

std::string input_audio_commit(std::string_view event_id) {
  return write(InputAudioCommit{}, event_id);
}

std::string input_audio_clear(std::string_view event_id) {
  return write(InputAudioClear{}, event_id);
}

std::string output_audio_clear(std::string_view event_id) {
  return write(OutputAudioClear{}, event_id);
}

std::string create_message(MessageRole role, std::string_view text, std::string_view item_id,
                           std::string_view event_id) {
  ItemCreate create;
  create.item.id = item_id;
  create.item.type = "message";
  create.item.role = role == MessageRole::system ? "system"
                     : role == MessageRole::user ? "user"
                                                 : "assistant";
  ContentPart& part = create.item.content.emplace_back();
  part.type = role == MessageRole::assistant ? "output_text" : "input_text";
  part.text = text;
  return write(std::move(create), event_id);
}

std::string create_function_output(std::string_view call_id, std::string_view output,
                                   std::string_view item_id, std::string_view event_id) {
  ItemCreate create;
  create.item.id = item_id;
  create.item.type = "function_call_output";
  create.item.call_id = call_id;
  create.item.output = output;
  return write(std::move(create), event_id);
}

std::string truncate_item(std::string_view item_id, Millis audio_end, std::string_view event_id) {
  return write(ItemTruncate{std::string(item_id), 0, audio_end.count()}, event_id);
}

std::string delete_item(std::string_view item_id, std::string_view event_id) {
  return write(ItemDelete{std::string(item_id)}, event_id);
}

std::string retrieve_item(std::string_view item_id, std::string_view event_id) {
  return write(ItemRetrieve{std::string(item_id)}, event_id);
}

std::string create_response(const ResponseRequest& request, std::string_view event_id) {
  ResponseCreate create;
  ResponseConfig& response = create.response.emplace();
  response.instructions = unless_empty(request.instructions);
  if (!request.allow_tools) response.tool_choice = "none";
  if (!request.tag.empty()) response.metadata[std::string(kResponseTag)] = request.tag;
  return write(std::move(create), event_id);
}

std::string create_aside(const AsideRequest& request, std::string_view event_id) {
  ResponseCreate create;
  ResponseConfig& response = create.response.emplace();
  response.conversation = "none";
  response.output_modalities = std::vector<std::string>{"text"};
  response.instructions = unless_empty(request.instructions);
  response.tool_choice = "none";
  response.max_output_tokens = TokenLimit{request.max_tokens};
  response.metadata[std::string(kAsideTag)] = request.tag;
  return write(std::move(create), event_id);
}

std::string cancel_response(std::string_view response_id, std::string_view event_id) {
  return write(ResponseCancel{unless_empty(response_id)}, event_id);
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
