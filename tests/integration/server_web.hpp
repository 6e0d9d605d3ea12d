#pragma once

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "integration/server_town.hpp"
#include "support/websocket_recorder.hpp"

namespace voicebridge::test {

/// An offer as browsers make it.
inline constexpr const char* kBrowserOffer =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    "a=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:"
    "FF\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\n";

/// A session as POST /session has given it.
struct WebEntry {
  std::string id;
  std::string token;
};

inline WebEntry entry_of(const HttpResponse& answer) {
  if (const auto session = answer.headers.find("x-voicebridge-session")) {
    return {std::string(*session),
            std::string(answer.headers.find("x-voicebridge-token").value_or(""))};
  }
  const Json body = Json::parse(answer.body).value();
  return {body["session_id"].string_or(""), body["token"].string_or("")};
}

/// One socket of a page. Answers marks at once: it hears as fast as it is sent to.
class PageSocket {
 public:
  PageSocket(Town& town, const std::string& path, const WebEntry& entry, std::uint64_t after = 0,
             const std::string& origin = {})
      : town_(town), client_(make_websocket_client(town.street())) {
    WebSocketRequest request;
    request.url = "ws://127.0.0.1:" + std::to_string(town.app->port()) + path;
    const std::string own = "http://127.0.0.1:" + std::to_string(town.app->port());
    request.headers.add("Origin", origin.empty() ? own : origin);
    socket_->opened_hook = [entry, after](WebSocket& socket) {
      socket.send_text(JsonWriter()
                           .object()
                           .field("type", "hello")
                           .field("session_id", entry.id)
                           .field("token", entry.token)
                           .field("after", after)
                           .end()
                           .take());
    };
    socket_->text_hook = [](WebSocket& socket, std::string_view text) {
      const auto message = Json::parse(text);
      if (!message || (*message)["type"].string() != "mark") return;
      socket.send_text(JsonWriter()
                           .object()
                           .field("type", "played")
                           .field("name", (*message)["name"].string_or(""))
                           .end()
                           .take());
    };
    auto failed = std::make_shared<std::promise<Error>>();
    failure_ = failed->get_future();
    on_street([&] {
      attempt_ = client_->connect(request, town.street().shard(0), socket_,
                                  [failed](Error error) { failed->set_value(std::move(error)); });
    });
  }
  ~PageSocket() {
    leave();
    if (!socket_->lines().empty()) socket_->wait_until_closed();
  }

  void leave() {
    on_street([&] {
      attempt_.reset();
      if (socket_->socket != nullptr) socket_->socket->close(1000, "");
    });
  }
  /// The HTTP status of the refusal.
  int refused() { return get(std::move(failure_)).http_status; }
  std::string closed() { return socket_->wait_until_closed().back(); }
  void say(const std::string& text) {
    on_street([&] {
      if (socket_->socket != nullptr) socket_->socket->send_text(text);
    });
  }
  void type(const std::string& text) {
    say(JsonWriter().object().field("type", "text").field("text", text).end().take());
  }

  /// What it was told so far.
  std::vector<Json> events() const {
    std::vector<Json> events;
    for (const std::string& line : socket_->lines()) {
      if (line.rfind("text:", 0) != 0) continue;
      if (auto event = Json::parse(line.substr(5))) events.push_back(std::move(*event));
    }
    return events;
  }
  std::vector<Json> events(const std::string& type) const {
    std::vector<Json> all = events();
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](const Json& event) { return event["type"].string() != type; }),
              all.end());
    return all;
  }
  /// Whether an event comes that `is` it.
  template <class Is>
  bool sees(const std::string& type, Is is) const {
    return eventually([&] {
      const auto all = events(type);
      return std::any_of(all.begin(), all.end(), is);
    });
  }
  bool sees_state(const std::string& state) const {
    return sees("state", [&](const Json& event) { return event["state"].string() == state; });
  }
  /// The whole text of a turn, once it is final.
  bool sees_words(const std::string& who, const std::string& text) const {
    return sees("transcript", [&](const Json& event) {
      return event["who"].string() == who && event["text"].string() == text &&
             event["final"].bool_or(false);
    });
  }
  std::size_t audio_bytes() const {
    std::size_t bytes = 0;
    for (const std::string& line : socket_->lines()) {
      if (line.rfind("binary:", 0) == 0) bytes += line.size() - 7;
    }
    return bytes;
  }

 private:
  template <class Task>
  void on_street(Task task) {
    std::promise<void> done;
    town_.street().shard(0).post([&] {
      task();
      done.set_value();
    });
    done.get_future().get();
  }

  Town& town_;
  std::unique_ptr<WebSocketClient> client_;
  std::shared_ptr<WebSocketRecorder> socket_ = std::make_shared<WebSocketRecorder>();
  std::shared_ptr<void> attempt_;
  std::future<Error> failure_;
};

// The page's agent asks, saves and calls; the phone's says one sentence and hangs up.
inline constexpr const char* kWebScenario = R"({"agents":[
  {"name":"web","match":"on its web page","replies":[
    {"on":"start","say":"Hello, what brings you here?"},
    {"on":"text","say":"Your name and number, please."},
    {"on":"text","calls":[{"name":"save_lead","arguments":
      {"first_name":"Ada","last_name":"Lovelace","phone":"+1 202 555 0143","consent":true}}]},
    {"on":"tool_result","calls":[{"name":"trigger_call","arguments":
      {"lead_id":"{{tool.save_lead.lead_id}}"}}]},
    {"on":"tool_result","say":"I am calling you now.",
     "calls":[{"name":"end_call","arguments":{}}]}]},
  {"name":"phone","match":"on the phone for","replies":[
    {"on":"start","say":"Hello Ada, as promised.","calls":[{"name":"end_call","arguments":{}}]}]}]})";

inline HttpResponse start_web(Town& town, const std::string& mode, HttpHeaders headers = {}) {
  return town.post("/session", R"({"mode":")" + mode + R"(","language":"en"})", std::move(headers));
}

inline HttpResponse start_webrtc(Town& town, const std::string& query = {}) {
  return town.post("/session" + query, kBrowserOffer, {{"Content-Type", "application/sdp"}});
}

inline HttpHeaders bearing(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

inline HttpResponse fetch_page(Town& town, const std::string& path, HttpHeaders headers = {}) {
  HttpRequest request;
  request.url = town.url(path);
  request.headers = std::move(headers);
  return town.send(std::move(request));
}

/// Everything that a browser was sent, to look for secrets in.
inline std::string seen_in(const HttpResponse& response) {
  std::string text = response.body;
  for (const auto& [name, value] : response.headers.fields()) text += '\n' + name + ": " + value;
  return text;
}

}  // namespace voicebridge::test
