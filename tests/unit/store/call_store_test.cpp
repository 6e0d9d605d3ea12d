#include "voicebridge/store/call_store.hpp"

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/store/sqlite_store.hpp"

namespace voicebridge {
namespace {

StoredCall call_of(const std::string& id, UnixMillis created_at) {
  StoredCall call;
  call.id = id;
  call.lead_id = "lead_1";
  call.leg_id = "v3:abc";
  call.carrier = "telnyx";
  call.direction = "outbound";
  call.from = "+12025550100";
  call.to = "+33612345678";
  call.state = "talking";
  call.created_at = created_at;
  return call;
}

StoredCallRecord record_of(const std::string& id) {
  StoredCallRecord record;
  record.call = call_of(id, 1000);
  record.timeline = {{0, "state", "created", "{}"},
                     {1200, "turn", "caller", R"({"ms":800})"},
                     {1200, "tool", "x", "{}"}};
  record.transcript = {{100, "agent", "Hello Ann, this is", true, "Hello Ann", 640, 1200},
                       {900, "caller", "\u00c0 bient\u00f4t", false, "", 0, 0}};
  return record;
}

template <class Check>
void with_every_call_store(Check check) {
  const test::TempDirectory dir;
  const std::pair<std::string, std::shared_ptr<CallStore>> stores[] = {
      {"memory", make_memory_call_store()},
      {"sqlite", open_sqlite_stores((dir / "calls.db").string()).value().calls}};
  for (const auto& [name, store] : stores) {
    INFO(name);
    check(*store);
  }
}

}  // namespace

TEST_CASE("a call comes back with every field", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    StoredCall call = call_of("c1", 1000);
    call.end_reason = "hangup";
    call.end_detail = "caller";
    call.answered_at = 2000;
    call.ended_at = 9000;
    call.recording = "/tmp/c1.wav";
    call.cost_usd = 0.0625;
    call.usage_json = R"({"output_audio":1200})";
    call.notes = {"Ann", "Ann's Bakery", "user_1", R"({"order":1})"};
    call.recording_id = "rec_1";
    call.recording_url = "https://example.com/rec_1";
    call.expires_at = 5000000;
    call.profile = "bakery";
    call.attempt = 2;
    call.retry_at = 70000;
    REQUIRE(store.save(call));
    const StoredCall kept = store.find("c1")->call;
    CHECK(kept.recording_id == "rec_1");
    CHECK(kept.recording_url == "https://example.com/rec_1");
    CHECK(kept.expires_at == 5000000);
    CHECK(kept.profile == "bakery");
    CHECK(kept.attempt == 2);
    CHECK(kept.retry_at == 70000);
    CHECK(kept.id == "c1");
    CHECK(kept.lead_id == "lead_1");
    CHECK(kept.leg_id == "v3:abc");
    CHECK(kept.carrier == "telnyx");
    CHECK(kept.direction == "outbound");
    CHECK(kept.from == "+12025550100");
    CHECK(kept.to == "+33612345678");
    CHECK(kept.state == "talking");
    CHECK(kept.end_reason == "hangup");
    CHECK(kept.end_detail == "caller");
    CHECK(kept.created_at == 1000);
    CHECK(kept.answered_at == 2000);
    CHECK(kept.ended_at == 9000);
    CHECK(kept.recording == "/tmp/c1.wav");
    CHECK(kept.cost_usd == 0.0625);
    CHECK(kept.usage_json == R"({"output_audio":1200})");
    CHECK(kept.notes.contact_name == "Ann");
    CHECK(kept.notes.business_name == "Ann's Bakery");
    CHECK(kept.notes.user_id == "user_1");
    CHECK(kept.notes.metadata_json == R"({"order":1})");
    const auto missing = store.find("c2");
    CHECK(missing.error().code == Errc::not_found);
    CHECK(missing.error().field == "call_id");
  });
}

TEST_CASE("a record keeps the order of timeline and transcript", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    REQUIRE(store.save_record(record_of("c1")));
    const auto record = store.find("c1").value();
    REQUIRE(record.timeline.size() == 3);
    CHECK(record.timeline[1].at_ms == 1200);
    CHECK(record.timeline[1].kind == "turn");
    CHECK(record.timeline[1].detail == "caller");
    CHECK(record.timeline[1].fields_json == R"({"ms":800})");
    CHECK(record.timeline[2].kind == "tool");
    REQUIRE(record.transcript.size() == 2);
    CHECK(record.transcript[0].speaker == "agent");
    CHECK(record.transcript[0].interrupted);
    CHECK(record.transcript[0].heard_text == "Hello Ann");
    CHECK(record.transcript[0].heard_ms == 640);
    CHECK(record.transcript[0].sent_ms == 1200);
    CHECK(record.transcript[1].at_ms == 900);
    CHECK(record.transcript[1].text == "\u00c0 bient\u00f4t");
    CHECK_FALSE(record.transcript[1].interrupted);
  });
}

TEST_CASE("saving the row keeps the record, saving the record replaces it", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    REQUIRE(store.save_record(record_of("c1")));
    StoredCall ended = call_of("c1", 1000);
    ended.state = "ended";
    REQUIRE(store.save(ended));
    CHECK(store.find("c1")->call.state == "ended");
    CHECK(store.find("c1")->timeline.size() == 3);
    StoredCallRecord shorter = record_of("c1");
    shorter.timeline.resize(1);
    shorter.transcript.clear();
    REQUIRE(store.save_record(shorter));
    CHECK(store.find("c1")->timeline.size() == 1);
    CHECK(store.find("c1")->transcript.empty());
  });
}

TEST_CASE("calls are listed newest first", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    REQUIRE(store.save(call_of("middle", 2000)));
    REQUIRE(store.save(call_of("old", 1000)));
    REQUIRE(store.save(call_of("new", 3000)));
    REQUIRE(store.save(call_of("new too", 3000)));
    const auto calls = store.list(3).value();
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].id == "new too");
    CHECK(calls[1].id == "new");
    CHECK(calls[2].id == "middle");
    CHECK(store.list(0)->empty());
  });
}

TEST_CASE("calls are found by what is known of them", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    StoredCall call = call_of("a", 1000);
    call.notes.user_id = "user_1";
    REQUIRE(store.save(call));
    call = call_of("b", 2000);
    call.state = "ended";
    REQUIRE(store.save(call));
    call = call_of("c", 3000);
    call.to = "+12025550199";
    REQUIRE(store.save(call));
    const auto found = [&](const CallFilter& filter) {
      std::string ids;
      const auto page = store.search(filter);
      REQUIRE(page);
      for (const StoredCall& one : page->calls) ids += one.id;
      return ids;
    };
    CallFilter filter;
    CHECK(found(filter) == "cba");
    filter.state = "ended";
    CHECK(found(filter) == "b");
    filter = {};
    filter.to = "+12025550199";
    CHECK(found(filter) == "c");
    filter = {};
    filter.user_id = "user_1";
    CHECK(found(filter) == "a");
    filter = {};
    filter.created_from = 2000;
    CHECK(found(filter) == "cb");
    filter.created_before = 3000;
    CHECK(found(filter) == "b");
    filter.state = "talking";
    CHECK(found(filter).empty());
  });
}

TEST_CASE("pages hold every call once, also when new ones come meanwhile", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    for (int i = 0; i < 25; ++i) {
      // Many of one millisecond: the id decides.
      REQUIRE(store.save(call_of("c" + std::to_string(10 + i), 1000 + i / 7)));
    }
    CallFilter filter;
    filter.limit = 4;
    std::vector<std::string> seen;
    do {
      const auto page = store.search(filter);
      REQUIRE(page);
      CHECK(page->calls.size() <= 4);
      for (const StoredCall& call : page->calls) seen.push_back(call.id);
      filter.cursor = page->next;
      REQUIRE(store.save(call_of("new" + filter.cursor, 9000)));
    } while (!filter.cursor.empty());
    std::vector<std::string> expected;
    for (int i = 24; i >= 0; --i) expected.push_back("c" + std::to_string(10 + i));
    CHECK(seen == expected);
    filter.limit = 25;
    filter.created_before = 9000;
    CHECK(store.search(filter)->next.empty());
    for (const char* wrong : {"x", "1", "1.", ".a", "1x.a"}) {
      filter.cursor = wrong;
      const auto refused = store.search(filter);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().field == "cursor");
    }
  });
}

TEST_CASE("calls are found by what is to be done with them", "[call_store]") {
  with_every_call_store([](CallStore& store) {
    for (int i = 1; i <= 6; ++i) {
      StoredCall call = call_of("c" + std::to_string(i), i * 1000);
      if (i == 2 || i == 4) call.expires_at = i * 100000;
      if (i == 3) call.retry_at = 90000;
      if (i == 5) call.lead_id = "lead_2";
      if (i == 6) call.lead_id.clear();
      REQUIRE(store.save(call));
    }
    const auto ids = [&](const CallFilter& filter) {
      std::string found;
      const CallPage page = store.search(filter).value();
      for (const StoredCall& call : page.calls) found += call.id;
      return found;
    };
    CallFilter filter;
    CHECK(ids(filter) == "c6c5c4c3c2c1");
    filter.expired_at = 200000;
    CHECK(ids(filter) == "c2");
    filter.expired_at = 199999;
    CHECK(ids(filter).empty());
    filter = {};
    filter.retry_pending = true;
    CHECK(ids(filter) == "c3");
    filter = {};
    filter.lead_id = "lead_2";
    CHECK(ids(filter) == "c5");
    filter.number = "+33612345678";
    filter.created_from = 4001;
    CHECK(ids(filter) == "c6c5");
    filter.number = "+10000000000";
    CHECK(ids(filter) == "c5");
  });
}

TEST_CASE("a call whose time is over goes with its recording, timeline and transcript",
          "[call_store]") {
  const test::TempDirectory dir;
  with_every_call_store([&](CallStore& store) {
    const auto file = dir / "c1.wav";
    std::ofstream(file) << "RIFF";
    StoredCallRecord record = record_of("c1");
    record.call.recording = file.string();
    record.call.expires_at = 100000;
    REQUIRE(store.save_record(record));
    StoredCallRecord stays = record_of("c2");
    REQUIRE(store.save_record(stays));
    CHECK(remove_expired_calls(store, 99999)->removed == 0);
    CHECK(std::filesystem::exists(file));
    CHECK(remove_expired_calls(store, 100000)->removed == 1);
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(store.find("c1").error().code == Errc::not_found);
    CHECK(store.find("c2")->timeline.size() == 3);
    CHECK(remove_expired_calls(store, 100000)->removed == 0);
    // What was there under this name comes back with nothing of it.
    REQUIRE(store.save(call_of("c1", 1000)));
    CHECK(store.find("c1")->transcript.empty());
  });
}

TEST_CASE("a recording that cannot be deleted keeps its call", "[call_store]") {
  const test::TempDirectory dir;
  with_every_call_store([&](CallStore& store) {
    StoredCall call = call_of("c1", 1000);
    call.recording = (dir / "folder").string();
    call.expires_at = 100000;
    std::filesystem::create_directories(dir / "folder" / "full");
    REQUIRE(store.save(call));
    const auto done = remove_expired_calls(store, 200000);
    REQUIRE(done);
    CHECK(done->removed == 0);
    CHECK(done->kept == 1);
    CHECK(store.find("c1"));
  });
}

}  // namespace voicebridge
