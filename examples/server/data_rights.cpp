#include "data_rights.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "voicebridge/core/json.hpp"
#include "voicebridge/core/phone_number.hpp"
#include "voicebridge/net/runtime.hpp"
#include "voicebridge/store/sqlite_store.hpp"
#include "voicebridge/store/supabase_store.hpp"

namespace server {

using namespace voicebridge;

namespace {

/// What is kept of one person, in this machine's file and in Supabase.
class Person {
 public:
  static Result<Person> find(const Config& config, const std::string& phone) {
    auto e164 = normalize_phone(phone, config.region);
    if (!e164) return fail(e164.error());
    auto stores = open_sqlite_stores(config.database);
    if (!stores) return fail(stores.error());
    Person person;
    person.phone_ = std::move(*e164);
    person.stores_ = std::move(*stores);
    auto lead = person.stores_.leads->find_by_phone(person.phone_);
    if (!lead && lead.error().code != Errc::not_found) return fail(lead.error());
    if (lead) person.lead_ = std::move(*lead);
    return person;
  }

  const std::string& phone() const { return phone_; }
  const std::optional<Lead>& lead() const { return lead_; }
  LeadStore& leads() { return *stores_.leads; }
  CallStore& calls() { return *stores_.calls; }

  /// Of the lead, and from or to the number.
  Result<> each_call(const std::function<Result<>(const StoredCall&)>& use) {
    CallFilter filter;
    filter.number = phone_;
    if (lead_) filter.lead_id = lead_->id;
    filter.limit = 200;
    for (;;) {
      const auto page = calls().search(filter);
      if (!page) return fail(page.error());
      for (const StoredCall& call : page->calls) {
        if (auto used = use(call); !used) return used;
      }
      if (page->next.empty()) return {};
      filter.cursor = page->next;
    }
  }

 private:
  std::string phone_;
  SqliteStores stores_;
  std::optional<Lead> lead_;
};

/// Neither the services nor the carrier are needed to look after what is kept.
tl::expected<Config, std::vector<Fault>> rights_config(const Environment& environment) {
  return load_config(environment, {false, false});
}

Result<Person> open_person(const Environment& environment, const std::string& phone, int& status) {
  status = 2;
  const auto config = rights_config(environment);
  if (!config) {
    const Fault& first = config.error().front();
    return fail(Errc::invalid_argument, first.variable + ' ' + first.message);
  }
  if (phone.empty()) return fail(Errc::invalid_argument, "--phone is needed: --phone +33…");
  auto person = Person::find(*config, phone);
  if (!person && person.error().code != Errc::invalid_argument) status = 1;
  return person;
}

void write_lead(JsonWriter& json, const Lead& lead) {
  json.object().field("id", lead.id).field("first_name", lead.first_name);
  json.field("last_name", lead.last_name).field("phone", lead.phone_e164);
  json.field("created_at", to_iso8601(lead.created_at)).field("source", lead.source);
  json.field("consent", lead.consent).field("consent_text", lead.consent_text);
  if (lead.consent_at != 0) json.field("consent_at", to_iso8601(lead.consent_at));
  json.field("summary", lead.summary).field("updated_at", to_iso8601(lead.updated_at)).end();
}

void write_call(JsonWriter& json, const StoredCallRecord& record) {
  const StoredCall& call = record.call;
  json.object().field("id", call.id).field("direction", call.direction);
  json.field("from", call.from).field("to", call.to).field("carrier", call.carrier);
  json.field("created_at", to_iso8601(call.created_at)).field("end_reason", call.end_reason);
  if (!call.recording.empty()) json.field("recording", call.recording);
  if (!call.recording_url.empty()) json.field("recording_at_carrier", call.recording_url);
  json.field("contact_name", call.notes.contact_name);
  json.key("metadata").raw(call.notes.metadata_json);
  json.key("transcript").array();
  for (const StoredTranscriptEntry& entry : record.transcript) {
    json.object().field("at_ms", entry.at_ms).field("speaker", entry.speaker);
    json.field("text", entry.text).field("heard_text", entry.heard_text).end();
  }
  json.end().end();
}

/// Rows of the number that were removed there.
Result<std::size_t> erase_in_supabase(const Config& config, const std::string& phone) {
  auto runtime = Runtime::create({});
  if (!runtime) return fail(runtime.error());
  const auto http = make_http_client(**runtime);
  SupabaseOptions options;
  options.url = config.stores.supabase_url;
  options.service_key = config.stores.supabase_key;
  const auto remote = SupabaseLeadStore::create(*http, (*runtime)->shard(0), std::move(options));
  if (!remote) return fail(remote.error());
  const auto lead = (*remote)->find_by_phone(phone);
  if (!lead && lead.error().code == Errc::not_found) return std::size_t{0};
  if (!lead) return fail(lead.error());
  if (const auto removed = (*remote)->remove(lead->id); !removed) return fail(removed.error());
  return std::size_t{1};
}

struct Erased {
  std::size_t calls = 0;
  std::size_t recordings = 0;
  std::size_t at_carrier = 0;
  std::size_t kept = 0;  ///< Calls whose recording could not be deleted.
};

Result<Erased> erase_calls(Person& person) {
  Erased erased;
  std::vector<StoredCall> calls;
  const auto read = person.each_call([&](const StoredCall& call) -> Result<> {
    calls.push_back(call);
    return {};
  });
  if (!read) return fail(read.error());
  for (const StoredCall& call : calls) {
    std::error_code error;
    if (!call.recording.empty() && std::filesystem::remove(call.recording, error)) {
      ++erased.recordings;
    }
    if (error) {
      ++erased.kept;
      continue;
    }
    erased.at_carrier += call.recording_id.empty() && call.recording_url.empty() ? 0 : 1;
    if (const auto removed = person.calls().remove(call.id); !removed) {
      return fail(removed.error());
    }
    ++erased.calls;
  }
  return erased;
}

}  // namespace

int run_export(const Environment& environment, const std::string& phone) {
  int status = 0;
  auto person = open_person(environment, phone, status);
  if (!person) {
    fmt::print(stderr, "{}\n", person.error().message);
    return status;
  }
  JsonWriter json;
  json.object().field("phone", person->phone()).key("lead");
  if (person->lead())
    write_lead(json, *person->lead());
  else
    json.null();
  json.key("calls").array();
  const auto read = person->each_call([&](const StoredCall& call) -> Result<> {
    const auto record = person->calls().find(call.id);
    if (!record) return fail(record.error());
    write_call(json, *record);
    return {};
  });
  if (!read) {
    fmt::print(stderr, "{}\n", read.error().message);
    return 1;
  }
  fmt::print("{}\n", json.end().end().take());
  return 0;
}

int run_erase(const Environment& environment, const std::string& phone) {
  int status = 0;
  auto person = open_person(environment, phone, status);
  if (!person) {
    fmt::print(stderr, "{}\n", person.error().message);
    return status;
  }
  const auto erased = erase_calls(*person);
  if (!erased) {
    fmt::print(stderr, "calls are left: {}\n", erased.error().message);
    return 1;
  }
  bool left = erased->kept > 0;
  const std::size_t leads = person->lead() ? 1 : 0;
  if (person->lead()) {
    if (const auto removed = person->leads().remove(person->lead()->id); !removed) {
      fmt::print(stderr, "the lead is left: {}\n", removed.error().message);
      return 1;
    }
  }
  fmt::print("erased here: leads {}, calls {}, recordings {}\n", leads, erased->calls,
             erased->recordings);
  if (erased->kept > 0)
    fmt::print("left, as their recordings cannot be deleted: {}\n", erased->kept);
  if (erased->at_carrier > 0) {
    fmt::print("recorded by the carrier, to be deleted there: {}\n", erased->at_carrier);
  }
  const auto config = rights_config(environment);
  if (config && config->stores.leads == "supabase") {
    const auto rows = erase_in_supabase(*config, person->phone());
    if (rows) fmt::print("erased in Supabase: rows {}\n", *rows);
    if (!rows) fmt::print(stderr, "left in Supabase: {}\n", to_string(rows.error()));
    left |= !rows;
  }
  return left ? 1 : 0;
}

}  // namespace server
