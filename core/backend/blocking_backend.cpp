#include "core/backend/blocking_backend.hpp"

#include <string>
#include <utility>

#include "eventsource/status.h"

namespace eventsource::core {
namespace {

Error no_indexes(const std::string& kind) {
  return Error(ES_INVALID_ARGUMENT,
               "a store of backend " + kind + " has no optional indexes: only one in PostgreSQL has");
}

class Adapted final : public Backend {
 public:
  explicit Adapted(std::unique_ptr<BlockingBackend> backend) : backend_(std::move(backend)) {}

  const char* kind() const override { return backend_->kind(); }
  const StoreIdentity& identity() const override { return backend_->identity(); }
  bool blocks() const override { return true; }

  Task<Result<AppendOutcome>> append(const PreparedAppend& append, const Call& call) override {
    co_return backend_->append(append, call);
  }
  Task<Status> append_batch(std::span<BatchItem> items, const Call& call) override {
    co_return backend_->append_batch(items, call);
  }
  Gathering gathering() const override { return backend_->gathering(); }
  Task<Result<ReadEnd>> read_stream(const StreamQuery& query, const Call& call, PageBuilder& page) override {
    co_return backend_->read_stream(query, call, page);
  }
  Task<Result<ReadEnd>> read_log(const LogQuery& query, const Call& call, PageBuilder& page) override {
    co_return backend_->read_log(query, call, page);
  }
  Task<Result<ReadEnd>> read_event(const Uuid& event_id, const Call& call, PageBuilder& page) override {
    co_return backend_->read_event(event_id, call, page);
  }
  Task<Result<std::int64_t>> head(const Call& call) override { co_return backend_->head(call); }
  Task<Result<std::int64_t>> stream_version(const StreamName& stream, const Call& call) override {
    co_return backend_->stream_version(stream, call);
  }
  Task<Result<std::int64_t>> count(const Filter& filter, const Call& call) override {
    co_return backend_->count(filter, call);
  }
  Task<Result<bool>> save_snapshot(const StreamName& stream, const Snapshot& snapshot, const Call& call) override {
    co_return backend_->save_snapshot(stream, snapshot, call);
  }
  Task<Result<std::optional<Snapshot>>> load_snapshot(const StreamName& stream, const Call& call) override {
    co_return backend_->load_snapshot(stream, call);
  }
  Task<Result<bool>> delete_snapshot(const StreamName& stream, const Call& call) override {
    co_return backend_->delete_snapshot(stream, call);
  }
  Task<Result<Inspection>> inspect(const Call& call) override { co_return backend_->inspect(call); }
  Task<Result<std::vector<OptionalIndex>>> list_indexes(const Call& call) override {
    co_return backend_->list_indexes(call);
  }
  Task<Result<bool>> add_index(std::string_view name, const Call& call) override {
    co_return backend_->add_index(name, call);
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
