#include "prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "voicebridge/core/json_faults.hpp"

namespace server {

using namespace voicebridge;

namespace {

struct Kind {
  std::string_view name;
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

/// Of one model; what is wrong goes to `faults`, by its path.
ModelPrice read_model(JsonView json, const std::string& pointer, std::string& faults) {
  ModelPrice model;
  for (const JsonView::Member& member : json.members()) {
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const Kind& k) { return k.name == member.key; });
    const auto price = member.value.number();
    const std::string where = json_pointer(pointer, member.key);
    if (kind == std::end(kKinds))
      faults += fmt::format("; {} is not a kind of price", where);
    else if (!price || *price < 0)
      faults += fmt::format("; {} must be a number, 0 or more", where);
    else
      model.*(kind->price) = *price;
  }
  if (!json.is_object()) faults += fmt::format("; {} must be an object", pointer);
  return model;
}

}  // namespace

Result<std::shared_ptr<const PriceList>> load_prices(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) return fail(Errc::not_found, "cannot read " + path);
  const auto json = Json::parse(text.str());
  if (!json) return fail(Errc::invalid_argument, path + ": " + json.error().message);
  auto prices = std::make_shared<PriceList>();
  prices->as_of = (*json)["as_of"].string_or("");
  std::string faults;
  if ((*json)["models"].size() == 0) faults += "; /models must be an object with a model in it";
  for (const JsonView::Member& model : (*json)["models"].members()) {
    const std::string pointer = json_pointer("/models", model.key);
    prices->models[std::string(model.key)] = read_model(model.value, pointer, faults);
  }
  for (const JsonView::Member& member : json->root().members()) {
    if (member.key != "models" && member.key != "as_of") {
      faults += fmt::format("; {} is not known", json_pointer("", member.key));
    }
  }
  if (!faults.empty()) return fail(Errc::invalid_argument, path + ": " + faults.substr(2));
  return std::shared_ptr<const PriceList>(std::move(prices));
}

}  // namespace server
