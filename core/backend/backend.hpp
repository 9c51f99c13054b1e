// What a database does for a store: one interface, implemented once each by core/memory, core/sqlite (both by way of
// blocking_backend.hpp) and core/postgres.
// A backend may be called by any number of threads at once. It is given checked input: the meaning of names, limits and
// defaults is core/store's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventsource/index.h"

#include "core/backend/log_query.hpp"
#include "core/base/call.hpp"
#include "core/base/result.hpp"
#include "core/base/task.hpp"
#include "core/event/append_input.hpp"
#include "core/event/page.hpp"

namespace eventsource::core {

// The form of the tables that this version makes, and the newest that it reads.
constexpr std::int32_t kSchemaVersion = 1;

// Who a store is; fixed when it is opened.
struct StoreIdentity {
  Uuid id;
  std::int32_t schema_version = 0;
  bool was_created = false;
};

struct Snapshot {
  std::int64_t version = 0;
  std::int32_t schema_version = 0;
  std::int64_t created_at = 0;
  std::string state;
};

struct TypeCount {
  std::string aggregate_type;
  std::string event_type;
  std::int64_t events = 0;
};

// In the order of inspect.h.
struct Inspection {
  std::int64_t events = 0;
  std::int64_t streams = 0;
  std::int64_t snapshots = 0;
  std::int64_t first_position = 0;
  std::int64_t last_position = 0;
  std::int64_t file_bytes = 0;
  std::int64_t wal_bytes = 0;
  std::vector<TypeCount> types;  // by aggregate type, then event type, compared byte by byte
};

// An index that a store can do without, and is made where a question needs it.
struct OptionalIndex {
  std::string name;
  std::string purpose;
  std::int32_t state = 0;  // ES_INDEX_*
  std::int64_t bytes = 0;
};

// How appends are gathered into batches that share a commit.
struct Gathering {
  std::size_t at_once = 0;      // batches under way; 0: every append is made by itself
  std::size_t worthwhile = 1;   // appends that wait before a batch sets out beside another
  std::size_t most_events = 1;  // of one batch
  std::size_t most_bytes = 0;
};

// A lost try that may have written an append, and what has to be known of it before another tells. Any thread.
class Doubt {
 public:
  virtual ~Doubt() = default;

  // As Backend::append(), for one that this try may have written. ES_OUTCOME_UNKNOWN when no other can tell, also by
  // OutcomeUnknown instead of std::bad_alloc.
  [[nodiscard]] virtual Task<Result<AppendOutcome>> resolve(const PreparedAppend& append, const Call& call) const = 0;
};

// One append of a batch.
struct BatchItem {
  const PreparedAppend* append = nullptr;
  // What became of it. Without one it has to be made by itself, to learn whether and why not.
  std::optional<Result<AppendOutcome>> outcome;
  // Without an outcome: a try that may have written it.
  std::shared_ptr<const Doubt> doubt;
};

class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual const char* kind() const = 0;  // "memory", "sqlite", "postgresql"
  [[nodiscard]] virtual const StoreIdentity& identity() const = 0;

  // Writes all events or none (append.h has the rules; decision.hpp applies them).
  [[nodiscard]] virtual Task<Result<AppendOutcome>> append(const PreparedAppend& append, const Call& call) = 0;

  // Writes several appends with one commit. Each is stored as append() would store it, or left without an outcome; none
  // stands in the way of another. With an error nothing was written, and no item is known to be its cause. An item whose try
  // was lost has a doubt.
  [[nodiscard]] virtual Task<Status> append_batch(std::span<BatchItem> items, const Call& call) = 0;
  [[nodiscard]] virtual Gathering gathering() const = 0;

  // Fill an empty `page` from one consistent look at the store.
  [[nodiscard]] virtual Task<Result<ReadEnd>> read_stream(const StreamQuery& query, const Call& call,
                                                          PageBuilder& page) = 0;
  [[nodiscard]] virtual Task<Result<ReadEnd>> read_log(const LogQuery& query, const Call& call, PageBuilder& page) = 0;
  // Leaves `page` empty when there is no such event.
  [[nodiscard]] virtual Task<Result<ReadEnd>> read_event(const Uuid& event_id, const Call& call, PageBuilder& page) = 0;

  [[nodiscard]] virtual Task<Result<std::int64_t>> head(const Call& call) = 0;
  [[nodiscard]] virtual Task<Result<std::int64_t>> stream_version(const StreamName& stream, const Call& call) = 0;
  [[nodiscard]] virtual Task<Result<std::int64_t>> count(const Filter& filter, const Call& call) = 0;

  // False: what is there is newer (snapshot.h).
  [[nodiscard]] virtual Task<Result<bool>> save_snapshot(const StreamName& stream, const Snapshot& snapshot,
                                                         const Call& call) = 0;
  [[nodiscard]] virtual Task<Result<std::optional<Snapshot>>> load_snapshot(const StreamName& stream,
                                                                            const Call& call) = 0;
  [[nodiscard]] virtual Task<Result<bool>> delete_snapshot(const StreamName& stream, const Call& call) = 0;

  [[nodiscard]] virtual Task<Result<Inspection>> inspect(const Call& call) = 0;

  // A database without optional indexes refuses both.
  [[nodiscard]] virtual Task<Result<std::vector<OptionalIndex>>> list_indexes(const Call& call) = 0;
  // False: it is there already (index.h).
  [[nodiscard]] virtual Task<Result<bool>> add_index(std::string_view name, const Call& call) = 0;

  // Puts everything into its final place before the destructor closes it. No call is under way.
  [[nodiscard]] virtual Status shutdown() = 0;
};

}  // namespace eventsource::core
