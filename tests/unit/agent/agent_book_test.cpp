#include "voicebridge/agent/agent_book.hpp"

#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temp_directory.hpp"

using namespace voicebridge;

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

/// One line a fault, without the file's name: "POINTER what".
std::string faults_of(const AgentBook::Loaded& loaded) {
  std::string lines;
  if (loaded) return lines;
  for (const ProfileFault& fault : loaded.error()) {
    lines += fault.pointer + " " + fault.message + "\n";
  }
  return lines;
}

std::string faults_of_agent(const std::string& members, const ToolRegistry* tools = nullptr) {
  return faults_of(
      AgentBook::parse(R"({"agents":[{"id":"a")" + members + "}]}", std::string(), {tools, {}}));
}

constexpr const char* kTwoAgents = R"({"agents":[
  {"id":"bakery","default":true,"numbers":["+12025550100","+12025550101"],
   "sip_headers":[{"name":"X-Agent","value":"Bakery"}]},
  {"id":"garage","numbers":["+33142685300"],"sip_hosts":["Garage.Example.com"],
   "sip_headers":[{"name":"x-agent","value":"garage"}]}]})";

std::string id_of(const std::shared_ptr<const AgentProfile>& agent) {
  return agent ? agent->id : "nobody";
}

}  // namespace

TEST_CASE("who answers: a header's agent, else a number's, else a host's, else the default",
          "[agent_book]") {
  const auto book = AgentBook::parse(kTwoAgents).value();
  REQUIRE(book->agents().size() == 2);
  CHECK(id_of(book->answering({})) == "bakery");
  CHECK(id_of(book->answering({{"+33142685300"}, {}, {}})) == "garage");
  CHECK(id_of(book->answering({{"+19995550100", "+33142685300"}, {}, {}})) == "garage");
  CHECK(id_of(book->answering({{}, {"garage.EXAMPLE.com"}, {}})) == "garage");
  CHECK(id_of(book->answering({{}, {"other.example.com"}, {}})) == "bakery");
  CHECK(id_of(book->answering({{"+12025550100"}, {"garage.example.com"}, {}})) == "bakery");
  CHECK(id_of(book->answering({{"+12025550100"}, {}, {{"X-AGENT", "garage"}}})) == "garage");
  CHECK(id_of(book->answering({{"+33142685300"}, {}, {{"X-Agent", "Garage"}}})) == "garage");
  CHECK(id_of(book->answering({{}, {}, {{"X-Agent", "Garage"}}})) == "bakery");
  CHECK(id_of(book->find("garage")) == "garage");
  CHECK(id_of(book->find("nowhere")) == "nobody");

  const auto no_default = AgentBook::parse(R"({"agents":[{"id":"a"}]})").value();
  CHECK(id_of(no_default->answering({{"+12025550100"}, {}, {}})) == "nobody");
  CHECK(id_of(no_default->default_agent()) == "nobody");
}

TEST_CASE("each kind of fault is told by its path", "[agent_book]") {
  CHECK(faults_of_agent("").empty());
  const std::pair<const char*, const char*> wrong[] = {
      {R"(,"default":1)", "/agents/0/default must be of type \"boolean\"\n"},
      {R"(,"numbers":["0123"])",
       "/agents/0/numbers/0 must match the pattern \"^\\\\+[1-9][0-9]{7,14}$\"\n"},
      {R"(,"numbers":["+12025550100","+12025550100"])",
       "/agents/0/numbers/1 must not hold the same item twice\n"},
      {R"(,"sip_hosts":["a b"])",
       "/agents/0/sip_hosts/0 must match the pattern "
       "\"^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$\"\n"},
      {R"(,"sip_headers":[{"name":"X-Agent"}])", "/agents/0/sip_headers/0/value is missing\n"},
      {R"(,"language":"english")",
       "/agents/0/language must match the pattern \"^[a-z]{2}(-[A-Z]{2})?$\"\n"},
      {R"(,"instructions":"x","instructions_file":"y")",
       "/agents/0/instructions_file must not stand beside \"instructions\"\n"
       "/agents/0/instructions_file names a file, but these agents come from no file "
       "themselves\n"},
      {R"(,"knowledge":[{"title":"x"}])",
       "/agents/0/knowledge/0 needs either \"text\" or \"file\"\n"},
      {R"(,"knowledge":[{"text":"x","file":"y"}])",
       "/agents/0/knowledge/0 needs either \"text\" or \"file\"\n"},
      {R"(,"voice":"")", "/agents/0/voice must have at least 1 characters\n"},
      {R"(,"modle":"x")", "/agents/0/modle is not a known property\n"},
      {R"(,"on_machine":"wait")",
       "/agents/0/on_machine must be one of \"hang_up\", \"leave_message\"\n"},
      {R"(,"recording":{"consent":"announced"})",
       "/agents/0/recording/announcement is missing: who is recorded has to be told\n"},
      {R"(,"recording":{"agree_key":"1","refuse_key":"1"})",
       "/agents/0/recording/refuse_key must not be the agree_key\n"},
      {R"(,"retry":{"after_minutes":[1]})", "/agents/0/retry/after_minutes/0 must be 2 or more\n"},
      {R"(,"voicemail_file":"x.wav")",
       "/agents/0/voicemail_file names a file, but these agents come from no file themselves\n"},
      {R"(,"tools":[7])", "/agents/0/tools/0 fits none of the forms that are allowed here\n"},
      {R"(,"tools":[{"name":"x","deadline_ms":5}])",
       "/agents/0/tools/0/deadline_ms must be 100 or more\n"},
      {R"(,"tools":["x",{"name":"x"}])", "/agents/0/tools/1/name \"x\" stands here twice\n"},
      {R"(,"turn_detection":{"mode":"loud"})",
       "/agents/0/turn_detection/mode must be one of \"server_vad\", \"semantic_vad\", "
       "\"manual\"\n"},
      {R"(,"turn_detection":{"mode":"semantic_vad","silence_ms":500})",
       "/agents/0/turn_detection/silence_ms is of no use to semantic_vad, which judges by the "
       "words\n"},
      {R"(,"on_model_lost":"transfer")",
       "/agents/0/on_model_lost needs somebody in \"transfers\"\n"},
      {R"(,"limits":{"budget_usd":0})", "/agents/0/limits/budget_usd must be more than 0\n"},
      {R"(,"limits":{"max_length_s":5})", "/agents/0/limits/max_length_s must be 10 or more\n"},
      {R"(,"transfers":[{"name":"x","to":"+12025550100","meanwhile":"company","accept_by":["keys"]}])",
       "/agents/0/transfers/0/meanwhile is for a transfer of mode \"warm\"\n"
       "/agents/0/transfers/0/accept_by is for a transfer of mode \"warm\"\n"},
      {R"(,"transfers":[{"name":"x","to":"tomorrow"}])",
       "/agents/0/transfers/0/to must match the pattern "
       "\"^(\\\\+[1-9][0-9]{7,14}|sips?:[A-Za-z0-9+._@:;=%-]{1,200})$\"\n"},
      {R"(,"transfers":[{"name":"x","to":"+12025550100"},{"name":"x","to":"sip:a@b.example"}])",
       "/agents/0/transfers/1/name \"x\" stands here twice\n"}};
  for (const auto& [members, faults] : wrong) {
    CAPTURE(members);
    CHECK(faults_of_agent(members) == faults);
  }
}

TEST_CASE("all faults of a file come together", "[agent_book]") {
  CHECK(faults_of(AgentBook::parse(R"({"agents":[
          {"id":"A b","voice":1,"knowledge":[{}]},{"numbers":["x"],"colour":"red"}],"v":1})")) ==
        "/agents/0/id must match the pattern \"^[a-z0-9][a-z0-9_-]{0,63}$\"\n"
        "/agents/0/voice must be of type \"string\"\n"
        "/agents/1/id is missing\n"
        "/agents/1/numbers/0 must match the pattern \"^\\\\+[1-9][0-9]{7,14}$\"\n"
        "/agents/1/colour is not a known property\n"
        "/v is not a known property\n"
        "/agents/0/knowledge/0 needs either \"text\" or \"file\"\n");
  CHECK(
      faults_of_agent(R"(,"voice":"marin","limits":{"max_calls":1,"max_calls":2},"voice":"ash")") ==
      "/agents/0/limits/max_calls stands here twice\n/agents/0/voice stands here twice\n");
  CHECK(faults_of(AgentBook::parse("[]")) == " must be of type \"object\"\n");
  CHECK(faults_of(AgentBook::parse(R"({"agents":[]})")) == "/agents must have at least 1 items\n");
  CHECK(faults_of(AgentBook::parse("{\"agents\":")).find("offset") != std::string::npos);
}

TEST_CASE("two agents cannot claim the same calls", "[agent_book]") {
  CHECK(faults_of(AgentBook::parse(R"({"agents":[
          {"id":"a","default":true,"numbers":["+12025550100"],"sip_hosts":["x.example"],
           "sip_headers":[{"name":"X-A","value":"1"}]},
          {"id":"b","default":true,"numbers":["+12025550101","+12025550100"],
           "sip_hosts":["X.example"],"sip_headers":[{"name":"x-a","value":"1"}]},
          {"id":"a"}]})")) ==
        "/agents/1/default is taken by the agent \"a\"\n"
        "/agents/1/numbers/1 is taken by the agent \"a\"\n"
        "/agents/1/sip_hosts/0 is taken by the agent \"a\"\n"
        "/agents/1/sip_headers/0 is taken by the agent \"a\"\n"
        "/agents/2/id is taken by the agent \"a\"\n");
}

TEST_CASE("a tool that does not exist is a fault", "[agent_book]") {
  ToolRegistry tools;
  REQUIRE(
      tools.add({"check_stock", "", ""}, [](const ToolInvocation&) -> ToolOutput { return "1"; }));
  CHECK(faults_of_agent(R"(,"tools":["check_stock"])", &tools).empty());
  CHECK(faults_of_agent(R"(,"tools":["chek_stock",{"name":"no"}])", &tools) ==
        "/agents/0/tools/0 there is no tool \"chek_stock\"\n"
        "/agents/0/tools/1/name there is no tool \"no\"\n");
}

TEST_CASE("the words of the model's service are checked by who knows them", "[agent_book]") {
  AgentChecks checks;
  checks.session = [](const std::string& session) -> Result<> {
    if (session == R"({"speed":1})") return {};
    return fail(Errc::invalid_argument, "must be a number", "audio.output.speed");
  };
  const auto session = [&](const std::string& json) {
    return AgentBook::parse(R"({"agents":[{"id":"a","session":)" + json + "}]}", {}, checks);
  };
  const auto good = session(R"({"speed":1})");
  REQUIRE(good);
  CHECK((*good)->find("a")->session_json == R"({"speed":1})");
  CHECK(faults_of(session(R"({"speed":"x"})")) ==
        "/agents/0/session/audio/output/speed must be a number\n");
  CHECK(faults_of(session("7")) == "/agents/0/session must be of type \"object\"\n");
}

TEST_CASE("a folder of files is one book", "[agent_book]") {
  test::TempDirectory folder;
  write(folder / "b.json", R"({"agents":[{"id":"b","instructions_file":"texts/b.txt"}]})");
  write(folder / "a.json", R"({"agents":[{"id":"a"}]})");
  write(folder / "texts/b.txt", "You are B.");
  write(folder / "notes.txt", "not an agent");
  write(folder / ".hidden.json", "neither");
  const auto book = AgentBook::load(folder.path().string());
  CHECK(faults_of(book).empty());
  REQUIRE(book);
  REQUIRE((*book)->agents().size() == 2);
  CHECK((*book)->agents().front()->id == "a");
  CHECK((*book)->find("b")->instructions == "You are B.");

  write(folder / "c.json", R"({"agents":[{"id":"a"}]})");
  write(folder / "d.json", "no JSON");
  const auto broken = AgentBook::load(folder.path().string());
  REQUIRE_FALSE(broken);
  REQUIRE(broken.error().size() == 2);
  CHECK(to_string(broken.error()[0]) ==
        (folder / "c.json").string() + "#/agents/0/id is taken by the agent \"a\"");
  CHECK(broken.error()[1].file == (folder / "d.json").string());
  CHECK(broken.error()[1].pointer.empty());
}

TEST_CASE("a path with nothing to read is a fault", "[agent_book]") {
  test::TempDirectory folder;
  CHECK(faults_of(AgentBook::load((folder / "nothing").string())) ==
        " is neither a file nor a folder that can be read\n");
  CHECK(faults_of(AgentBook::load(folder.path().string())) == " holds no *.json file\n");
  write(folder / "big.json", std::string((4 << 20) + 1, ' '));
  CHECK(faults_of(AgentBook::load((folder / "big.json").string())) ==
        " has more than 4194304 bytes\n");
}

TEST_CASE("text files lie below the folder of the file that names them", "[agent_book]") {
  test::TempDirectory town;
  write(town / "secret.txt", "secret");
  write(town / "agents/in.txt", "inside");
  std::filesystem::create_symlink(town / "secret.txt", town.path() / "agents" / "link.txt");
  const auto faults_with = [&](const std::string& name) {
    write(town / "agents/a.json",
          R"({"agents":[{"id":"a","knowledge":[{"file":")" + name + R"("}]}]})");
    return faults_of(AgentBook::load((town / "agents/a.json").string()));
  };
  CHECK(faults_with("in.txt").empty());
  CHECK(faults_with("./sub/../in.txt").empty());
  const std::string out =
      "/agents/0/knowledge/0/file must not lead out of the folder of this file\n";
  CHECK(faults_with("../secret.txt") == out);
  CHECK(faults_with("sub/../../secret.txt") == out);
  CHECK(faults_with("link.txt") == out);
  CHECK(faults_with((town / "secret.txt").string()) ==
        "/agents/0/knowledge/0/file must be a path from the folder of this file\n");
  CHECK(faults_with("none.txt") == "/agents/0/knowledge/0/file there is no file none.txt\n");
  CHECK(faults_with(".") == "/agents/0/knowledge/0/file there is no file .\n");
  write(town / "agents/latin.txt", "caf\xe9");
  CHECK(faults_with("latin.txt") == "/agents/0/knowledge/0/file latin.txt is not UTF-8 text\n");
}

TEST_CASE("the apology can be a recording", "[agent_book]") {
  test::TempDirectory folder;
  const auto with_channels = [&](unsigned channels) {
    WavAudio audio;
    audio.channels = channels;
    audio.samples = Samples(800 * channels);
    REQUIRE(write_wav(folder / "sorry.wav", audio));
    write(folder / "a.json", R"({"agents":[{"id":"a","apology_file":"sorry.wav"}]})");
    return AgentBook::load(folder.path().string());
  };
  const auto book = with_channels(1);
  REQUIRE(book);
  const CallOptions call = call_options(*(*book)->find("a"), {});
  REQUIRE(call.apology_audio);
  CHECK(call.apology_audio->duration() == Millis(100));
  CHECK(faults_of(with_channels(2)) == "/agents/0/apology_file sorry.wav is not mono\n");
  write(folder / "sorry.wav", "no sound");
  CHECK(faults_of(AgentBook::load(folder.path().string()))
            .find("/agents/0/apology_file sorry.wav: ") == 0);
}

TEST_CASE("knowledge has a budget", "[agent_book]") {
  const auto with_budget = [](int budget) {
    return faults_of_agent(R"(,"knowledge":[{"title":"ab","text":"cdef"},{"text":"ghij"},)"
                           R"({"text":"k"}],"knowledge_budget":)" +
                           std::to_string(budget));
  };
  CHECK(with_budget(11).empty());
  CHECK(with_budget(10) ==
        "/agents/0/knowledge/2 brings the knowledge to 11 bytes, and knowledge_budget is 10\n");
  CHECK(with_budget(5) ==
        "/agents/0/knowledge/0 brings the knowledge to 6 bytes, and knowledge_budget is 5\n");
  CHECK(faults_of_agent(R"(,"knowledge":[{"text":")" + std::string(20001, 'x') + "\"}]") ==
        "/agents/0/knowledge/0 brings the knowledge to 20001 bytes, and knowledge_budget is "
        "20000\n");
}

TEST_CASE("a directory is read anew, and keeps its book when the new one has faults",
          "[agent_book]") {
  test::TempDirectory folder;
  const std::string file = (folder / "a.json").string();
  write(file, R"({"agents":[{"id":"a","voice":"marin"}]})");
  const auto opened = AgentDirectory::open(file);
  REQUIRE(opened);
  AgentDirectory& directory = **opened;
  const auto before = directory.book();

  write(file, R"({"agents":[{"id":"a","voice":"cedar"}]})");
  CHECK(directory.book() == before);
  REQUIRE(directory.reload());
  CHECK(directory.book()->find("a")->voice == "cedar");
  CHECK(before->find("a")->voice == "marin");  // Calls that run keep theirs.

  write(file, R"({"agents":[{"id":"a","voice":7},{}]})");
  const auto refused = directory.reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().size() == 2);
  CHECK(directory.book()->find("a")->voice == "cedar");

  CHECK_FALSE(AgentDirectory::open(file));
}

TEST_CASE("the schema is one that compiles and is what files are checked by", "[agent_book]") {
  const auto json = Json::parse(AgentBook::schema_json());
  REQUIRE(json);
  const auto schema = JsonSchema::compile(*json);
  REQUIRE(schema);
  CHECK(schema->validate(Json::parse(kTwoAgents).value()));
}
