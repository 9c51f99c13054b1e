// Unpacking gzip as it comes in, with one or more members.
// Thread rule: used by one thread.
#pragma once

#include <string_view>
#include <vector>
#include <zlib.h>

#include "cli/input.hpp"

namespace eventsource::cli {

constexpr std::string_view kGzipMagic = "\x1f\x8b";

class GzipReader {
 public:
  explicit GzipReader(Input& input);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  // The next piece, valid until the next call; empty at the end, and when a signal came (Interrupt). Throws
  // Failure(kExitRefused) when the data is damaged or cut off, Failure(kExitUnavailable) as Input.
  std::string_view read();

 private:
  // At the end of a member: starts the next one, or passes over the padding behind the last.
  bool start_member();
  bool refill();
  void inflate_some();

  Input& input_;
  z_stream stream_ = {};
  std::vector<char> buffer_;
  bool in_member_ = true;
};

}  // namespace eventsource::cli
