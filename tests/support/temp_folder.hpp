// A folder of one test, gone with it. Used by one thread.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace test_support {

class TempFolder {
 public:
  explicit TempFolder(const std::filesystem::path& root = std::filesystem::temp_directory_path()) {
    std::string name = (root / "eventsource-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TempFolder() {
    // A store that was closed takes its files away on its own thread meanwhile.
    std::error_code error = std::make_error_code(std::errc::no_such_file_or_directory);
    while (error == std::errc::no_such_file_or_directory) std::filesystem::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name = "store.db") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace test_support
