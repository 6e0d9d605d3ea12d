#include "voicebridge/audio/wav_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace voicebridge {
inline namespace VOICEBRIDGE_ABI {
namespace {

constexpr std::size_t kHeaderSize = 44;
constexpr std::size_t kSampleBytes = 2;
// The largest data that the 32 bit sizes of the header can tell.
constexpr std::uint64_t kMaxDataBytes = 0xFFFFFFFFU - kHeaderSize;

void put_u16(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

void put_u32(Bytes& out, std::uint32_t value) {
  put_u16(out, value);
  put_u16(out, value >> 16);
}

void put_tag(Bytes& out, std::string_view tag) {
  for (const char letter : tag) out.push_back(static_cast<std::uint8_t>(letter));
}

char* as_chars(Bytes& bytes) { return reinterpret_cast<char*>(bytes.data()); }

}  // namespace

Result<WavWriter> WavWriter::create(const std::filesystem::path& path, std::uint32_t sample_rate,
                                    unsigned channels) {
  if (channels != 1 && channels != 2) {
    return fail(Errc::invalid_argument, "a WAV file has 1 or 2 channels here", "channels");
  }
  if (sample_rate < 8000 || sample_rate > 48000) {
    return fail(Errc::invalid_argument, "the sample rate must be 8000 to 48000 Hz", "sample_rate");
  }
  WavWriter writer(path, sample_rate, channels);
  const auto mode = std::ios::in | std::ios::out | std::ios::binary | std::ios::trunc;
  writer.file_.open(path, mode);
  if (auto opened = writer.check(writer.file_.is_open(), "create"); !opened) {
    return fail(std::move(opened.error()));
  }
  if (auto written = writer.write_header(); !written) return fail(std::move(written.error()));
  return writer;
}

WavWriter::WavWriter(std::filesystem::path path, std::uint32_t sample_rate, unsigned channels)
    : path_(std::move(path)), sample_rate_(sample_rate), channels_(channels) {}

WavWriter::~WavWriter() { static_cast<void>(close()); }

Result<void> WavWriter::check(bool ok, const char* doing) {
  if (ok) return {};
  return fail(Errc::internal, fmt::format("cannot {} {}", doing, path_.string()));
}

std::streamoff WavWriter::offset_of(std::uint64_t frame) const noexcept {
  return static_cast<std::streamoff>(kHeaderSize + frame * channels_ * kSampleBytes);
}

Result<void> WavWriter::write_header() {
  const auto frame_bytes = static_cast<std::uint32_t>(channels_ * kSampleBytes);
  const auto data_bytes = static_cast<std::uint32_t>(frames_ * frame_bytes);
  scratch_.clear();
  put_tag(scratch_, "RIFF");
  put_u32(scratch_, static_cast<std::uint32_t>(kHeaderSize - 8) + data_bytes);
  put_tag(scratch_, "WAVEfmt ");
  put_u32(scratch_, 16);
  put_u16(scratch_, 1);  // linear
  put_u16(scratch_, channels_);
  put_u32(scratch_, sample_rate_);
  put_u32(scratch_, sample_rate_ * frame_bytes);
  put_u16(scratch_, frame_bytes);
  put_u16(scratch_, 8 * kSampleBytes);
  put_tag(scratch_, "data");
  put_u32(scratch_, data_bytes);

  file_.seekp(0);
  file_.write(as_chars(scratch_), static_cast<std::streamsize>(scratch_.size()));
  file_.flush();
  frames_in_header_ = frames_;
  return check(file_.good(), "write");
}

Result<void> WavWriter::write_at(std::uint64_t frame, SampleView interleaved) {
  const std::uint64_t count = interleaved.size() / channels_;
  if (count == 0) return {};
  const std::uint64_t max_frames = kMaxDataBytes / (channels_ * kSampleBytes);
  if (frame > max_frames || count > max_frames - frame) {
    return fail(Errc::resource_exhausted, "a WAV file cannot be larger than 4 GB");
  }
  scratch_.clear();
  for (const std::int16_t sample : interleaved.subview(0, count * channels_)) {
    put_u16(scratch_, static_cast<std::uint16_t>(sample));
  }
  file_.seekp(offset_of(frame));  // beyond the end: the file system fills the gap with zeros
  file_.write(as_chars(scratch_), static_cast<std::streamsize>(scratch_.size()));
  if (auto written = check(file_.good(), "write"); !written) return written;

  frames_ = std::max(frames_, frame + count);
  return frames_ - frames_in_header_ >= sample_rate_ ? write_header() : Result<void>();
}

Result<void> WavWriter::read_at(std::uint64_t frame, std::size_t frames, Samples& out) {
  out.assign(frames * channels_, 0);
  if (frame >= frames_) return {};
  const std::size_t there = std::min<std::uint64_t>(frames, frames_ - frame) * channels_;
  scratch_.resize(there * kSampleBytes);
  file_.seekg(offset_of(frame));
  file_.read(as_chars(scratch_), static_cast<std::streamsize>(scratch_.size()));
  if (auto read = check(file_.good(), "read"); !read) return read;
  for (std::size_t i = 0; i < there; ++i) {
    out[i] = static_cast<std::int16_t>(scratch_[2 * i] | scratch_[2 * i + 1] << 8);
  }
  return {};
}

Result<void> WavWriter::truncate(std::uint64_t frames) {
  if (frames >= frames_) return {};
  frames_ = frames;
  if (auto written = write_header(); !written) return written;
  std::error_code error;
  std::filesystem::resize_file(path_, static_cast<std::uintmax_t>(offset_of(frames)), error);
  return check(!error, "shorten");
}

Result<void> WavWriter::close() {
  if (!file_.is_open()) return {};
  auto written = write_header();
  file_.close();
  return written ? check(!file_.fail(), "close") : written;
}

Millis WavWriter::duration() const noexcept { return Millis(frames_ * 1000 / sample_rate_); }

}  // namespace VOICEBRIDGE_ABI
}  // namespace voicebridge
