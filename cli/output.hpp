// Buffered output to a descriptor. A reader that went away ends the program quietly, as it does every filter.
// Thread rule: used by one thread.
#pragma once

#include <string>
#include <string_view>

namespace eventsource::cli {

class Output {
 public:
  // Writes to `descriptor`, which it does not own; `name` is for messages.
  Output(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {
    buffer_.reserve(kBufferBytes);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // The buffer, for appending in place; call poll() after each line.
  std::string& buffer() { return buffer_; }
  void poll() {
    if (buffer_.size() >= kFlushBytes) flush();
  }
  void write(std::string_view text) {
    buffer_ += text;
    poll();
  }
  void line(std::string_view text) {
    buffer_ += text;
    buffer_ += '\n';
    poll();
  }

  // Writes what is buffered. Throws Failure(kExitUnavailable). What is not flushed is not written.
  void flush();

 private:
  static constexpr std::size_t kFlushBytes = std::size_t{256} << 10;
  static constexpr std::size_t kBufferBytes = kFlushBytes + (std::size_t{64} << 10);

  int descriptor_;
  std::string name_;
  std::string buffer_;
};

// One line to standard error, in one write; errors are ignored, there is no one left to tell.
void say(std::string_view text);

}  // namespace eventsource::cli
