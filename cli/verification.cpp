// Reading the log and checking each event.
#include "cli/verification.hpp"

#include <algorithm>

#include "cli/event_check.hpp"

namespace eventsource::cli {
namespace {

// What streams and ids may take at one time, 10 million events in half a million streams in one go.
constexpr std::size_t kShareBytes = std::size_t{128} << 20;

std::string stream_name(const Event& event) {
  return std::string(event.aggregate_type()) + " " + event.aggregate_id().to_string();
}

}  // namespace

Verification::Verification(Store store, std::function<void(const Finding&)> report)
    : store_(std::move(store)), report_(std::move(report)) {}

VerifyCounts Verification::run(Progress& progress) {
  const Inspection inspection = store_.inspect().value();
  expected_events_ = inspection.events();
  expected_streams_ = inspection.streams();
  counts_.head = inspection.last_position();
  if (counts_.head == 0) return counts_;
  const std::size_t bytes = static_cast<std::size_t>(expected_events_) * sizeof(std::uint64_t) +
                            StreamTable::bytes_for(static_cast<std::size_t>(expected_streams_));
  shares_ = bytes / kShareBytes + 1;
  for (std::size_t share = 0; share < shares_; ++share) read_share(share, progress);
  if (counts_.events != expected_events_) {
    report({counts_.head, Uuid(), "position",
            "the store counts " + std::to_string(expected_events_) + " events, and " + std::to_string(counts_.events) +
                " were read up to here"});
  }
  return counts_;
}

void Verification::read_share(std::size_t share, Progress& progress) {
  StreamTable streams(static_cast<std::size_t>(expected_streams_) / shares_);
  std::vector<std::uint64_t> hashes;
  hashes.reserve(static_cast<std::size_t>(expected_events_) / shares_ +
                 static_cast<std::size_t>(expected_events_) / 64);
  last_position_ = 0;
  std::int64_t done = 0;
  const Content content = Content::kDocument | Content::kEnvelope | Content::kData;
  EventRange events = store_.log({.content = content, .through = counts_.head});
  while (!events.done()) {
    const Page page = events.next_page().value();
    for (const Event& event : page) {
      ++done;
      if (share == 0) check_position(event);
      const std::uint64_t hash = id_hash(event.id());
      if (hash % shares_ == share) hashes.push_back(hash);
      if (id_hash(event.aggregate_id()) % shares_ == share) check_event(event, streams);
    }
    const auto parts = static_cast<std::int64_t>(shares_);
    progress.update(done, events.position() + static_cast<std::int64_t>(share) * counts_.head, parts * counts_.head);
  }
  if (share == 0) counts_.events = done;
  counts_.streams += static_cast<std::int64_t>(streams.size());
  find_duplicates(hashes);
}

void Verification::check_position(const Event& event) {
  if (event.position() <= last_position_) {
    report(event, "position", "it comes after position " + std::to_string(last_position_));
  }
  last_position_ = event.position();
}

void Verification::check_event(const Event& event, StreamTable& streams) {
  StreamState& stream = streams.find(streams.type_number(event.aggregate_type()), event.aggregate_id());
  const bool is_first = stream.version == 0;
  const bool is_foreign = (event.flags() & ES_RECORD_FOREIGN_TENANT) != 0;
  if (event.version() != stream.version + 1) {
    report(event, "version",
           "it has version " + std::to_string(event.version()) + " of " + stream_name(event) + ", where " +
               std::to_string(stream.version + 1) + " is next");
  }
  // After a hole it goes on from there, so that one hole is one finding.
  stream.version = std::max({stream.version, event.version(), std::int64_t{1}});
  const bool has_tenant = event.tenant_id() != nullptr;
  const Uuid tenant = has_tenant ? *event.tenant_id() : Uuid();
  if (is_first) {
    stream.has_tenant = has_tenant;
    stream.tenant_id = tenant;
  } else if (!is_foreign && (stream.has_tenant != has_tenant || stream.tenant_id != tenant)) {
    report(event, "tenant",
           "its tenant is " + (has_tenant ? tenant.to_string() : "none") + ", that of " + stream_name(event) + " is " +
               (stream.has_tenant ? stream.tenant_id.to_string() : "none"));
  }
  if (is_foreign) report(event, "foreign_tenant", "its tenant is no UUID and shows as absent", false);
  for (std::string& what : check_document(event)) report(event, "document", std::move(what));
}

void Verification::find_duplicates(std::vector<std::uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  std::vector<std::uint64_t> candidates;
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    const bool repeated = hashes[i] == hashes[i - 1];
    if (repeated && (candidates.empty() || candidates.back() != hashes[i])) candidates.push_back(hashes[i]);
  }
  hashes = {};
  if (!candidates.empty()) confirm_duplicates(candidates);
}

void Verification::confirm_duplicates(const std::vector<std::uint64_t>& candidates) {
  std::unordered_map<Uuid, std::int64_t> first;
  EventRange events = store_.log({.content = Content::kColumns, .through = counts_.head});
  while (!events.done()) {
    const Page page = events.next_page().value();
    for (const Event& event : page) {
      if (!std::binary_search(candidates.begin(), candidates.end(), id_hash(event.id()))) continue;
      const auto [known, is_new] = first.emplace(event.id(), event.position());
      if (!is_new) {
        report(event, "duplicate_id", "its id is that of position " + std::to_string(known->second) + " as well");
      }
    }
  }
}

void Verification::report(const Event& event, const char* kind, std::string what, bool is_problem) {
  report({event.position(), event.id(), kind, std::move(what), is_problem});
}

void Verification::report(const Finding& finding) {
  ++(finding.is_problem ? counts_.problems : counts_.notes);
  report_(finding);
}

}  // namespace eventsource::cli
