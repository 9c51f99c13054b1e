#include "tests/fork/place.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <new>
#include <set>
#include <sys/mman.h>

namespace fork_test {

using eventsource::Call;
using eventsource::Store;
using eventsource::Uuid;

namespace {

constexpr std::size_t kMost = 1 << 20;

// Others append as well: no call fails because it waited its turn.
Call patient() {
  return {.timeout = std::chrono::seconds(60)};
}

std::string text(const char* what, const eventsource::Error& error) {
  return std::string(what) + ": " + error.name() + ": " + std::string(error.message());
}

}  // namespace

Place::Place(std::string_view backend) {
  if (backend == "memory") {
    url_ = "memory:";
  } else if (backend == "postgresql") {
    schema_ = std::make_unique<test_support::PostgresSchema>();
    url_ = schema_->url();
  } else {
    folder_ = (std::filesystem::temp_directory_path() / "eventsource-fork-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) std::abort();
    url_ = "sqlite:///" + path();
  }
}

Place::~Place() {
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

struct Acknowledged::Shared {
  std::atomic<std::size_t> count;
  Uuid ids[kMost];
};

Acknowledged::Acknowledged() {
  void* const memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  shared_ = static_cast<Shared*>(memory);
}

Acknowledged::~Acknowledged() {
  munmap(shared_, sizeof(Shared));
}

void Acknowledged::add(const Uuid& id) const {
  const std::size_t index = shared_->count.fetch_add(1);
  if (index >= kMost) std::abort();
  shared_->ids[index] = id;
}

std::size_t Acknowledged::count() const {
  return shared_->count.load();
}

const Uuid& Acknowledged::at(std::size_t index) const {
  return shared_->ids[index];
}

std::string append(const Store& store, const Uuid& stream, const Acknowledged& acknowledged) {
  eventsource::Append append;
  append.stream("Order", stream, eventsource::ExpectedVersion::any()).event("Placed", "{}");
  const auto result = store.append(append, patient());
  if (!result) return text("append", result.error());
  acknowledged.add(result->event_ids()[0]);
  return "";
}

std::string check_all(const std::string& url, const Acknowledged& acknowledged) {
  const auto store = Store::open(url, {}, patient());
  if (!store) return text("open", store.error());
  std::multiset<Uuid> stored;
  std::map<Uuid, std::int64_t> versions;
  std::int64_t position = 0;
  eventsource::EventRange events = store->log({}, patient());
  while (!events.done()) {
    const auto page = events.next_page();
    if (!page) return text("read", page.error());
    for (const eventsource::Event& event : *page) {
      stored.insert(event.id());
      if (event.version() != ++versions[event.aggregate_id()]) return "a stream has a hole or a double version";
      if (event.position() <= std::exchange(position, event.position())) return "a position does not rise";
    }
  }
  std::size_t lost = 0;
  std::size_t doubled = 0;
  for (std::size_t i = 0; i < acknowledged.count(); ++i) {
    const std::size_t times = stored.count(acknowledged.at(i));
    lost += times == 0 ? 1 : 0;
    doubled += times > 1 ? 1 : 0;
  }
  if (lost == 0 && doubled == 0) return "";
  return std::to_string(lost) + " of " + std::to_string(acknowledged.count()) + " acknowledged events are lost, " +
         std::to_string(doubled) + " are there more than once";
}

Uuid stream_id(std::uint8_t number) {
  Uuid id;
  id.bytes[0] = 0xF0;
  id.bytes[15] = number;
  return id;
}

}  // namespace fork_test
