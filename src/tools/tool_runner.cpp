#include "voicebridge/tools/tool_runner.hpp"

#include <fmt/format.h>

#include <atomic>
#include <set>
#include <utility>
#include <vector>

#include "tools/tool.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kRememberedIds = 1024;
constexpr JsonLimits kArgumentLimits{64 * 1024, 32};
constexpr std::size_t kMaxOutputBytes = 64 * 1024;  // A model reads all of it, and it costs.

using JobId = std::uint64_t;

/// Refuses ids it has seen, as far back as it remembers.
class SeenIds {
 public:
  bool insert(const std::string& id) {
    if (!ids_.insert(id).second) return false;
    if (order_.size() < kRememberedIds) {
      order_.push_back(id);
      return true;
    }
    ids_.erase(std::exchange(order_[oldest_], id));
    oldest_ = (oldest_ + 1) % kRememberedIds;
    return true;
  }

 private:
  std::set<std::string> ids_;
  std::vector<std::string> order_;
  std::size_t oldest_ = 0;  ///< Where the next one goes, once the memory is full.
};

/// Places in the bulkheads of the call and of the process, left when it goes.
class Places {
 public:
  static std::shared_ptr<Places> enter(ToolBulkhead of_call, ToolBulkhead of_all) {
    if (!of_call.enter()) return nullptr;
    if (!of_all.enter()) {
      of_call.leave();
      return nullptr;
    }
    return std::shared_ptr<Places>(new Places(std::move(of_call), std::move(of_all)));
  }
  ~Places() {
    of_call_.leave();
    of_all_.leave();
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

 private:
  Places(ToolBulkhead of_call, ToolBulkhead of_all)
      : of_call_(std::move(of_call)), of_all_(std::move(of_all)) {}
  ToolBulkhead of_call_;
  ToolBulkhead of_all_;
};

/// What all copies of one `ToolReply` share: the first answer goes through, or a failure when they
/// are all gone.
class ReplyOnce {
 public:
  ReplyOnce(ToolReply deliver, std::shared_ptr<Places> places)
      : deliver_(std::move(deliver)), places_(std::move(places)) {}
  ~ReplyOnce() { reply(fail(Errc::internal, "the tool ended without an answer")); }
  ReplyOnce(const ReplyOnce&) = delete;
  ReplyOnce& operator=(const ReplyOnce&) = delete;

  void reply(ToolOutput output) {
    if (replied_.exchange(true)) return;
    places_.reset();
    deliver_(std::move(output));
  }

 private:
  const ToolReply deliver_;
  std::shared_ptr<Places> places_;
  std::atomic<bool> replied_{false};
};

ToolOutput as_output_json(std::string text) {
  if (text.size() > kMaxOutputBytes) {
    return fail(Errc::payload_too_large,
                fmt::format("the tool's answer is longer than {} bytes", kMaxOutputBytes));
  }
  if (Json::parse(text)) return text;
  return JsonWriter().string(text).take();
}

Result<Json> parse_arguments(const JsonSchema& schema, const std::string& text) {
  auto arguments =
      Json::parse(text.empty() ? std::string_view("{}") : std::string_view(text), kArgumentLimits);
  if (!arguments)
    return fail(Errc::invalid_argument, "the arguments are wrong: " + arguments.error().message);
  if (auto valid = schema.validate(*arguments); !valid) return fail(valid.error());
  return arguments;
}

void call_handler(const AsyncToolHandler& handler, const ToolInvocation& invocation,
                  const ToolReply& reply) {
  if (invocation.cancellation.cancelled())
    return reply(fail(Errc::cancelled, "the call has ended"));
  try {
    handler(invocation, reply);
  } catch (...) {
    // What an exception says may hold a secret of the back end; the model gets none of it.
    reply(fail(Errc::internal, "the tool failed with an exception"));
  }
}

}  // namespace

struct ToolRunner::Impl : std::enable_shared_from_this<Impl> {
  /// The calls of one answer share one filler.
  struct Batch {
    bool filler_due = true;
  };

  struct Job {
    std::shared_ptr<Batch> batch;
    ToolCall call;
    ToolOptions options;
    TimePoint started;
    bool overdue = false;
    Scheduler::TimerId deadline_timer = 0;
    Scheduler::TimerId filler_timer = 0;
  };

  Impl(const ToolRegistry& registry, Scheduler& loop, std::string id, Callbacks to,
       ToolRunnerLimits limits, ToolBulkhead all, Logger logger)
      : tools(registry),
        scheduler(loop),
        call_id(std::move(id)),
        callbacks(std::move(to)),
        options(std::move(limits.options)),
        of_call(limits.per_call),
        of_all(std::move(all)),
        log(std::move(logger)) {}

  void take(const ToolCall& call, const std::shared_ptr<Batch>& batch,
            const std::map<std::string, std::string>& context);
  void schedule_timers(JobId id, Job& job);
  void start(JobId id, const ToolRegistry::Tool& tool, ToolInvocation invocation);
  void post_reply(JobId id, ToolOutput output);
  void on_reply(JobId id, ToolOutput output);
  void on_deadline(JobId id);
  void on_slow(JobId id);
  void report(const Job& job, const ToolOutput& output);
  void cancel_timers(Job& job);
  Error unknown_tool(const std::string& name) const;

  const ToolRegistry& tools;
  Scheduler& scheduler;
  const std::string call_id;
  const Callbacks callbacks;
  const std::map<std::string, ToolOptions> options;  ///< In place of the tool's own.
  ToolBulkhead of_call;
  ToolBulkhead of_all;
  const Logger log;
  const Cancellation cancellation;
  std::map<JobId, Job> jobs;
  SeenIds seen;
  JobId next_job = 1;
};

void ToolRunner::Impl::take(const ToolCall& call, const std::shared_ptr<Batch>& batch,
                            const std::map<std::string, std::string>& context) {
  if (!seen.insert(call.id)) return;
  const JobId id = next_job++;
  Job& job = jobs[id];
  job.batch = batch;
  job.call = call;
  job.started = scheduler.now();
  const ToolRegistry::Tool* tool = tools.find(call.name);
  if (tool == nullptr) return post_reply(id, fail(unknown_tool(call.name)));
  auto arguments = parse_arguments(tool->parameters, call.arguments_json);
  if (!arguments) return post_reply(id, fail(arguments.error()));
  const auto own = options.find(call.name);
  job.options = own == options.end() ? tool->options : own->second;
  schedule_timers(id, job);
  start(id, *tool, {call_id, call.id, call.name, std::move(*arguments), context, cancellation});
}

void ToolRunner::Impl::schedule_timers(JobId id, Job& job) {
  const auto guarded = [weak = weak_from_this(), id](void (Impl::*then)(JobId)) {
    return [weak, id, then] {
      if (const auto self = weak.lock()) (self.get()->*then)(id);
    };
  };
  job.deadline_timer =
      scheduler.run_at(job.started + job.options.deadline, guarded(&Impl::on_deadline));
  if (job.options.filler_after == Millis(0)) return;
  job.filler_timer =
      scheduler.run_at(job.started + job.options.filler_after, guarded(&Impl::on_slow));
}

void ToolRunner::Impl::start(JobId id, const ToolRegistry::Tool& tool, ToolInvocation invocation) {
  const auto busy = [] {
    return fail(Errc::resource_exhausted,
                "too many tools are running at the moment; try again later");
  };
  auto places = Places::enter(of_call, of_all);
  if (!places) return post_reply(id, busy());
  auto deliver = [weak = weak_from_this(), &loop = scheduler, id](ToolOutput output) {
    // Looked at here too, so that a reply after the call touches the scheduler only when it has to.
    if (weak.expired()) return;
    loop.post([weak, id, output = std::move(output)]() mutable {
      if (const auto self = weak.lock()) self->on_reply(id, std::move(output));
    });
  };
  auto once = std::make_shared<ReplyOnce>(std::move(deliver), std::move(places));
  const ToolReply reply = [once](ToolOutput output) { once->reply(std::move(output)); };
  // The task has the handler itself: the registry may go while it still runs.
  const bool queued = scheduler.offload([handler = tool.handler, invocation = std::move(invocation),
                                         reply] { call_handler(handler, invocation, reply); });
  if (!queued) reply(busy());
}

void ToolRunner::Impl::post_reply(JobId id, ToolOutput output) {
  scheduler.post([weak = weak_from_this(), id, output = std::move(output)]() mutable {
    if (const auto self = weak.lock()) self->on_reply(id, std::move(output));
  });
}

void ToolRunner::Impl::on_reply(JobId id, ToolOutput output) {
  auto node = jobs.extract(id);
  if (node.empty()) return;
  Job& job = node.mapped();
  cancel_timers(job);
  if (output) output = as_output_json(std::move(*output));
  if (!job.overdue) return report(job, output);
  log.info("tools", "late result",
           {{"call", call_id}, {"tool", job.call.name}, {"ok", output.has_value()}});
  if (output && callbacks.on_late) callbacks.on_late(job.call.name, *output);
}

void ToolRunner::Impl::on_deadline(JobId id) {
  Job& job = jobs.at(id);
  cancel_timers(job);
  job.overdue = true;
  const std::string why = fmt::format("{} has not answered within {} ms; its answer may follow",
                                      job.call.name, job.options.deadline.count());
  report(job, fail(Errc::deadline_exceeded, why));
}

void ToolRunner::Impl::on_slow(JobId id) {
  Job& job = jobs.at(id);
  job.filler_timer = 0;
  if (!std::exchange(job.batch->filler_due, false)) return;
  const std::string filler =
      job.options.filler;  // The callback may end the call, and with it the job.
  if (callbacks.on_slow) callbacks.on_slow(filler);
}

void ToolRunner::Impl::report(const Job& job, const ToolOutput& output) {
  const auto took = std::chrono::duration_cast<Millis>(scheduler.now() - job.started);
  const std::string id = job.call.id;
  if (output) {
    log.debug("tools", "answered",
              {{"call", call_id}, {"tool", job.call.name}, {"ms", took.count()}});
    if (callbacks.on_result) callbacks.on_result(id, *output);
    return;
  }
  log.warn("tools", "failed",
           {{"call", call_id},
            {"tool", job.call.name},
            {"ms", took.count()},
            {"code", to_string(output.error().code)},
            {"field", output.error().field}});
  if (callbacks.on_result) callbacks.on_result(id, tool_error_json(output.error()));
}

void ToolRunner::Impl::cancel_timers(Job& job) {
  for (Scheduler::TimerId* timer : {&job.deadline_timer, &job.filler_timer}) {
    if (*timer != 0) scheduler.cancel(*timer);
    *timer = 0;
  }
}

Error ToolRunner::Impl::unknown_tool(const std::string& name) const {
  std::string known;
  for (const ToolSpec& spec : tools.specs()) known += (known.empty() ? "" : ", ") + spec.name;
  return fail(Errc::not_found,
              fmt::format("there is no tool \"{:.64}\"; the tools are: {}", name, known))
      .value();
}

ToolRunner::ToolRunner(const ToolRegistry& tools, Scheduler& scheduler, std::string call_id,
                       Callbacks callbacks, ToolRunnerLimits limits, ToolBulkhead bulkhead,
                       Logger log)
    : impl_(std::make_shared<Impl>(tools, scheduler, std::move(call_id), std::move(callbacks),
                                   std::move(limits), std::move(bulkhead), std::move(log))) {}

ToolRunner::~ToolRunner() { cancel_all(); }

void ToolRunner::run(const std::vector<ToolCall>& calls,
                     const std::map<std::string, std::string>& context) {
  if (impl_->cancellation.cancelled()) return;
  const auto batch = std::make_shared<Impl::Batch>();
  for (const ToolCall& call : calls) impl_->take(call, batch, context);
}

void ToolRunner::cancel_all() {
  impl_->cancellation.cancel();
  for (auto& [id, job] : impl_->jobs) impl_->cancel_timers(job);
  impl_->jobs.clear();
}

std::size_t ToolRunner::running() const {
  std::size_t count = 0;
  for (const auto& [id, job] : impl_->jobs) count += job.overdue ? 0 : 1;
  return count;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
