#include "core/backend/blocking_backend.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "eventsource/status.h"

#include "core/base/wait.hpp"

namespace eventsource::core {
namespace {

Error no_indexes(const std::string& kind) {
  return Error(ES_INVALID_ARGUMENT,
               "a store of backend " + kind + " has no optional indexes: only one in PostgreSQL has");
}

// Makes a blocking call where it holds up nobody else: on the caller's own thread, or aside.
template <typename T, typename Work>
Task<Result<T>> made(const Call& call, Scheduler::Errand kind, Work work) {
  if (call.scheduler() == nullptr) co_return work(call);
  std::optional<Result<T>> result;
  const std::function<Status(const Call&)> errand = [&](const Call& blocking) -> Status {
    result = work(blocking);
    return {};
  };
  CO_RETURN_IF_ERROR(co_await aside(call, kind, errand));
  co_return std::move(*result);
}

constexpr auto kRead = Scheduler::Errand::kRead;
constexpr auto kWrite = Scheduler::Errand::kWrite;

class Adapted final : public Backend {
 public:
  explicit Adapted(std::unique_ptr<BlockingBackend> backend) : backend_(std::move(backend)) {}

  const char* kind() const override { return backend_->kind(); }
  const StoreIdentity& identity() const override { return backend_->identity(); }

  Task<Result<AppendOutcome>> append(const PreparedAppend& append, const Call& call) override {
    return made<AppendOutcome>(call, kWrite, [&](const Call& at) { return backend_->append(append, at); });
  }
  Task<Status> append_batch(std::span<BatchItem> items, const Call& call) override {
    const std::function<Status(const Call&)> work = [&](const Call& at) { return backend_->append_batch(items, at); };
    co_return co_await aside(call, kWrite, work);
  }
  Gathering gathering() const override { return backend_->gathering(); }
  Task<Result<ReadEnd>> read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) override {
    return made<ReadEnd>(call, kRead, [&](const Call& at) { return backend_->read_stream(query, at, page); });
  }
  Task<Result<ReadEnd>> read_log(const LogQuery& query, const Call& call, PageBuilder& page) override {
    return made<ReadEnd>(call, kRead, [&](const Call& at) { return backend_->read_log(query, at, page); });
  }
  Task<Result<ReadEnd>> read_event(const Uuid& event_id, const Call& call, PageBuilder& page) override {
    return made<ReadEnd>(call, kRead, [&](const Call& at) { return backend_->read_event(event_id, at, page); });
  }
  Task<Result<std::int64_t>> head(const Call& call) override {
    return made<std::int64_t>(call, kRead, [this](const Call& at) { return backend_->head(at); });
  }
  Task<Result<std::int64_t>> stream_version(const StreamName& stream, const Call& call) override {
    return made<std::int64_t>(call, kRead, [&](const Call& at) { return backend_->stream_version(stream, at); });
  }
  Task<Result<std::int64_t>> count(const Filter& filter, const Call& call) override {
    return made<std::int64_t>(call, kRead, [&](const Call& at) { return backend_->count(filter, at); });
  }
  Task<Result<bool>> save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) override {
    return made<bool>(call, kWrite, [&](const Call& at) { return backend_->save_snapshot(stream, snapshot, at); });
  }
  Task<Result<std::optional<Snapshot>>> load_snapshot(const StreamName& stream, const Call& call) override {
    return made<std::optional<Snapshot>>(call, kRead,
                                         [&](const Call& at) { return backend_->load_snapshot(stream, at); });
  }
  Task<Result<bool>> delete_snapshot(const StreamName& stream, const Call& call) override {
    return made<bool>(call, kWrite, [&](const Call& at) { return backend_->delete_snapshot(stream, at); });
  }
  Task<Result<Inspection>> inspect(const Call& call) override {
    return made<Inspection>(call, kRead, [this](const Call& at) { return backend_->inspect(at); });
  }
  Task<Result<std::vector<OptionalIndex>>> list_indexes(const Call& call) override {
    return made<std::vector<OptionalIndex>>(call, kRead, [this](const Call& at) { return backend_->list_indexes(at); });
  }
  Task<Result<bool>> add_index(std::string_view name, const Call& call) override {
    return made<bool>(call, kRead, [=, this](const Call& at) { return backend_->add_index(name, at); });
  }
  Status shutdown() override { return backend_->shutdown(); }

 private:
  const std::unique_ptr<BlockingBackend> backend_;
};

}  // namespace

// Of a backend that gathers nothing.
Status BlockingBackend::append_batch(std::span<BatchItem>, const Call&) {
  return {};
}

Result<std::vector<OptionalIndex>> BlockingBackend::list_indexes(const Call&) {
  return no_indexes(kind());
}

Result<bool> BlockingBackend::add_index(std::string_view, const Call&) {
  return no_indexes(kind());
}

std::unique_ptr<Backend> as_backend(std::unique_ptr<BlockingBackend> backend) {
  return std::make_unique<Adapted>(std::move(backend));
}

}  // namespace eventsource::core
