// Gathers the appends of all callers of a store into batches that share a commit. An append that finds none under way sets
// out at once; those that come meanwhile go with the next batch, which one of them leads on its own thread. (LevelDB's
// queue of writers is the model.) An append to a stream that is under way is parked until that is over, so that no connection
// waits for another of ours, and nobody else for that stream.
// Any thread. The mutex guards the queue, and is never held while anything is appended.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
  class Together;

  // Where an append is.
  enum class Stage {
    kWaiting,  // in the queue
    kParked,   // its stream is under way
    kLeft,     // it gave up waiting
    kLeads,    // it makes the next batch
    kTaken,    // another makes it
    kAlone,    // it is made by itself
    kDone,
  };
  using Batch = std::vector<Entry*>;

  // Entries in the order in which they came. Each is in one list at most, so that adding needs no memory.
  class List {
   public:
    [[nodiscard]] Entry* first() const { return first_; }
    [[nodiscard]] Entry* last() const { return last_; }
    // Before `behind`; at the end if that is nullptr.
    void insert(Entry& entry, Entry* behind) noexcept;
    void remove(Entry& entry) noexcept;

   private:
    Entry* first_ = nullptr;
    Entry* last_ = nullptr;
  };
  static constexpr std::size_t kLists = 256;

  // Makes a batch of the leader and of what waits.
  [[nodiscard]] Task<Status> lead(Entry& leader);

  // A batch under way, and the parts of it that are still to be made, the next one last.
  struct Work {
    struct Part {
      std::size_t first;
      std::size_t size;
    };

    Entry& leader;
    Batch batch;
    std::vector<BatchItem> items;
    std::vector<Part> parts;
    int locks_left;  // how often it may wait for a lock

    [[nodiscard]] std::span<Entry* const> entries_of(Part part) const;
    [[nodiscard]] std::span<BatchItem> items_of(Part part);
    // Everything that is still to be made.
    [[nodiscard]] Part rest() const;
  };
  [[nodiscard]] Task<Status> make_next_part(Work& work);
  // What becomes of a part that failed as a whole.
  void take_apart(Work& work, const Error& error);
  static void tell(std::span<Entry* const> entries, std::span<BatchItem> items, const Error& error,
                   bool also_with_timeout);

  // Where the entry is. One that may not wait any longer leaves the queue.
  [[nodiscard]] Stage look(Entry& entry, std::int64_t& left_us) noexcept;
  [[nodiscard]] std::int64_t pass_lone(const Entry& first) noexcept REQUIRES(mutex_);
  void begin_lone(Entry& leader) noexcept REQUIRES(mutex_);
  void end_lone(Entry& leader) noexcept REQUIRES(mutex_);
  // False: it is not in the queue any more.
  [[nodiscard]] bool leave_queue(Entry& entry) noexcept;
  [[nodiscard]] bool take_out(Entry& entry) noexcept REQUIRES(mutex_);
  void enter(Entry& entry) noexcept;
  void leave(Entry& entry) noexcept;
  [[nodiscard]] Batch gather(Entry& leader);
  // Gives the entries of a part what became of their items; those without an outcome are made by themselves.
  void hand_out(Work& work, Work::Part part, const std::exception_ptr& exception, bool was_locked) noexcept;
  // Puts what is still to be made back into the queue, but for those whose call has ended.
  void give_back(Work& work) noexcept;
  // The leader makes no more batches. `us`: how long this one took.
  void resign(const Work& work, std::int64_t us) noexcept;
  // How long the leader waits for others, or until there are some.
  [[nodiscard]] std::int64_t patience(Entry& leader);

  // Makes those that wait longest leaders, as far as there may be more.
  void appoint() noexcept REQUIRES(mutex_);
  [[nodiscard]] bool may_set_out() const REQUIRES(mutex_);
  void queue(Entry& entry, Entry* behind = nullptr) noexcept REQUIRES(mutex_);
  // At its old place, which is not before `from`: gives the one behind it.
  Entry* queue_again(Entry& entry, Entry* from) noexcept REQUIRES(mutex_);
  void unqueue(Entry& entry) noexcept REQUIRES(mutex_);
  void set_out(Entry& entry) noexcept REQUIRES(mutex_);
  // Where its stream is under way, the entry is parked. One of several streams stays in the queue.
  [[nodiscard]] bool is_to_park(Entry& entry) noexcept REQUIRES(mutex_);
  void park(Entry& entry) noexcept REQUIRES(mutex_);
  void unpark(Entry& entry) noexcept REQUIRES(mutex_);
  // Puts those who wait for a stream of the entry back into the queue.
  void release(const Entry& entry) noexcept REQUIRES(mutex_);
  [[nodiscard]] List& parked(const StreamName& stream) noexcept REQUIRES(mutex_);

  Backend& backend_;
  Telemetry& telemetry_;
  const Gathering gathering_;

  Mutex mutex_;
  List queue_ GUARDED_BY(mutex_);
  std::array<List, kLists> parked_ GUARDED_BY(mutex_);  // by stream
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;          // in the queue
  std::size_t leaders_ GUARDED_BY(mutex_) = 0;
  std::size_t in_flight_ GUARDED_BY(mutex_) = 0;  // appends in their batches
  std::size_t entered_ GUARDED_BY(mutex_) = 0;
  std::size_t given_back_ GUARDED_BY(mutex_) = 0;  // batches
  // Of the last batch.
  std::size_t last_size_ GUARDED_BY(mutex_) = 0;
  std::int64_t last_us_ GUARDED_BY(mutex_) = 0;
  List lone_ GUARDED_BY(mutex_);                 // leaders of batches of one, the longest under way first
  Entry* patient_ GUARDED_BY(mutex_) = nullptr;  // a leader that waits until there are so many
  std::size_t wanted_ GUARDED_BY(mutex_) = 0;
  StreamMarks under_way_ GUARDED_BY(mutex_);
  StreamMarks passed_over_ GUARDED_BY(mutex_);  // while a batch is gathered
};

}  // namespace eventsource::core
