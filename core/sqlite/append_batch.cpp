// Appending for several callers in one transaction.
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/out_of_memory.hpp"
#include "core/sqlite/appender.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

// There is one writer: what comes while it is at work goes with its next transaction.
constexpr Gathering kGathering{1, 1, 4'000, 16U << 20U};

}  // namespace

Gathering SqliteBackend::gathering() const {
  return kGathering;
}

Status SqliteBackend::append_batch(std::span<BatchItem> items, const Call& call) {
  RETURN_IF_ERROR(may_write());
  ASSIGN_OR_RETURN(Pool::Lease connection, writer_.borrow(call));
  Status status = append_batch_once(*connection, items, call);
  if (!status.ok() && status.error().outcome() == ES_OUTCOME_UNKNOWN) {
    // As for one append (append.cpp): a fresh look tells whether the commit took effect.
    try {
      if (!connection.open_again(call).ok()) return status;
      if (append_batch_once(*connection, items, call).ok()) {
        for (const BatchItem& item : items) settings_.telemetry->resolved(item.outcome->ok());
        return {};
      }
    } catch (const std::bad_alloc&) {
      throw OutcomeUnknown();
    }
    return status;
  }
  if (status.ok()) courtesy_.let_others_pass(call);
  return status;
}

// The items are told only once it is committed: until then anything may end the transaction.
Status SqliteBackend::append_batch_once(Connection& connection, std::span<BatchItem> items, const Call& call) {
  std::vector<std::optional<Result<AppendOutcome>>> outcomes(items.size());
  WriteTransaction transaction(connection, watch_);
  RETURN_IF_ERROR(begin(transaction, call));
  for (std::size_t i = 0; i < items.size(); ++i) {
    RETURN_IF_ERROR(write_item(connection, *items[i].append, call, outcomes[i]));
  }
  RETURN_IF_ERROR(call.check());
  RETURN_IF_ERROR(transaction.commit(call));
  for (std::size_t i = 0; i < items.size(); ++i) items[i].outcome = std::move(outcomes[i]);
  return {};
}

// It sees what those before it have written. One that is refused has written nothing: its ids are looked up before.
Status SqliteBackend::write_item(Connection& connection, const PreparedAppend& append, const Call& call,
                                 std::optional<Result<AppendOutcome>>& outcome) const {
  Appender appender(connection, append, call);
  Result<Decision> decision = appender.decide_now(true);
  if (!decision.ok()) {
    if (!is_refusal(decision.error())) return std::move(decision).status();
    outcome = std::move(decision).status();
    return {};
  }
  if (decision.value().writes) {
    ASSIGN_OR_RETURN(const bool written, appender.write(decision.value()));
    if (!written) return key_is_damaged(path_);
  }
  outcome = to_outcome(std::move(decision).value());
  return {};
}

}  // namespace eventsource::core::sqlite
