// Storing a batch, and finding the event that spoils it.
#include "cli/importer.hpp"

#include <algorithm>
#include <charconv>

#include "cli/failure.hpp"
#include "cli/open_store.hpp"

namespace eventsource::cli {
namespace {

// A batch is stored when the texts that it keeps are this long, however few events that is: memory is bounded.
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
constexpr std::size_t kFirstBlockBytes = std::size_t{1} << 20;

// Whether another try with fewer events can tell which event is at fault: the store has looked at the data and said no.
bool is_about_events(const Error& error) {
  const bool store_itself = error.code() <= ES_NOT_A_STORE && error.code() >= ES_CORRUPT_STORE;
  return error.kind() > -400 && error.kind() < 0 && !store_itself;
}

std::optional<std::size_t> event_index(const Error& error) {
  const std::optional<std::string_view> text = error.detail("event_index");
  if (!text) return std::nullopt;
  std::size_t index = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), index);
  return failed == std::errc() ? std::optional(index) : std::nullopt;
}

// The library counts an append's events and calls the payload data; the user has lines and their members.
std::string in_terms_of_lines(const Error& error) {
  std::string_view message = error.message();
  const std::string event = "event " + std::string(error.detail("event_index").value_or("")) + " ";
  const std::size_t behind_place = message.find(": ");
  if (message.starts_with(event) && behind_place != message.npos) message.remove_prefix(behind_place + 2);
  const bool about_payload = error.detail("field") == "data" && message.starts_with("data ");
  return about_payload ? "payload" + std::string(message.substr(4)) : std::string(message);
}

void add_to(Append& append, const EventInput& event) {
  append.stream(event.aggregate_type, event.aggregate_id, ExpectedVersion::any())
      .event(event.event_type, event.payload)
      .event_id(event.event_id)
      .occurred_at(event.occurred_at);
  if (event.event_version != 1) append.event_version(event.event_version);
  if (event.tenant_id) append.tenant(*event.tenant_id);
  if (event.actor_id) append.actor(*event.actor_id);
  if (event.correlation_id) append.correlation(*event.correlation_id);
  if (event.causation_id) append.causation(*event.causation_id);
  if (!event.metadata.empty()) append.metadata(event.metadata);
}

}  // namespace

Importer::Importer(Store store, std::size_t batch_events)
    : store_(std::move(store)),
      batch_events_(batch_events),
      first_block_(kFirstBlockBytes),
      arena_(first_block_.data(), first_block_.size()) {}

std::string_view Importer::keep(std::string_view text) {
  // An empty text has an address as well: the arena gives no block of 0 bytes.
  char* const copy = static_cast<char*>(arena_.allocate(text.size() + 1, 1));
  std::copy(text.begin(), text.end(), copy);
  bytes_ += text.size();
  return {copy, text.size()};
}

bool Importer::add(const EventInput& event, std::int64_t place) {
  events_.push_back(event);
  places_.push_back(place);
  for (; counted_texts_ < texts_.size(); ++counted_texts_) bytes_ += texts_[counted_texts_].size();
  if (events_.size() < batch_events_ && bytes_ < kBatchBytes) return false;
  flush();
  return true;
}

void Importer::flush() {
  // A batch with a bad event is stored up to that event. The store reports the first reason by stream, so an earlier
  // event may turn out to be bad as well: again, until what is left is stored.
  std::optional<Refusal> refusal;
  for (std::size_t count = events_.size(); count > 0; count = refusal->index) {
    std::optional<Refusal> next = append_first(count);
    if (!next) break;
    refusal = std::move(next);
    if (refusal->before_is_stored) break;
  }
  const std::int64_t place = refusal ? places_[refusal->index] : 0;
  clear();
  if (refusal) throw Rejected{place, std::move(refusal->what)};
}

std::optional<Error> Importer::append_range(std::size_t first, std::size_t count, std::size_t& failed) {
  append_.clear();
  append_.on_duplicate(OnDuplicate::kSkip);
  for (std::size_t i = first; i < first + count; ++i) {
    add_to(append_, events_[i]);
    if (append_.ok()) continue;
    failed = i;
    return append_.error();
  }
  const Result<AppendResult> result = store_.append(append_);
  if (result) {
    this->count(*result);
    return std::nullopt;
  }
  const std::optional<std::size_t> index = event_index(result.error());
  failed = index && *index < count ? first + *index : events_.size();
  return result.error();
}

std::optional<Importer::Refusal> Importer::append_first(std::size_t count) {
  std::size_t failed = 0;
  const std::optional<Error> error = append_range(0, count, failed);
  if (!error) return std::nullopt;
  if (!is_about_events(*error)) throw Exception(*error);
  if (failed < events_.size()) return Refusal{failed, in_terms_of_lines(*error)};
  return append_each(count);
}

std::optional<Importer::Refusal> Importer::append_each(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t failed = 0;
    const std::optional<Error> error = append_range(i, 1, failed);
    if (!error) continue;
    if (!is_about_events(*error)) throw Exception(*error);
    return Refusal{i, in_terms_of_lines(*error), true};
  }
  return std::nullopt;
}

void Importer::count(const AppendResult& result) {
  const auto present = static_cast<std::int64_t>(result.known_count());
  counts_.present += present;
  counts_.stored += static_cast<std::int64_t>(result.size()) - present;
  const auto versions = result.versions();
  const auto known = result.known();
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (versions[i] == 1 && known[i] == 0) ++counts_.new_streams;
  }
}

void Importer::clear() {
  events_.clear();
  places_.clear();
  texts_.clear();
  arena_.release();
  counted_texts_ = 0;
  bytes_ = 0;
}

}  // namespace eventsource::cli
