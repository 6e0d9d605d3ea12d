#include "testing/supabase_api.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {
namespace {

/// What `Prefer` asks for, in one or more headers; the last of a name counts.
std::string preference(const HttpHeaders& headers, std::string_view name) {
  std::string value;
  for (const auto& [field, text] : headers.fields()) {
    if (!HttpHeaders({{field, ""}}).find("prefer")) continue;
    for (std::string piece : split(text, ',')) {
      piece.erase(0, piece.find_first_not_of(' '));
      if (piece.rfind(std::string(name) + "=", 0) == 0) value = piece.substr(name.size() + 1);
    }
  }
  return value;
}

PgResult<Row> row_of(JsonView object) {
  Row row;
  for (const JsonView::Member& member : object.members()) {
    const Column* const column = find_column(member.key);
    if (column == nullptr) return tl::unexpected(unknown_in_body(member.key));
    auto value = column_value(*column, member.value);
    if (!value) return tl::unexpected(value.error());
    row[column->name] = std::move(*value);
  }
  return row;
}

bool have_same_keys(const std::vector<Row>& rows) {
  return std::all_of(rows.begin(), rows.end(), [&](const Row& row) {
    return row.size() == rows.front().size() &&
           std::equal(row.begin(), row.end(), rows.front().begin(),
                      [](const auto& a, const auto& b) { return a.first == b.first; });
  });
}

/// What `columns` names is written, whether it is given or not, and nothing else.
Row only(const std::vector<std::string>& names, const Row& given, bool with_defaults) {
  Row row;
  for (const std::string& name : names) {
    const auto found = given.find(name);
    if (found != given.end()) row[name] = found->second;
    if (found == given.end() && !with_defaults) row[name] = std::nullopt;
  }
  return row;
}

PgResult<std::vector<Row>> body_rows(const ApiRequest& request, const Query& query) {
  const auto body = Json::parse(request.body);
  const bool array = body && body->root().is_array();
  if (!body || !(array || body->root().is_object())) {
    return tl::unexpected(PgError{400, "PGRST102", "Empty or invalid json", ""});
  }
  std::vector<Row> rows;
  for (const JsonView& one : array ? body->root().elements() : std::vector<JsonView>{*body}) {
    auto row = row_of(one);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(std::move(*row));
  }
  if (!query.body_columns.empty()) {
    const bool with_defaults = preference(request.headers, "missing") == "default";
    for (Row& row : rows) row = only(query.body_columns, row, with_defaults);
  } else if (!have_same_keys(rows)) {
    return tl::unexpected(PgError{400, "PGRST102", "All object keys must match", ""});
  }
  return rows;
}

HttpResponse gateway_error(const char* message, const char* hint) {
  HttpResponse response;
  response.status = 401;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = JsonWriter().object().field("message", message).field("hint", hint).end().take();
  return response;
}

HttpResponse with_rows(int status, const std::vector<Row>& rows,
                       const std::vector<std::string>& names) {
  JsonWriter json;
  json.array();
  for (const Row& row : rows) write_row(json, row, names);
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  response.body = json.end().take();
  return response;
}

/// The rows as a list or, where the client accepts one object alone, that.
PgResult<HttpResponse> answer_rows(const ApiRequest& request, int status,
                                   const std::vector<Row>& rows, const Query& query) {
  HttpResponse response = with_rows(status, rows, query.select);
  const auto accept = request.headers.find("accept").value_or("");
  if (accept.rfind("application/vnd.pgrst.object+json", 0) != 0) return response;
  if (rows.size() != 1) {
    return tl::unexpected(PgError{406, "PGRST116",
                                  "Cannot coerce the result to a single JSON object",
                                  fmt::format("The result contains {} rows", rows.size())});
  }
  response.body = response.body.substr(1, response.body.size() - 2);
  return response;
}

bool wants_rows(const ApiRequest& request) {
  return preference(request.headers, "return") == "representation";
}

bool wants_count(const ApiRequest& request) {
  return preference(request.headers, "count") == "exact";
}

/// `Content-Range` and `Preference-Applied` of what was written.
void tell(HttpResponse& response, const ApiRequest& request, std::string range, std::size_t count) {
  range += wants_count(request) ? std::to_string(count) : "*";
  response.headers.add("Content-Range", std::move(range));
  std::string applied;
  const auto add = [&](std::string_view name, std::string_view value) {
    applied += fmt::format("{}{}={}", applied.empty() ? "" : ", ", name, value);
  };
  if (request.method == "POST") {
    const std::string resolution = preference(request.headers, "resolution");
    if (!resolution.empty()) add("resolution", resolution);
    if (preference(request.headers, "missing") == "default") add("missing", "default");
  }
  if (request.method != "GET" && wants_rows(request)) add("return", "representation");
  if (wants_count(request)) add("count", "exact");
  if (!applied.empty()) response.headers.add("Preference-Applied", applied);
}

}  // namespace

HttpResponse Api::on_request(const ApiRequest& request, UnixMillis now) {
  if (auto refused = refused_by_gateway(request)) return std::move(*refused);
  if (auto refused = refused_by_role(request)) return to_response(*refused);
  auto served = serve(request, now);
  return served ? std::move(*served) : to_response(served.error());
}

std::optional<HttpResponse> Api::refused_by_gateway(const ApiRequest& request) const {
  const auto key = request.headers.find("apikey");
  if (!key) {
    return gateway_error("No API key found in request",
                         "No `apikey` request header or url param was found.");
  }
  const bool browser =
      request.headers.find("user-agent").value_or("").find("Mozilla") != std::string_view::npos;
  if ((*key == options_.secret_key && !browser) || *key == options_.publishable_key ||
      *key == options_.service_jwt) {
    return std::nullopt;
  }
  return gateway_error("Invalid API key",
                       "Double check your Supabase `anon` or `service_role` API key.");
}

std::optional<PgError> Api::refused_by_role(const ApiRequest& request) const {
  const auto key = *request.headers.find("apikey");
  const auto bearer = request.headers.find("authorization");
  const bool service = bearer && *bearer == "Bearer " + options_.service_jwt;
  // The gateway takes an opaque key that comes twice, as of supabase-js; PostgREST alone would not.
  if (bearer && !service && *bearer != "Bearer " + std::string(key)) {
    return PgError{401, "PGRST301", "Expected 3 parts in JWT; got 1", ""};
  }
  if (request.table != "leads") {
    return PgError{
        404, "PGRST205",
        fmt::format("Could not find the table 'public.{}' in the schema cache", request.table), ""};
  }
  if (service || key != options_.publishable_key) return std::nullopt;
  return PgError{401, "42501", "permission denied for table leads", ""};
}

PgResult<HttpResponse> Api::serve(const ApiRequest& request, UnixMillis now) {
  const auto query = Query::parse(request.query);
  if (!query) return tl::unexpected(query.error());
  if (request.method == "POST") return post(request, *query, now);
  if (request.method == "GET" || request.method == "HEAD") return get(request, *query);
  return change(request, *query);
}

PgResult<HttpResponse> Api::post(const ApiRequest& request, const Query& query, UnixMillis now) {
  const auto rows = body_rows(request, query);
  if (!rows) return tl::unexpected(rows.error());
  const std::string resolution = preference(request.headers, "resolution");
  const Conflict conflict = resolution == "merge-duplicates"    ? Conflict::merge
                            : resolution == "ignore-duplicates" ? Conflict::ignore
                                                                : Conflict::fail;
  const Table before = table_;
  const auto written = table_.insert(*rows, conflict, query.on_conflict, now);
  if (!written) return tl::unexpected(written.error());
  const int status = conflict == Conflict::merge && written->inserted == 0 ? 200 : 201;
  PgResult<HttpResponse> response = HttpResponse();
  response->status = status;
  if (wants_rows(request)) response = answer_rows(request, status, written->rows, query);
  if (response) {
    tell(*response, request, "*/", written->rows.size());
  } else {
    table_ = before;
  }
  return response;
}

PgResult<HttpResponse> Api::get(const ApiRequest& request, const Query& query) const {
  std::vector<Row> rows = table_.select(query.where);
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    for (const auto& [name, descending] : query.order) {
      if (a.at(name) != b.at(name)) return (a.at(name) < b.at(name)) != descending;
    }
    return false;
  });
  const std::size_t total = rows.size();
  if (wants_count(request) && query.offset > total) {
    return tl::unexpected(
        PgError{416, "PGRST103", "Requested range not satisfiable",
                fmt::format("An offset of {} was requested, but there are only {} rows.",
                            query.offset, total)});
  }
  rows.erase(rows.begin(),
             rows.begin() + static_cast<std::ptrdiff_t>(std::min(query.offset, total)));
  rows.resize(std::min({rows.size(), query.limit, Query::kMaxRowsAnswered}));
  const bool partial = wants_count(request) && rows.size() < total;
  auto response = answer_rows(request, partial ? 206 : 200, rows, query);
  if (!response) return response;
  const std::string range =
      rows.empty() ? "*/" : fmt::format("{}-{}/", query.offset, query.offset + rows.size() - 1);
  tell(*response, request, range, total);
  return response;
}

PgResult<HttpResponse> Api::change(const ApiRequest& request, const Query& query) {
  const bool update = request.method == "PATCH";
  if (query.where.empty()) {
    return tl::unexpected(PgError{
        400, "21000", fmt::format("{} requires a WHERE clause", update ? "UPDATE" : "DELETE"), ""});
  }
  const Table before = table_;
  std::vector<Row> rows;
  if (update) {
    const auto given = body_rows(request, query);
    if (!given) return tl::unexpected(given.error());
    auto changed = table_.update(query.where, given->empty() ? Row() : given->front());
    if (!changed) return tl::unexpected(changed.error());
    rows = std::move(*changed);
  } else {
    rows = table_.remove(query.where);
  }
  PgResult<HttpResponse> response = HttpResponse();
  response->status = 204;
  if (wants_rows(request)) response = answer_rows(request, 200, rows, query);
  if (response) {
    tell(*response, request, !update || rows.empty() ? "*/" : fmt::format("0-{}/", rows.size() - 1),
         rows.size());
  } else {
    table_ = before;
  }
  return response;
}

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
