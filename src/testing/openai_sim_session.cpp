#include "voicebridge/testing/openai_sim_session.hpp"

#include "openai_session.hpp"
#include "openai_wire.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

detail::SessionSetup make_setup(std::shared_ptr<const OpenAiScenario> scenario,
                                std::shared_ptr<const VoiceSource> voice, OpenAiSimOptions options,
                                OpenAiSimHandshake handshake) {
  detail::SessionSetup setup;
  setup.scenario = std::move(scenario);
  setup.voice = std::move(voice);
  setup.options = options;
  setup.handshake = std::move(handshake);
  return setup;
}

}  // namespace

struct OpenAiSimSession::Impl {
  Impl(detail::SessionSetup setup, WireSink& sink)
      : wire(sink, setup.scenario->connection_fault(setup.handshake.connection)),
        session(std::move(setup), wire) {}

  detail::ConnectionWire wire;
  detail::Session session;
};

OpenAiSimSession::OpenAiSimSession(std::shared_ptr<const OpenAiScenario> scenario,
                                   std::shared_ptr<const VoiceSource> voice,
                                   OpenAiSimOptions options, OpenAiSimHandshake handshake,
                                   WireSink& sink)
    : impl_(std::make_unique<Impl>(
          make_setup(std::move(scenario), std::move(voice), options, std::move(handshake)), sink)) {
}

OpenAiSimSession::~OpenAiSimSession() = default;

void OpenAiSimSession::on_open(TimePoint now) {
  impl_->wire.set_now(now);
  impl_->session.open(now);
}

void OpenAiSimSession::receive(std::string_view text, TimePoint now) {
  impl_->wire.set_now(now);
  impl_->session.receive(text, now);
}

void OpenAiSimSession::on_closed() {
  impl_->session.record().open = false;
  impl_->session.stop();
  impl_->wire.stop();
}

Deadline OpenAiSimSession::next_deadline() const {
  return earliest(impl_->session.next_deadline(), impl_->wire.next_deadline());
}

void OpenAiSimSession::on_deadline(TimePoint now) {
  impl_->wire.set_now(now);
  impl_->wire.on_deadline(now);
  impl_->session.on_deadline(now);
}

const OpenAiSimRecord& OpenAiSimSession::record() const { return impl_->session.record(); }

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
