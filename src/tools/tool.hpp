#pragma once

#include "voicebridge/tools/tool_registry.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

/// A tool as it was registered. Blocking handlers are asynchronous ones that answer before they
/// return.
struct ToolRegistry::Tool {
  ToolSpec spec;
  AsyncToolHandler handler;
  ToolOptions options;
  JsonSchema parameters;
};

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
