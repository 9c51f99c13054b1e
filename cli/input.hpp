// A file or standard input as bytes, with a look at how it begins.
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eventsource::cli {

class Input {
 public:
  // Opens a file; "-" is standard input. Throws Failure(kExitUnavailable).
  explicit Input(const std::string& path);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // The path, or "standard input".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  // Bytes of a regular file, 0 where that is not known; and how many of them were read.
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  [[nodiscard]] std::int64_t bytes_read() const noexcept { return bytes_read_; }

  // Whether the input begins with these bytes. Only before the first read().
  [[nodiscard]] bool begins_with(std::string_view magic);

  // The next piece, valid until the next call; empty at the end, and when a signal came (Interrupt).
  // Throws Failure(kExitUnavailable).
  std::string_view read();

 private:
  // Reads behind what is buffered; false at the end or when a signal came.
  bool fill();

  std::string name_;
  int descriptor_;
  std::int64_t size_ = 0;
  std::int64_t bytes_read_ = 0;
  std::vector<char> buffer_;
  std::size_t buffered_ = 0;
};

}  // namespace eventsource::cli
