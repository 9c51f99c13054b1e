// A script of this folder that owns something for a test, until the test's end closes its input.
// Throws std::runtime_error. Used by one thread.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace test_support {

class KeeperProcess {
 public:
  // `words`: the script's name and its arguments.
  explicit KeeperProcess(std::vector<std::string> words);
  ~KeeperProcess();
  KeeperProcess(const KeeperProcess&) = delete;
  KeeperProcess& operator=(const KeeperProcess&) = delete;

  // The next line that it says.
  [[nodiscard]] std::string read();
  void write(const std::string& line);
  // Returns when it has cleaned up.
  void close();

 private:
  std::FILE* commands_ = nullptr;
  std::FILE* answers_ = nullptr;
};

}  // namespace test_support
