#include "openai/multipart.hpp"

#include "support/catch.hpp"

using voicebridge::openai::detail::write_multipart;

TEST_CASE("a form of two parts") {
  const auto form = write_multipart(
      {{"sdp", "application/sdp", "v=0\r\n"}, {"session", "application/json", "{}"}},
      [] { return std::string("XYZ"); });
  CHECK(form.content_type == "multipart/form-data; boundary=XYZ");
  CHECK(form.body ==
        "--XYZ\r\nContent-Disposition: form-data; name=\"sdp\"\r\n"
        "Content-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
        "--XYZ\r\nContent-Disposition: form-data; name=\"session\"\r\n"
        "Content-Type: application/json\r\n\r\n{}\r\n"
        "--XYZ--\r\n");
}

TEST_CASE("a boundary that occurs in a part is not taken") {
  int asked = 0;
  const auto form =
      write_multipart({{"a", "text/plain", "has b1 inside"}, {"b", "text/plain", "and b2"}},
                      [&] { return "b" + std::to_string(++asked); });
  CHECK(asked == 3);
  CHECK(form.content_type == "multipart/form-data; boundary=b3");
}
