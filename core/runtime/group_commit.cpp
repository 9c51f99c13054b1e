#include "core/runtime/group_commit.hpp"

#include <algorithm>
#include <forward_list>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/out_of_memory.hpp"

namespace eventsource::core {
namespace {

// An append with less time than this goes by itself: it would end most batches before they are made. It must be short: whoever goes
// by itself takes a connection, and where many do, few of them get to their end in time.
constexpr std::int64_t kLeastTimeUs = 5'000;

// How long a batch waits for a lock of PostgreSQL, and how often with its parts. Whoever is in the way of one of its appends
// must not hold up the others: made by itself, that one waits as long as its call may.
constexpr std::int64_t kLockUs = 100'000;
constexpr int kLocks = 3;

// A call without a timeout waits for its turn as long as for a lock, and this long at least: a store that waits for no lock
// has a queue all the same.
constexpr std::int64_t kLeastTurnUs = 5'000'000;

// The first of a batch waits for others no longer than this part of what the last batch took, and than this.
constexpr std::int64_t kPatience = 4;
constexpr std::int64_t kLongestPatienceUs = 500;

// How far a batch looks past appends that it can't take, and how far one looks for who makes the next: as far when nobody
// does, so that appends to several streams that wait for a held one stop no others.
constexpr std::size_t kLookAt = 4'096;
constexpr std::size_t kLookForAnother = 32;

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

// No connection came free; the server was not asked, so that no item is to blame.
bool is_exhausted(const Error& error) {
  return error.code() == ES_TIMEOUT && error.sqlstate().empty();
}

bool has_ended(const Call& call) {
  return call.is_cancelled() || call.time_left_us() == 0;
}

std::int64_t end_of_turn(const Call& call) {
  const std::int64_t left_us = call.has_timeout() ? call.wait_left_us() : std::max(call.wait_left_us(), kLeastTurnUs);
  return left_us == Call::kNever ? Call::kNever : call.environment().steady_us() + left_us;
}

}  // namespace

// An append on its way, in the frame of its caller.
class GroupCommit::Entry {
 public:
  Entry(const PreparedAppend& prepared, const Call& of)
      : append(prepared), call(of), marks(prepared.streams), turn_until_us(end_of_turn(of)) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  const PreparedAppend& append;
  const Call& call;
  Wake wake;
  StreamMarks::Of marks;

  // Guarded by the mutex.
  Stage stage = Stage::kWaiting;
  std::int64_t turn_until_us;
  std::size_t number = 0;
  std::size_t given_back = 0;      // which batch it was of that was given back
  std::int64_t lone_until_us = 0;  // leads a batch of one, which nobody waits for longer than this; 0: none
  bool is_passed = false;          // its batch counts no more
  Entry* before = nullptr;
  Entry* behind = nullptr;
  std::optional<Result<AppendOutcome>> outcome;
  std::shared_ptr<const Doubt> doubt;
  std::exception_ptr exception;
};

void GroupCommit::List::insert(Entry& entry, Entry* behind) noexcept {
  entry.behind = behind;
  entry.before = behind != nullptr ? behind->before : last_;
  (entry.before != nullptr ? entry.before->behind : first_) = &entry;
  (behind != nullptr ? behind->before : last_) = &entry;
}

void GroupCommit::List::remove(Entry& entry) noexcept {
  (entry.before != nullptr ? entry.before->behind : first_) = entry.behind;
  (entry.behind != nullptr ? entry.behind->before : last_) = entry.before;
  entry.before = entry.behind = nullptr;
}

// The call of a batch: it ends with the first of its callers that has to, or when its leader has to.
class GroupCommit::Together {
 public:
  Together(const Call& leader, std::span<Entry* const> batch) {
    add(leader);
    for (const Entry* entry : batch) {
      if (&entry->call != &leader) add(entry->call);
    }
    call_.emplace(leader.for_several(cancel_, deadline_us_, kLockUs));
  }

  [[nodiscard]] const Call& call() const { return *call_; }

 private:
  struct Link {
    Link(CancelFlag& of_caller, CancelFlag& of_batch) : flag(of_caller) { flag.listen(listener, of_batch); }
    ~Link() { flag.forget(listener); }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    CancelFlag& flag;
    CancelFlag::Listener listener;
  };

  void add(const Call& call) {
    deadline_us_ = std::min(deadline_us_, call.deadline_us());
    if (call.cancel() == nullptr) return;
    if (cancel_ == nullptr) cancel_ = std::make_shared<CancelFlag>();
    links_.emplace_front(*call.cancel(), *cancel_);
  }

  std::int64_t deadline_us_ = Call::kNever;
  std::shared_ptr<CancelFlag> cancel_;
  std::optional<Call> call_;
  std::forward_list<Link> links_;
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
  const bool is_hasty = call.has_timeout() && call.wait_left_us() < kLeastTimeUs;
  if (gathering_.at_once == 0 || is_hasty) co_return co_await backend_.append(append, call);
  Entry entry(append, call);
  const Seat seat(*this, entry);
  Stage stage = Stage::kWaiting;
  // While it stands in the queue or in a batch, nothing here may fail for want of memory: no function of its own is called.
  while (stage != Stage::kAlone && stage != Stage::kDone) {
    std::int64_t left_us = 0;
    stage = look(entry, left_us);
    if (stage == Stage::kLeft) co_return call.busy("the queue of the store's appends");
    if (stage == Stage::kLeads) CO_RETURN_IF_ERROR(co_await lead(entry));
    const bool is_taken = stage == Stage::kTaken;
    if (!is_taken && stage != Stage::kWaiting && stage != Stage::kParked) continue;
    try {
      // Whoever makes the batch heeds the time of all its appends, and their being cancelled.
      co_await Wait(call, entry.wake, is_taken ? Call::kNever : left_us, !is_taken);
    } catch (const std::bad_alloc&) {
      if (leave_queue(entry)) throw;
    }
  }
  if (entry.outcome) co_return std::move(*entry.outcome);
  if (entry.exception != nullptr) std::rethrow_exception(entry.exception);
  if (entry.doubt == nullptr) co_return co_await backend_.append(append, call);
  try {
    co_return co_await entry.doubt->resolve(append, call);
  } catch (const std::bad_alloc&) {
    throw OutcomeUnknown();
  }
}

std::size_t GroupCommit::entered() {
  const MutexLock lock(mutex_);
  return entered_;
}

void GroupCommit::enter(Entry& entry) noexcept {
  const MutexLock lock(mutex_);
  entry.number = ++entered_;
  if (leaders_ == 0 && queue_.first() == nullptr && !under_way_.meet(entry.marks)) {
    set_out(entry);
  } else if (is_to_park(entry)) {
    park(entry);
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
  release(entry);
  appoint();
}

// From here on nobody takes an entry that has left. `left_us`: how long it may still wait.
GroupCommit::Stage GroupCommit::look(Entry& entry, std::int64_t& left_us) noexcept {
  const MutexLock lock(mutex_);
  if (entry.stage != Stage::kWaiting && entry.stage != Stage::kParked) return entry.stage;
  left_us = entry.turn_until_us;
  if (left_us != Call::kNever) left_us -= entry.call.environment().steady_us();
  if (left_us <= 0 || entry.call.is_cancelled()) {
    static_cast<void>(take_out(entry));
  } else if (queue_.first() == &entry) {
    left_us = std::min(left_us, pass_lone(entry));
  }
  return entry.stage;
}

// Those that take so long wait for a lock, or do more than others should wait for. The first of the queue looks after them: how
// long it has to wait for the next.
std::int64_t GroupCommit::pass_lone(const Entry& first) noexcept {
  while (Entry* const lone = lone_.first()) {
    const std::int64_t left_us = lone->lone_until_us - first.call.environment().steady_us();
    if (left_us > 0) return left_us;
    end_lone(*lone);
    lone->is_passed = true;
    --leaders_;
    --in_flight_;
    appoint();
  }
  return Call::kNever;
}

void GroupCommit::begin_lone(Entry& leader) noexcept {
  leader.lone_until_us = leader.call.environment().steady_us() + kLockUs;
  lone_.insert(leader, nullptr);
  if (queue_.first() != nullptr) queue_.first()->wake.raise();
}

void GroupCommit::end_lone(Entry& leader) noexcept {
  if (std::exchange(leader.lone_until_us, 0) != 0) lone_.remove(leader);
}

bool GroupCommit::leave_queue(Entry& entry) noexcept {
  const MutexLock lock(mutex_);
  return take_out(entry);
}

bool GroupCommit::take_out(Entry& entry) noexcept {
  if (entry.stage == Stage::kWaiting) {
    unqueue(entry);
  } else if (entry.stage == Stage::kParked) {
    unpark(entry);
  } else {
    return false;
  }
  entry.stage = Stage::kLeft;
  return true;
}

Task<Status> GroupCommit::lead(Entry& leader) {
  const std::int64_t patience_us = patience(leader);
  if (patience_us > 0) co_await Wait(leader.call, leader.wake, patience_us);
  // Its time may have come while it waited.
  CO_RETURN_IF_ERROR(leader.call.check());
  Environment& environment = leader.call.environment();
  const std::int64_t start_us = environment.steady_us();
  Work work{leader, gather(leader), {}, {}, kLocks};
  telemetry_.metrics.batches.add();
  telemetry_.metrics.batched_appends.add(std::ssize(work.batch));
  // Whatever happens, those who were taken are told.
  std::exception_ptr exception;
  try {
    work.items.resize(work.batch.size());
    for (std::size_t i = 0; i < work.batch.size(); ++i) work.items[i].append = &work.batch[i]->append;
    // Halving adds one at most, and has no more steps than a number has bits.
    work.parts.reserve(64);
    work.parts.push_back({0, work.batch.size()});
    while (!work.parts.empty()) static_cast<void>(co_await make_next_part(work));
  } catch (...) {
    exception = std::current_exception();
  }
  if (exception != nullptr) hand_out(work, work.rest(), exception, false);
  resign(work, environment.steady_us() - start_us);
  co_return Status();
}

std::span<GroupCommit::Entry* const> GroupCommit::Work::entries_of(Part part) const {
  return std::span(batch).subspan(part.first, part.size);
}

std::span<BatchItem> GroupCommit::Work::items_of(Part part) {
  return std::span(items).subspan(part.first, std::min(part.size, items.size()));
}

GroupCommit::Work::Part GroupCommit::Work::rest() const {
  const std::size_t first = parts.empty() ? 0 : parts.back().first;
  return {first, batch.size() - first};
}

// The end of any call ends the part, whether it is of that part or of one that is still to be made, or the leader's.
Task<Status> GroupCommit::make_next_part(Work& work) {
  const Work::Part part = work.parts.back();
  Status status;
  if (work.batch.size() == 1) {
    work.items.front().outcome = co_await backend_.append(work.leader.append, work.leader.call);
  } else if (part.size > 1) {
    const Together together(work.leader.call, work.entries_of(work.rest()));
    status = co_await backend_.append_batch(work.items_of(part), together.call());
  }
  if (status.ok()) {
    work.parts.pop_back();
    hand_out(work, part, nullptr, work.locks_left < kLocks);
  } else {
    take_apart(work, status.error());
  }
  co_return Status();
}

// It is made again in halves, until what is to blame is by itself: its caller makes that append then, with its own time, and
// learns why.
void GroupCommit::take_apart(Work& work, const Error& error) {
  const Work::Part part = work.parts.back();
  const Work::Part rest = work.rest();
  const auto ends = [](const Entry* entry) { return has_ended(entry->call); };
  const bool is_of_all = !is_of_one_item(error);
  if (!is_of_all && (has_ended(work.leader.call) || std::ranges::any_of(work.entries_of(rest), ends))) {
    give_back(work);
    return work.parts.clear();
  }
  if (is_of_all || is_exhausted(error)) {
    // For a connection those with a timeout may have more time.
    tell(work.entries_of(rest), work.items_of(rest), error, is_of_all);
    work.parts.clear();
    return hand_out(work, rest, nullptr, false);
  }
  if (error.code() == ES_BUSY && --work.locks_left == 0) {
    work.parts.clear();
    return hand_out(work, rest, nullptr, true);
  }
  const std::size_t half = part.size / 2;
  work.parts.back() = {part.first + half, part.size - half};
  work.parts.push_back({part.first, half});
}

void GroupCommit::tell(std::span<Entry* const> entries, std::span<BatchItem> items, const Error& error,
                       bool also_with_timeout) {
  try {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (also_with_timeout || !entries[i]->call.has_timeout()) items[i].outcome = error;
    }
  } catch (const std::bad_alloc&) {
    if (error.outcome() == ES_OUTCOME_UNKNOWN) throw OutcomeUnknown();
    throw;
  }
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

GroupCommit::Batch GroupCommit::gather(Entry& leader) {
  Batch batch;
  const MutexLock lock(mutex_);
  if (patient_ == &leader) patient_ = nullptr;
  batch.reserve(std::min(waiting_, gathering_.most_events) + 1);
  batch.push_back(&leader);
  // The streams of the batch are no obstacle to itself.
  under_way_.clear(leader.marks);
  std::size_t events = leader.append.events.size();
  std::size_t bytes = leader.append.text.size();
  std::size_t passed = 0;
  Entry* next = queue_.first();
  while (next != nullptr && passed <= kLookAt) {
    Entry& entry = *std::exchange(next, next->behind);
    if (is_to_park(entry)) {
      unqueue(entry);
      park(entry);
      continue;
    }
    if (entry.given_back != leader.given_back || under_way_.meet(entry.marks) || passed_over_.meet(entry.marks)) {
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
  for (Entry* entry = queue_.first(); passed > 0; entry = entry->behind, --passed) passed_over_.clear(entry->marks);
  for (Entry* entry : batch) under_way_.set(entry->marks);
  in_flight_ += batch.size() - 1;
  if (batch.size() == 1) begin_lone(leader);
  return batch;
}

void GroupCommit::hand_out(Work& work, Work::Part part, const std::exception_ptr& exception, bool was_locked) noexcept {
  const std::span<Entry* const> entries = work.entries_of(part);
  const std::span<BatchItem> items = work.items_of(part);
  const MutexLock lock(mutex_);
  end_lone(work.leader);
  if (!work.leader.is_passed) in_flight_ -= entries.size();
  // The parts behind this one are not in its way.
  const std::size_t behind = part.first + part.size;
  const std::span<Entry* const> others = work.entries_of({behind, work.batch.size() - behind});
  for (Entry* entry : entries) under_way_.clear(entry->marks);
  for (Entry* entry : others) under_way_.clear(entry->marks);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = *entries[i];
    if (i < items.size()) {
      entry.outcome = std::move(items[i].outcome);
      entry.doubt = std::move(items[i].doubt);
    }
    if (entry.doubt == nullptr) entry.exception = exception;
    if (entry.outcome || entry.exception != nullptr) {
      entry.stage = Stage::kDone;
    } else if (was_locked && entry.doubt == nullptr && is_to_park(entry)) {
      // Who waits for the same lock as another would only take a connection more.
      park(entry);
    } else {
      entry.stage = Stage::kAlone;
      under_way_.set(entry.marks);
    }
  }
  for (Entry* entry : others) under_way_.set(entry->marks);
  for (const Entry* entry : entries) {
    if (entry->stage == Stage::kDone) release(*entry);
  }
  // They may not be touched once the mutex is free, but for the leader.
  for (Entry* entry : entries) {
    if (entry != &work.leader) entry->wake.raise();
  }
}

// The next batch of these takes no others: each end of a call makes it smaller, so that it comes to an end however many
// callers with little time there are.
void GroupCommit::give_back(Work& work) noexcept {
  const std::span<Entry* const> entries = work.entries_of(work.rest());
  const MutexLock lock(mutex_);
  in_flight_ -= entries.size();
  ++given_back_;
  for (Entry* entry : entries) under_way_.clear(entry->marks);
  for (Entry* entry : entries) {
    if (has_ended(entry->call)) {
      entry->stage = Stage::kAlone;
      under_way_.set(entry->marks);
      continue;
    }
    entry->given_back = given_back_;
    entry->turn_until_us = end_of_turn(entry->call);
    queue_again(*entry, queue_.first());
  }
  for (const Entry* entry : entries) release(*entry);
  for (Entry* entry : entries) {
    if (entry != &work.leader) entry->wake.raise();
  }
}

void GroupCommit::resign(const Work& work, std::int64_t us) noexcept {
  const MutexLock lock(mutex_);
  last_size_ = work.batch.size();
  last_us_ = us;
  if (!work.leader.is_passed) --leaders_;
  appoint();
}

void GroupCommit::appoint() noexcept {
  std::size_t passed = 0;
  for (Entry* next = queue_.first(); next != nullptr && may_set_out();) {
    if (passed == (leaders_ == 0 ? kLookAt : kLookForAnother)) return;
    Entry& entry = *std::exchange(next, next->behind);
    if (is_to_park(entry)) {
      unqueue(entry);
      park(entry);
    } else if (under_way_.meet(entry.marks)) {
      ++passed;
    } else {
      unqueue(entry);
      set_out(entry);
      entry.wake.raise();
    }
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

void GroupCommit::queue(Entry& entry, Entry* behind) noexcept {
  entry.stage = Stage::kWaiting;
  queue_.insert(entry, behind);
  ++waiting_;
  if (patient_ != nullptr && waiting_ + 1 >= wanted_) std::exchange(patient_, nullptr)->wake.raise();
  // From now on it looks after the lone one.
  if (lone_.first() != nullptr && queue_.first() == &entry) entry.wake.raise();
  telemetry_.metrics.waiting_appends.add();
}

GroupCommit::Entry* GroupCommit::queue_again(Entry& entry, Entry* from) noexcept {
  while (from != nullptr && from->number < entry.number) from = from->behind;
  queue(entry, from);
  return from;
}

void GroupCommit::unqueue(Entry& entry) noexcept {
  const bool was_first = queue_.first() == &entry;
  queue_.remove(entry);
  if (was_first && lone_.first() != nullptr && queue_.first() != nullptr) queue_.first()->wake.raise();
  --waiting_;
  telemetry_.metrics.waiting_appends.take();
}

bool GroupCommit::is_to_park(Entry& entry) noexcept {
  return entry.append.streams.size() == 1 && under_way_.meet(entry.marks);
}

void GroupCommit::park(Entry& entry) noexcept {
  entry.stage = Stage::kParked;
  List& list = parked(entry.append.streams.front().name);
  // Nearly always it is the youngest.
  Entry* behind = nullptr;
  for (Entry* other = list.last(); other != nullptr && other->number > entry.number; other = other->before) {
    behind = other;
  }
  list.insert(entry, behind);
  telemetry_.metrics.waiting_appends.add();
}

void GroupCommit::unpark(Entry& entry) noexcept {
  parked(entry.append.streams.front().name).remove(entry);
  telemetry_.metrics.waiting_appends.take();
}

void GroupCommit::release(const Entry& entry) noexcept {
  for (const StreamInput& stream : entry.append.streams) {
    List& list = parked(stream.name);
    Entry* younger = queue_.first();
    for (Entry* next = list.first(); next != nullptr;) {
      Entry& waiting = *std::exchange(next, next->behind);
      if (!(waiting.append.streams.front().name == stream.name)) continue;
      unpark(waiting);
      younger = queue_again(waiting, younger);
    }
  }
}

GroupCommit::List& GroupCommit::parked(const StreamName& stream) noexcept {
  return parked_[StreamNameHash{}(stream) % kLists];
}

}  // namespace eventsource::core
