#include <unordered_map>
#include <utility>

#include "net/poller.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {
namespace {

using Descriptor = asio::posix::stream_descriptor;

class AsioPoller final : public Poller {
 public:
  AsioPoller(asio::io_context& io, BatchObserver& observer) : io_(io), observer_(observer) {}
  ~AsioPoller() override {
    for (auto& entry : watches_)
      entry.second->descriptor.release();  // the sockets own the descriptors
  }

  void add(Pollable& socket) override {
    auto watch = std::make_shared<Watch>(io_, socket);
    wait_readable(watch);
    watches_.emplace(&socket, std::move(watch));
  }

  void watch_writable(Pollable& socket, bool on) override {
    const std::shared_ptr<Watch>& watch = watches_.at(&socket);
    watch->wants_write = on;
    if (on && !watch->write_armed) wait_writable(watch);
  }

  void remove(Pollable& socket) override {
    const auto entry = watches_.find(&socket);
    entry->second->socket = nullptr;
    entry->second->descriptor.release();
    watches_.erase(entry);
  }

 private:
  /// Shared with the waits, because one that has completed cannot be called back any more.
  struct Watch {
    Watch(asio::io_context& io, Pollable& watched) : descriptor(io), socket(&watched) {
      asio::error_code full;  // no room in the reactor: the connection dies of silence
      descriptor.assign(watched.native_handle(), full);
    }
    Descriptor descriptor;
    Pollable* socket;  ///< Null when it was removed.
    bool wants_write = false;
    bool write_armed = false;
  };

  void wait_readable(std::shared_ptr<Watch> watch) {
    Descriptor& descriptor = watch->descriptor;
    descriptor.async_wait(Descriptor::wait_read,
                          [this, watch = std::move(watch)](const asio::error_code& error) mutable {
                            if (error || watch->socket == nullptr) return;
                            observer_.begin_batch();
                            watch->socket->on_readable();
                            observer_.end_batch();
                            if (watch->socket != nullptr) wait_readable(std::move(watch));
                          });
  }

  void wait_writable(std::shared_ptr<Watch> watch) {
    watch->write_armed = true;
    Descriptor& descriptor = watch->descriptor;
    descriptor.async_wait(Descriptor::wait_write, [this, watch = std::move(watch)](
                                                      const asio::error_code& error) mutable {
      watch->write_armed = false;
      if (error || watch->socket == nullptr || !watch->wants_write) return;
      observer_.begin_batch();
      watch->socket->on_writable();
      observer_.end_batch();
      if (watch->socket != nullptr && watch->wants_write && !watch->write_armed) {
        wait_writable(std::move(watch));
      }
    });
  }

  asio::io_context& io_;
  BatchObserver& observer_;
  std::unordered_map<Pollable*, std::shared_ptr<Watch>> watches_;
};

}  // namespace

std::unique_ptr<Poller> make_asio_poller(asio::io_context& io, BatchObserver& observer) {
  return std::make_unique<AsioPoller>(io, observer);
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
