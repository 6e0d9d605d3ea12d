#pragma once

#include "voicebridge/core/error.hpp"
#include "voicebridge/net/http_server.hpp"

namespace server {

/// The status that says what kind of fault it is.
int http_status_of(const voicebridge::Error& error);

// The one shape of errors: {"error":{"code":…,"message":…,"field":…}}.
void refuse(const voicebridge::HttpResponder& responder, const voicebridge::Error& error);
void refuse(const voicebridge::HttpResponder& responder, int status,
            const voicebridge::Error& error);
voicebridge::HttpResponse refusal(int status, const voicebridge::Error& error);

/// What a pool that is full is answered with.
voicebridge::Error too_busy();

}  // namespace server
