#include "core/memory/memory_backend.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

#include "core/backend/decision.hpp"
#include "core/base/defect.hpp"
#include "core/base/mutex.hpp"
#include "core/event/document.hpp"

namespace eventsource::core::memory {
namespace {

struct StoredEvent {
  std::int64_t version;
  std::int64_t occurred_at;
  std::int64_t stored_at;
  Uuid event_id;
  Uuid aggregate_id;
  std::optional<Uuid> tenant_id;
  std::string event_type;
  std::string aggregate_type;
  std::optional<std::string> actor_id;
  std::string document;
};

using StreamKey = std::pair<std::string, Uuid>;
using EventIndexes = std::vector<std::size_t>;
using IdIndex = std::unordered_map<Uuid, std::size_t, UuidHash>;

// How many rows are looked at between two looks at whether the call must end.
constexpr std::int64_t kLookEvery = 1'024;

bool looks_now(std::int64_t row) {
  return row % kLookEvery == 0;
}

// Room for `more`, so that adding them can't fail; doubling, so that many small additions cost little.
template <typename T>
void reserve_more(std::vector<T>& values, std::size_t more) {
  const std::size_t wanted = values.size() + more;
  if (wanted > values.capacity()) values.reserve(std::max(wanted, 2 * values.size()));
}

StreamKey key_of(const StreamName& name) {
  return {std::string(name.aggregate_type), name.aggregate_id};
}

class MemoryBackend final : public BlockingBackend {
 public:
  MemoryBackend(const Uuid& id, bool read_only) : identity_{id, kSchemaVersion, true}, read_only_(read_only) {}

  const char* kind() const override { return "memory"; }
  const StoreIdentity& identity() const override { return identity_; }

  Result<AppendOutcome> append(const PreparedAppend& append, const Call& call) override;
  Result<ReadEnd> read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) override;
  Result<ReadEnd> read_log(const LogQuery& query, const Call& call, PageBuilder& page) override;
  Result<ReadEnd> read_event(const Uuid& event_id, const Call& call, PageBuilder& page) override;
  Result<std::int64_t> head(const Call& call) override;
  Result<std::int64_t> stream_version(const StreamName& stream, const Call& call) override;
  Result<std::int64_t> count(const Filter& filter, const Call& call) override;
  Result<bool> save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) override;
  Result<std::optional<Snapshot>> load_snapshot(const StreamName& stream, const Call& call) override;
  Result<bool> delete_snapshot(const StreamName& stream, const Call& call) override;
  Result<Inspection> inspect(const Call& call) override;
  Status shutdown() override { return {}; }

 private:
  // Waits for the mutex as long as the call may wait for a lock.
  [[nodiscard]] bool take_turn(const Call& call) TRY_ACQUIRE(mutex_);
  [[nodiscard]] Status may_write(const Call& call) const;
  [[nodiscard]] StreamState state_of(const StreamName& name) const REQUIRES(mutex_);
  [[nodiscard]] std::optional<KnownEvent> known(const PreparedEvent& event) const REQUIRES(mutex_);
  void store(const PreparedAppend& append, Decision& decision) REQUIRES(mutex_);
  void make_room(std::size_t events) REQUIRES(mutex_);
  [[nodiscard]] EventRow row(std::size_t index) const REQUIRES(mutex_);
  [[nodiscard]] std::int64_t last_position() const REQUIRES(mutex_) {
    return static_cast<std::int64_t>(events_.size());
  }

  const StoreIdentity identity_;
  const bool read_only_;

  Mutex mutex_;
  std::vector<StoredEvent> events_ GUARDED_BY(mutex_);  // the one at index i has position i + 1
  std::map<StreamKey, EventIndexes> streams_ GUARDED_BY(mutex_);
  IdIndex ids_ GUARDED_BY(mutex_);
  std::map<StreamKey, Snapshot> snapshots_ GUARDED_BY(mutex_);
};

bool MemoryBackend::take_turn(const Call& call) {
  // Asked again at growing intervals, as nobody wakes a call that is cancelled.
  constexpr std::int64_t kFirstPause = 20;
  constexpr std::int64_t kLongestPause = 5'000;
  for (std::int64_t pause = kFirstPause; !mutex_.try_lock(); pause = std::min(pause * 2, kLongestPause)) {
    if (!call.may_wait()) return false;
    call.environment().pause_us(std::min(pause, call.wait_left_us()));
  }
  return true;
}

Error busy(const Call& call) {
  return call.busy("the store in memory");
}

Status MemoryBackend::may_write(const Call& call) const {
  if (read_only_) return Error(ES_READ_ONLY, "the store was opened read-only");
  return call.check();
}

StreamState MemoryBackend::state_of(const StreamName& name) const {
  const auto stream = streams_.find(key_of(name));
  if (stream == streams_.end()) return {};
  return {static_cast<std::int64_t>(stream->second.size()), events_[stream->second.front()].tenant_id, false};
}

std::optional<KnownEvent> MemoryBackend::known(const PreparedEvent& event) const {
  const auto found = ids_.find(event.event_id);
  if (found == ids_.end()) return std::nullopt;
  const StoredEvent& stored = events_[found->second];
  return KnownEvent{static_cast<std::int64_t>(found->second) + 1, stored.version, stored.aggregate_type,
                    stored.aggregate_id, same_content(stored.event_type, stored.document, event)};
}

Result<AppendOutcome> MemoryBackend::append(const PreparedAppend& append, const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(may_write(call));
  std::vector<StreamState> states;
  states.reserve(append.streams.size());
  for (const StreamInput& stream : append.streams) states.push_back(state_of(stream.name));
  std::vector<std::optional<KnownEvent>> known_events;
  known_events.reserve(append.events.size());
  for (const PreparedEvent& event : append.events) known_events.push_back(known(event));
  ASSIGN_OR_RETURN(Decision decision, decide(append, states, known_events));
  if (decision.writes) store(append, decision);
  return to_outcome(std::move(decision));
}

StoredEvent stored_event(const PreparedAppend& append, std::size_t index, std::int64_t version) {
  const PreparedEvent& event = append.events[index];
  const StreamName& stream = append.streams[event.stream].name;
  StoredEvent stored{version,
                     event.occurred_at,
                     append.stored_at,
                     event.event_id,
                     stream.aggregate_id,
                     event.tenant_id,
                     std::string(event.event_type),
                     std::string(stream.aggregate_type),
                     std::nullopt,
                     {}};
  if (event.actor_id) stored.actor_id = std::string(*event.actor_id);
  stored.document.append(event.head).append(std::to_string(version)).append(event.tail);
  return stored;
}

void MemoryBackend::make_room(std::size_t events) {
  reserve_more(events_, events);
  const std::size_t wanted = ids_.size() + events;
  const auto room = static_cast<std::size_t>(static_cast<float>(ids_.bucket_count()) * ids_.max_load_factor());
  if (wanted > room) ids_.reserve(std::max(wanted, 2 * ids_.size()));
}

// Everything that can fail for want of memory comes first; then nothing does, so that all events are stored or none.
void MemoryBackend::store(const PreparedAppend& append, Decision& decision) {
  std::vector<StoredEvent> events;
  IdIndex ids;
  std::vector<std::size_t> counts(append.streams.size(), 0);
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    if (decision.known[i] != 0) continue;
    ids.emplace(append.events[i].event_id, events_.size() + events.size());
    events.push_back(stored_event(append, i, decision.versions[i]));
    ++counts[append.events[i].stream];
  }
  make_room(events.size());
  std::map<StreamKey, EventIndexes> streams;
  std::vector<EventIndexes*> targets(append.streams.size(), nullptr);
  for (std::size_t s = 0; s < append.streams.size(); ++s) {
    if (counts[s] == 0) continue;
    StreamKey key = key_of(append.streams[s].name);
    const auto there = streams_.find(key);
    targets[s] = there != streams_.end() ? &there->second : &streams[std::move(key)];
    reserve_more(*targets[s], counts[s]);
  }

  for (std::size_t i = 0, stored = 0; i < append.events.size(); ++i) {
    if (decision.known[i] != 0) continue;
    targets[append.events[i].stream]->push_back(events_.size());
    events_.push_back(std::move(events[stored++]));
    decision.positions[i] = last_position();
  }
  streams_.merge(streams);
  ids_.merge(ids);
}

EventRow MemoryBackend::row(std::size_t index) const {
  const StoredEvent& event = events_[index];
  EventRow row;
  row.position = static_cast<std::int64_t>(index) + 1;
  row.version = event.version;
  row.occurred_at = event.occurred_at;
  row.stored_at = event.stored_at;
  row.event_id = event.event_id;
  row.aggregate_id = event.aggregate_id;
  row.tenant_id = event.tenant_id;
  row.event_type = event.event_type;
  row.aggregate_type = event.aggregate_type;
  if (event.actor_id) row.actor_id = *event.actor_id;
  row.document = event.document;
  return row;
}

Result<ReadEnd> MemoryBackend::read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  ReadEnd end{true, 0, last_position()};
  const auto stream = streams_.find(key_of(query.stream));
  if (stream == streams_.end()) return end;
  const std::vector<std::size_t>& events = stream->second;
  const auto last =
      std::min(query.to_version - (ES_DEFECT(memory_last_version) ? 1 : 0), static_cast<std::int64_t>(events.size()));
  for (std::int64_t i = query.from_version; i <= last; ++i) {
    if (looks_now(i)) RETURN_IF_ERROR(call.check());
    const std::int64_t version = query.backward ? last - (i - query.from_version) : i;
    if (!page.add(row(events[static_cast<std::size_t>(version) - 1]))) {
      end.is_end = false;
      break;
    }
  }
  return end;
}

Result<ReadEnd> MemoryBackend::read_log(const LogQuery& query, const Call& call, PageBuilder& page) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  LogWalk walk(query, page);
  const std::int64_t head = last_position();
  const std::int64_t from_the_end = query.backward ? head + 1 : head;
  const std::int64_t from_the_start = query.backward ? head + 1 : 0;
  const std::int64_t after = query.after_end ? from_the_end : std::min(query.after.value_or(from_the_start), head + 1);
  const std::int64_t step = query.backward ? -1 : 1;
  std::int64_t position = after + step;
  for (; position >= 1 && position <= head && walk.may_look(); position += step) {
    if (looks_now(position)) RETURN_IF_ERROR(call.check());
    const EventRow candidate = row(static_cast<std::size_t>(position) - 1);
    if (walk.wants(candidate) && !walk.add(candidate)) break;
  }
  return walk.end(position < 1 || position > head, head);
}

Result<ReadEnd> MemoryBackend::read_event(const Uuid& event_id, const Call& call, PageBuilder& page) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  const auto found = ids_.find(event_id);
  // An empty page takes any event.
  if (found != ids_.end()) static_cast<void>(page.add(row(found->second)));
  return ReadEnd{true, 0, last_position()};
}

Result<std::int64_t> MemoryBackend::head(const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  return last_position();
}

Result<std::int64_t> MemoryBackend::stream_version(const StreamName& stream, const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  return state_of(stream).version;
}

Result<std::int64_t> MemoryBackend::count(const Filter& filter, const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (looks_now(static_cast<std::int64_t>(i))) RETURN_IF_ERROR(call.check());
    count += filter.passes(row(i)) ? 1 : 0;
  }
  return count;
}

Result<bool> MemoryBackend::save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(may_write(call));
  const auto [there, added] = snapshots_.try_emplace(key_of(stream), snapshot);
  if (added) return true;
  Snapshot& old = there->second;
  // Copied first: an assignment could fail in its middle.
  Snapshot copy = snapshot;
  const bool replaces =
      std::pair(snapshot.schema_version, snapshot.version) > std::pair(old.schema_version, old.version);
  if (replaces || (ES_DEFECT(memory_newest_snapshot) && snapshot.version > old.version)) old = std::move(copy);
  return replaces;
}

Result<std::optional<Snapshot>> MemoryBackend::load_snapshot(const StreamName& stream, const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  const auto found = snapshots_.find(key_of(stream));
  return found == snapshots_.end() ? std::nullopt : std::optional(found->second);
}

Result<bool> MemoryBackend::delete_snapshot(const StreamName& stream, const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(may_write(call));
  return snapshots_.erase(key_of(stream)) > 0;
}

Result<Inspection> MemoryBackend::inspect(const Call& call) {
  if (!take_turn(call)) return busy(call);
  const MutexLock lock(mutex_, MutexLock::Held());
  RETURN_IF_ERROR(call.check());
  Inspection inspection;
  inspection.events = last_position();
  inspection.streams = static_cast<std::int64_t>(streams_.size());
  inspection.snapshots = static_cast<std::int64_t>(snapshots_.size());
  inspection.first_position = events_.empty() ? 0 : 1;
  inspection.last_position = last_position();
  std::map<std::pair<std::string, std::string>, std::int64_t> types;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (looks_now(static_cast<std::int64_t>(i))) RETURN_IF_ERROR(call.check());
    ++types[{events_[i].aggregate_type, events_[i].event_type}];
  }
  for (const auto& [type, events] : types) inspection.types.push_back({type.first, type.second, events});
  return inspection;
}

}  // namespace

Result<std::unique_ptr<BlockingBackend>> open(Environment& environment, bool read_only) {
  Uuid id;
  RETURN_IF_ERROR(environment.random(id.bytes));
  return std::unique_ptr<BlockingBackend>(std::make_unique<MemoryBackend>(id, read_only));
}

}  // namespace eventsource::core::memory
