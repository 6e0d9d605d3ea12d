#pragma once

#include "voicebridge/export.hpp"

namespace voicebridge::net {

/// Hears that a runtime stops, while its loops still run.
class StopListener {
 public:
  virtual ~StopListener() = default;
  virtual void on_runtime_stop() = 0;
};

}  // namespace voicebridge::net
