// Reading a file or standard input.
#include "cli/input.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/failure.hpp"
#include "cli/interrupt.hpp"

namespace eventsource::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

[[noreturn]] void refuse(const std::string& name, int error) {
  if (error == EISDIR) throw Failure(kExitUnavailable, name + " is a directory, not a file");
  throw Failure(kExitUnavailable, name + " can't be read: " + std::strerror(error));
}

}  // namespace

Input::Input(const std::string& path) : name_(path), descriptor_(STDIN_FILENO), buffer_(kBufferBytes) {
  if (path == "-") {
    name_ = "standard input";
  } else {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) refuse(name_, errno);
  }
  struct stat status = {};
  if (fstat(descriptor_, &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
      refuse(name_, EISDIR);
    }
    if (S_ISREG(status.st_mode)) size_ = status.st_size;
  }
}

Input::~Input() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

bool Input::fill() {
  while (Interrupt::signal() == 0) {
    const ssize_t count = ::read(descriptor_, buffer_.data() + buffered_, buffer_.size() - buffered_);
    if (count > 0) {
      buffered_ += static_cast<std::size_t>(count);
      bytes_read_ += count;
      return true;
    }
    if (count == 0) return false;
    if (errno != EINTR) refuse(name_, errno);
  }
  return false;
}

bool Input::begins_with(std::string_view magic) {
  while (buffered_ < magic.size() && fill()) {
  }
  return std::string_view(buffer_.data(), buffered_).starts_with(magic);
}

std::string_view Input::read() {
  // What begins_with() has read comes first.
  if (buffered_ == 0 && !fill()) return {};
  const std::size_t count = buffered_;
  buffered_ = 0;
  return {buffer_.data(), count};
}

}  // namespace eventsource::cli
