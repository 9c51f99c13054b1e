// Appending for several callers with one statement and one commit.
#include <memory>
#include <optional>
#include <utility>
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

}  // namespace

Gathering PostgresBackend::gathering() const {
  return kGathering;
}

// A batch whose connection was lost, for those of its items that have no outcome.
class PostgresBackend::LostBatch final : public Doubt {
 public:
  LostBatch(PostgresBackend& backend, Error first, std::vector<ServerProcess> lost)
      : backend_(backend), first_(std::move(first)), lost_(std::move(lost)) {}

  Task<Result<AppendOutcome>> resolve(const PreparedAppend& append, const Call& call) const override {
    std::optional<Error> first;
    std::vector<ServerProcess> lost;
    try {
      first = first_;
      lost = lost_;
      co_return co_await backend_.append_until_known(append, call, first, lost);
    } catch (const std::bad_alloc&) {
      throw OutcomeUnknown();
    }
  }

 private:
  PostgresBackend& backend_;
  const Error first_;
  const std::vector<ServerProcess> lost_;
};

Task<Status> PostgresBackend::append_batch(std::span<BatchItem> items, const Call& call) {
  std::optional<Error> first;
  std::vector<ServerProcess> lost;
  try {
    Status status = co_await try_batch(items, call, first, lost);
    if (!first) co_return status;
    // Each of the others finds out by itself, in its own time: the batch ends with the first caller that has to.
    const auto doubt = std::make_shared<const LostBatch>(*this, std::move(*first), std::move(lost));
    for (BatchItem& item : items) {
      if (item.outcome) {
        telemetry_->resolved(item.outcome->ok());
      } else {
        item.doubt = doubt;
      }
    }
    co_return Status();
  } catch (const std::bad_alloc&) {
    // Running out of memory now says nothing about the tries before.
    if (first || !lost.empty()) throw OutcomeUnknown();
    throw;
  }
}

// As for one append (append.cpp): the same batch again tells what became of a lost one, of `first` that is. What was stored
// is refused then, by its version or its ids.
Task<Status> PostgresBackend::try_batch(std::span<BatchItem> items, const Call& call, std::optional<Error>& first,
                                        std::vector<ServerProcess>& lost) {
  const Insertion insertion = Insertion::of_batch(items);
  Insertion::Outcomes outcomes(insertion, items);
  for (int tries = 1;; ++tries) {
    std::vector<Insertion::Written> written;
    Status status = co_await insert(insertion, written, call, lost);
    if (status.ok()) insertion.take(written, outcomes, items);
    if (!first && !lost.empty()) first = status.error();
    if (status.ok()) co_return status;
    const Error& error = status.error();
    // Whole here, or in parts by those who are told now.
    if (is_transient(error)) tell_again(error);
    const bool may_go_on =
        first ? error.is_retryable() && call.may_wait() && call.check().ok() : may_be_back(error, tries, call);
    if (!may_go_on) co_return status;
    CO_RETURN_IF_ERROR(co_await pause_after(tries, call));
    if (first) CO_RETURN_IF_ERROR(co_await end_lost(lost, call));
  }
}

}  // namespace eventsource::core::postgres
