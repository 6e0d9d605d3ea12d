#pragma once

#include "voicebridge/core/crypto.hpp"
#include "voicebridge/testing/webhook_outbox.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// A webhook as Telnyx writes and signs it: Ed25519 over `timestamp|body`.
SimPost telnyx_webhook(const Ed25519KeyPair& key, const WebhookAttempt& attempt);

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
