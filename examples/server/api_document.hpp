#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/json.hpp"
#include "voicebridge/net/http_server.hpp"

namespace server {

/// Where a parameter stands.
enum class ApiPlace { path, query, header };

/// One operation of the OpenAPI document, ready to check requests.
/// @par Threads Any.
class ApiOperation {
 public:
  /// @param item  The path's entry, whose parameters are shared by its operations.
  static voicebridge::Result<ApiOperation> read(voicebridge::JsonView document,
                                                voicebridge::JsonView item,
                                                voicebridge::JsonView operation);

  /// The names in `securitySchemes`, of which one has to let a request pass; none: anybody may.
  const std::vector<std::string>& security() const { return security_; }
  /// The media type of the body; empty: it takes none, and what comes is not looked at.
  const std::string& media_type() const { return media_type_; }
  bool needs_body() const { return needs_body_; }
  voicebridge::Result<> check_body(voicebridge::JsonView body) const;
  /// The parameters by name, numbers and booleans as such. An error names the first wrong one.
  voicebridge::Result<voicebridge::Json> check_parameters(
      const voicebridge::HttpServerRequest& request) const;
  /// The schema of an answer's JSON; null when the document has none for the status.
  const voicebridge::JsonSchema* answer(int status) const;

 private:
  struct Parameters {
    std::vector<std::pair<std::string, std::string>> types;  ///< Name and type, in order.
    std::optional<voicebridge::JsonSchema> schema;
  };
  voicebridge::Result<> read_parameters(voicebridge::JsonView document,
                                        const std::vector<voicebridge::JsonView>& parameters);
  voicebridge::Result<> read_body(voicebridge::JsonView document, voicebridge::JsonView body);
  voicebridge::Result<> read_answers(voicebridge::JsonView document,
                                     voicebridge::JsonView responses);
  static std::optional<std::string> text_of(const voicebridge::HttpServerRequest& request,
                                            ApiPlace place, const std::string& name);

  std::vector<std::string> security_;
  std::string media_type_;
  bool needs_body_ = false;
  bool strict_query_ = false;  ///< Of webhooks it is the service's, which may add to it.
  std::optional<voicebridge::JsonSchema> body_;
  std::map<ApiPlace, Parameters> parameters_;
  std::map<int, voicebridge::JsonSchema> answers_;
};

/// A schema of the document with every reference in it put in its place, which `JsonSchema` wants.
voicebridge::Result<voicebridge::Json> resolve_references(voicebridge::JsonView document,
                                                          voicebridge::JsonView schema);
/// What `#/components/…` leads to; the value itself when it is no reference.
voicebridge::Result<voicebridge::JsonView> follow(voicebridge::JsonView document,
                                                  voicebridge::JsonView value);

}  // namespace server
