// The items of a conversation, as a client sees them.
#include "testing/openai_item_events.hpp"

#include "openai_sim_fixture.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace testing {
namespace {

class Truncation {
 public:
  Truncation() : rig(kTalk) {
    rig.configure("", kNoVad);
    rig.send(R"({"type":"response.create"})");
    rig.run(Millis(2000));
    item = rig.record().utterances.at(0).item_id;
  }
  void truncate(std::int64_t millis) {
    rig.send(R"({"type":"conversation.item.truncate","item_id":")" + item +
             R"(","content_index":0,"audio_end_ms":)" + std::to_string(millis) + "}");
  }
  SimRig rig;
  std::string item;
};

TEST_CASE("an item is truncated within its audio only", "[openai_item_events]") {
  Truncation t;
  const std::int64_t length = 65 * 41;
  t.truncate(length + 1);
  check_error(t.rig, {"invalid_value", "audio_end_ms"});
  CHECK(t.rig.last("error")["error"]["message"].string_or("") ==
        "Audio content of 2665ms is already shorter than 2666ms");
  t.truncate(0);
  check_error(t.rig, {"unsupported_content_type", ""});
  CHECK(t.rig.count("conversation.item.truncated") == 0);
  t.truncate(length);
  t.truncate(1000);
  CHECK(t.rig.count("conversation.item.truncated") == 2);
  t.truncate(1001);
  CHECK(t.rig.record().violations.size() == 3);
  CHECK(t.rig.record().utterances[0].heard == std::optional<Millis>(1000));

  t.rig.send(R"({"type":"conversation.item.retrieve","item_id":")" + t.item + R"("})");
  const Json retrieved = t.rig.last("conversation.item.retrieved");
  const JsonView part = retrieved["item"]["content"].at(0);
  CHECK(base64_decoded_size(part["audio"].string_or("")) == 8000);
  CHECK_FALSE(part["transcript"].exists());  // it goes with the audio
}

TEST_CASE("only items that exist can be changed", "[openai_item_events]") {
  Truncation t;
  t.item = "item_unknown";
  t.truncate(10);
  check_error(t.rig, {"item_truncate_invalid_item_id", "item_id"});
  t.rig.send(R"({"type":"conversation.item.delete","item_id":"x"})");
  check_error(t.rig, {"item_delete_invalid_item_id", "item_id"});
  t.rig.send(R"({"type":"conversation.item.retrieve","item_id":"x"})");
  check_error(t.rig, {"item_retrieve_invalid_item_id", "item_id"});
  t.rig.send(
      R"({"type":"conversation.item.create","item":{"id":"mine","type":"message","role":"user",
    "content":[{"type":"input_text","text":"hi"}]}})");
  t.item = "mine";
  t.truncate(10);
  check_error(t.rig, {"unsupported_content_type", ""});
  t.rig.send(R"({"type":"conversation.item.delete","item_id":"mine"})");
  CHECK(t.rig.last("conversation.item.deleted")["item_id"].string_or("") == "mine");
}

TEST_CASE("items are put where the client says", "[openai_item_events]") {
  SimRig rig;
  const auto create = [&](const std::string& id, const std::string& where) {
    rig.send(R"({"type":"conversation.item.create",)" + where + R"("item":{"id":")" + id +
             R"(","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}})");
  };
  const auto previous = [&] {
    const Json event = rig.last("conversation.item.done");
    return event["previous_item_id"].string_or("none");
  };
  create("a", "");
  CHECK(previous() == "none");
  create("b", "");
  CHECK(previous() == "a");
  create("c", R"("previous_item_id":"a",)");
  CHECK(previous() == "a");
  create("d", R"("previous_item_id":"root",)");
  CHECK(previous() == "none");
  create("e", "");
  CHECK(previous() == "b");
  create("e", "");
  check_error(rig, {"item_create_duplicate_item_id", "item.id"});
  create("f", R"("previous_item_id":"zz",)");
  check_error(rig, {"item_create_invalid_previous_item_id", "previous_item_id"});
}

}  // namespace
}  // namespace testing
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
