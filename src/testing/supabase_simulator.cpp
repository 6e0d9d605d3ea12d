#include "voicebridge/testing/supabase_simulator.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

#include "testing/supabase_api.hpp"
#include "voicebridge/net/http_server.hpp"
#include "voicebridge/testing/seeded_random.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

constexpr std::size_t kMaxHeldClients = 1000;

/// One of the ways in which a service fails; half of them have done what was asked.
SupabaseFault drawn_fault(SeededRandom& random) {
  SupabaseFault fault;
  const int statuses[] = {500, 503, 504, 429, 401, 520, 0};
  fault.status = statuses[random.up_to(std::size(statuses) - 1)];
  fault.effective = random.chance(0.5);
  fault.html = random.chance(0.3);
  return fault;
}

HttpResponse answer_of(const SupabaseFault& fault) {
  HttpResponse response;
  if (fault.html) {
    response.status = fault.status;
    response.headers = {{"Content-Type", "text/html"}};
    response.body = "<html><body>Bad gateway</body></html>";
    return response;
  }
  supabase::PgError error{fault.status, "PGRST003", "Timed out acquiring connection", ""};
  if (fault.status == 401) error = {401, "PGRST303", "JWT expired", ""};
  if (fault.status == 500) {
    error = {500, "57014", "canceling statement due to statement timeout", ""};
  }
  return to_response(error);
}

Lead lead_of(const supabase::Row& row) {
  const auto text = [&](const char* name) { return row.at(name).value_or(""); };
  Lead lead;
  lead.id = text("id");
  lead.first_name = text("first_name");
  lead.last_name = text("last_name");
  lead.phone_e164 = text("phone_e164");
  lead.source = text("source");
  lead.consent = text("consent") == "true";
  lead.consent_text = text("consent_text");
  lead.consent_source = text("consent_source");
  lead.summary = text("summary");
  return lead;
}

}  // namespace

class SupabaseSimulator::Impl : public std::enable_shared_from_this<SupabaseSimulator::Impl> {
 public:
  Impl(Runtime& runtime, SupabaseSimulatorOptions options)
      : runtime_(runtime), options_(std::move(options)), port_(options_.port), api_(options_) {}

  Result<> listen() {
    HttpServerOptions server_options;
    server_options.address = options_.address;
    server_options.port = port_;
    auto server = HttpServer::create(runtime_, server_options);
    if (!server) return fail(std::move(server.error()));
    for (const char* const method : {"GET", "POST", "PATCH", "DELETE"}) {
      (*server)->route(method, "/rest/v1/{table}",
                       [weak = weak_from_this()](HttpServerRequest request, HttpResponder answer) {
                         if (const auto self = weak.lock())
                           self->serve(std::move(request), std::move(answer));
                       });
    }
    if (auto started = (*server)->start(); !started) return started;
    server_ = std::move(*server);
    port_ = server_->port();
    return {};
  }

  void go_down() {
    server_.reset();
    const std::lock_guard<std::mutex> lock(mutex_);
    held_.clear();
  }

  void serve(HttpServerRequest request, HttpResponder responder) {
    supabase::ApiRequest asked;
    asked.method = request.method;
    asked.table = request.parameters["table"];
    const std::size_t mark = request.target.find('?');
    if (mark != std::string::npos) asked.query = request.target.substr(mark + 1);
    asked.headers = std::move(request.headers);
    asked.body = std::move(request.body);
    const std::lock_guard<std::mutex> lock(mutex_);
    ++requests_;
    const auto fault = next_fault();
    HttpResponse answer;
    if (!fault || fault->effective) answer = api_.on_request(asked, unix_now());
    if (fault && fault->status == 0) {
      if (held_.size() >= kMaxHeldClients) held_.pop_front();  // It gets a 500.
      held_.push_back(std::move(responder));
      return;
    }
    if (fault) answer = answer_of(*fault);
    if (!fault || fault->delay == Millis(0)) return responder.send(std::move(answer));
    request.shard->run_at(request.shard->now() + fault->delay,
                          [responder, answer] { responder.send(answer); });
  }

  std::string base_url() const {
    return "http://" + options_.address + ":" + std::to_string(port_);
  }
  std::uint16_t port() const { return port_; }

  template <class Use>
  auto locked(Use use) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return use(*this);
  }

  std::deque<SupabaseFault> faults_;
  unsigned trouble_percent_ = 0;
  SeededRandom random_{0};
  std::uint64_t requests_ = 0;
  std::uint64_t met_ = 0;
  const supabase::Table& table() const { return api_.table(); }

 private:
  std::optional<SupabaseFault> next_fault() {
    while (!faults_.empty() && faults_.front().times == 0) faults_.pop_front();
    std::optional<SupabaseFault> fault;
    if (!faults_.empty()) {
      --faults_.front().times;
      fault = faults_.front();
    } else if (random_.up_to(99) < trouble_percent_) {
      fault = drawn_fault(random_);
    }
    if (fault) ++met_;
    return fault;
  }

  Runtime& runtime_;
  const SupabaseSimulatorOptions options_;
  std::uint16_t port_;
  supabase::Api api_;
  std::mutex mutex_;
  std::deque<HttpResponder> held_;
  std::unique_ptr<HttpServer> server_;
};

SupabaseSimulator::SupabaseSimulator() = default;
SupabaseSimulator::~SupabaseSimulator() {
  if (impl_) impl_->go_down();
}

Result<std::unique_ptr<SupabaseSimulator>> SupabaseSimulator::create(
    Runtime& runtime, SupabaseSimulatorOptions options) {
  std::unique_ptr<SupabaseSimulator> simulator(new SupabaseSimulator());
  auto impl = std::make_shared<Impl>(runtime, std::move(options));
  if (auto listening = impl->listen(); !listening) return fail(std::move(listening.error()));
  simulator->impl_ = std::move(impl);
  return simulator;
}

std::uint16_t SupabaseSimulator::port() const noexcept { return impl_->port(); }
std::string SupabaseSimulator::base_url() const { return impl_->base_url(); }

void SupabaseSimulator::inject(SupabaseFault fault) {
  impl_->locked([&](Impl& impl) { impl.faults_.push_back(fault); });
}

void SupabaseSimulator::set_trouble(unsigned percent, std::uint32_t seed) {
  impl_->locked([&](Impl& impl) {
    impl.trouble_percent_ = percent;
    impl.random_ = SeededRandom(seed);
  });
}

void SupabaseSimulator::go_down() { impl_->go_down(); }
Result<> SupabaseSimulator::come_back() { return impl_->listen(); }

std::vector<Lead> SupabaseSimulator::leads() const {
  return impl_->locked([](Impl& impl) {
    std::vector<Lead> leads;
    for (const supabase::Row& row : impl.table().rows()) leads.push_back(lead_of(row));
    return leads;
  });
}

std::uint64_t SupabaseSimulator::requests() const {
  return impl_->locked([](Impl& impl) { return impl.requests_; });
}

std::uint64_t SupabaseSimulator::faults() const {
  return impl_->locked([](Impl& impl) { return impl.met_; });
}

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
