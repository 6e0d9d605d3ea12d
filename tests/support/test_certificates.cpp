#include "support/test_certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace voicebridge::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void must(bool good) {
  if (!good) throw std::runtime_error("OpenSSL could not make a test certificate");
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  must(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const char* name, long serial, EVP_PKEY* key, X509* issuer) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(),
                       issuer != nullptr ? X509_get_subject_name(issuer) : subject);
  return certificate;
}

template <class Write>
std::string write_pem(const std::filesystem::path& path, Write write) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  must(file != nullptr);
  const bool good = write(file) == 1;
  std::fclose(file);
  must(good);
  return path.string();
}

}  // namespace

TestCertificates::TestCertificates(const std::filesystem::path& folder,
                                   const std::string& subjects) {
  const Key ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate ca = make_certificate("voicebridge test authority", 1, ca_key.get(), nullptr);
  add_extension(ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0);

  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate =
      make_certificate("voicebridge test server", 2, key.get(), ca.get());
  add_extension(certificate.get(), NID_subject_alt_name, subjects);
  must(X509_sign(certificate.get(), ca_key.get(), EVP_sha256()) > 0);

  ca_file =
      write_pem(folder / "ca.pem", [&](auto* file) { return PEM_write_X509(file, ca.get()); });
  certificate_file = write_pem(folder / "certificate.pem",
                               [&](auto* file) { return PEM_write_X509(file, certificate.get()); });
  key_file = write_pem(folder / "key.pem", [&](auto* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace voicebridge::test
