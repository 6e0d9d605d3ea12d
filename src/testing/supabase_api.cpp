#include "testing/supabase_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "voicebridge/net/form.hpp"

namespace voicebridge::testing::supabase {
namespace {

constexpr std::size_t kMaxRowsAnswered = 1000;  // Of a hosted project.

PgError unknown_in_filter(std::string_view name) {
  return {400, "42703", fmt::format("column leads.{} does not exist", name), ""};
}

PgError unparsable(std::string_view text) {
  return {400, "PGRST100", fmt::format("\"failed to parse filter ({})\"", text), ""};
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    pieces.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return pieces;
}

/// The text of `in.(…)`: values with commas, or quoted.
std::optional<std::vector<std::string>> list_of(std::string_view text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> values(1);
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted && c == '\\' && at + 1 < text.size()) {
      values.back() += text[++at];
    } else if (!quoted && c == ',') {
      values.emplace_back();
    } else {
      values.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  return values;
}

PgResult<Condition> condition_of(const std::string& name, const std::string& text) {
  if (find_column(name) == nullptr) return tl::unexpected(unknown_in_filter(name));
  const std::size_t dot = text.find('.');
  Condition condition;
  condition.column = name;
  condition.op = text.substr(0, dot);
  const char* const known[] = {"eq", "neq", "gt", "gte", "lt", "lte", "is", "in"};
  const bool good = std::find(std::begin(known), std::end(known), condition.op) != std::end(known);
  if (dot == std::string::npos || !good) return tl::unexpected(unparsable(text));
  condition.values = {text.substr(dot + 1)};
  if (condition.op != "in") return condition;
  const auto values = list_of(condition.values.front());
  if (!values) return tl::unexpected(unparsable(text));
  condition.values = *values;
  return condition;
}

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

std::optional<std::size_t> count_of(const std::string& text) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

PgResult<Row> row_of(JsonView object) {
  Row row;
  for (const JsonView::Member& member : object.members()) {
    const Column* const column = find_column(member.key);
    if (column == nullptr) {
      return tl::unexpected(PgError{
          400, "PGRST204",
          fmt::format("Could not find the '{}' column of 'leads' in the schema cache", member.key),
          ""});
    }
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

PgResult<std::vector<Row>> body_rows(const ApiRequest& request) {
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
  if (!have_same_keys(rows)) {
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

}  // namespace

/// A query string, read.
struct Api::Query {
  std::vector<Condition> where;
  std::vector<std::string> select;
  std::vector<std::pair<std::string, bool>> order;  ///< Column, and whether from the greatest.
  std::size_t limit = kMaxRowsAnswered;
  std::size_t offset = 0;
  std::string on_conflict = "id";

  static PgResult<Query> parse(const std::string& text) {
    Query query;
    const auto fields = FormFields::parse(text);
    if (!fields) return tl::unexpected(unparsable(text));
    for (const auto& [name, value] : fields->fields()) {
      if (auto wrong = query.take(name, value)) return tl::unexpected(*wrong);
    }
    if (query.select.empty()) {
      for (const Column& column : columns()) query.select.emplace_back(column.name);
    }
    return query;
  }

 private:
  std::optional<PgError> take(const std::string& name, const std::string& value) {
    if (name == "select") return take_select(value);
    if (name == "order") return take_order(value);
    if (name == "limit" || name == "offset") {
      const auto count = count_of(value);
      if (!count) return unparsable(value);
      (name == "limit" ? limit : offset) = *count;
      return std::nullopt;
    }
    if (name == "on_conflict") {
      if (value == "id" || value == "phone_e164") {
        on_conflict = value;
        return std::nullopt;
      }
      return PgError{400, "42P10",
                     "there is no unique or exclusion constraint matching the ON CONFLICT "
                     "specification",
                     ""};
    }
    auto condition = condition_of(name, value);
    if (!condition) return condition.error();
    where.push_back(std::move(*condition));
    return std::nullopt;
  }

  std::optional<PgError> take_select(const std::string& value) {
    if (value == "*") return std::nullopt;
    for (const std::string& name : split(value, ',')) {
      if (find_column(name) == nullptr) return unknown_in_filter(name);
      select.push_back(name);
    }
    return std::nullopt;
  }

  std::optional<PgError> take_order(const std::string& value) {
    for (const std::string& piece : split(value, ',')) {
      const std::size_t dot = piece.find('.');
      const std::string name = piece.substr(0, dot);
      const std::string way = dot == std::string::npos ? "asc" : piece.substr(dot + 1);
      if (way != "asc" && way != "desc") return unparsable(piece);
      if (find_column(name) == nullptr) return unknown_in_filter(name);
      order.emplace_back(name, way == "desc");
    }
    return std::nullopt;
  }
};

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
  const auto bearer = request.headers.find("authorization");
  if (bearer && *bearer != "Bearer " + options_.service_jwt) {
    return PgError{401, "PGRST301", "Expected 3 parts in JWT; got 1", ""};
  }
  if (request.table != "leads") {
    return PgError{
        404, "PGRST205",
        fmt::format("Could not find the table 'public.{}' in the schema cache", request.table), ""};
  }
  const bool may = bearer || *request.headers.find("apikey") != options_.publishable_key;
  if (may) return std::nullopt;
  return PgError{401, "42501", "permission denied for table leads", ""};
}

PgResult<HttpResponse> Api::serve(const ApiRequest& request, UnixMillis now) {
  const auto query = Query::parse(request.query);
  if (!query) return tl::unexpected(query.error());
  if (request.method == "POST") return post(request, *query, now);
  if (request.method == "GET") return get(request, *query);
  return change(request, *query);
}

PgResult<HttpResponse> Api::post(const ApiRequest& request, const Query& query, UnixMillis now) {
  const auto rows = body_rows(request);
  if (!rows) return tl::unexpected(rows.error());
  const std::string resolution = preference(request.headers, "resolution");
  const Conflict conflict = resolution == "merge-duplicates"    ? Conflict::merge
                            : resolution == "ignore-duplicates" ? Conflict::ignore
                                                                : Conflict::fail;
  const auto written = table_.insert(*rows, conflict, query.on_conflict, now);
  if (!written) return tl::unexpected(written.error());
  const int status = conflict == Conflict::merge && written->inserted == 0 ? 200 : 201;
  HttpResponse response;
  response.status = status;
  std::string applied = conflict == Conflict::fail ? "" : "resolution=" + resolution;
  if (preference(request.headers, "return") == "representation") {
    response = with_rows(status, written->rows, query.select);
    applied += applied.empty() ? "return=representation" : ", return=representation";
  }
  response.headers.add("Content-Range", "*/*");
  if (!applied.empty()) response.headers.add("Preference-Applied", applied);
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
  rows.erase(rows.begin(),
             rows.begin() + static_cast<std::ptrdiff_t>(std::min(query.offset, rows.size())));
  rows.resize(std::min({rows.size(), query.limit, kMaxRowsAnswered}));
  const auto accept = request.headers.find("accept").value_or("");
  if (accept.rfind("application/vnd.pgrst.object+json", 0) == 0) {
    if (rows.size() != 1) {
      return tl::unexpected(PgError{406, "PGRST116",
                                    "Cannot coerce the result to a single JSON object",
                                    fmt::format("The result contains {} rows", rows.size())});
    }
    HttpResponse one = with_rows(200, rows, query.select);
    one.body = one.body.substr(1, one.body.size() - 2);
    return one;
  }
  HttpResponse response = with_rows(200, rows, query.select);
  response.headers.add(
      "Content-Range",
      rows.empty() ? "*/*" : fmt::format("{}-{}/*", query.offset, query.offset + rows.size() - 1));
  return response;
}

PgResult<HttpResponse> Api::change(const ApiRequest& request, const Query& query) {
  const bool update = request.method == "PATCH";
  if (query.where.empty()) {
    return tl::unexpected(PgError{
        400, "21000", fmt::format("{} requires a WHERE clause", update ? "UPDATE" : "DELETE"), ""});
  }
  std::vector<Row> rows;
  if (update) {
    const auto given = body_rows(request);
    if (!given) return tl::unexpected(given.error());
    auto changed = table_.update(query.where, given->empty() ? Row() : given->front());
    if (!changed) return tl::unexpected(changed.error());
    rows = std::move(*changed);
  } else {
    rows = table_.remove(query.where);
  }
  if (preference(request.headers, "return") != "representation") {
    HttpResponse response;
    response.status = 204;
    return response;
  }
  HttpResponse response = with_rows(200, rows, query.select);
  response.headers.add("Preference-Applied", "return=representation");
  return response;
}

}  // namespace voicebridge::testing::supabase
