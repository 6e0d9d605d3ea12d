#include "store/supabase_rest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_errors.hpp"
#include "voicebridge/core/json.hpp"
#include "voicebridge/net/retry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace detail::supabase {
namespace {

constexpr std::size_t kMaxRows = 1000;  // What a hosted project gives at once.
constexpr std::string_view kReturnRows = "return=representation";
constexpr std::string_view kUpsert = "resolution=merge-duplicates,return=representation";

bool is_visible(char c) { return c > ' ' && c < '\x7f'; }

bool is_identifier(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), fits);
}

bool is_this_machine(const Url& url) {
  return url.host == "127.0.0.1" || url.host == "localhost" || url.host == "::1" ||
         url.host == "[::1]";
}

HttpRequest request_to(const SupabaseOptions& options, std::string method, std::string_view query) {
  HttpRequest request;
  request.method = std::move(method);
  std::string_view base = options.url;
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);
  request.url = fmt::format("{}/rest/v1/{}?{}", base, options.table, query);
  const std::string key(options.service_key.reveal());
  request.headers.add("apikey", key);
  // The new keys are no JWT: as a bearer PostgREST refuses them.
  if (key.rfind("sb_", 0) != 0) request.headers.add("authorization", "Bearer " + key);
  request.headers.add("accept", "application/json");
  request.timeout = options.timeout;
  return request;
}

void give(HttpRequest& request, std::string_view preference, JsonWriter& body) {
  request.headers.add("prefer", std::string(preference));
  request.headers.add("content-type", "application/json");
  request.body = body.take();
}

JsonWriter& time_field(JsonWriter& json, std::string_view name, UnixMillis at) {
  json.key(name);
  return at == 0 ? json.null() : json.string(to_iso8601(at));
}

Errc kind_of(int status, std::string_view code) {
  // Later it may take the same.
  if (status == 408 || status == 429 || status >= 500) return Errc::unavailable;
  const Errc meaning = net::meaning_of_status(status);
  const bool told = meaning != Errc::invalid_argument && meaning != Errc::protocol_error;
  if (told || status < 400) return meaning;
  // Data exceptions and broken constraints: values of this row. The rest is about the request.
  const std::string_view group = code.substr(0, 2);
  return group == "22" || group == "23" ? Errc::invalid_argument : Errc::unsupported;
}

/// A code as PostgREST and PostgreSQL have them; other text could be anything.
std::string code_of(JsonView body) {
  const std::string_view code = body["code"].string().value_or("");
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (code.size() > 16 || !std::all_of(code.begin(), code.end(), fits)) return {};
  return std::string(code);
}

Error error_of(const HttpResponse& answer) {
  const auto body = Json::parse(answer.body);  // A gateway may say it in HTML.
  Error error;
  error.provider_code = body ? code_of(*body) : std::string();
  error.code = kind_of(answer.status, error.provider_code);
  error.origin = "supabase";
  error.http_status = answer.status;
  // Not in its own words: they may hold values of the row.
  switch (error.code) {
    case Errc::unauthenticated:
      error.message = "the service key is not accepted";
      break;
    case Errc::permission_denied:
      error.message = "the service key may not do this";
      break;
    case Errc::not_found:
      error.message = "there is no such table or project";
      break;
    case Errc::conflict:
      error.message = "another row stands against it";
      break;
    case Errc::unavailable:
      error.message = "the service refuses for now";
      break;
    case Errc::protocol_error:
      error.message = "an answer that was not expected";
      break;
    default:
      error.message = "the request was refused";
      break;
  }
  error.retryable = error.code == Errc::unavailable;
  if (error.retryable) error.retry_after = retry_after(answer.headers);
  return error;
}

Error not_understood(int status) {
  Error error = fail(Errc::protocol_error, "the answer is no list of leads").value();
  error.origin = "supabase";
  error.http_status = status;
  error.retryable = true;  // Something before the service has answered, such as a portal.
  return error;
}

UnixMillis time_of(JsonView value) { return read_time(value.string().value_or("")).value_or(0); }

Lead read_lead_row(JsonView row) {
  Lead lead;
  lead.id = row["id"].string_or("");
  lead.first_name = row["first_name"].string_or("");
  lead.last_name = row["last_name"].string_or("");
  lead.phone_e164 = row["phone_e164"].string_or("");
  lead.created_at = time_of(row["created_at"]);
  lead.source = row["source"].string_or("");
  lead.consent = row["consent"].bool_or(false);
  lead.consent_text = row["consent_text"].string_or("");
  lead.consent_at = time_of(row["consent_at"]);
  lead.consent_source = row["consent_source"].string_or("");
  lead.summary = row["summary"].string_or("");
  lead.updated_at = time_of(row["updated_at"]);
  return lead;
}

}  // namespace

Result<> check(const SupabaseOptions& options) {
  const auto url = parse_url(options.url);
  if (!url || !(url->scheme == "https" || (url->scheme == "http" && is_this_machine(*url)))) {
    return fail(Errc::invalid_argument,
                "must be an address that begins with https://: the key is sent to it", "url");
  }
  const std::string_view key = options.service_key.reveal();
  if (key.empty() || !std::all_of(key.begin(), key.end(), is_visible)) {
    return fail(Errc::invalid_argument, "a service key is needed, without blanks", "service_key");
  }
  if (key.rfind("sb_publishable_", 0) == 0) {
    return fail(Errc::invalid_argument, "is a publishable key; a secret one is needed",
                "service_key");
  }
  if (!is_identifier(options.table)) {
    return fail(Errc::invalid_argument, "must be of small letters, digits and _", "table");
  }
  if (options.timeout <= Millis(0)) {
    return fail(Errc::invalid_argument, "must be more than 0", "timeout");
  }
  return {};
}

HttpRequest save_request(const SupabaseOptions& options, const LeadInput& input,
                         const std::string& id, UnixMillis now) {
  HttpRequest request = request_to(options, "POST", "on_conflict=phone_e164&select=*");
  JsonWriter json;
  json.object()
      .field("id", id)
      .field("first_name", input.first_name)
      .field("last_name", input.last_name)
      .field("phone_e164", input.phone);
  if (!input.source.empty()) json.field("source", input.source);
  if (input.consent) {
    json.field("consent", *input.consent)
        .field("consent_text", input.consent_text)
        .field("consent_source", input.consent_source);
    time_field(json, "consent_at", now);
  }
  time_field(json, "updated_at", now).end();
  give(request, kUpsert, json);
  return request;
}

HttpRequest put_request(const SupabaseOptions& options, const Lead& lead) {
  HttpRequest request = request_to(options, "POST", "on_conflict=phone_e164&select=id");
  JsonWriter json;
  json.object()
      .field("id", lead.id)
      .field("first_name", lead.first_name)
      .field("last_name", lead.last_name)
      .field("phone_e164", lead.phone_e164)
      .field("source", lead.source)
      .field("consent", lead.consent)
      .field("consent_text", lead.consent_text)
      .field("consent_source", lead.consent_source)
      .field("summary", lead.summary);
  time_field(json, "consent_at", lead.consent_at);
  // Nothing is the column's default; null would be refused.
  if (lead.created_at != 0) time_field(json, "created_at", lead.created_at);
  if (lead.updated_at != 0) time_field(json, "updated_at", lead.updated_at);
  json.end();
  give(request, kUpsert, json);
  return request;
}

HttpRequest find_request(const SupabaseOptions& options, std::string_view column,
                         std::string_view value) {
  // Encoded: a raw + is a space and finds nothing.
  return request_to(options, "GET",
                    fmt::format("select=*&{}=eq.{}&limit=1", column, url_encode(value)));
}

HttpRequest remove_request(const SupabaseOptions& options, const std::string& id) {
  HttpRequest request =
      request_to(options, "DELETE", fmt::format("id=eq.{}&select=*", url_encode(id)));
  request.headers.add("prefer", std::string(kReturnRows));
  return request;
}

HttpRequest summary_request(const SupabaseOptions& options, const std::string& id,
                            const std::string& summary, UnixMillis now) {
  HttpRequest request =
      request_to(options, "PATCH", fmt::format("id=eq.{}&select=id", url_encode(id)));
  JsonWriter json;
  json.object().field("summary", summary);
  time_field(json, "updated_at", now).end();
  give(request, kReturnRows, json);
  return request;
}

HttpRequest list_request(const SupabaseOptions& options, std::size_t limit) {
  HttpRequest request = request_to(
      options, "GET",
      fmt::format("select=*&order=created_at.desc,id.desc&limit={}", std::min(limit, kMaxRows)));
  request.max_response_bytes = 16u << 20;
  return request;
}

Result<std::vector<Lead>> read_rows(const Result<HttpResponse>& answer) {
  if (!answer) {
    Error error = answer.error();
    error.origin = "supabase";
    error.retryable = error.code != Errc::payload_too_large;
    return fail(std::move(error));
  }
  if (answer->status < 200 || answer->status > 299) return fail(error_of(*answer));
  JsonLimits limits;
  limits.max_bytes = 16u << 20;
  const auto body = Json::parse(answer->body, limits);
  if (!body || !body->root().is_array()) return fail(not_understood(answer->status));
  std::vector<Lead> leads;
  for (const JsonView& row : body->root().elements()) {
    if (!row["id"].is_string()) return fail(not_understood(answer->status));
    leads.push_back(read_lead_row(row));
  }
  return leads;
}

}  // namespace detail::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
