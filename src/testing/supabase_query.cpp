#include "testing/supabase_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "voicebridge/net/form.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing::supabase {
namespace {

PgError unknown_in_filter(std::string_view name) {
  return {400, "42703", fmt::format("column leads.{} does not exist", name), ""};
}

PgError unparsable(std::string_view text) {
  return {400, "PGRST100", fmt::format("\"failed to parse filter ({})\"", text), ""};
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

std::optional<std::size_t> count_of(const std::string& text) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    pieces.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return pieces;
}

PgError unknown_in_body(std::string_view name) {
  return {400, "PGRST204",
          fmt::format("Could not find the '{}' column of 'leads' in the schema cache", name), ""};
}

PgResult<Query> Query::parse(const std::string& text) {
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

std::optional<PgError> Query::take(const std::string& name, const std::string& value) {
  if (name == "select") return take_select(value);
  if (name == "columns") return take_columns(value);
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

std::optional<PgError> Query::take_select(const std::string& value) {
  if (value == "*") return std::nullopt;
  for (const std::string& name : split(value, ',')) {
    if (find_column(name) == nullptr) return unknown_in_filter(name);
    select.push_back(name);
  }
  return std::nullopt;
}

std::optional<PgError> Query::take_columns(const std::string& value) {
  const auto names = list_of("(" + value + ")");
  if (!names) return unparsable(value);
  for (const std::string& name : *names) {
    if (find_column(name) == nullptr) return unknown_in_body(name);
  }
  body_columns = *names;
  return std::nullopt;
}

std::optional<PgError> Query::take_order(const std::string& value) {
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

}  // namespace testing::supabase
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
