// What the races share: processes that start together, batches of events, and the comparison of what was acknowledged
// with what the table holds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <pthread.h>
#include <string>
#include <sys/types.h>
#include <vector>

#include "core/store/store.hpp"
#include "tests/support/rounds.hpp"

namespace postgres_test {

using eventsource::core::AppendResult;
using eventsource::core::CallOptions;
using eventsource::core::Error;
using eventsource::core::Result;
using eventsource::core::Store;
using eventsource::core::StreamName;
using eventsource::core::Uuid;
using test_support::rounds;

[[nodiscard]] Uuid uuid_of(std::uint64_t kind, std::uint64_t number);
[[nodiscard]] StreamName stream_of(std::uint64_t number);

// An event of a batch. Equal ids have equal content.
struct BatchEvent {
  std::uint64_t stream = 1;
  Uuid id;
  std::optional<Uuid> tenant_id = {};
};

struct Batch {
  std::vector<BatchEvent> events;
  std::int64_t expected = ES_ANY;                    // of each stream that is not in `exact`
  std::map<std::uint64_t, std::int64_t> exact = {};  // by stream
  bool skips = false;
};

// Throws std::runtime_error.
std::shared_ptr<Store> open_store(const std::string& url);
[[nodiscard]] Result<AppendResult> append(Store& store, const Batch& batch, const CallOptions& options = {});
[[nodiscard]] std::int64_t version_of(Store& store, std::uint64_t stream);
[[nodiscard]] std::string detail(const Error& error, std::string_view key);

// Holds threads of several processes back until all have come.
class Barrier {
 public:
  explicit Barrier(unsigned members);
  ~Barrier();
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;
  void wait() { pthread_barrier_wait(barrier_); }

 private:
  pthread_barrier_t* barrier_;
};

// What one process has to say: lines that its parent reads after its end. Any thread. What it said stays when it is killed.
class Log {
 public:
  Log();
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  void say(const std::string& line) const;
  // An append that was acknowledged.
  void acknowledge(const Batch& batch, const AppendResult& result) const;
  // Something that must not happen; it fails the test.
  void complain(const std::string& what) const { say("! " + what); }
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  int file_;
};

// `work` in a process of its own; or in several, numbered from 0, until their end. Their logs, in this order; one of them
// that complains or does not end well fails the test.
using Work = std::function<void(int process, const Log& log)>;
[[nodiscard]] pid_t start_process(int process, const Work& work, const Log& log);
[[nodiscard]] std::vector<std::vector<std::string>> run_processes(int processes, const Work& work);
// Runs `work` in threads, numbered from 0.
void run_threads(int threads, const std::function<void(int thread)>& work);

// The value after `key` in a line of a log, as in "lost expected=3".
[[nodiscard]] std::int64_t number_in(const std::string& line, const std::string& key);

// What is wrong with a table of events, beside the logs of those who wrote it (tests/support/comparison.hpp).
[[nodiscard]] std::vector<std::string> defects(const std::string& url, const std::string& table,
                                               const std::vector<std::vector<std::string>>& logs);

}  // namespace postgres_test
