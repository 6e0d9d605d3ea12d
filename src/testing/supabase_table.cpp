#include "testing/supabase_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "voicebridge/core/phone_number.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {
namespace {

constexpr std::size_t kMaxName = 100;

bool is_id(const std::string& id) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), fits);
}

bool is_name(const std::string& name) {
  const auto characters = std::count_if(name.begin(), name.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return characters >= 1 && characters <= static_cast<std::ptrdiff_t>(kMaxName);
}

bool has_digits_at(std::string_view text, std::initializer_list<std::size_t> places) {
  return std::all_of(places.begin(), places.end(),
                     [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; });
}

/// ISO 8601 of UTC as PostgREST writes it; nothing for other text.
std::optional<std::string> as_time(std::string_view text) {
  if (text.size() < 20 || !has_digits_at(text, {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18}) ||
      text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text.back() != 'Z') {
    return std::nullopt;
  }
  return std::string(text.substr(0, text.size() - 1)) + "+00:00";
}

PgError unique_violation(const char* column, const std::string& value) {
  const bool primary = std::string_view(column) == "id";
  return {409, "23505",
          fmt::format("duplicate key value violates unique constraint \"{}\"",
                      primary ? "leads_pkey" : "leads_phone_e164_key"),
          fmt::format("Key ({})=({}) already exists.", column, value)};
}

PgError check_violation(const char* column) {
  return {400, "23514",
          fmt::format("new row for relation \"leads\" violates check constraint \"leads_{}_check\"",
                      column),
          "Failing row contains (…)."};
}

/// NOT NULL and CHECK.
std::optional<PgError> broken_rule(const Row& row) {
  for (const Column& column : columns()) {
    if (column.nullable || row.at(column.name)) continue;
    return PgError{400, "23502",
                   fmt::format("null value in column \"{}\" of relation \"leads\" violates "
                               "not-null constraint",
                               column.name),
                   "Failing row contains (…)."};
  }
  if (!is_id(*row.at("id"))) return check_violation("id");
  if (!is_name(*row.at("first_name"))) return check_violation("first_name");
  if (!is_name(*row.at("last_name"))) return check_violation("last_name");
  if (!looks_like_e164(*row.at("phone_e164"))) return check_violation("phone_e164");
  return std::nullopt;
}

Row defaults(std::uint64_t number, UnixMillis now) {
  const std::string at = as_time(to_iso8601(now)).value();
  Row row;
  for (const Column& column : columns()) row[column.name] = std::nullopt;
  row["id"] = fmt::format("00000000-0000-4000-8000-{:012}", number);
  row["created_at"] = row["updated_at"] = at;
  row["consent"] = "false";
  for (const char* name : {"source", "consent_text", "consent_source", "summary"}) row[name] = "";
  return row;
}

void overwrite(Row& row, const Row& given) {
  for (const auto& [name, value] : given) row[name] = value;
}

/// With what the trigger keeps.
Row updated(const Row& row, const Row& given) {
  Row next = row;
  overwrite(next, given);
  next["id"] = row.at("id");
  next["created_at"] = row.at("created_at");
  return next;
}

bool meets_all(const Row& row, const std::vector<Condition>& where) {
  return std::all_of(where.begin(), where.end(),
                     [&](const Condition& condition) { return condition.holds(row); });
}

/// The row that has the value in the column.
std::vector<Row>::iterator row_with(std::vector<Row>& rows, const std::string& column,
                                    const std::optional<std::string>& value) {
  return std::find_if(rows.begin(), rows.end(),
                      [&](const Row& row) { return value && row.at(column) == value; });
}

}  // namespace

HttpResponse to_response(const PgError& error) {
  JsonWriter json;
  json.object().field("code", error.code).key("details");
  error.details.empty() ? json.null() : json.string(error.details);
  json.key("hint").null().field("message", error.message).end();
  HttpResponse response;
  response.status = error.status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"Proxy-Status", "PostgREST; error=" + error.code}};
  response.body = json.take();
  return response;
}

const std::vector<Column>& columns() {
  static const std::vector<Column> all = {
      {"id", ColumnType::text, false},         {"first_name", ColumnType::text, false},
      {"last_name", ColumnType::text, false},  {"phone_e164", ColumnType::text, false},
      {"created_at", ColumnType::time, false}, {"source", ColumnType::text, false},
      {"consent", ColumnType::boolean, false}, {"consent_text", ColumnType::text, false},
      {"consent_at", ColumnType::time, true},  {"consent_source", ColumnType::text, false},
      {"summary", ColumnType::text, false},    {"updated_at", ColumnType::time, false},
  };
  return all;
}

const Column* find_column(std::string_view name) {
  for (const Column& column : columns()) {
    if (name == column.name) return &column;
  }
  return nullptr;
}

bool Condition::holds(const Row& row) const {
  const auto& value = row.at(column);
  const std::string& wanted = values.front();
  if (op == "is") {
    if (wanted == "null" || wanted == "not_null") return value.has_value() == (wanted != "null");
    return value == wanted;
  }
  if (!value) return false;
  if (op == "in") return std::find(values.begin(), values.end(), *value) != values.end();
  if (op == "eq") return *value == wanted;
  if (op == "neq") return *value != wanted;
  if (op == "gt") return *value > wanted;
  if (op == "gte") return *value >= wanted;
  if (op == "lt") return *value < wanted;
  return *value <= wanted;
}

PgResult<Table::Written> Table::insert(const std::vector<Row>& given, Conflict conflict,
                                       std::string_view conflict_column, UnixMillis now) {
  std::vector<Row> next = rows_;
  Written written;
  const std::string arbiter(conflict_column);
  for (const Row& one : given) {
    Row row = defaults(++ids_, now);
    overwrite(row, one);
    if (auto broken = broken_rule(row)) return tl::unexpected(*broken);
    // PostgreSQL looks at the column of the conflict before it inserts, and at the others then.
    const auto known =
        conflict == Conflict::fail ? next.end() : row_with(next, arbiter, row.at(arbiter));
    if (known != next.end()) {
      if (conflict == Conflict::ignore) continue;
      *known = updated(*known, one);
      written.rows.push_back(*known);
      continue;
    }
    for (const char* column : {"id", "phone_e164"}) {
      if (row_with(next, column, row.at(column)) != next.end()) {
        return tl::unexpected(unique_violation(column, *row.at(column)));
      }
    }
    if (next.size() >= max_rows_) {
      return tl::unexpected(PgError{500, "53100", "could not extend file: no space left", ""});
    }
    next.push_back(row);
    written.rows.push_back(std::move(row));
    ++written.inserted;
  }
  rows_ = std::move(next);
  return written;
}

PgResult<std::vector<Row>> Table::update(const std::vector<Condition>& where, const Row& given) {
  std::vector<Row> next = rows_;
  std::vector<Row> changed;
  for (Row& row : next) {
    if (!meets_all(row, where)) continue;
    row = updated(row, given);
    if (auto broken = broken_rule(row)) return tl::unexpected(*broken);
    changed.push_back(row);
  }
  for (const Row& row : changed) {
    const auto same = [&](const Row& other) {
      return other.at("phone_e164") == row.at("phone_e164");
    };
    if (std::count_if(next.begin(), next.end(), same) > 1) {
      return tl::unexpected(unique_violation("phone_e164", *row.at("phone_e164")));
    }
  }
  rows_ = std::move(next);
  return changed;
}

std::vector<Row> Table::remove(const std::vector<Condition>& where) {
  std::vector<Row> gone = select(where);
  rows_.erase(std::remove_if(rows_.begin(), rows_.end(),
                             [&](const Row& row) { return meets_all(row, where); }),
              rows_.end());
  return gone;
}

std::vector<Row> Table::select(const std::vector<Condition>& where) const {
  std::vector<Row> found;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(found),
               [&](const Row& row) { return meets_all(row, where); });
  return found;
}

PgResult<std::optional<std::string>> column_value(const Column& column, JsonView value) {
  if (value.is_null()) return std::optional<std::string>();
  const auto text = value.string();
  if (column.type == ColumnType::boolean) {
    if (value.is_bool()) return std::optional<std::string>(value.bool_or(false) ? "true" : "false");
    return tl::unexpected(PgError{
        400, "22P02", fmt::format("invalid input syntax for type boolean: {}", value.dump()), ""});
  }
  if (column.type == ColumnType::time) {
    auto time = as_time(text.value_or(""));
    if (time) return time;
    return tl::unexpected(PgError{
        400, "22007",
        fmt::format("invalid input syntax for type timestamp with time zone: {}", value.dump()),
        ""});
  }
  return std::optional<std::string>(text ? std::string(*text) : value.dump());
}

void write_row(JsonWriter& json, const Row& row, const std::vector<std::string>& names) {
  json.object();
  for (const std::string& name : names) {
    json.key(name);
    const auto& value = row.at(name);
    if (!value) {
      json.null();
    } else if (find_column(name)->type == ColumnType::boolean) {
      json.raw(*value);
    } else {
      json.string(*value);
    }
  }
  json.end();
}

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
