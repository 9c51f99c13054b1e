// The lines of a source of bytes, plain or gzip.
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/gzip.hpp"
#include "cli/input.hpp"

namespace eventsource::cli {

// No line of an accepted event is longer: data and metadata share 16 MiB, and white space gets as much again.
constexpr std::size_t kLineBytesMax = std::size_t{32} << 20;

class Lines {
 public:
  // Reads from `input`, which outlives it, and finds out by its first bytes whether it is gzip.
  explicit Lines(Input& input);

  // The next line without its end, valid until the next call. Nothing at the end, and when a signal came (Interrupt).
  // The last line needs no end. Throws Failure(kExitRefused) for a line that is too long or for gzip data that is
  // damaged or cut off (the line in which that happens is not given), Failure(kExitUnavailable) as Input.
  std::optional<std::string_view> next();

  // The number of the line that next() gave last, from 1.
  [[nodiscard]] std::int64_t number() const noexcept { return number_; }

 private:
  std::string_view read_piece();

  Input& input_;
  std::unique_ptr<GzipReader> gzip_;
  std::string_view piece_;  // what is left of the last piece
  std::string carried_;     // the start of a line that goes on in the next piece
  std::int64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace eventsource::cli
