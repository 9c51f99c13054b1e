// A backend whose calls block the thread that makes them, as those of a library do that reads and writes files.
// As Backend (backend.hpp), which says what the functions do.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/backend/backend.hpp"

namespace eventsource::core {

class BlockingBackend {
 public:
  virtual ~BlockingBackend() = default;

  [[nodiscard]] virtual const char* kind() const = 0;  // "memory", "sqlite"
  [[nodiscard]] virtual const StoreIdentity& identity() const = 0;

  [[nodiscard]] virtual Result<AppendOutcome> append(const PreparedAppend& append, const Call& call) = 0;
  [[nodiscard]] virtual Status append_batch(std::span<BatchItem> items, const Call& call);
  [[nodiscard]] virtual Gathering gathering() const { return {}; }

  [[nodiscard]] virtual Result<ReadEnd> read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) = 0;
  [[nodiscard]] virtual Result<ReadEnd> read_log(const LogQuery& query, const Call& call, PageBuilder& page) = 0;
  [[nodiscard]] virtual Result<ReadEnd> read_event(const Uuid& event_id, const Call& call, PageBuilder& page) = 0;

  [[nodiscard]] virtual Result<std::int64_t> head(const Call& call) = 0;
  [[nodiscard]] virtual Result<std::int64_t> stream_version(const StreamName& stream, const Call& call) = 0;
  [[nodiscard]] virtual Result<std::int64_t> count(const Filter& filter, const Call& call) = 0;

  [[nodiscard]] virtual Result<bool> save_snapshot(const StreamName& stream, const Snapshot& snapshot,
                                                   const Call& call) = 0;
  [[nodiscard]] virtual Result<std::optional<Snapshot>> load_snapshot(const StreamName& stream, const Call& call) = 0;
  [[nodiscard]] virtual Result<bool> delete_snapshot(const StreamName& stream, const Call& call) = 0;

  [[nodiscard]] virtual Result<Inspection> inspect(const Call& call) = 0;

  // They refuse where a database has no optional indexes.
  [[nodiscard]] virtual Result<std::vector<OptionalIndex>> list_indexes(const Call& call);
  [[nodiscard]] virtual Result<bool> add_index(std::string_view name, const Call& call);

  [[nodiscard]] virtual Status shutdown() = 0;
};

// The same backend. A call that was started waits for it on a thread for such work; others on their own.
[[nodiscard]] std::unique_ptr<Backend> as_backend(std::unique_ptr<BlockingBackend> backend);

}  // namespace eventsource::core
