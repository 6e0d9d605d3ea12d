#pragma once

#include <string>

#include "integration/server_town.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/twilio/webhook_verifier.hpp"

namespace voicebridge::test {

inline const std::string kTwilioAccount = "AC00000000000000000000000000000001";
inline const std::string kTwilioToken = "00000000000000000000000000000002";
inline const std::string kTwilioLeg = "CA0000000000000000000000000000000a";

/// The server has Twilio, too; its interface cannot be reached.
inline void add_twilio(server::Config& config) {
  config.twilio_account_sid = kTwilioAccount;
  config.twilio_auth_token = Secret(kTwilioToken);
  config.twilio_caller_id = "+12025550177";
  config.twilio_api_base = "http://127.0.0.1:1";
}

/// A request as Twilio makes it, signed with the token.
inline HttpResponse twilio_posts(Town& town, const std::string& target, const FormFields& form,
                                 const std::string& token = kTwilioToken) {
  const std::string signature =
      twilio::request_signature(Secret(token), town.app->config().public_app_url + target, form);
  return town.post(target, form.encode(),
                   {{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
                    {"X-Twilio-Signature", signature}});
}

/// Somebody calls a number.
inline FormFields incoming_call(const std::string& leg = kTwilioLeg) {
  return {{"AccountSid", kTwilioAccount}, {"CallSid", leg},         {"CallStatus", "ringing"},
          {"Direction", "inbound"},       {"From", "+12025550155"}, {"To", "+12025550177"},
          {"ApiVersion", "2010-04-01"}};
}

}  // namespace voicebridge::test
