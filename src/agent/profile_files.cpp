#include "agent/profile_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/utf8.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;

constexpr std::size_t kMaxSpeechBytes = 4 << 20;

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = detail::utf8_character_size(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// Where a file lies that is named in another one.
Result<fs::path> find_below(const std::string& folder, const std::string& name) {
  if (folder.empty()) {
    return fail(Errc::unsupported, "names a file, but these agents come from no file themselves");
  }
  if (fs::path(name).is_absolute()) {
    return fail(Errc::permission_denied, "must be a path from the folder of this file");
  }
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path file = fs::weakly_canonical(root / name, error);
  const fs::path way = file.lexically_relative(root);
  if (error || way.empty() || *way.begin() == "..") {
    return fail(Errc::permission_denied, "must not lead out of the folder of this file");
  }
  if (!fs::is_regular_file(file, error)) {
    return fail(Errc::not_found, fmt::format("there is no file {}", name));
  }
  return file;
}

}  // namespace

Result<std::vector<std::string>> profile_files(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) return std::vector<std::string>{path};
  if (!fs::is_directory(status)) {
    return fail(Errc::not_found, "is neither a file nor a folder that can be read");
  }
  std::vector<std::string> files;
  fs::directory_iterator entries(path, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& file = entries->path();
    if (file.extension() != ".json" || file.filename().string().front() == '.') continue;
    files.push_back(file.string());
    if (files.size() > kMaxFiles) {
      return fail(Errc::payload_too_large, fmt::format("holds more than {} files", kMaxFiles));
    }
  }
  if (error) return fail(Errc::unavailable, "cannot be read: " + error.message());
  if (files.empty()) return fail(Errc::not_found, "holds no *.json file");
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string text(max_bytes + 1, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof()) {
    return fail(Errc::not_found, "cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_bytes) {
    return fail(Errc::payload_too_large, fmt::format("has more than {} bytes", max_bytes));
  }
  return text;
}

Result<std::string> read_text_below(const std::string& folder, const std::string& name,
                                    std::size_t max_bytes) {
  const auto file = find_below(folder, name);
  if (!file) return fail(file.error());
  auto text = read_small_file(file->string(), max_bytes);
  if (!text) return fail(text.error().code, fmt::format("{} {}", name, text.error().message));
  if (!is_utf8(*text)) return fail(Errc::invalid_argument, name + " is not UTF-8 text");
  return text;
}

Result<WavAudio> read_speech_below(const std::string& folder, const std::string& name) {
  const auto file = find_below(folder, name);
  if (!file) return fail(file.error());
  WavLimits limits;
  limits.max_bytes = kMaxSpeechBytes;
  auto audio = read_wav(*file, limits);
  if (!audio) return fail(audio.error().code, fmt::format("{}: {}", name, audio.error().message));
  if (audio->channels != 1) return fail(Errc::unsupported, name + " is not mono");
  return audio;
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
