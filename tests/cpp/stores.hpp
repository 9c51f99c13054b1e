// The stores that the C++ tests run on, one fixture for each backend, and events to fill them with.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "eventsource/eventsource.hpp"

namespace eventsource::test {

inline Uuid uuid(std::string_view text) {
  return Uuid::parse(text).value();
}

// The n-th of a row of ids that differ in their last bytes; never nil for n > 0.
inline Uuid numbered(std::uint32_t n) {
  Uuid id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

// Appends `count` events {"n": first}, {"n": first + 1}, … to one stream.
inline AppendResult fill(const Store& store, std::string_view type, const Uuid& id, int first, int count) {
  Append append;
  append.stream(type, id, ExpectedVersion::any());
  for (int n = first; n < first + count; ++n) append.event("Counted", "{\"n\":" + std::to_string(n) + "}");
  return store.append(append).value();
}

class StoreTest : public testing::TestWithParam<std::string_view> {
 public:
  // A name for gtest: the backend's.
  static std::string name(const testing::TestParamInfo<std::string_view>& info) { return std::string(info.param); }

 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() / "eventsource_cpp_XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string url() const {
    return GetParam() == "memory" ? "memory:" : "sqlite:///" + (folder_ / "events.db").string();
  }
  [[nodiscard]] Store open(const Options& options = {}) const { return Store::open(url(), options).value(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace eventsource::test

#define EVENTSOURCE_ON_EACH_BACKEND(fixture) \
  INSTANTIATE_TEST_SUITE_P(Backend, fixture, testing::Values("memory", "sqlite"), fixture::name)
