// A caller that appends, whatever happens to the store meanwhile, and keeps what it was told of each append: for tests that
// break what is behind a store. What a caller does follows from its seed.
// Used by one thread; several callers use one store, each with a number of its own.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "eventsource/eventsource.h"

#include "tests/support/comparison.hpp"

namespace started_test {

using Id = std::array<std::uint8_t, 16>;

[[nodiscard]] std::string text_of(const std::uint8_t* id);

class Caller {
 public:
  Caller(es_store* store, std::uint32_t number, std::uint32_t seed);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // From now on these are the limits of each call. The handle is borrowed.
  void set_limits(std::int64_t timeout_ms, es_cancel* cancel = nullptr);
  // From now on a line is written to this descriptor before each append ("started", its ids), and when one was acknowledged
  // ("stored", then id, version and position of each event): for a parent, should this process be killed.
  void report_to(int descriptor) { report_ = descriptor; }

  // Appends are made on another handle of the same store from now on.
  void use(es_store* store) { store_ = store; }

  // Starts appends: to streams of their own and to those that all callers write, of one event and of several, some that
  // expect a version.
  void start(int appends);
  // The same as one call that waits.
  void append();
  // Takes completions until no more than `left` calls are in flight.
  void take(int left = 0);
  // Takes completions until one has this status, or no call is in flight.
  void take_until(es_status status);
  // Makes appends again whose fate is not known, until it is: they end as stored or as refused.
  void learn();

  // So many were acknowledged; of so many, now, is nothing known.
  [[nodiscard]] int stored() const { return stored_; }
  [[nodiscard]] int unknown() const;
  [[nodiscard]] int count(es_status status) const;
  // How often each status was given.
  [[nodiscard]] const std::map<es_status, int>& statuses() const { return statuses_; }
  [[nodiscard]] std::string first_message(es_status status) const;

  // What was told beside the table; and what is wrong in itself: a call that ended twice, or with an answer that can't be.
  void tell(test_support::Comparison& comparison) const;
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  enum class Fate { kUnderWay, kStored, kConflict, kRefused, kUnknown };

  struct Event {
    Id id;
    Id stream;
  };
  struct Append {
    std::vector<Event> events;
    std::int64_t expected = ES_ANY;
    Fate fate = Fate::kUnderWay;
    std::vector<test_support::Row> rows;  // of what was stored
    std::int64_t actual = 0;              // the version of a conflict
  };

  [[nodiscard]] std::size_t plan();
  es_append* make(const Append& append) const;
  void start(std::size_t which);
  void append(std::size_t which);
  void end(std::size_t which, es_status status, const es_append_result* result, const es_error* error);
  void complain(std::size_t which, const std::string& what);
  static std::vector<std::string> ids_of(const Append& append);
  void report(const char* what, const Append& append) const;

  es_store* store_;
  std::uint32_t number_;
  std::mt19937 random_;
  es_queue* queue_ = nullptr;
  es_call* call_ = nullptr;
  std::vector<Append> appends_;
  std::vector<int> in_flight_of_;        // calls of each append
  std::map<Id, std::int64_t> versions_;  // of streams, as far as told
  int report_ = -1;
  int in_flight_ = 0;
  int stored_ = 0;
  std::map<es_status, int> statuses_;
  std::map<es_status, std::string> messages_;
  std::vector<std::string> complaints_;
};

// Everything that is wrong: answers of the callers, beside the events of a PostgreSQL URL or of an SQLite file. "" when
// nothing is; otherwise the first few.
[[nodiscard]] std::string defects(const std::string& url, const std::vector<const Caller*>& callers);

// Every row of a file, and what SQLite itself finds wrong with it ("" when nothing).
[[nodiscard]] std::string see_file(test_support::Comparison& comparison, const std::string& file);

}  // namespace started_test
