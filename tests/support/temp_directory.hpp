#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace voicebridge::test {

/// A new folder that goes away with the test.
class TempDirectory {
 public:
  TempDirectory() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("voicebridge-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace voicebridge::test
