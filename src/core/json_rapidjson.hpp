#pragma once

// RapidJSON is a header library of templates: under its own name, a program that uses another
// version or other macros would share our instantiations. A namespace of ours keeps the two apart.
#define RAPIDJSON_NAMESPACE voicebridge_rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace voicebridge_rapidjson {
#define RAPIDJSON_NAMESPACE_END }

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>
#include <string_view>

#include "voicebridge/export.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {

namespace rapid = ::voicebridge_rapidjson;

/// RapidJSON asserts that a string is not null, which an empty view may be.
inline rapid::Value::StringRefType rapid_string(std::string_view text) {
  return {text.data() == nullptr ? "" : text.data(), static_cast<rapid::SizeType>(text.size())};
}

inline std::string_view text_of(const rapid::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// Compact JSON text.
inline std::string dump_value(const rapid::Value& value) {
  rapid::StringBuffer buffer;
  rapid::Writer<rapid::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
