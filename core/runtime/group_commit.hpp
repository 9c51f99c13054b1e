// Gathers the appends of all callers of a store into batches that share a commit. An append that finds none under way sets
// out at once; those that come meanwhile go with the next batch, which one of them leads on its own thread. (LevelDB's
// queue of writers is the model.)
// Any thread. The mutex guards the queue, and is never held while anything is appended.
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <vector>

#include "core/backend/backend.hpp"
#include "core/base/mutex.hpp"
#include "core/base/task.hpp"
#include "core/base/wait.hpp"
#include "core/log/telemetry.hpp"
#include "core/runtime/stream_marks.hpp"

namespace eventsource::core {

class GroupCommit {
 public:
  // Both outlive it.
  GroupCommit(Backend& backend, Telemetry& telemetry)
      : backend_(backend), telemetry_(telemetry), gathering_(backend.gathering()) {}
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // As Backend::append.
  [[nodiscard]] Task<Result<AppendOutcome>> append(const PreparedAppend& append, const Call& call);

  // How many appends have set out or come into the queue since the start.
  [[nodiscard]] std::size_t entered();

 private:
  class Entry;
  class Seat;

  // Where an append is.
  enum class Stage {
    kWaiting,  // in the queue
    kLeft,     // it gave up waiting
    kLeads,    // it makes the next batch
    kTaken,    // another makes it
    kAlone,    // it is made by itself
    kDone,
  };
  using Batch = std::vector<Entry*>;

  // Waits until the entry is to do something, or has its outcome. An error: it left the queue.
  [[nodiscard]] Task<Status> wait_turn(Entry& entry);
  // Makes a batch of the leader and of what waits.
  [[nodiscard]] Task<Status> lead(Entry& leader);
  // Fills the items in, as far as they have an outcome as part of a batch.
  [[nodiscard]] Task<Status> write(const Call& leader, std::span<Entry* const> batch, std::span<BatchItem> items);

  [[nodiscard]] Task<Result<AppendOutcome>> append_alone(Entry& entry);

  // Takes an entry out of the queue that may not wait any longer.
  [[nodiscard]] Stage look(Entry& entry, bool may_wait) noexcept;
  void enter(Entry& entry) noexcept;
  void leave(Entry& entry) noexcept;
  [[nodiscard]] Batch gather(Entry& leader);
  // `us`: how long the batch took.
  void hand_out(const Batch& batch, std::span<BatchItem> items, const std::exception_ptr& exception,
                std::int64_t us) noexcept;
  // How long the leader waits for others, or until there are some.
  [[nodiscard]] std::int64_t patience(Entry& leader);

  // Makes those that wait longest leaders, as far as there may be more.
  void appoint() noexcept REQUIRES(mutex_);
  [[nodiscard]] bool may_set_out() const REQUIRES(mutex_);
  void queue(Entry& entry) noexcept REQUIRES(mutex_);
  void unqueue(Entry& entry) noexcept REQUIRES(mutex_);
  void set_out(Entry& entry) noexcept REQUIRES(mutex_);

  Backend& backend_;
  Telemetry& telemetry_;
  const Gathering gathering_;

  Mutex mutex_;
  Entry* first_ GUARDED_BY(mutex_) = nullptr;
  Entry* last_ GUARDED_BY(mutex_) = nullptr;
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;
  std::size_t leaders_ GUARDED_BY(mutex_) = 0;
  std::size_t in_flight_ GUARDED_BY(mutex_) = 0;  // appends in their batches
  std::size_t entered_ GUARDED_BY(mutex_) = 0;
  // Of the last batch.
  std::size_t last_size_ GUARDED_BY(mutex_) = 0;
  std::int64_t last_us_ GUARDED_BY(mutex_) = 0;
  Entry* patient_ GUARDED_BY(mutex_) = nullptr;  // a leader that waits until there are so many
  std::size_t wanted_ GUARDED_BY(mutex_) = 0;
  // An append to a stream that is under way waits for that, so that those of one caller take effect in their order, and so
  // that no connection waits for another of ours.
  StreamMarks under_way_ GUARDED_BY(mutex_);
  StreamMarks passed_over_ GUARDED_BY(mutex_);  // while a batch is gathered
};

}  // namespace eventsource::core
