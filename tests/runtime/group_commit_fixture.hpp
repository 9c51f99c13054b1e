// A group commit over a backend that holds every append until the test lets it go, and appends for it. The threads are the
// test's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/backend/blocking_backend.hpp"
#include "core/base/out_of_memory.hpp"
#include "core/runtime/group_commit.hpp"

namespace eventsource::core::test_group_commit {

// An append of one event to the first of the streams with these numbers, named by its type.
struct Append {
  explicit Append(std::string type, std::uint8_t stream = 0) : Append(std::move(type), {stream}) {}
  Append(std::string type, std::initializer_list<std::uint8_t> of_streams) : name(std::move(type)) {
    for (const std::uint8_t stream : of_streams) {
      streams.emplace_back().name = {"Order", {}};
      streams.back().name.aggregate_id.bytes[15] = stream;
    }
    prepared.streams = streams;
    prepared.events.resize(1);
    prepared.events[0].event_type = name;
  }

  std::string name;
  std::vector<StreamInput> streams;
  PreparedAppend prepared;
};

inline std::string name_of(const PreparedAppend& append) {
  return std::string(append.events.front().event_type);
}

inline AppendOutcome stored() {
  AppendOutcome outcome;
  outcome.positions = {1};
  return outcome;
}

// What another try tells of an append that a lost one may have written.
class LostTry final : public Doubt {
 public:
  explicit LostTry(Result<AppendOutcome> told) : told_(std::move(told)) {}

  Task<Result<AppendOutcome>> resolve(const PreparedAppend& append, const Call&) const override {
    resolved = name_of(append);
    if (told_.ok()) co_return stored();
    co_return told_.error();
  }

  mutable std::string resolved;

 private:
  const Result<AppendOutcome> told_;
};

// What it is asked to write, one line each; "a" for a single append, "a+b" for a batch. Each waits for its release.
class Held final : public BlockingBackend {
 public:
  explicit Held(Gathering gathering) : gathering_(gathering) {}

  using Judge = std::function<void(std::span<BatchItem>, Status&)>;
  // How the batch with these names ends; without a judge everything is stored.
  std::map<std::string, Judge> judges;
  std::set<std::string> endless;          // batches that only the end of their call ends
  std::map<std::string, Error> refusals;  // of single appends
  std::atomic<bool> is_open = false;      // nothing waits for a release
  std::atomic<int> appends = 0;           // that were stored meanwhile

  const char* kind() const override { return "held"; }
  const StoreIdentity& identity() const override { return identity_; }
  Gathering gathering() const override { return gathering_; }

  Result<AppendOutcome> append(const PreparedAppend& append, const Call& call) override {
    const std::string name = name_of(append);
    RETURN_IF_ERROR(call.check());
    if (is_open) ++appends;
    if (is_open) return stored();
    wait_for_release(name);
    const auto refusal = refusals.find(name);
    if (refusal != refusals.end()) return refusal->second;
    return stored();
  }

  Status append_batch(std::span<BatchItem> items, const Call& call) override {
    if (is_open) {
      for (BatchItem& item : items) item.outcome = stored();
      appends += static_cast<int>(items.size());
      return {};
    }
    std::string names;
    for (const BatchItem& item : items) names += (names.empty() ? "" : "+") + name_of(*item.append);
    if (endless.contains(names)) return wait_for_end(names, call);
    wait_for_release(names);
    Status status;
    if (const auto judge = judges.find(names); judge != judges.end()) {
      judge->second(items, status);
    } else {
      for (BatchItem& item : items) item.outcome = stored();
    }
    return status;
  }

  // Until it is asked to write this.
  void expect(const std::string& what) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return under_way_.contains(what); });
  }
  void release(const std::string& what) {
    expect(what);
    const std::lock_guard lock(mutex_);
    under_way_[what] = true;
    changed_.notify_all();
  }
  [[nodiscard]] std::vector<std::string> written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

  Result<ReadEnd> read_stream(const StreamQuery&, const Call&, PageBuilder&) override { return unused(); }
  Result<ReadEnd> read_log(const LogQuery&, const Call&, PageBuilder&) override { return unused(); }
  Result<ReadEnd> read_event(const Uuid&, const Call&, PageBuilder&) override { return unused(); }
  Result<std::int64_t> head(const Call&) override { return unused(); }
  Result<std::int64_t> stream_version(const StreamName&, const Call&) override { return unused(); }
  Result<std::int64_t> count(const Filter&, const Call&) override { return unused(); }
  Result<bool> save_snapshot(const StreamName&, const Snapshot&, const Call&) override { return unused(); }
  Result<std::optional<Snapshot>> load_snapshot(const StreamName&, const Call&) override { return unused(); }
  Result<bool> delete_snapshot(const StreamName&, const Call&) override { return unused(); }
  Result<Inspection> inspect(const Call&) override { return unused(); }
  Status shutdown() override { return {}; }

 private:
  static Error unused() { return Error(ES_INTERNAL, "the test does not use this"); }

  Status wait_for_end(const std::string& names, const Call& call) {
    {
      const std::lock_guard lock(mutex_);
      written_.push_back(names);
      under_way_.emplace(names, false);
      changed_.notify_all();
    }
    while (call.check().ok()) call.environment().pause_us(1'000);
    const std::lock_guard lock(mutex_);
    under_way_.erase(names);
    return call.check();
  }

  void wait_for_release(const std::string& what) {
    std::unique_lock lock(mutex_);
    written_.push_back(what);
    under_way_.emplace(what, false);
    changed_.notify_all();
    changed_.wait(lock, [&] { return under_way_.at(what); });
    under_way_.erase(what);
  }

  const Gathering gathering_;
  const StoreIdentity identity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, bool> under_way_;  // true: released
  std::vector<std::string> written_;
};

class GroupCommitTest : public testing::Test {
 protected:
  using Outcome = Result<AppendOutcome>;

  void open(Gathering gathering) {
    auto held = std::make_unique<Held>(gathering);
    held_ = held.get();
    backend_ = as_backend(std::move(held));
    group_ = std::make_unique<GroupCommit>(*backend_, telemetry_);
  }

  // On a thread of its own. Returns once it stands in the queue or has set out.
  std::future<Outcome> start(const Append& append, const CallOptions& options = {}, std::int64_t busy_ms = 60'000) {
    const std::size_t before = group_->entered();
    auto outcome = std::async(std::launch::async, [this, &append, options, busy_ms] {
      return now(group_->append(append.prepared, Call(*environment_, options, busy_ms)));
    });
    while (group_->entered() == before) std::this_thread::yield();
    return outcome;
  }

  // The same for one that sets out, and is under way until it is released.
  std::future<Outcome> hold(const Append& append) {
    auto outcome = start(append);
    held_->expect(append.name);
    return outcome;
  }

  Environment* environment_ = &system_environment();
  Held* held_ = nullptr;
  std::unique_ptr<Backend> backend_;
  Telemetry telemetry_{nullptr, system_environment()};
  std::unique_ptr<GroupCommit> group_;
};

using Lines = std::vector<std::string>;
constexpr Gathering kOne{1, 1, 100, 1'000'000};

}  // namespace eventsource::core::test_group_commit
