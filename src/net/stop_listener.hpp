#pragma once

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

/// Hears that a runtime stops, while its loops still run.
class StopListener {
 public:
  virtual ~StopListener() = default;
  virtual void on_runtime_stop() = 0;
};

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
