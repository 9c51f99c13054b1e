// Appending for several callers in one transaction.
#include <new>

#include "core/base/out_of_memory.hpp"
#include "core/sqlite/appender.hpp"
#include "core/sqlite/sqlite_backend.hpp"

namespace eventsource::core::sqlite {
namespace {

// There is one writer: what comes while it is at work goes with its next transaction.
constexpr Gathering kGathering{1, 1, 4'000, 16U << 20U};

Error key_refused(const std::string& path) {
  return Error(ES_CORRUPT_STORE, "an index of " + path + " refuses an event that can't be found in it")
      .detail("path", path);
}

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
      if (append_batch_once(*connection, items, call).ok()) return {};
    } catch (const std::bad_alloc&) {
      throw OutcomeUnknown();
    }
    return status;
  }
  if (status.ok()) courtesy_.let_others_pass(call);
  return status;
}

Status SqliteBackend::append_batch_once(Connection& connection, std::span<BatchItem> items, const Call& call) {
  WriteTransaction transaction(connection, watch_);
  RETURN_IF_ERROR(begin(transaction, call));
  Status status = write_items(connection, items, call);
  if (status.ok()) status = call.check();
  if (status.ok()) status = transaction.commit(call);
  if (status.ok()) return status;
  for (BatchItem& item : items) item.outcome.reset();
  return status;
}

// Each sees what those before it have written. One that is refused has written nothing: its ids are looked up before.
Status SqliteBackend::write_items(Connection& connection, std::span<BatchItem> items, const Call& call) const {
  for (BatchItem& item : items) {
    Appender appender(connection, *item.append, call);
    Result<Decision> decision = appender.decide_now(true);
    if (!decision.ok()) {
      if (!is_refusal(decision.error())) return std::move(decision).status();
      item.outcome = std::move(decision).status();
      continue;
    }
    if (decision.value().writes) {
      ASSIGN_OR_RETURN(const bool written, appender.write(decision.value()));
      if (!written) return key_refused(path_);
    }
    item.outcome = to_outcome(std::move(decision).value());
  }
  return {};
}

}  // namespace eventsource::core::sqlite
