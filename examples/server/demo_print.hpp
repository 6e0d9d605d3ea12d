#pragma once

#include <string>
#include <vector>

#include "demo_run.hpp"
#include "voicebridge/agent/call_record.hpp"
#include "voicebridge/core/json.hpp"

namespace server {

/// Colours where somebody looks, plain text where a file does.
class Paint {
 public:
  Paint();
  std::string bold(const std::string& text) const { return paint("1", text); }
  std::string dim(const std::string& text) const { return paint("2", text); }
  std::string good(const std::string& text) const { return paint("32", text); }
  std::string bad(const std::string& text) const { return paint("31", text); }

 private:
  std::string paint(const char* code, const std::string& text) const;
  bool on_;
};

// The parts that the reports of all demos have in common, for people …
void print_timeline(const voicebridge::CallRecord& call, const Paint& paint);
void print_transcript(const voicebridge::CallRecord& call, const char* caller, const Paint& paint);
void print_cost(const voicebridge::CallRecord& call);
void print_promises(const std::vector<DemoCheck>& checks, const Paint& paint);
void print_verdict(const std::vector<DemoCheck>& checks, double seconds, const Paint& paint);
// … and for programs.
void write_call(voicebridge::JsonWriter& json, const voicebridge::CallRecord& call);
void write_transcript(voicebridge::JsonWriter& json, const voicebridge::CallRecord& call);
/// `promises` and `ok` as members of the object being written.
void write_promises(voicebridge::JsonWriter& json, const std::vector<DemoCheck>& checks);

}  // namespace server
