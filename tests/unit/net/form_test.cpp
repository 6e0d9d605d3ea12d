#include "voicebridge/net/form.hpp"

#include "support/catch.hpp"

using namespace voicebridge;

TEST_CASE("a form is read with repeated names, in order", "[form]") {
  const auto form =
      FormFields::parse("Tag=b&CallSid=CA1&Tag=a&&Empty=&Bare&T=%2B1+2%20%C3%89%253A");
  REQUIRE(form);
  REQUIRE(form->fields().size() == 6);
  CHECK(form->find("Tag") == "b");
  CHECK(form->fields()[2].second == "a");
  CHECK(form->find("Empty") == "");
  CHECK(form->find("Bare") == "");
  CHECK(form->find("T") == "+1 2 É%3A");
  CHECK_FALSE(form->find("tag"));
  CHECK(form->text_or("tag", "none") == "none");
}

TEST_CASE("a form that is written is read back", "[form]") {
  const FormFields form = {
      {"Event", "initiated"}, {"Event", "ringing"}, {"a b", "1+1=2&%20"}, {"", "~é"}};
  CHECK(form.encode() == "Event=initiated&Event=ringing&a+b=1%2B1%3D2%26%2520&=~%C3%A9");
  const auto back = FormFields::parse(form.encode());
  REQUIRE(back);
  CHECK(back->fields() == form.fields());
  CHECK(FormFields().encode().empty());
}

TEST_CASE("a form has so many fields and no more", "[form]") {
  CHECK(FormFields::parse("a&b&c", 3));
  const auto refused = FormFields::parse("a&b&c&d", 3);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::payload_too_large);
}
