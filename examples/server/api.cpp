#include "api.hpp"

#include <algorithm>

#include "api_answers.hpp"

namespace server {

using namespace voicebridge;

namespace {

constexpr const char* kMethods[] = {"get", "put", "post", "delete", "patch"};
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// Nothing, or the refusal: 415 for another media type.
std::optional<Error> wrong_type(const ApiOperation& operation, const HttpServerRequest& request) {
  const auto type = request.headers.find("content-type");
  const std::string_view wanted = operation.media_type() == kFormType ? kFormType : "json";
  if (!type || type->find(wanted) != std::string_view::npos) return std::nullopt;
  return fail(Errc::unsupported, "send the body as " + operation.media_type(), "Content-Type")
      .value();
}

/// The fields of a form as an object; of those with one name the first.
Json as_object(const FormFields& form) {
  JsonWriter json;
  json.object();
  for (const auto& [name, value] : form.fields()) json.field(name, value);
  return Json::parse(json.end().take()).value_or(Json());
}

/// Reads the body and checks it; false when the request is answered.
bool take_body(const ApiOperation& operation, ApiRequest& request, const HttpResponder& responder) {
  if (operation.media_type().empty()) return true;
  if (request.http.body.empty() && !operation.needs_body()) return true;
  if (const auto wrong = wrong_type(operation, request.http)) {
    refuse(responder, 415, *wrong);
    return false;
  }
  Result<> read;
  if (operation.media_type() == kFormType) {
    auto form = FormFields::parse(request.http.body);
    if (!form) {
      read = fail(form.error());
    } else {
      request.form = std::move(*form);
      request.body = as_object(request.form);
    }
  } else {
    auto json = Json::parse(request.http.body);
    if (!json)
      read = fail(json.error());
    else
      request.body = std::move(*json);
  }
  if (!read) {
    refuse(responder, read.error().code == Errc::payload_too_large ? 413 : 400, read.error());
    return false;
  }
  if (const auto valid = operation.check_body(request.body); !valid) {
    refuse(responder, 422, valid.error());
    return false;
  }
  return true;
}

}  // namespace

Result<Api> Api::create(HttpServer& server, std::string_view document) {
  const auto parsed = Json::parse(document);
  if (!parsed) return fail(parsed.error());
  Api api(server);
  api.text_ = parsed->dump();
  for (const JsonView::Member& item : (*parsed)["paths"].members()) {
    for (const char* method : kMethods) {
      const JsonView entry = item.value[method];
      if (!entry.exists()) continue;
      auto operation = ApiOperation::read(*parsed, item.value, entry);
      if (!operation) {
        Error error = operation.error();
        error.message = upper(method) + ' ' + std::string(item.key) + ": " + error.message;
        return fail(std::move(error));
      }
      api.operations_[{upper(method), std::string(item.key)}] =
          std::make_shared<const ApiOperation>(std::move(*operation));
    }
  }
  return api;
}

const ApiOperation* Api::operation(const std::string& method, const std::string& path) const {
  const auto found = operations_.find({method, path});
  return found == operations_.end() ? nullptr : found->second.get();
}

void Api::turn_off(const std::string& scheme, const std::string& why) {
  guard(scheme, [error = fail(Errc::not_found, why).value()](const HttpServerRequest&,
                                                             const HttpResponder& responder) {
    refuse(responder, error);
    return false;
  });
}

void Api::declare(const std::string& method, const std::string& path) {
  routes_.insert({method, path});
}

void Api::websocket(const std::string& path, WebSocketRouteHandler handler) {
  declare("GET", path);
  server_.websocket(path, std::move(handler));
}

void Api::route(const std::string& method, const std::string& path, Handler handler) {
  declare(method, path);
  const auto found = operations_.find({method, path});
  if (found == operations_.end()) return;  // `complete` tells.
  std::vector<Gate> gates;
  for (const std::string& scheme : found->second->security()) {
    if (const auto gate = gates_.find(scheme); gate != gates_.end()) gates.push_back(gate->second);
  }
  server_.route(method, path,
                [operation = found->second, gates = std::move(gates), handler = std::move(handler)](
                    HttpServerRequest http, HttpResponder responder) {
                  for (const Gate& gate : gates) {
                    if (!gate(http, responder)) return;
                  }
                  ApiRequest request;
                  request.http = std::move(http);
                  auto parameters = operation->check_parameters(request.http);
                  if (!parameters) return refuse(responder, parameters.error());
                  request.parameters = std::move(*parameters);
                  if (take_body(*operation, request, responder)) {
                    handler(std::move(request), std::move(responder));
                  }
                });
}

Result<> Api::complete() const {
  std::string faults;
  for (const Key& route : routes_) {
    if (operations_.count(route) == 0) {
      faults += " The route " + route.first + ' ' + route.second + " has no entry.";
    }
  }
  for (const auto& [key, operation] : operations_) {
    if (routes_.count(key) == 0) {
      faults += " The entry " + key.first + ' ' + key.second + " has no route.";
    }
  }
  if (faults.empty()) return {};
  return fail(Errc::internal, "the OpenAPI document and the routes differ:" + faults);
}

}  // namespace server
