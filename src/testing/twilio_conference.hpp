#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "voicebridge/core/time.hpp"
#include "voicebridge/net/form.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

/// Where something is told, and of which events.
struct TwilioCallback {
  std::string url;
  std::string method = "POST";
  std::set<std::string> events;
};

/// One leg in a conference, or on its way there.
struct TwilioParticipant {
  enum class State { queued, connecting, ringing, connected };

  std::string call_sid;
  std::string label;
  State state = State::connected;
  bool muted = false;
  bool hold = false;
  bool coaching = false;
  std::string call_sid_to_coach;
  bool start_on_enter = true;
  bool end_on_exit = false;
  bool early_media = true;
  std::string wait_url = "default";  ///< Empty: silence.
  std::string hold_url;
  Deadline announcement_until;
  TimePoint since{};
  TimePoint changed{};

  bool connected() const { return state == State::connected; }
};

class TwilioConference;

/// What a conference needs of the carrier around it.
class TwilioConferenceHost {
 public:
  virtual ~TwilioConferenceHost() = default;
  /// One event; the fields that all of them have are there already.
  virtual void tell(TwilioConference& conference, const std::string& event, FormFields fields,
                    TimePoint now) = 0;
  /// The leg has left and goes on with what stands behind its `<Dial>`.
  virtual void on_left(const std::string& call_sid, TimePoint now) = 0;
  virtual std::string call_status(const std::string& call_sid) const = 0;
};

/// A conference: who is in it, when it starts and ends, and who hears whom.
class TwilioConference {
 public:
  enum class State { init, in_progress, completed };

  TwilioConference(std::string sid, std::string name, TwilioConferenceHost& host, TimePoint now);

  const std::string& sid() const { return sid_; }
  const std::string& name() const { return name_; }
  State state() const { return state_; }
  const std::string& reason_ended() const { return reason_ended_; }
  const std::string& ended_by() const { return ended_by_; }
  TimePoint created() const { return created_; }
  TimePoint updated() const { return updated_; }
  const TwilioCallback& callback() const { return callback_; }
  /// Only the first participant's counts.
  void offer_callback(const TwilioCallback& callback);

  const std::vector<TwilioParticipant>& participants() const { return participants_; }
  /// By the SID of the call, or the label.
  TwilioParticipant* find(std::string_view call_or_label);

  /// A leg that is dialled for it.
  void expect(TwilioParticipant participant, TimePoint now);
  void set_state(const std::string& call_sid, TwilioParticipant::State state);
  /// A leg comes in; expected or not.
  void join(TwilioParticipant participant, TimePoint now);
  /// `reason` as ReasonParticipantLeft. The leg itself is not told.
  void leave(const std::string& call_sid, const std::string& reason, TimePoint now);
  void end_by_api(TimePoint now);

  // Changes of one participant, each with its event.
  void mute(TwilioParticipant& participant, bool muted, TimePoint now);
  void hold(TwilioParticipant& participant, bool hold, TimePoint now);
  void modify(TwilioParticipant& participant, TimePoint now);
  void announce(TwilioParticipant& participant, TimePoint until);
  void on_deadline(TimePoint now);
  Deadline next_deadline() const;

  bool hears(const TwilioParticipant& listener, const TwilioParticipant& speaker) const;

 private:
  FormFields describe(const TwilioParticipant& participant) const;
  void emit(const std::string& event, FormFields fields, TimePoint now);
  void end(const std::string& reason, const TwilioParticipant* by, TimePoint now);

  const std::string sid_;
  const std::string name_;
  TwilioConferenceHost& host_;
  State state_ = State::init;
  std::vector<TwilioParticipant> participants_;
  TwilioCallback callback_;
  bool callback_set_ = false;
  std::uint64_t sequence_ = 0;
  std::string reason_ended_;
  std::string ended_by_;
  TimePoint created_{};
  TimePoint updated_{};
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
