#include "core/runtime/group_commit.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/backend/decision.hpp"
#include "core/base/out_of_memory.hpp"

namespace eventsource::core {
namespace {

// An append with less time than this goes by itself: its end must not be the end of a batch.
constexpr std::int64_t kLeastTimeUs = 50'000;

// How long a batch waits for a lock. Whoever is in the way of one of its appends must not hold up the others: made by
// itself, that one waits as long as its call may.
constexpr std::int64_t kLockUs = 100'000;

// The first of a batch waits for others no longer than this part of what the last batch took, and than this.
constexpr std::int64_t kPatience = 4;
constexpr std::int64_t kLongestPatienceUs = 500;

// How far a batch looks for appends that it can take, and how far one looks for who makes the next.
constexpr std::size_t kLookAt = 4'096;
constexpr std::size_t kLookForLeader = 32;

// Whether each item may do better by itself. Otherwise what happened to the batch happens to all of them.
bool is_of_one_item(const Error& error) {
  switch (error.code()) {
    case ES_UNAVAILABLE:
    case ES_ACCESS_DENIED:
    case ES_READ_ONLY:
    case ES_CLOSED:
      return false;
    default:
      return error.outcome() != ES_OUTCOME_UNKNOWN;
  }
}

}  // namespace

// An append on its way, in the frame of its caller.
class GroupCommit::Entry {
 public:
  Entry(const PreparedAppend& prepared, const Call& of) : append(prepared), call(of), marks(prepared.streams) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  const PreparedAppend& append;
  const Call& call;
  Wake wake;
  StreamMarks::Of marks;

  // Guarded by the mutex.
  Stage stage = Stage::kWaiting;
  Entry* before = nullptr;
  Entry* behind = nullptr;
  std::optional<Result<AppendOutcome>> outcome;
  std::optional<Error> doubt;
  bool may_come_late = false;
  std::exception_ptr exception;
};

// What an entry holds, given up with the scope.
class GroupCommit::Seat {
 public:
  Seat(GroupCommit& group, Entry& entry) : group_(group), entry_(entry) { group_.enter(entry_); }
  ~Seat() { group_.leave(entry_); }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

 private:
  GroupCommit& group_;
  Entry& entry_;
};

Task<Result<AppendOutcome>> GroupCommit::append(const PreparedAppend& append, const Call& call) {
  if (gathering_.at_once == 0 || call.wait_left_us() < kLeastTimeUs) co_return co_await backend_.append(append, call);
  Entry entry(append, call);
  const Seat seat(*this, entry);
  CO_RETURN_IF_ERROR(co_await wait_turn(entry));
  if (entry.stage == Stage::kLeads) CO_RETURN_IF_ERROR(co_await lead(entry));
  if (entry.stage == Stage::kAlone) co_return co_await append_alone(entry);
  // Of a part of the batch that was made before memory ran out.
  if (entry.outcome) co_return std::move(*entry.outcome);
  if (entry.doubt) throw OutcomeUnknown();
  std::rethrow_exception(entry.exception);
}

// A refusal tells that no try before has written it; nothing else does.
Task<Result<AppendOutcome>> GroupCommit::append_alone(Entry& entry) {
  try {
    Result<AppendOutcome> outcome = co_await backend_.append(entry.append, entry.call);
    const auto tells = entry.may_come_late ? stays_refused : is_refusal;
    if (!outcome.ok() && entry.doubt && !tells(outcome.error())) co_return std::move(*entry.doubt);
    if (entry.doubt) telemetry_.resolved(outcome.ok());
    co_return outcome;
  } catch (const std::bad_alloc&) {
    if (entry.doubt) throw OutcomeUnknown();
    throw;
  }
}

std::size_t GroupCommit::entered() {
  const MutexLock lock(mutex_);
  return entered_;
}

void GroupCommit::enter(Entry& entry) noexcept {
  const MutexLock lock(mutex_);
  ++entered_;
  if (leaders_ == 0 && first_ == nullptr && !under_way_.meet(entry.marks)) {
    set_out(entry);
  } else {
    queue(entry);
    appoint();
  }
}

void GroupCommit::leave(Entry& entry) noexcept {
  const MutexLock lock(mutex_);
  if (entry.stage == Stage::kLeft || entry.stage == Stage::kDone) return;
  under_way_.clear(entry.marks);
  if (entry.stage == Stage::kLeads) {
    --leaders_;
    --in_flight_;
  }
  if (patient_ == &entry) patient_ = nullptr;
  appoint();
}

Task<Status> GroupCommit::wait_turn(Entry& entry) {
  const Call& call = entry.call;
  for (;;) {
    const bool may_wait = call.may_wait();
    const Stage stage = look(entry, may_wait);
    if (stage == Stage::kLeft) co_return call.busy("the queue of the store's appends");
    if (stage != Stage::kWaiting && stage != Stage::kTaken) co_return Status();
    const bool is_taken = stage == Stage::kTaken;
    try {
      // Whoever makes the batch heeds the time of all its appends.
      co_await Wait(call, entry.wake, is_taken ? Call::kNever : call.wait_left_us(), !is_taken);
    } catch (const std::bad_alloc&) {
      // One that was taken meanwhile has to stay; waiting for that needs no memory.
      if (look(entry, false) == Stage::kLeft) throw;
    }
  }
}

// From here on nobody takes an entry that has left.
GroupCommit::Stage GroupCommit::look(Entry& entry, bool may_wait) noexcept {
  const MutexLock lock(mutex_);
  if (entry.stage == Stage::kWaiting && !may_wait) {
    unqueue(entry);
    entry.stage = Stage::kLeft;
  }
  return entry.stage;
}

Task<Status> GroupCommit::lead(Entry& leader) {
  const std::int64_t patience_us = patience(leader);
  if (patience_us > 0) co_await Wait(leader.call, leader.wake, patience_us);
  // Its time may have come while it waited.
  CO_RETURN_IF_ERROR(leader.call.check());
  Environment& environment = leader.call.environment();
  const std::int64_t start_us = environment.steady_us();
  const Batch batch = gather(leader);
  telemetry_.metrics.batches.add();
  telemetry_.metrics.batched_appends.add(std::ssize(batch));
  std::vector<BatchItem> items;
  std::exception_ptr exception;
  // Whatever happens, those who were taken are told.
  try {
    items.resize(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) items[i].append = &batch[i]->append;
    if (batch.size() == 1) {
      items.front().outcome = co_await backend_.append(leader.append, leader.call);
    } else {
      static_cast<void>(co_await write(leader.call, batch, items));
    }
  } catch (...) {
    exception = std::current_exception();
  }
  hand_out(batch, items, exception, environment.steady_us() - start_us);
  co_return Status();
}

// The callers of the last batch come again soon, each in its own time. Whoever is the first of them waits for the others,
// for a part of what a commit takes. A lone caller waits for nobody.
std::int64_t GroupCommit::patience(Entry& leader) {
  const MutexLock lock(mutex_);
  wanted_ = last_size_ / 2;
  if (waiting_ + 1 >= wanted_) return 0;
  patient_ = &leader;
  return std::min(last_us_ / kPatience, kLongestPatienceUs);
}

// What fails as a whole is made again in halves, until what is to blame is by itself: its caller makes that append then, with
// its own time, and learns why.
Task<Status> GroupCommit::write(const Call& leader, std::span<Entry* const> batch, std::span<BatchItem> items) {
  if (items.size() == 1) co_return Status();
  std::int64_t deadline_us = Call::kNever;
  for (const Entry* entry : batch) deadline_us = std::min(deadline_us, entry->call.deadline_us());
  const Call call = leader.for_several(deadline_us, kLockUs);
  const Status status = co_await backend_.append_batch(items, call);
  if (status.ok()) co_return Status();
  if (!is_of_one_item(status.error())) {
    for (BatchItem& item : items) {
      // Of this try nothing was written; what a try before has done is another question.
      if (!item.outcome) item.outcome = item.doubt ? *item.doubt : status.error();
    }
    co_return Status();
  }
  const std::size_t half = items.size() / 2;
  static_cast<void>(co_await write(leader, batch.first(half), items.first(half)));
  co_return co_await write(leader, batch.subspan(half), items.subspan(half));
}

GroupCommit::Batch GroupCommit::gather(Entry& leader) {
  Batch batch;
  const MutexLock lock(mutex_);
  if (patient_ == &leader) patient_ = nullptr;
  batch.reserve(std::min(waiting_, kLookAt) + 1);
  batch.push_back(&leader);
  // The streams of the batch are no obstacle to itself.
  under_way_.clear(leader.marks);
  std::size_t events = leader.append.events.size();
  std::size_t bytes = leader.append.text.size();
  std::size_t passed = 0;
  Entry* next = first_;
  while (next != nullptr && passed + batch.size() <= kLookAt) {
    Entry& entry = *std::exchange(next, next->behind);
    if (under_way_.meet(entry.marks) || passed_over_.meet(entry.marks)) {
      passed_over_.set(entry.marks);
      ++passed;
      continue;
    }
    events += entry.append.events.size();
    bytes += entry.append.text.size();
    if (events > gathering_.most_events || bytes > gathering_.most_bytes) break;
    unqueue(entry);
    entry.stage = Stage::kTaken;
    batch.push_back(&entry);
  }
  for (Entry* entry = first_; passed > 0; entry = entry->behind, --passed) passed_over_.clear(entry->marks);
  for (Entry* entry : batch) under_way_.set(entry->marks);
  in_flight_ += batch.size() - 1;
  return batch;
}

void GroupCommit::hand_out(const Batch& batch, std::span<BatchItem> items, const std::exception_ptr& exception,
                           std::int64_t us) noexcept {
  const MutexLock lock(mutex_);
  in_flight_ -= batch.size();
  last_size_ = batch.size();
  last_us_ = us;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Entry& entry = *batch[i];
    if (i < items.size()) {
      entry.outcome = std::move(items[i].outcome);
      entry.doubt = std::move(items[i].doubt);
      entry.may_come_late = items[i].may_come_late;
    }
    entry.exception = exception;
    const bool is_done = entry.outcome.has_value() || exception != nullptr;
    entry.stage = is_done ? Stage::kDone : Stage::kAlone;
    if (is_done) under_way_.clear(entry.marks);
    // The leader is awake; it may not be touched once the mutex is free, and neither may the others.
    if (i != 0) entry.wake.raise();
  }
  --leaders_;
  appoint();
}

void GroupCommit::appoint() noexcept {
  std::size_t looked = 0;
  for (Entry* next = first_; next != nullptr && may_set_out() && looked < kLookForLeader; ++looked) {
    Entry& entry = *std::exchange(next, next->behind);
    if (under_way_.meet(entry.marks)) continue;
    unqueue(entry);
    set_out(entry);
    entry.wake.raise();
  }
}

// A batch beside another is no smaller: small ones cost the database more than they win.
bool GroupCommit::may_set_out() const {
  return leaders_ == 0 || (leaders_ < gathering_.at_once && waiting_ >= std::max(gathering_.worthwhile, in_flight_));
}

void GroupCommit::set_out(Entry& entry) noexcept {
  entry.stage = Stage::kLeads;
  ++leaders_;
  ++in_flight_;
  under_way_.set(entry.marks);
}

void GroupCommit::queue(Entry& entry) noexcept {
  entry.before = last_;
  (last_ != nullptr ? last_->behind : first_) = &entry;
  last_ = &entry;
  ++waiting_;
  if (patient_ != nullptr && waiting_ + 1 >= wanted_) std::exchange(patient_, nullptr)->wake.raise();
  telemetry_.metrics.waiting_appends.add();
}

void GroupCommit::unqueue(Entry& entry) noexcept {
  (entry.before != nullptr ? entry.before->behind : first_) = entry.behind;
  (entry.behind != nullptr ? entry.behind->before : last_) = entry.before;
  entry.before = entry.behind = nullptr;
  --waiting_;
  telemetry_.metrics.waiting_appends.take();
}

}  // namespace eventsource::core
