# What voicebridge stands on, each under one name: vbdep::x.
include(${CMAKE_CURRENT_LIST_DIR}/dependency.cmake)

# websocketpp 0.8.2 names what Asio 1.33 has taken away.
function(voicebridge_check_asio)
  get_target_property(folders vbdep_asio INTERFACE_INCLUDE_DIRECTORIES)
  get_target_property(libraries vbdep_asio INTERFACE_LINK_LIBRARIES)
  foreach(library IN LISTS libraries)
    if(TARGET ${library})
      get_target_property(more ${library} INTERFACE_INCLUDE_DIRECTORIES)
      list(APPEND folders ${more})
    endif()
  endforeach()
  find_file(VBDEP_asio_VERSION_FILE asio/version.hpp HINTS ${folders})
  mark_as_advanced(VBDEP_asio_VERSION_FILE)
  if(NOT VBDEP_asio_VERSION_FILE)
    return()
  endif()
  file(STRINGS ${VBDEP_asio_VERSION_FILE} line REGEX "^#define ASIO_VERSION ")
  string(REGEX MATCH "[0-9]+" number "${line}")
  if(number GREATER_EQUAL 103300)
    math(EXPR minor "${number} / 100 % 1000")
    message(FATAL_ERROR "voicebridge needs Asio before 1.33 (websocketpp 0.8.2 does not compile with later ones); "
      "${VBDEP_asio_VERSION_FILE} is Asio 1.${minor}. On Debian 12: apt-get install libasio-dev; with Conan: asio/1.32.0; "
      "with vcpkg: an override of asio to 1.32.0, as in vcpkg/vcpkg.json")
  endif()
endfunction()

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
if(NOT CMAKE_FIND_PACKAGE_NAME)
  voicebridge_check_asio()
endif()
voicebridge_dependency(websocketpp CONFIG websocketpp TARGETS websocketpp::websocketpp
  HEADER websocketpp/version.hpp DEBIAN libwebsocketpp-dev REGISTRY websocketpp)
voicebridge_dependency(cpprest CONFIG cpprestsdk TARGETS cpprestsdk::cpprest DEBIAN libcpprest-dev REGISTRY cpprestsdk)
if(VOICEBRIDGE_WITH_SQLITE)
  voicebridge_dependency(sqlite CONFIG SQLite3 TARGETS SQLite::SQLite3
    PKGCONFIG sqlite3 DEBIAN libsqlite3-dev REGISTRY sqlite3
    OPTION VOICEBRIDGE_WITH_SQLITE)
endif()
