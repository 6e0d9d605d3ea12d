#include <algorithm>

#include "openai/realtime_session_impl.hpp"

/// Texts that the model writes beside the conversation.
namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai {

using detail::Asides;
using detail::make_error;
using detail::to_error;

namespace {

std::string text_of(const Response& response) {
  std::string text;
  for (const ConversationItem& item : response.output) {
    for (const ContentPart& part : item.content) {
      if (part.type == "output_text" || part.type == "text") text += part.text;
    }
  }
  return text;
}

}  // namespace

void RealtimeSession::Impl::handle(const Summarize& wanted) {
  AsideRequest request;
  request.instructions = wanted.instructions;
  request.tag = next_event_id("aside");
  const auto given_up = asides_.open(request.tag, wanted.key);
  if (given_up) {
    emit(SummaryMade{given_up->key,
                     fail(make_error(Errc::resource_exhausted, "too many summaries at once"))});
  }
  send(create_aside(request, request.tag));
}

/// Whether the response is made beside the conversation: the rest of the session must not see it.
bool RealtimeSession::Impl::begin_aside(const Response& response) {
  const auto tag = response.metadata.find(std::string(kAsideTag));
  if (tag == response.metadata.end()) return false;
  asides_.on_created(tag->second, response.id);
  return true;
}

void RealtimeSession::Impl::write_aside(Asides::Aside& aside, std::string_view delta) {
  aside.text += delta.substr(0, Asides::kMaxText - std::min(Asides::kMaxText, aside.text.size()));
}

/// False: the response is none.
bool RealtimeSession::Impl::finish_aside(const Response& response) {
  std::optional<Asides::Aside> aside = asides_.take_response(response.id);
  if (!aside) return response.metadata.count(std::string(kAsideTag)) > 0;
  if (response.usage) tell_usage(*response.usage);
  if (response.status == "failed") {
    const bool said = response.status_details && response.status_details->error;
    const ServiceError error = said ? *response.status_details->error : ServiceError();
    emit(SummaryMade{aside->key, fail(to_error(error))});
    return true;
  }
  std::string text = text_of(response);
  if (text.empty()) text = std::move(aside->text);
  if (response.status != "completed" || text.empty()) {
    emit(SummaryMade{aside->key,
                     fail(make_error(Errc::unavailable, "the model did not finish the summary"))});
    return true;
  }
  if (text.size() > Asides::kMaxText) text.resize(Asides::kMaxText);
  emit(SummaryMade{aside->key, std::move(text)});
  return true;
}

/// False: the error is of something else.
bool RealtimeSession::Impl::refuse_aside(const ServiceError& error) {
  const std::optional<Asides::Aside> aside = asides_.take_tag(error.event_id);
  if (aside) emit(SummaryMade{aside->key, fail(to_error(error))});
  return aside.has_value();
}

void RealtimeSession::Impl::abandon_asides() {
  for (const Asides::Aside& aside : asides_.take_all()) {
    emit(SummaryMade{aside.key, fail(make_error(Errc::unavailable, "the session is over"))});
  }
}

}  // namespace openai
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
