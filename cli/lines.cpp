// Cutting pieces into lines. A line inside one piece is not copied.
#include "cli/lines.hpp"

#include <cstring>

#include "cli/failure.hpp"
#include "cli/interrupt.hpp"

namespace eventsource::cli {

Lines::Lines(Input& input) : input_(input) {
  if (input_.begins_with(kGzipMagic)) gzip_ = std::make_unique<GzipReader>(input_);
}

std::string_view Lines::read_piece() {
  return gzip_ != nullptr ? gzip_->read() : input_.read();
}

std::optional<std::string_view> Lines::next() {
  carried_.clear();
  while (!ended_) {
    if (piece_.empty()) {
      piece_ = read_piece();
      ended_ = piece_.empty();
      continue;
    }
    const void* const found = std::memchr(piece_.data(), '\n', piece_.size());
    const std::size_t length =
        found == nullptr ? piece_.size() : static_cast<std::size_t>(static_cast<const char*>(found) - piece_.data());
    const std::string_view part = piece_.substr(0, length);
    piece_.remove_prefix(found == nullptr ? length : length + 1);
    if (carried_.size() + part.size() > kLineBytesMax) {
      throw Failure(kExitRefused, "it is longer than " + std::to_string(kLineBytesMax) + " bytes");
    }
    if (found != nullptr && carried_.empty()) {
      ++number_;
      return part;
    }
    carried_ += part;
    if (found != nullptr) {
      ++number_;
      return carried_;
    }
  }
  // Half a line that a signal has cut is no line.
  if (carried_.empty() || Interrupt::signal() != 0) return std::nullopt;
  ++number_;
  return carried_;
}

}  // namespace eventsource::cli
