#pragma once

#include <exception>
#include <string>

#include "support/raw_socket.hpp"

namespace voicebridge::test {

/// A visitor's number, by the route of the tools. @return Whether the visitor was told that all is
/// well; false too when the server is gone before it has said so.
inline bool leave_number(std::uint16_t port, const std::string& phone) {
  const std::string body =
      R"({"first_name":"Ada","last_name":"Byron","consent":true,"phone":")" + phone + "\"}";
  try {
    RawSocket socket(port);
    socket.send(
        "POST /tools/save_lead HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Connection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    const std::string answer = socket.receive_until_end();
    return answer.find("HTTP/1.1 200") == 0 && answer.find(phone) != std::string::npos;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace voicebridge::test
