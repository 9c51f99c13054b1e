// Unpacking with zlib.
#include "cli/gzip.hpp"

#include <new>
#include <string>

#include "cli/failure.hpp"
#include "cli/interrupt.hpp"

namespace eventsource::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;
// zlib's way to say: the largest window, and a gzip header.
constexpr int kGzipWindow = 15 + 16;

}  // namespace

GzipReader::GzipReader(Input& input) : input_(input), buffer_(kBufferBytes) {
  if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() {
  inflateEnd(&stream_);
}

bool GzipReader::refill() {
  if (stream_.avail_in > 0) return true;
  const std::string_view piece = input_.read();
  // zlib takes a pointer to what it does not change.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream_.avail_in = static_cast<uInt>(piece.size());
  return !piece.empty();
}

bool GzipReader::start_member() {
  // Tapes and block devices pad the end with zeros; gzip(1) passes over them as well.
  while (refill() && *stream_.next_in == 0) {
    ++stream_.next_in;
    --stream_.avail_in;
  }
  if (stream_.avail_in == 0) return false;
  inflateReset(&stream_);
  in_member_ = true;
  return true;
}

void GzipReader::inflate_some() {
  const int result = inflate(&stream_, Z_NO_FLUSH);
  if (result == Z_STREAM_END) {
    in_member_ = false;
  } else if (result == Z_MEM_ERROR) {
    throw std::bad_alloc();
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    const std::string why = stream_.msg != nullptr ? stream_.msg : "not gzip";
    throw Failure(kExitRefused, "the gzip data of " + input_.name() + " is damaged (" + why + ")");
  }
}

std::string_view GzipReader::read() {
  stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
  stream_.avail_out = static_cast<uInt>(buffer_.size());
  while (stream_.avail_out == buffer_.size()) {
    if (!in_member_ && !start_member()) return {};
    if (!refill()) {
      if (Interrupt::signal() != 0) return {};
      throw Failure(kExitRefused, "the gzip data of " + input_.name() + " is cut off");
    }
    inflate_some();
  }
  return {buffer_.data(), buffer_.size() - stream_.avail_out};
}

}  // namespace eventsource::cli
