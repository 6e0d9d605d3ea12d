#include "net/batch_stage.hpp"

#include "net/media_socket.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

void BatchStage::pass_on() {
  for (const Arrival& arrival : arrivals_) arrival.socket->take_in(arrival);
  arrivals_.clear();
  used_ = 0;
  for (MediaSocket* const socket : deferred_) socket->send_deferred();
  deferred_.clear();
}

void BatchStage::end() {
  pass_on();
  open_ = false;
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
