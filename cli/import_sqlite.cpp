// Importing another SQLite store, of this program or of eventsource-py, in the order of its positions.
#include "cli/failure.hpp"
#include "cli/import_source.hpp"
#include "cli/interrupt.hpp"
#include "cli/open_store.hpp"

namespace eventsource::cli {
namespace {

class StoreImport {
 public:
  StoreImport(const std::string& path, Importer& importer, Progress& progress)
      : path_(path), importer_(importer), progress_(progress) {}

  void run() {
    const Result<Store> source = Store::open("sqlite:///" + path_, Options().create(false).read_only(true));
    if (!source) throw Failure(exit_status(source.error()), std::string(source.error().message()));
    head_ = read(source->head());
    EventRange events = source->log({.content = Content::kEnvelope | Content::kData, .through = head_});
    while (!events.done() && Interrupt::signal() == 0) {
      const Page page = read(events.next_page());
      for (const Event& event : page) {
        add(event);
        if (Interrupt::signal() != 0) return;
      }
      look(events.position());
    }
    if (Interrupt::signal() == 0) flush();
  }

 private:
  // A read of the source that fails ends the import with what was read before it stored.
  template <class T>
  T read(Result<T> result) {
    if (result) return *std::move(result);
    flush();
    throw Failure(exit_status(result.error()), path_ + ": " + std::string(result.error().message()));
  }

  [[nodiscard]] Failure bad_event(std::int64_t position, const std::string& what) const {
    return {kExitRefused, "position " + std::to_string(position) + " of " + path_ + ": " + what};
  }

  [[noreturn]] void refuse(const Event& event, const std::string& what) {
    flush();
    throw bad_event(event.position(), "event " + event.id().to_string() + " " + what);
  }

  void add(const Event& event) {
    if ((event.flags() & ES_RECORD_BROKEN_DOCUMENT) != 0) refuse(event, "has a broken document");
    if ((event.flags() & ES_RECORD_FOREIGN_TENANT) != 0) refuse(event, "has a tenant that is no UUID");
    // A batch may go on over several pages: its texts can't stay in one.
    EventInput input{.event_id = event.id(),
                     .aggregate_id = event.aggregate_id(),
                     .aggregate_type = importer_.keep(event.aggregate_type()),
                     .event_type = importer_.keep(event.type()),
                     .event_version = event.event_version(),
                     .occurred_at = event.occurred_at(),
                     .metadata = importer_.keep(event.metadata()),
                     .payload = importer_.keep(event.data())};
    if (event.actor()) input.actor_id = importer_.keep(*event.actor());
    if (event.tenant_id() != nullptr) input.tenant_id = *event.tenant_id();
    if (event.correlation_id() != nullptr) input.correlation_id = *event.correlation_id();
    if (event.causation_id() != nullptr) input.causation_id = *event.causation_id();
    try {
      if (importer_.add(input, event.position())) look(event.position());
    } catch (const Rejected& rejected) {
      throw bad_event(rejected.place, rejected.what);
    }
  }

  void flush() {
    try {
      importer_.flush();
    } catch (const Rejected& rejected) {
      throw bad_event(rejected.place, rejected.what);
    }
  }

  void look(std::int64_t position) {
    const ImportCounts& counts = importer_.counts();
    progress_.update(counts.stored + counts.present, position, head_);
  }

  const std::string& path_;
  Importer& importer_;
  Progress& progress_;
  std::int64_t head_ = 0;
};

}  // namespace

void import_sqlite(const std::string& path, Importer& importer, Progress& progress) {
  StoreImport(path, importer, progress).run();
}

}  // namespace eventsource::cli
