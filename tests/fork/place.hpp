// What the tests of forks share: where a store is, what was acknowledged, and whether all of it is there.
// Place: one thread. Acknowledged: any thread of any process. The functions: any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "eventsource/eventsource.hpp"

#include "tests/support/postgres_place.hpp"

namespace fork_test {

// An empty place for a store of a backend: "memory", "sqlite" or "postgresql".
class Place {
 public:
  explicit Place(std::string_view backend);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  // Of the file.
  [[nodiscard]] std::string path() const { return folder_ + "/events.db"; }

 private:
  std::string folder_;
  std::unique_ptr<test_support::PostgresSchema> schema_;
  std::string url_;
};

// The ids of events that were acknowledged, in memory that forked processes share: what a killed one wrote stays.
class Acknowledged {
 public:
  Acknowledged();
  ~Acknowledged();
  Acknowledged(const Acknowledged&) = delete;
  Acknowledged& operator=(const Acknowledged&) = delete;

  void add(const eventsource::Uuid& id) const;
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] const eventsource::Uuid& at(std::size_t index) const;

 private:
  struct Shared;
  Shared* shared_;
};

// Appends an event to the stream "Order" `stream` and takes it down as acknowledged. What went wrong; "" when nothing did.
[[nodiscard]] std::string append(const eventsource::Store& store, const eventsource::Uuid& stream,
                                 const Acknowledged& acknowledged);

// "" when every acknowledged event is in the store once, versions have no hole and positions rise.
[[nodiscard]] std::string check_all(const std::string& url, const Acknowledged& acknowledged);

// A stream's id.
[[nodiscard]] eventsource::Uuid stream_id(std::uint8_t number);

// "" when the call failed with ES_FORKED, and said what to do.
template <typename T>
[[nodiscard]] std::string expect_forked(const char* what, const eventsource::Result<T>& result) {
  const eventsource::Error& error = result.error();
  if (error.code() == ES_FORKED && error.message().find("open it again") != std::string_view::npos) return "";
  return std::string(what) + " in a child gives " + error.name() + ": " + std::string(error.message());
}

}  // namespace fork_test
