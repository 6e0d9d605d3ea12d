#include "openai_client_secrets.hpp"

#include <algorithm>

#include "openai_api_error.hpp"
#include "openai_mcp.hpp"
#include "openai_session_config.hpp"
#include "openai_session_shape.hpp"
#include "voicebridge/testing/openai_sim_session.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::detail {
namespace {

constexpr std::int64_t kMinSeconds = 10;
constexpr std::int64_t kMaxSeconds = 7200;
constexpr std::int64_t kDefaultSeconds = 600;

Shape request_shape() {
  const Shape expiry = Shape::object({{"anchor", Shape::choice({"created_at"})},
                                      {"seconds", Shape::integer(kMinSeconds, kMaxSeconds)}});
  return Shape::object(
      {{"expires_after", expiry}, {"session", shapes::session(shapes::SessionUse::client_secret)}});
}

void write_session(JsonWriter& out, JsonView session, const std::string& id) {
  if (session["type"].string_or("") == "transcription") {
    out.object().field("type", "transcription").field("object", "realtime.transcription_session");
    out.field("id", id).field("expires_at", 0);
    if (const JsonView audio = session["audio"]; audio.exists()) out.field("audio", audio);
    out.end();
    return;
  }
  SessionConfig config(session["model"].string_or(OpenAiSimHandshake().model));
  config.begin(session);
  config.write(out, id, 0);
}

}  // namespace

HttpResponse ClientSecrets::issue(std::string_view body, IdGenerator& ids,
                                  std::int64_t unix_seconds) {
  static const Shape shape = request_shape();
  const auto json = Json::parse(body.empty() ? "{}" : body);
  if (!json) {
    return error_response(400, {"", "We could not parse the JSON body of your request.", ""});
  }
  if (auto error = shape.check(*json, "")) return error_response(400, *error);
  const JsonView session = (*json)["session"];
  if (auto error = check_mcp_tools(session["tools"], {})) return error_response(400, *error);
  Entry entry;
  entry.key = ids.make("ek_");
  entry.expires_at = unix_seconds + (*json)["expires_after"]["seconds"].integer_or(kDefaultSeconds);
  entry.session_json = session.exists() ? session.dump() : R"({"type":"realtime"})";
  JsonWriter out;
  out.object().field("value", entry.key).field("expires_at", entry.expires_at).key("session");
  write_session(out, session, ids.make("sess_"));
  HttpResponse response;
  response.status = 200;
  response.headers.add("Content-Type", "application/json");
  response.body = out.end().take();
  ++issued_;
  entries_.push_back(std::move(entry));
  if (entries_.size() > limit_) entries_.pop_front();
  return response;
}

std::optional<std::string> ClientSecrets::session_of(std::string_view key,
                                                     std::int64_t unix_seconds) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (found == entries_.end() || unix_seconds >= found->expires_at) return std::nullopt;
  return found->session_json;
}

}  // namespace testing::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
