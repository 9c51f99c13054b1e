// A store in a PostgreSQL database.
// Any thread. Backend says what the functions do. A call has a connection to itself while it runs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/backend/backend.hpp"
#include "core/backend/decision.hpp"
#include "core/postgres/connection.hpp"
#include "core/postgres/connection_pool.hpp"
#include "core/postgres/insertion.hpp"
#include "core/postgres/open.hpp"
#include "core/postgres/statements.hpp"

namespace eventsource::core::postgres {

class PostgresBackend final : public Backend {
 public:
  PostgresBackend(ConnectionUrl url, const StoreIdentity& identity, const Layout& layout, const Settings& settings,
                  std::unique_ptr<Connection> connection);

  const char* kind() const override { return "postgresql"; }
  const StoreIdentity& identity() const override { return identity_; }

  Task<Result<AppendOutcome>> append(const PreparedAppend& append, const Call& call) override;
  Task<Status> append_batch(std::span<BatchItem> items, const Call& call) override;
  Gathering gathering() const override;
  Task<Result<ReadEnd>> read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) override;
  Task<Result<ReadEnd>> read_log(const LogQuery& query, const Call& call, PageBuilder& page) override;
  Task<Result<ReadEnd>> read_event(const Uuid& event_id, const Call& call, PageBuilder& page) override;
  Task<Result<std::int64_t>> head(const Call& call) override;
  Task<Result<std::int64_t>> stream_version(const StreamName& stream, const Call& call) override;
  Task<Result<std::int64_t>> count(const Filter& filter, const Call& call) override;
  Task<Result<bool>> save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) override;
  Task<Result<std::optional<Snapshot>>> load_snapshot(const StreamName& stream, const Call& call) override;
  Task<Result<bool>> delete_snapshot(const StreamName& stream, const Call& call) override;
  Task<Result<Inspection>> inspect(const Call& call) override;
  Task<Result<std::vector<OptionalIndex>>> list_indexes(const Call& call) override;
  Task<Result<bool>> add_index(std::string_view name, const Call& call) override;
  Status shutdown() override;

 private:
  class LostBatch;
  class Reader;

  // What lost its connection takes another: the first may have been idle when the server restarted.
  static constexpr int kTries = 3;

  // One transaction on a connection of the pool, which keeps it if it can be used again. `lost` gets the process that may
  // still be at work with it when its outcome is unknown.
  [[nodiscard]] Task<Status> transact(Access access, std::span<const Step> steps, const Call& call,
                                      std::vector<ServerProcess>* lost = nullptr);
  // Before the next try of a call; not before the second: the first connection may have been idle while the server
  // restarted.
  [[nodiscard]] Task<Status> pause_after(int tries, const Call& call);
  // Of a try that is made again now.
  void tell_again(const Error& error) const noexcept;
  // The same for what may be done twice: again on another connection when this one was lost, or when another transaction was
  // in the way. `forget` drops what the rows of the failed try have left.
  [[nodiscard]] Task<Status> try_again(Access access, std::span<const Step> steps, const Call& call,
                                       const std::function<void()>& forget);
  // `is_unknown` becomes true with a write that may have been carried out.
  [[nodiscard]] Task<Status> try_until_told(Access access, std::span<const Step> steps, const Call& call,
                                            const std::function<void()>& forget, bool& is_unknown);

  // Makes the append again until it is known what became of it. `first` is what was told when that was not known.
  [[nodiscard]] Task<Result<AppendOutcome>> append_until_known(const PreparedAppend& append, const Call& call,
                                                               std::optional<Error>& first,
                                                               std::vector<ServerProcess>& lost);
  // Writes the append or finds out why not. `lost` gets a process where the connection to it was lost on the way.
  [[nodiscard]] Task<Result<AppendOutcome>> append_now(const PreparedAppend& append, const Call& call,
                                                       std::vector<ServerProcess>& lost);
  // `written` gets what the statement returns; nothing where one stream alone is not as expected.
  [[nodiscard]] Task<Status> insert(const Insertion& insertion, std::vector<Insertion::Written>& written,
                                    const Call& call, std::vector<ServerProcess>& lost);
  // `first` gets what was told of a try that may have written the batch.
  [[nodiscard]] Task<Status> try_batch(std::span<BatchItem> items, const Call& call, std::optional<Error>& first,
                                       std::vector<ServerProcess>& lost);
  [[nodiscard]] static bool may_be_back(const Error& error, int tries, const Call& call);
  [[nodiscard]] Error append_not_known(const Error& first) const;
  // Ends these processes, as far as they are known. Those that are left may still do what they were sent.
  [[nodiscard]] Task<Status> end_lost(std::vector<ServerProcess>& lost, const Call& call);
  // Looks at streams and ids in one snapshot, and decides.
  [[nodiscard]] Task<Result<Decision>> decide_now(const PreparedAppend& append, const Call& call,
                                                  std::vector<StreamState>& states);

  // How a snapshot is changed.
  struct SnapshotWrite {
    const char* done;            // for messages: "saved"
    const Statement& statement;  // returns a row when it changed something
    const Statement* look;  // returns a row when that is how the snapshot is now; nullptr: nothing shows it afterwards
  };
  [[nodiscard]] Task<Result<bool>> write_snapshot(const SnapshotWrite& write, const Parameters& parameters,
                                                  const Call& call);
  // `first` gets the error of the first try whose answer was lost.
  [[nodiscard]] Task<Result<bool>> write_until_told(const SnapshotWrite& write, const Parameters& parameters,
                                                    const Call& call, std::vector<ServerProcess>& lost,
                                                    std::optional<Error>& first);
  // As end_lost, with some patience; whether none is left.
  [[nodiscard]] Task<bool> end_all(std::vector<ServerProcess>& lost, const Call& call);
  [[nodiscard]] Error no_snapshots() const;

  const ConnectionUrl url_;
  const std::shared_ptr<Telemetry> telemetry_;
  const StoreIdentity identity_;
  const Layout layout_;
  const Statements statements_;
  ConnectionPool pool_;
  // For what must not wait behind the users' calls: one connection.
  ConnectionPool control_;
};

}  // namespace eventsource::core::postgres
