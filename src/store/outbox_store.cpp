#include "voicebridge/store/outbox_store.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "store/outbox_delivery.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

class CopyingLeadStore : public OutboxLeadStore {
 public:
  CopyingLeadStore(std::shared_ptr<detail::SqliteDatabase> database, std::shared_ptr<LeadSink> sink,
                   OutboxOptions options)
      : leads_(std::move(database), true),
        sink_(std::move(sink)),
        options_(std::move(options)),
        courier_([this] { deliver(); }) {}
  ~CopyingLeadStore() override { stop(); }

  Result<Lead> save(const LeadInput& input) override {
    auto saved = leads_.save(input);
    if (saved) wake();
    return saved;
  }
  Result<> set_summary(const std::string& id, const std::string& summary) override {
    auto done = leads_.set_summary(id, summary);
    if (done) wake();
    return done;
  }
  Result<Lead> find(const std::string& id) override { return leads_.find(id); }
  Result<Lead> find_by_phone(const std::string& phone) override {
    return leads_.find_by_phone(phone);
  }
  Result<std::vector<Lead>> list(std::size_t limit) override { return leads_.list(limit); }
  Result<> remove(const std::string& id) override { return leads_.remove(id); }

  OutboxCounts counts() const override {
    OutboxCounts counts;
    counts.pending = leads_.waiting().value_or(0);
    counts.delivered = delivered_;
    counts.failed = failed_;
    counts.refused = refused_;
    return counts;
  }

  void stop() override {
    const std::lock_guard<std::mutex> one_at_a_time(stopping_);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    if (courier_.joinable()) courier_.join();
  }

 private:
  void wake() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      news_ = true;
    }
    changed_.notify_all();
  }

  void deliver() {
    detail::DeliveryPace pace(options_);
    while (true) {
      {
        // Before it is looked for: what is saved from now on is news.
        const std::lock_guard<std::mutex> lock(mutex_);
        if (stopped_) return;
        news_ = false;
      }
      const detail::Delivery delivery = detail::deliver_first(leads_, *sink_);
      count(delivery);
      const auto wait = pace.after(delivery);
      std::unique_lock<std::mutex> lock(mutex_);
      if (!wait) {
        changed_.wait(lock, [this] { return stopped_ || news_; });
      } else if (*wait > Millis(0)) {
        // News does not shorten it: the sink is down for all.
        changed_.wait_for(lock, *wait, [this] { return stopped_; });
      }
    }
  }

  void add(std::atomic<std::uint64_t>& own, const char* name) {
    ++own;
    if (options_.metrics != nullptr) options_.metrics->counter(name).add();
  }

  void count(const detail::Delivery& delivery) {
    using What = detail::Delivery::What;
    if (delivery.what == What::delivered) add(delivered_, "store.outbox.delivered");
    if (delivery.what == What::failed) add(failed_, "store.outbox.failed");
    if (delivery.what == What::refused) add(refused_, "store.outbox.refused");
    if (delivery.what != What::failed && delivery.what != What::refused) return;
    options_.log.warn("store", "a lead waits to be copied", {{"error", to_string(delivery.error)}});
  }

  mutable detail::SqliteLeadStore leads_;
  const std::shared_ptr<LeadSink> sink_;
  const OutboxOptions options_;
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::mutex stopping_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  bool news_ = false;
  std::thread courier_;  ///< Last: it uses the others.
};

}  // namespace

Result<OutboxStores> open_outbox_stores(const std::string& path, std::shared_ptr<LeadSink> sink,
                                        OutboxOptions options) {
  if (!sink) return fail(Errc::invalid_argument, "a sink is needed", "sink");
  const auto database = detail::SqliteDatabase::open(path);
  if (!database) return fail(database.error());
  return OutboxStores{
      std::make_shared<CopyingLeadStore>(*database, std::move(sink), std::move(options)),
      detail::make_sqlite_call_store(*database)};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
