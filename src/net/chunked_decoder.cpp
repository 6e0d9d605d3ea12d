#include "net/chunked_decoder.hpp"

#include <algorithm>
#include <charconv>

#include "net/ascii.hpp"
#include "net/http_syntax.hpp"

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace net {

std::size_t ChunkedDecoder::max_line_bytes() const {
  switch (part_) {
    case Part::size_line:
      return kMaxLineBytes;
    case Part::trailer:
      return kMaxTrailerBytes;
    default:
      return 0;  // a chunk's data ends with an empty line
  }
}

std::size_t ChunkedDecoder::feed(std::string_view bytes, std::string& body) {
  std::size_t taken = 0;
  while (taken < bytes.size() && status_ == Status::more) {
    if (part_ == Part::data) {
      taken += take_data(bytes.substr(taken), body);
    } else {
      take_byte(bytes[taken++]);
    }
  }
  return taken;
}

std::size_t ChunkedDecoder::take_data(std::string_view bytes, std::string& body) {
  const std::size_t size = std::min(bytes.size(), left_);
  body.append(bytes.substr(0, size));
  left_ -= size;
  if (left_ == 0) part_ = Part::data_end;
  return size;
}

void ChunkedDecoder::take_byte(char c) {
  if (part_ == Part::trailer && ++trailer_bytes_ > kMaxTrailerBytes) {
    status_ = Status::malformed;
  } else if (after_cr_) {
    after_cr_ = false;
    if (c == '\n') return end_line();
    status_ = Status::malformed;
  } else if (c == '\r') {
    after_cr_ = true;
  } else if (line_.size() == max_line_bytes()) {
    status_ = Status::malformed;
  } else {
    line_ += c;
  }
}

void ChunkedDecoder::end_line() {
  switch (part_) {
    case Part::size_line:
      end_size_line();
      break;
    case Part::data_end:
      part_ = Part::size_line;
      break;
    case Part::trailer:
      if (line_.empty()) status_ = Status::done;
      if (!is_field_value(line_)) status_ = Status::malformed;
      break;
    case Part::data:
      break;
  }
  line_.clear();
}

void ChunkedDecoder::end_size_line() {
  const std::string_view line(line_);
  const std::string_view digits = trim(line.substr(0, line.find(';')));
  std::size_t size = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, size, 16);
  if (error == std::errc::result_out_of_range && end == last) {
    status_ = Status::too_large;
  } else if (error != std::errc() || end != last || !is_field_value(line)) {
    status_ = Status::malformed;
  } else if (size > room_) {
    status_ = Status::too_large;
  } else {
    room_ -= size;
    left_ = size;
    part_ = size == 0 ? Part::trailer : Part::data;
  }
}

}  // namespace net
}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
