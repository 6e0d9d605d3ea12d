#include "voicebridge/testing/openai_sip_plan.hpp"

#include <map>

#include "openai_shape.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

using detail::Shape;

/// No duration of a call is longer.
Shape millis() { return Shape::integer(0, 24 * 3600 * 1000); }

Shape webhook_shape() {
  return Shape::object({{"delay_ms", millis()},
                        {"copies", Shape::integer(0, 100)},
                        {"copy_spacing_ms", millis()},
                        {"late_ms", millis()},
                        {"retries_ms", Shape::array(millis(), 0, 100)},
                        {"timeout_ms", millis()},
                        {"stale_ms", millis()},
                        {"bad_signature", Shape::boolean()},
                        {"rotated", Shape::boolean()},
                        {"live_event", Shape::boolean()}});
}

Shape plan_shape() {
  const Shape header =
      Shape::object({{"name", Shape::text(), true}, {"value", Shape::text(), true}});
  const Shape fault =
      Shape::object({{"verb", Shape::choice({"accept", "reject", "refer", "hangup"}), true},
                     {"times", Shape::integer(1, 1000)},
                     {"status", Shape::integer(0, 599)},
                     {"code", Shape::text()},
                     {"delay_ms", millis()},
                     {"effective", Shape::boolean()}});
  return Shape::object({{"from", Shape::text()},
                        {"to", Shape::text()},
                        {"headers", Shape::array(header, 0, 100)},
                        {"media_security", Shape::text()},
                        {"ring_ms", millis()},
                        {"connect_ms", millis()},
                        {"codec", Shape::choice({"PCMU", "PCMA"})},
                        {"script", Shape::array(Shape::any())},
                        {"idle", Shape::choice({"silence", "comfort_noise", "nothing"})},
                        {"hang_up_after_ms", millis()},
                        {"webhook", webhook_shape()},
                        {"faults", Shape::array(fault, 0, 100)},
                        {"agent", Shape::text()}});
}

void read(JsonView json, Millis& out) { out = Millis(json.integer_or(out.count())); }

SipWebhookPlan read_webhook(JsonView json) {
  SipWebhookPlan plan;
  read(json["delay_ms"], plan.delay);
  plan.copies = static_cast<unsigned>(json["copies"].integer_or(plan.copies));
  read(json["copy_spacing_ms"], plan.copy_spacing);
  if (const auto late = json["late_ms"].integer()) plan.late = Millis(*late);
  if (const JsonView retries = json["retries_ms"]; retries.exists()) {
    plan.retries.clear();
    for (const JsonView pause : retries.elements()) plan.retries.emplace_back(pause.integer_or(0));
  }
  read(json["timeout_ms"], plan.timeout);
  read(json["stale_ms"], plan.stale);
  plan.bad_signature = json["bad_signature"].bool_or(false);
  plan.rotated = json["rotated"].bool_or(false);
  plan.live_event = json["live_event"].bool_or(false);
  return plan;
}

SipApiFault read_api_fault(JsonView json) {
  SipApiFault fault;
  fault.verb = json["verb"].string_or("");
  fault.times = static_cast<unsigned>(json["times"].integer_or(fault.times));
  fault.status = static_cast<int>(json["status"].integer_or(fault.status));
  fault.code = json["code"].string_or(fault.code);
  read(json["delay_ms"], fault.delay);
  fault.effective = json["effective"].bool_or(false);
  return fault;
}

Result<SimCallerPlan> read_caller(JsonView json, const std::string& folder) {
  static const std::map<std::string, CalleeIdle> kIdles = {
      {"silence", CalleeIdle::silence},
      {"comfort_noise", CalleeIdle::comfort_noise},
      {"nothing", CalleeIdle::nothing}};
  SimCallerPlan caller;
  if (json["codec"].string_or("") == "PCMA") caller.codec = AudioFormat::pcma();
  caller.idle = kIdles.at(json["idle"].string_or("silence"));
  if (const auto end = json["hang_up_after_ms"].integer()) caller.hang_up_after = Millis(*end);
  if (const JsonView steps = json["script"]; steps.exists()) {
    auto script = CalleeScript::parse(steps, folder);
    if (!script) return fail(script.error());
    caller.script = std::move(*script);
  }
  return caller;
}

}  // namespace

Result<SipCallPlan> SipCallPlan::parse(JsonView json, const std::string& folder) {
  static const Shape shape = plan_shape();
  if (auto error = shape.check(json, "")) {
    return fail(Errc::invalid_argument, std::move(error->message), std::move(error->param));
  }
  SipCallPlan plan;
  plan.from = json["from"].string_or(plan.from);
  plan.to = json["to"].string_or("");
  for (const JsonView header : json["headers"].elements()) {
    plan.headers.emplace_back(header["name"].string_or(""), header["value"].string_or(""));
  }
  plan.media_security = json["media_security"].string_or(plan.media_security);
  read(json["ring_ms"], plan.ring);
  read(json["connect_ms"], plan.connect);
  plan.agent = json["agent"].string_or("");
  plan.webhook = read_webhook(json["webhook"]);
  for (const JsonView fault : json["faults"].elements())
    plan.faults.push_back(read_api_fault(fault));
  auto caller = read_caller(json, folder);
  if (!caller) return fail(caller.error());
  plan.caller = std::move(*caller);
  return plan;
}

Result<std::vector<SipCallPlan>> SipCallPlan::parse_all(JsonView json, const std::string& folder) {
  std::vector<SipCallPlan> plans;
  const auto add = [&](JsonView one) -> Result<> {
    auto plan = parse(one, folder);
    if (!plan) return fail(plan.error());
    plans.push_back(std::move(*plan));
    return {};
  };
  if (!json.is_array()) {
    if (auto added = add(json); !added) return fail(added.error());
  }
  for (const JsonView one : json.elements()) {
    if (auto added = add(one); !added) return fail(added.error());
  }
  return plans;
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
