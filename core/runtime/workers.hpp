// A few threads that make blocking calls, for stores whose database has no other way.
// Any thread. Started as they are needed; they end with stop() or with the Workers, also when the last job that ran
// on one of them is what holds the store and these Workers: a thread never waits for itself.
#pragma once

#include <memory>

#include "core/runtime/job.hpp"

namespace eventsource::core {

class Workers final : public Runtime {
 public:
  explicit Workers(std::size_t most);
  ~Workers() override { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // ES_IO_ERROR where the system gives no thread at all.
  [[nodiscard]] Status submit(std::unique_ptr<Job> job) override;
  void stop() noexcept override;

 private:
  class Crew;

  const std::shared_ptr<Crew> crew_;  // the threads hold it as well
};

// Runs one job on a thread of its own, which ends with it; `name` as of start_thread. ES_IO_ERROR.
[[nodiscard]] Status run_apart(const char* name, std::unique_ptr<Job> job);

}  // namespace eventsource::core
