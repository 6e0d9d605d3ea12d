// Runs a fuzz target without a fuzzer: on every file of a folder, and on damaged copies of them
// that are the same in each run. Usage: TARGET folder [rounds]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// Sorted by name, so that the damage is the same everywhere.
std::map<std::string, std::string> read_corpus(const char* folder) {
  std::map<std::string, std::string> corpus;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus[entry.path().filename()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return corpus;
}

std::string damage(std::string input, const std::string& other, std::mt19937& random) {
  for (unsigned changes = random() % 4; changes > 0 && !input.empty(); --changes) {
    const std::size_t at = random() % input.size();
    switch (random() % 5) {
      case 0:
        input[at] = static_cast<char>(random());
        break;
      case 1:
        input[at] = static_cast<char>(input[at] ^ (1 << random() % 8));
        break;
      case 2:
        input.erase(at, 1 + random() % 8);
        break;
      case 3:
        input.insert(at, other.substr(other.empty() ? 0 : random() % other.size()));
        break;
      default:
        input.resize(at);
        break;
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s folder [rounds]\n", argv[0]);
    return 2;
  }
  const auto corpus = read_corpus(argv[1]);
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 2000;
  if (corpus.empty()) {
    std::fprintf(stderr, "no inputs in %s\n", argv[1]);
    return 2;
  }
  std::mt19937 random(1);
  std::size_t inputs = 0;
  for (const auto& entry : corpus) {
    run(entry.second);
    for (int i = 0; i < rounds; ++i, ++inputs) {
      const auto other = std::next(corpus.begin(), static_cast<long>(random() % corpus.size()));
      run(damage(entry.second, other->second, random));
    }
  }
  std::printf("%zu files and %zu damaged copies\n", corpus.size(), inputs);
}
