#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/agenda.hpp"
#include "testing/telnyx_conference.hpp"
#include "voicebridge/net/http.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// What the conferences need of the carrier around them.
class TelnyxConferenceHost {
 public:
  virtual ~TelnyxConferenceHost() = default;
  virtual TelnyxCall* find(const std::string& call_control_id) const = 0;
  virtual void emit_to(const WebhookTarget& target, std::string_view event_type,
                       std::string payload, TimePoint now) = 0;
  virtual std::string new_uuid() = 0;
  virtual std::string iso(TimePoint now) const = 0;
  /// The leg leaves the bridge or the queue it is in: a leg is in one place only.
  virtual void detach(TelnyxCall& call, TimePoint now) = 0;
  virtual void refresh(TelnyxCall& call) = 0;  ///< Whether others hear it may have changed.
  virtual Millis speech_length(JsonView request) const = 0;
  virtual Millis playback_length(JsonView request) const = 0;
};

/// `/v2/conferences`: the conferences of a carrier, their commands and webhooks. Bodies have been
/// checked against the schema.
class TelnyxConferenceDesk {
 public:
  explicit TelnyxConferenceDesk(TelnyxConferenceHost& host) : host_(host) {}

  HttpResponse create(JsonView body, TimePoint now);
  HttpResponse list() const;
  HttpResponse get(const std::string& id) const;
  HttpResponse participants(const std::string& id) const;
  HttpResponse update_participant(const std::string& id, const std::string& participant,
                                  JsonView body, TimePoint now);
  /// `actions/{name}`; `name` is one that `knows`.
  HttpResponse act(std::string_view name, const std::string& id, JsonView body, TimePoint now);
  static bool knows(std::string_view action);

  /// The `conference_config` of a dial whose leg has been answered.
  void join_by_config(TelnyxCall& call, JsonView config, TimePoint now);
  void remove(TelnyxCall& call, TimePoint now);  ///< The leg leaves whatever conference it is in.
  const TelnyxConference* of(const std::string& call) const;  ///< Null: in none.
  void on_heard(const TelnyxCall& call, TimePoint now);       ///< It speaks: the floor is its.

  Deadline next_deadline() const { return agenda_.next_deadline(); }
  void on_deadline(TimePoint now) { agenda_.run(now); }
  const std::vector<std::unique_ptr<TelnyxConference>>& all() const { return conferences_; }

 private:
  struct Announcement {
    std::uint64_t number = 0;
    std::string conference;
    std::vector<std::string> calls;  ///< Empty: everybody, and the conference as such is told.
    bool speech = true;
    std::string media_url;
    std::string media_name;
  };
  using Handler = HttpResponse (TelnyxConferenceDesk::*)(TelnyxConference&, JsonView, TimePoint);
  struct Action;
  static const Action* find_action(std::string_view name);

  TelnyxConference* find(const std::string& id) const;
  TelnyxConference* find_name(std::string_view name) const;
  TelnyxConference& make(const TelnyxCall& creator, JsonView settings, TimePoint now);
  HttpResponse admit(TelnyxConference& conference, TelnyxCall& call, JsonView settings,
                     TimePoint now);
  void leave(TelnyxConference& conference, TelnyxCall& call, TimePoint now);
  void end(TelnyxConference& conference, std::string_view reason, bool hang_up, TimePoint now);
  void emit(const TelnyxConference& conference, std::string_view type, TimePoint now,
            std::string_view reason = {});
  void emit_member(const TelnyxConference& conference, const TelnyxCall& call,
                   std::string_view type, TimePoint now);
  void announce(TelnyxConference& conference, Announcement announcement, Millis length,
                TimePoint now);
  void emit_announcement(const Announcement& announcement, bool started, TimePoint now);
  void end_announcement(std::uint64_t number, TimePoint now);
  void set_announcing(const Announcement& announcement, bool announcing);
  void refresh(TelnyxConference& conference, TimePoint now);

  HttpResponse join(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse leave_command(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse hold(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse unhold(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse mute(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse unmute(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse update(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse play(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse speak(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse stop(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse record_start(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse record_stop(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse record_pause(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse send_dtmf(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse gather(TelnyxConference& conference, JsonView body, TimePoint now);
  HttpResponse end_command(TelnyxConference& conference, JsonView body, TimePoint now);

  TelnyxConferenceHost& host_;
  Agenda agenda_;
  std::vector<std::unique_ptr<TelnyxConference>> conferences_;  ///< In the order made.
  std::vector<Announcement> announcements_;                     ///< Being heard.
  std::uint64_t last_number_ = 0;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
