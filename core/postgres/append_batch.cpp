// Appending for several callers with one statement and one commit.
#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/out_of_memory.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/insertion.hpp"
#include "core/postgres/postgres_backend.hpp"

namespace eventsource::core::postgres {
namespace {

// Two batches keep the server at work while the answer of one is on its way. Below some sixteen appends a batch wins nothing
// over waiting for the one before.
constexpr Gathering kGathering{2, 8, 1'000, 4U << 20U};

// Whether no more can be done about these processes: each is gone, or it is one of a pooler's and nobody knows which.
bool are_done_with(const std::vector<ServerProcess>& lost) {
  return std::ranges::all_of(lost, [](const ServerProcess& process) { return process.pid == 0; });
}

}  // namespace

Gathering PostgresBackend::gathering() const {
  return kGathering;
}

Task<Status> PostgresBackend::append_batch(std::span<BatchItem> items, const Call& call) {
  std::optional<Error> first;
  std::vector<ServerProcess> lost;
  try {
    co_return co_await batch_until_known(items, call, first, lost);
  } catch (const std::bad_alloc&) {
    // Running out of memory now says nothing about the tries before.
    if (first || !lost.empty()) throw OutcomeUnknown();
    throw;
  }
}

// As for one append (append.cpp): the same batch again tells what became of a lost one. What was stored is refused then, by
// its version or its ids, and found out by itself.
Task<Status> PostgresBackend::batch_until_known(std::span<BatchItem> items, const Call& call,
                                                std::optional<Error>& first, std::vector<ServerProcess>& lost) {
  const Insertion insertion = Insertion::of_batch(items);
  Insertion::Outcomes outcomes(insertion, items);
  for (int tries = 1;; ++tries) {
    std::vector<Insertion::Written> written;
    Status status = co_await insert(insertion, written, call, lost);
    if (status.ok()) insertion.take(written, outcomes, items);
    if (!first && !lost.empty()) first = status.error();
    if (!first) {
      if (status.ok() || !may_be_back(status.error(), tries, call)) co_return status;
      CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
      continue;
    }
    for (BatchItem& item : items) item.doubt = *first;
    // Once nothing is left to be ended, each item can be asked for by itself.
    if (are_done_with(lost) && (status.ok() || !status.error().is_retryable())) {
      for (BatchItem& item : items) item.may_come_late = item.may_come_late || !lost.empty();
      co_return status;
    }
    if (status.ok() || !status.error().is_retryable() || !call.may_wait() || !call.check().ok()) {
      for (BatchItem& item : items) {
        if (!item.outcome) item.outcome = append_not_known(*first);
      }
      co_return Status();
    }
    CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
    CO_RETURN_IF_ERROR(co_await end_lost(lost, call));
  }
}

}  // namespace eventsource::core::postgres
