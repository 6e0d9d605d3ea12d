# What voicebridge stands on, each under one name: vbdep::x.
include(${CMAKE_CURRENT_LIST_DIR}/dependency.cmake)

# Seen in the public headers.
voicebridge_dependency(expected CONFIG tl-expected TARGETS tl::expected
  HEADER tl/expected.hpp DEBIAN libexpected-dev REGISTRY tl-expected)
if(VOICEBRIDGE_PUBLIC_DEPENDENCIES_ONLY)
  return()
endif()

# Hidden behind them.
voicebridge_dependency(threads CONFIG Threads TARGETS Threads::Threads DEBIAN libc6-dev)
voicebridge_dependency(fmt CONFIG fmt TARGETS fmt::fmt DEBIAN libfmt-dev REGISTRY fmt)
voicebridge_dependency(rapidjson CONFIG RapidJSON TARGETS rapidjson
  HEADER rapidjson/document.h DEBIAN rapidjson-dev REGISTRY rapidjson)
voicebridge_dependency(sodium CONFIG unofficial-sodium libsodium TARGETS unofficial-sodium::sodium libsodium::libsodium
  PKGCONFIG libsodium HEADER sodium.h LIBRARY sodium DEBIAN libsodium-dev REGISTRY libsodium)
voicebridge_dependency(crypto CONFIG OpenSSL TARGETS OpenSSL::Crypto DEBIAN libssl-dev REGISTRY openssl)
voicebridge_dependency(ssl CONFIG OpenSSL TARGETS OpenSSL::SSL DEBIAN libssl-dev REGISTRY openssl)
voicebridge_dependency(phonenumber CONFIG libphonenumber TARGETS libphonenumber::phonenumber
  HEADER phonenumbers/phonenumberutil.h LIBRARY phonenumber DEBIAN libphonenumber-dev REGISTRY libphonenumber)
voicebridge_dependency(speexdsp CONFIG speexdsp TARGETS speexdsp::speexdsp
  PKGCONFIG speexdsp HEADER speex/speex_resampler.h LIBRARY speexdsp DEBIAN libspeexdsp-dev REGISTRY speexdsp)
if(VOICEBRIDGE_WITH_G722)
  voicebridge_dependency(spandsp CONFIG spandsp TARGETS spandsp spandsp::spandsp
    PKGCONFIG spandsp HEADER spandsp.h LIBRARY spandsp DEBIAN libspandsp-dev
    OPTION VOICEBRIDGE_WITH_G722)
endif()
if(VOICEBRIDGE_WITH_OPUS)
  voicebridge_dependency(opus CONFIG Opus TARGETS Opus::opus
    PKGCONFIG opus HEADER opus.h LIBRARY opus DEBIAN libopus-dev REGISTRY opus
    OPTION VOICEBRIDGE_WITH_OPUS)
endif()
voicebridge_dependency(asio CONFIG asio TARGETS asio::asio HEADER asio.hpp DEBIAN libasio-dev REGISTRY asio)
voicebridge_dependency(websocketpp CONFIG websocketpp TARGETS websocketpp::websocketpp
  HEADER websocketpp/version.hpp DEBIAN libwebsocketpp-dev REGISTRY websocketpp)
voicebridge_dependency(cpprest CONFIG cpprestsdk TARGETS cpprestsdk::cpprest DEBIAN libcpprest-dev REGISTRY cpprestsdk)
voicebridge_dependency(sqlite CONFIG SQLite3 TARGETS SQLite::SQLite3
  PKGCONFIG sqlite3 DEBIAN libsqlite3-dev REGISTRY sqlite3)
