#include "voicebridge/store/lead_store.hpp"

#include <set>
#include <thread>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "voicebridge/store/sqlite_store.hpp"

namespace voicebridge {
namespace {

LeadInput ann() {
  LeadInput input;
  input.first_name = "Ann";
  input.last_name = "Lee";
  input.phone = "06 12 34 56 78";
  input.region = "FR";
  input.source = "web";
  return input;
}

/// Every store has to pass the same tests.
struct Stores {
  test::TempDirectory dir;
  std::vector<std::pair<std::string, std::shared_ptr<LeadStore>>> all;
  Stores() {
    all.emplace_back("memory", make_memory_lead_store());
    all.emplace_back("sqlite", open_sqlite_stores((dir / "leads.db").string()).value().leads);
  }
};

template <class Check>
void with_every_store(Check check) {
  const Stores stores;
  for (const auto& [name, store] : stores.all) {
    INFO(name);
    check(*store);
  }
}

}  // namespace

TEST_CASE("a lead is checked and its phone brought into one form", "[lead_store]") {
  LeadInput input = ann();
  input.first_name = "  Ann\t";
  input.consent_text = "as it is";
  const auto normal = normalize_lead(input);
  REQUIRE(normal);
  CHECK(normal->first_name == "Ann");
  CHECK(normal->phone == "+33612345678");
  CHECK(normal->consent_text == "as it is");
  CHECK(normalize_lead(*normal)->phone == "+33612345678");
}

TEST_CASE("what is wrong with a lead is told by field", "[lead_store]") {
  const auto field_of = [](LeadInput input) {
    const auto result = normalize_lead(std::move(input));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::invalid_argument);
    CHECK_FALSE(result.error().message.empty());
    return result.error().field;
  };
  LeadInput input = ann();
  for (const std::string& name :
       {std::string(), std::string(" \t\n"), std::string(101, 'a'), std::string("a\nb")}) {
    input.first_name = name;
    CHECK(field_of(input) == "first_name");
  }
  input = ann();
  input.last_name = "";
  CHECK(field_of(input) == "last_name");
  input = ann();
  input.phone = "12";
  CHECK(field_of(input) == "phone");
  input = ann();
  input.region = "";
  CHECK(field_of(input) == "phone");
  input = ann();
  input.first_name.clear();
  for (int i = 0; i < 100; ++i) input.first_name += "\u00e9";
  CHECK(normalize_lead(input));
}

TEST_CASE("a saved lead is found by id and by phone", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    const auto saved = store.save(ann());
    REQUIRE(saved);
    CHECK_FALSE(saved->id.empty());
    CHECK(saved->phone_e164 == "+33612345678");
    CHECK(saved->source == "web");
    CHECK(saved->created_at > 0);
    CHECK_FALSE(saved->consent);
    CHECK(store.find(saved->id)->first_name == "Ann");
    CHECK(store.find_by_phone("+33612345678")->id == saved->id);
    CHECK(store.find("nobody").error().code == Errc::not_found);
    CHECK(store.find_by_phone("+33612345679").error().code == Errc::not_found);
  });
}

TEST_CASE("the same phone again updates the lead", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    const Lead first = store.save(ann()).value();
    REQUIRE(store.set_summary(first.id, "wants a lamp"));
    LeadInput again = ann();
    again.first_name = "Anne";
    again.phone = "+33 612345678";
    again.region = "";
    again.source = "";
    const Lead second = store.save(again).value();
    CHECK(second.id == first.id);
    CHECK(second.created_at == first.created_at);
    CHECK(second.first_name == "Anne");
    CHECK(second.source == "web");
    CHECK(second.summary == "wants a lamp");
    CHECK(second.updated_at >= first.updated_at);
    CHECK(store.list(10)->size() == 1);
    CHECK(store.find(first.id)->first_name == "Anne");
  });
}

TEST_CASE("consent is kept with its words, time and taker, and can be withdrawn", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    LeadInput input = ann();
    input.consent = true;
    input.consent_text = "Yes, call me back";
    input.consent_source = "session_1";
    const Lead given = store.save(input).value();
    CHECK(given.consent);
    CHECK(given.consent_at > 0);

    const Lead silent = store.save(ann()).value();
    CHECK(silent.consent);
    CHECK(silent.consent_text == "Yes, call me back");
    CHECK(silent.consent_source == "session_1");
    CHECK(silent.consent_at == given.consent_at);

    input.consent = false;
    input.consent_text = "Do not call";
    CHECK_FALSE(store.save(input)->consent);
    const Lead withdrawn = store.find(given.id).value();
    CHECK_FALSE(withdrawn.consent);
    CHECK(withdrawn.consent_text == "Do not call");
  });
}

TEST_CASE("a refused lead leaves no trace", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    LeadInput input = ann();
    input.last_name = " ";
    CHECK(store.save(input).error().field == "last_name");
    CHECK(store.list(10)->empty());
  });
}

TEST_CASE("a lead that is removed is gone, and its phone begins anew", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    const Lead first = store.save(ann()).value();
    CHECK(store.remove("ld_nobody"));
    CHECK(store.list(10)->size() == 1);
    CHECK(store.remove(first.id));
    CHECK(store.find(first.id).error().code == Errc::not_found);
    CHECK(store.list(10)->empty());
    CHECK(store.remove(first.id));
    CHECK(store.save(ann())->id != first.id);
  });
}

TEST_CASE("leads are listed newest first, as many as asked for", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    for (const char* phone : {"+33612345601", "+33612345602", "+33612345603"}) {
      LeadInput input = ann();
      input.phone = phone;
      REQUIRE(store.save(input));
    }
    const auto two = store.list(2).value();
    REQUIRE(two.size() == 2);
    CHECK(two[0].phone_e164 == "+33612345603");
    CHECK(two[1].phone_e164 == "+33612345602");
    CHECK(store.list(0)->empty());
    CHECK(store.list(static_cast<std::size_t>(-1))->size() == 3);
  });
}

TEST_CASE("a summary needs its lead", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    const Lead lead = store.save(ann()).value();
    REQUIRE(store.set_summary(lead.id, "asked for \"two\" lamps; \u00e9t\u00e9"));
    CHECK(store.find(lead.id)->summary == "asked for \"two\" lamps; \u00e9t\u00e9");
    const auto missing = store.set_summary("nobody", "x");
    CHECK(missing.error().code == Errc::not_found);
    CHECK(missing.error().field == "lead_id");
  });
}

TEST_CASE("names of all scripts and hostile ones are kept as they are", "[lead_store]") {
  const char* names[] = {"Zo\u00eb",
                         "\u738b\u5c0f\u660e",
                         "\u0645\u062d\u0645\u062f",
                         "\U0001F600",
                         "O'Brien",
                         "'); DROP TABLE leads;--",
                         "a\"b\\c"};
  with_every_store([&](LeadStore& store) {
    for (const char* name : names) {
      LeadInput input = ann();
      input.first_name = name;
      const Lead saved = store.save(input).value();
      CHECK(store.find(saved.id)->first_name == name);
    }
    CHECK(store.list(10)->size() == 1);
  });
}

TEST_CASE("threads may save at the same time", "[lead_store]") {
  with_every_store([](LeadStore& store) {
    std::vector<std::thread> threads;
    std::vector<int> saved(4, 0);
    for (std::size_t t = 0; t < saved.size(); ++t) {
      threads.emplace_back([&store, &saved, t] {
        for (int i = 0; i < 10; ++i) {
          LeadInput input = ann();
          input.phone =
              "+336123450" + std::to_string(10 + (t % 2) * 10 + static_cast<std::size_t>(i));
          saved[t] += store.save(input).has_value() ? 1 : 0;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(saved == std::vector<int>(4, 10));
    const auto leads = store.list(100).value();
    std::set<std::string> ids;
    for (const Lead& lead : leads) ids.insert(lead.id);
    CHECK(leads.size() == 20);
    CHECK(ids.size() == 20);
  });
}

}  // namespace voicebridge
