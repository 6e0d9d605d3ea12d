// What an application is told of calls while they run.
#include "agent/phone_agent_impl.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

void LiveCall::on_timeline(const TimelineEntry& entry) {
  const CallState before = state_;
  if (session_) state_ = session_->state();
  if (state_ != before) save_progress();
  for (const auto& told : shop_->hooks.timeline) told(plan_.call_id, entry);
}

void LiveCall::on_transcript(const TranscriptEntry& entry, bool final) {
  if (shop_->hooks.transcript.empty()) return;
  const TranscriptUpdate update{plan_.call_id, entry, final};
  for (const auto& told : shop_->hooks.transcript) told(update);
}

void LiveCall::on_agent_speaking(bool speaking) {
  for (const auto& told : shop_->hooks.speaking) told(plan_.call_id, speaking);
}

void PhoneAgent::on_ended(Ended hook) {
  if (hook) impl_->shop->hooks.ended.push_back(std::move(hook));
}

void PhoneAgent::on_timeline(std::function<void(const std::string&, const TimelineEntry&)> hook) {
  if (hook) impl_->shop->hooks.timeline.push_back(std::move(hook));
}

void PhoneAgent::on_transcript(std::function<void(const TranscriptUpdate&)> hook) {
  if (hook) impl_->shop->hooks.transcript.push_back(std::move(hook));
}

void PhoneAgent::on_agent_speaking(std::function<void(const std::string&, bool)> hook) {
  if (hook) impl_->shop->hooks.speaking.push_back(std::move(hook));
}

void PhoneAgent::on_lead_saved(std::function<void(const std::string&, const Lead&)> hook) {
  if (hook) impl_->shop->hooks.lead_saved.push_back(std::move(hook));
}

void PhoneAgent::on_lead_called(std::function<void(const std::string&, const CallStatus&)> hook) {
  if (hook) impl_->shop->hooks.lead_called.push_back(std::move(hook));
}

Result<Lead> PhoneAgent::save_lead(const LeadInput& input, const std::string& call_id) {
  auto lead = impl_->shop->parts.leads->save(input);
  if (!lead) return lead;
  remember_lead(call_id, lead->id);
  for (const auto& told : impl_->shop->hooks.lead_saved) told(call_id, *lead);
  return lead;
}

void PhoneAgent::remember_lead(const std::string& session_id, const std::string& lead_id) {
  auto session = impl_->find(session_id);
  if (!session) return;
  session->met(lead_id);
  Impl::at_home(std::move(session), [](LiveCall& call) { call.keep(); });
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
