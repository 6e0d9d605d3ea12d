// A tool whose back end is slow: the caller hears "one moment" meanwhile, the tool has a deadline,
// and no thread waits for the answer.
//
// Offline:    voicebridge-sim --scenario scenario.json -- ./slow_tool
// In earnest: set the variables of .env.example
//
// ORDERS_URL is where the back end is. Without it this program is its own: GET /orders/{number}
// answers after two seconds.
#include <unistd.h>

#include <voicebridge/voicebridge.hpp>

using namespace voicebridge;
using namespace std::chrono_literals;

/// Stands for the shop's old computer.
void add_back_end(HttpServer& server) {
  server.route("GET", "/orders/{number}", [](HttpServerRequest request, HttpResponder responder) {
    Scheduler& shard = *request.shard;
    shard.run_at(shard.now() + 2s, [responder, number = request.parameters["number"]] {
      responder.send(200, R"({"number":")" + number + R"(","state":"ready at noon"})");
    });
  });
}

int main() {
  TelnyxPhoneOptions options = or_exit(telnyx_phone_options());
  const std::string told = environment_variable("ORDERS_URL");
  const std::string orders = told.empty() ? options.public_app_url + "/orders/" : told;
  options.agent.phone.speech.instructions =
      "You answer the phone of a bakery. Look up orders with find_order.";
  options.agent.phone.greeting = "Greet the caller and ask what they need.";
  const auto phone = or_exit(TelnyxPhone::create(std::move(options)));
  add_back_end(phone->http());

  const auto http = make_http_client(phone->runtime());
  ToolOptions patience;
  patience.deadline = 8s;         // Then the model is told that there is no answer.
  patience.filler_after = 700ms;  // Then the caller is told that it takes a moment.
  patience.filler = "Say in at most six words that you are looking into the order book.";
  or_exit(phone->tools().add_async(
      {"find_order", "The state of an order", R"({"type":"object","required":["number"],
        "properties":{"number":{"type":"string","pattern":"^[0-9]+$"}}})"},
      [&](const ToolInvocation& call, ToolReply reply) {
        HttpRequest request;
        request.url = orders + call.arguments["number"].string_or("");
        request.timeout = 7s;
        http->send(std::move(request), phone->runtime().next_shard(),
                   [reply = std::move(reply)](Result<HttpResponse> answer) {
                     if (!answer) return reply(fail(answer.error()));  // The model is told why.
                     if (answer->status == 200) return reply(answer->body);
                     reply(fail(Errc::not_found, "there is no such order"));
                   });
      },
      patience));
  or_exit(phone->start());
  return pause();
}
