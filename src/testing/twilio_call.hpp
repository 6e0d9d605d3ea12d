#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/agenda.hpp"
#include "testing/twilio_conference.hpp"
#include "testing/twilio_leg.hpp"
#include "testing/wall_clock.hpp"
#include "testing/xml.hpp"
#include "voicebridge/net/form.hpp"
#include "voicebridge/testing/twilio_carrier.hpp"
#include "voicebridge/twilio/call_types.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {

class TwilioCall;

/// Where a call's TwiML comes from.
struct TwilioDocumentSource {
  std::string url;
  std::string method = "POST";
  std::string twiml;  ///< Goes before the URL when there is none of that.
  std::string fallback_url;
  std::string fallback_method = "POST";
  bool empty() const { return url.empty() && twiml.empty(); }
};

/// Answering machine detection as it was asked for.
struct TwilioAmdRequest {
  bool wanted = false;
  bool message_end = false;
  bool async = false;
  TwilioCallback callback;
  Millis timeout{30000};
};

/// A recording as it was asked for.
struct TwilioRecordRequest {
  std::string source;  ///< RecordingSource
  bool dual = false;
  std::string track = "both";
  TwilioCallback callback;
};

struct TwilioRecording {
  std::string sid;
  std::string status = "in-progress";
  TwilioRecordRequest request;
  TimePoint begin{};
  Millis length{0};
};

struct TwilioCallSetup {
  std::string sid;
  std::string account_sid;
  std::string parent_sid;
  std::string direction = "outbound-api";
  std::string from;
  std::string to;
  std::string call_token;  ///< Of an incoming call.
  TwilioDocumentSource document;
  TwilioCallback status;
  Millis ring_timeout{60000};
  Millis time_limit{14400000};
  Millis queued{0};  ///< Before its turn comes.
  TwilioAmdRequest amd;
  std::string send_digits;
  std::optional<TwilioRecordRequest> record;
  std::string conference;  ///< SID: where the leg goes at its answer, by the API.
  std::uint64_t seed = 1;

  bool inbound() const { return direction == "inbound"; }
};

/// A request for TwiML. The answer goes to `TwilioCall::on_document`.
struct TwilioFetch {
  std::uint64_t number = 0;
  std::string url;
  std::string method;
  FormFields fields;
};

/// What a call needs of the carrier around it.
class TwilioCallHost {
 public:
  virtual ~TwilioCallHost() = default;
  virtual const TwilioCarrierOptions& options() const = 0;
  virtual const WallClock& wall() const = 0;
  virtual TwilioWarnings& warnings() = 0;
  virtual const TwilioMediaChaos& media_chaos() const = 0;
  virtual std::string new_sid(std::string_view prefix) = 0;
  virtual TwilioCall* find(std::string_view sid) = 0;
  /// A callback whose answer does not matter.
  virtual void tell(const std::string& type, const TwilioCallback& where, FormFields fields,
                    TimePoint now) = 0;
  virtual void fetch(TwilioCall& call, TwilioFetch fetch, TimePoint now) = 0;
  virtual void open_stream(const TwilioStream& stream) = 0;
  /// Where the leg is to ring: false when it is a callee with a plan.
  virtual bool ring_elsewhere(TwilioCall& call, TimePoint now) = 0;
  virtual void hang_up_elsewhere(TwilioCall& call, TimePoint now) = 0;
  virtual TwilioCall& dial(TwilioCallSetup child, TimePoint now) = 0;
  virtual void enter_conference(TwilioCall& call, const std::string& name,
                                TwilioParticipant participant, const TwilioCallback& callback,
                                TimePoint now) = 0;
  virtual void leave_conference(TwilioCall& call, const std::string& reason, TimePoint now) = 0;
  virtual void on_answered(TwilioCall& call, TimePoint now) = 0;
  virtual void on_ended(TwilioCall& call, TimePoint now) = 0;
};

/// The carrier's side of one leg: its life, its callbacks, and the TwiML that it runs.
class TwilioCall {
 public:
  using Status = twilio::CallStatus;

  TwilioCall(TwilioCallSetup setup, CallPlan plan, TwilioCallHost& host);

  void begin(TimePoint now);

  const std::string& sid() const { return setup_.sid; }
  const TwilioCallSetup& setup() const { return setup_; }
  const CallPlan& plan() const { return plan_; }
  Status status() const { return status_; }
  bool ended() const { return twilio::is_final(status_); }
  bool in_progress() const { return status_ == Status::in_progress; }
  TwilioLeg& leg() { return leg_; }
  const TwilioLeg& leg() const { return leg_; }
  const std::string& answered_by() const { return answered_by_; }
  const std::string& sip_code() const { return sip_code_; }
  TimePoint created_at() const { return created_; }
  TimePoint ended_at() const { return ended_; }
  Millis duration(TimePoint now) const;                             ///< Since the answer.
  const std::vector<std::string>& said() const { return said_; }    ///< By `<Say>`.
  const std::vector<std::string>& verbs() const { return verbs_; }  ///< Done, in order.
  std::vector<TwilioRecording>& recordings() { return recordings_; }
  const std::string& digits_sent() const { return digits_sent_; }

  // The far end.
  void ringing(TimePoint now);
  void give_up_after(Millis ringing, TimePoint now);
  void answer(TimePoint now);
  void end(Status status, const std::string& sip_code, TimePoint now);
  void hang_up(TimePoint now);  ///< Whatever it is at: completed, canceled while it rings.

  // The API.
  void run(TwilioDocumentSource source, TimePoint now);
  void set_status_callback(const TwilioCallback& callback) { setup_.status = callback; }
  void set_time_limit(Millis limit, TimePoint now);
  TwilioRecording& start_recording(TwilioRecordRequest request, TimePoint now);
  void stop_recording(TwilioRecording& recording, TimePoint now);
  TwilioStream& start_stream(TwilioStreamSetup setup);
  void stop_stream(TwilioStream& stream, TimePoint now);

  // What comes back.
  void on_document(std::uint64_t number, const HttpResponse& answer, TimePoint now);
  void on_stream_open(TwilioStream& stream, WireSink& sink, TimePoint now);
  void on_stream_over(TwilioStream& stream, TimePoint now);  ///< Closed by the application.
  void on_stream_refused(TwilioStream& stream, int http_status, TimePoint now);
  void on_child_answered(TwilioCall& child, TimePoint now);
  void on_child_ended(TwilioCall& child, TimePoint now);
  void on_left_conference(TimePoint now);

  /// What the leg's party hears now, besides what streams play.
  bool announcing() const { return announcing_; }
  const std::string& bridged_with() const { return bridged_; }

  /// After each step of the audio: waits that depend on what the callee does.
  void on_step(TimePoint now);
  Deadline next_deadline() const;
  void on_deadline(TimePoint now);

  FormFields parameters() const;  ///< What every voice request has.

 private:
  /// A verb that is under way, and what stands behind it.
  struct Blocking {
    enum class Kind { none, timer, gather, connect, dial, conference, record, forever };
    Kind kind = Kind::none;
    std::string action;  ///< Resolved; empty: the next verb.
    std::string method;
    std::vector<std::string> children;  ///< dial
    bool answer_on_bridge = false;
    TimePoint bridged_at{};
    std::string stream;  ///< connect: SID.
  };
  struct Gather {
    bool digits = true;
    bool speech = false;
    std::string collected;
    std::size_t num_digits = 0;  ///< 0: any number.
    std::string finish_on = "#";
    Millis timeout{5000};
    bool empty_result = false;
    bool prompt_over = false;
    std::size_t utterances = 0;  ///< Said before.
    std::uint64_t turn = 0;      ///< Tells a timer that a key came.
  };

  // Life.
  void schedule_outcome(TimePoint now);
  void emit(std::string_view event, Status told, TimePoint now);
  void schedule_amd(TimePoint now);
  void on_amd(const std::string& who, Millis after, TimePoint now);
  void start_document(TimePoint now);
  void release(const std::string& conference_reason, TimePoint now);
  void on_digit(char digit, TimePoint now);
  void tell_recording(const TwilioRecording& recording, TimePoint now);
  void tell_stream(const TwilioStream& stream, const std::string& event, const std::string& error,
                   TimePoint now);

  // Documents.
  void load(const std::string& url, const std::string& method, FormFields more, TimePoint now);
  void on_fetch_failed(const std::string& code, TimePoint now);
  void run_text(const std::string& text, const std::string& url, TimePoint now);
  void next_verb(TimePoint now);
  void end_of_document(TimePoint now);
  /// True: done at once.
  bool do_verb(const XmlElement& verb, TimePoint now);
  void answer_first(TimePoint now);
  void after(Millis time, TimePoint now, void (TwilioCall::*then)(TimePoint));
  void verb_over(TimePoint now);
  void finish(FormFields more, TimePoint now);
  std::string resolve(const std::string& url) const;
  Millis announcement(const XmlElement& verb);

  // Verbs.
  void say(const XmlElement& verb, TimePoint now);
  void pause(const XmlElement& verb, TimePoint now);
  void gather(const XmlElement& verb, TimePoint now);
  void gather_prompt_over(TimePoint now);
  void expect_input(TimePoint now);
  void gather_over(bool empty, const std::string& finished_on, TimePoint now);
  void heard_speech(TimePoint now);
  void dial(const XmlElement& verb, TimePoint now);
  void dial_conference(const XmlElement& noun, TimePoint now);
  void dial_child(const XmlElement& dial, const XmlElement* noun, const std::string& to,
                  TimePoint now);
  bool awaits(const TwilioCall& child) const;
  void bridge(TwilioCall& child, TimePoint now);
  bool connect(const XmlElement& verb, TimePoint now);
  void refuse_query(TimePoint now);
  void fork(const XmlElement& verb, TimePoint now);
  void stop_fork(const XmlElement& verb, TimePoint now);
  void record(const XmlElement& verb, TimePoint now);
  void record_over(const std::string& digits, TimePoint now);
  std::optional<TwilioStreamSetup> stream_setup(const XmlElement& verb, bool two_way);

  TwilioCallSetup setup_;
  const CallPlan plan_;
  TwilioCallHost& host_;
  Agenda agenda_;
  Status status_ = Status::queued;
  std::uint64_t sequence_ = 0;
  std::string answered_by_;
  std::string sip_code_;
  TimePoint created_{};
  TimePoint ended_{};
  std::uint64_t limit_turn_ = 0;

  XmlElement document_;
  std::string document_url_;
  std::size_t next_ = 0;
  std::uint64_t run_ = 0;  ///< Changes when what runs is given up; timers of before do nothing.
  std::uint64_t pending_fetch_ = 0;
  std::string fetching_url_;
  TimePoint fetch_begin_{};
  bool fetching_fallback_ = false;
  unsigned redirects_ = 0;
  bool running_ = false;  ///< In the loop over verbs.
  Blocking blocking_;
  Gather gather_;
  TimePoint record_begin_{};
  Deadline record_silence_;
  Millis record_timeout_{5000};
  bool announcing_ = false;
  std::string bridged_;
  std::string leave_reason_ = "participant_hung_up";
  bool in_conference_ = false;

  std::vector<TwilioRecording> recordings_;
  std::vector<std::string> said_;
  std::vector<std::string> verbs_;
  std::string digits_sent_;
  TwilioLeg leg_;
};

}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
