#pragma once

#include <filesystem>
#include <string>

namespace voicebridge::test {

/// A throw-away authority and a server certificate of it, as PEM files in a folder.
struct TestCertificates {
  /// `subjects` as in openssl.cnf: "DNS:localhost,IP:127.0.0.1". The files go into `folder`.
  TestCertificates(const std::filesystem::path& folder, const std::string& subjects);

  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
};

}  // namespace voicebridge::test
