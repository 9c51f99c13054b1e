// A store in an SQLite file (WAL): one writing connection, a few reading ones.
// Any thread. Backend says what the functions do.
#pragma once

#include <memory>
#include <string>

#include "core/backend/blocking_backend.hpp"
#include "core/backend/decision.hpp"
#include "core/backend/pool.hpp"
#include "core/sqlite/courtesy.hpp"
#include "core/sqlite/layout.hpp"
#include "core/sqlite/open.hpp"
#include "core/sqlite/transaction.hpp"

namespace eventsource::core::sqlite {

using Pool = core::Pool<Connection>;

// A file that was opened and is a store.
struct OpenedFile {
  std::unique_ptr<Connection> connection;  // does not write
  StoreIdentity identity;
  const Layout& layout;
  bool has_snapshots = true;  // eventsource-py makes that table on demand
  bool leaves_log = false;    // what others have left in the write-ahead log is not folded in
};

class SqliteBackend final : public BlockingBackend {
 public:
  SqliteBackend(OpenedFile file, const Settings& settings, Environment& environment);

  const char* kind() const override { return "sqlite"; }
  const StoreIdentity& identity() const override { return identity_; }

  Result<AppendOutcome> append(const PreparedAppend& append, const Call& call) override;
  Status append_batch(std::span<BatchItem> items, const Call& call) override;
  Gathering gathering() const override;
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
  Status shutdown() override;

 private:
  [[nodiscard]] Status may_write() const;
  [[nodiscard]] Error unreadable(const Run& run) const;
  [[nodiscard]] Result<std::unique_ptr<Connection>> open_writer(const Call& call) const;
  [[nodiscard]] Result<std::unique_ptr<Connection>> open_reader(const Call& call) const;
  // Begins a transaction of appends, and tells of a wait for another process.
  [[nodiscard]] Status begin(WriteTransaction& transaction, const Call& call);
  // On the writing connection, until it is known whether the append took effect.
  [[nodiscard]] Result<AppendOutcome> append_in_turn(const PreparedAppend& append, const Call& call);
  // Decides and writes in one transaction.
  [[nodiscard]] Result<AppendOutcome> append_once(Connection& connection, const PreparedAppend& append,
                                                  const Call& call);
  [[nodiscard]] Status append_batch_once(Connection& connection, std::span<BatchItem> items, const Call& call);
  [[nodiscard]] Status write_item(Connection& connection, const PreparedAppend& append, const Call& call,
                                  std::optional<Result<AppendOutcome>>& outcome) const;
  // Runs a statement that changes at most one snapshot, in its own transaction; true when it changed one.
  template <typename Bind>
  [[nodiscard]] Result<bool> write_snapshot(Sql sql, const Call& call, const Bind& bind);

  const std::string path_;  // for messages
  const std::string file_;  // as SQLite names it
  const StoreIdentity identity_;
  const Settings settings_;
  const Layout& layout_;
  const bool has_snapshots_;
  const bool leaves_log_;
  Environment& environment_;

  Courtesy courtesy_;
  // Destroyed after the connections, so that its file is gone by then if SQLite removes it.
  WriteLockWatch watch_;
  Pool writer_;
  Pool readers_;
};

}  // namespace eventsource::core::sqlite
