#include "prices.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "voicebridge/core/json_faults.hpp"

namespace server {

using namespace voicebridge;

namespace {

struct Kind {
  const char* name;
  std::optional<double> ModelPrice::*price;
};

constexpr Kind kKinds[] = {{"text_in", &ModelPrice::text_in},
                           {"text_cached", &ModelPrice::text_cached},
                           {"text_out", &ModelPrice::text_out},
                           {"audio_in", &ModelPrice::audio_in},
                           {"audio_cached", &ModelPrice::audio_cached},
                           {"audio_out", &ModelPrice::audio_out},
                           {"image_in", &ModelPrice::image_in},
                           {"image_cached", &ModelPrice::image_cached},
                           {"minute", &ModelPrice::minute}};

/// The JSON Schema of such a file.
std::string schema_json() {
  JsonWriter json;
  json.object().field("type", "object").key("required").array().string("models").end();
  json.field("additionalProperties", false).key("properties").object();
  json.key("as_of").raw(R"({"type":"string"})");
  json.key("models").object().field("type", "object").field("minProperties", 1);
  json.key("additionalProperties").object().field("type", "object");
  json.field("additionalProperties", false).key("properties").object();
  for (const Kind& kind : kKinds) json.key(kind.name).raw(R"({"type":"number","minimum":0})");
  return json.end().end().end().end().end().take();
}

Result<> check(JsonView prices) {
  const auto schema = Json::parse(schema_json());
  if (!schema) return fail(schema.error());
  const auto faults = json_faults(*schema, prices);
  if (!faults) return fail(faults.error());
  std::string text;
  for (const JsonFault& fault : *faults) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", fault.pointer, fault.message);
  }
  if (!text.empty()) return fail(Errc::invalid_argument, std::move(text));
  return {};
}

}  // namespace

Result<std::shared_ptr<const PriceList>> load_prices(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) return fail(Errc::not_found, "cannot read " + path);
  const auto json = Json::parse(text.str());
  if (!json) return fail(Errc::invalid_argument, path + ": " + json.error().message);
  if (const auto good = check(*json); !good) {
    return fail(Errc::invalid_argument, path + ": " + good.error().message);
  }
  auto prices = std::make_shared<PriceList>();
  prices->as_of = (*json)["as_of"].string_or("");
  for (const JsonView::Member& model : (*json)["models"].members()) {
    ModelPrice& price = prices->models[std::string(model.key)];
    for (const Kind& kind : kKinds) price.*(kind.price) = model.value[kind.name].number();
  }
  return std::shared_ptr<const PriceList>(std::move(prices));
}

}  // namespace server
