#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "voicebridge/net/websocket.hpp"

namespace voicebridge::test {

/// Notes what happens on a WebSocket, for a test on another thread to wait for. The hooks run on
/// the socket's shard and are set before it opens.
class WebSocketRecorder : public WebSocketHandler {
 public:
  using Lines = std::vector<std::string>;

  void on_open(WebSocket& opened) override {
    socket = &opened;
    note("open");
    if (opened_hook) opened_hook(opened);
  }
  void on_text(std::string_view text) override {
    note("text:" + std::string(text));
    if (text_hook) text_hook(*socket, text);
  }
  void on_binary(std::string_view bytes) override { note("binary:" + std::string(bytes)); }
  void on_writable() override { note("writable"); }
  void on_closed(std::uint16_t code, std::string_view reason) override {
    note("closed:" + std::to_string(code) + (reason.empty() ? "" : " " + std::string(reason)));
    socket = nullptr;
  }

  /// Waits until so many things have happened; throws when that takes too long.
  Lines wait_for(std::size_t count) {
    return wait_until([count](const Lines& lines) { return lines.size() >= count; });
  }
  Lines wait_until_closed() {
    return wait_until([](const Lines& lines) {
      return !lines.empty() && lines.back().compare(0, 7, "closed:") == 0;
    });
  }
  Lines lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  std::function<void(WebSocket&)> opened_hook;
  std::function<void(WebSocket&, std::string_view)> text_hook;
  WebSocket* socket = nullptr;  ///< While it is open; for its shard only.

 private:
  template <class Condition>
  Lines wait_until(Condition condition) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return condition(lines_); })) {
      throw std::runtime_error("the WebSocket did not do what was waited for");
    }
    return lines_;
  }
  void note(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Lines lines_;
};

}  // namespace voicebridge::test
