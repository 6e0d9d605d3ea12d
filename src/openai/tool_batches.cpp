#include "openai/tool_batches.hpp"

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace openai::detail {

bool ToolBatches::remember(const std::string& call_id) {
  if (std::find(known_ids_.begin(), known_ids_.end(), call_id) != known_ids_.end()) return false;
  if (known_ids_.size() == kMaxKnownIds) known_ids_.erase(known_ids_.begin());
  known_ids_.push_back(call_id);
  return true;
}

void ToolBatches::open(const std::vector<ToolCall>& calls) {
  Batch batch;
  for (const ToolCall& call : calls) batch.open.push_back(call.id);
  batches_.push_back(std::move(batch));
}

ToolBatches::Answer ToolBatches::on_result(std::string_view call_id, bool respond) {
  for (auto batch = batches_.begin(); batch != batches_.end(); ++batch) {
    const auto call = std::find(batch->open.begin(), batch->open.end(), call_id);
    if (call == batch->open.end()) continue;
    batch->open.erase(call);
    batch->respond |= respond;
    if (!batch->open.empty()) return Answer::more_open;
    const Answer answer = batch->respond ? Answer::go_on : Answer::stay_quiet;
    batches_.erase(batch);
    return answer;
  }
  return Answer::unknown;
}

std::size_t ToolBatches::open_calls() const {
  std::size_t count = 0;
  for (const Batch& batch : batches_) count += batch.open.size();
  return count;
}

}  // namespace openai::detail
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
