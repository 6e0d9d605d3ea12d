#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace load {

/// What the person behind a number does; the number says which.
enum class Person : std::size_t { talks, interrupts, hangs_up };
constexpr std::size_t kPersons = 3;

/// Number `index` of the people to call: +12025 and six digits.
std::string number_of(std::size_t index);
Person person_of(std::size_t index);
/// Who carries the call to it, by the name that the server knows: half of them each.
const char* carrier_of(std::size_t index);

/// What the application needs to know of the simulated services.
struct StreetDoors {
  std::string openai_url;
  std::string openai_key;
  std::string telnyx_url;
  std::string telnyx_key;
  std::string telnyx_public_key;
  std::string twilio_url;
  std::string twilio_sid;
  std::string twilio_token;
};

/// One leg as the carrier saw it.
struct LegReport {
  std::uint64_t heard = 0;
  std::uint64_t cleared = 0;
  std::uint64_t unplayed = 0;
  std::uint64_t overflow = 0;
  std::uint64_t errors = 0;
  std::uint64_t said = 0;  ///< To the application, bytes.
};

/// The simulated services in a process of their own, so that the memory of this one is the
/// server's. Start it before any thread.
class Street {
 public:
  /// @param calls  People to be called at the most.
  explicit Street(std::size_t calls);
  ~Street();  ///< Ends the process.
  Street(const Street&) = delete;
  Street& operator=(const Street&) = delete;

  /// Empty: it did not come up.
  const StreetDoors& doors() const { return doors_; }
  /// Where the application takes webhooks.
  void serve(const std::string& public_url);
  /// False: the carrier does not know the leg, or the process is gone.
  bool ask(const std::string& carrier, const std::string& leg, LegReport& report);

 private:
  bool read_line(std::string& line);

  int process_ = -1;
  int from_ = -1;
  int to_ = -1;
  std::string buffer_;
  StreetDoors doors_;
};

}  // namespace load
