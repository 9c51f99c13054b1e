#include "core/backend/decision.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"

namespace eventsource::core {
namespace {

std::string expectation_text(std::int64_t expected) {
  if (expected == ES_STREAM_EXISTS) return "to exist";
  if (expected == ES_NO_STREAM) return "not to exist";
  return "at version " + std::to_string(expected);
}

Error conflict(const StreamInput& stream, std::int64_t actual) {
  return Error(ES_VERSION_CONFLICT, "stream " + describe(stream.name) + " was expected " +
                                        expectation_text(stream.expected_version) + " but is at version " +
                                        std::to_string(actual) + ": read it again and decide afresh")
      .detail("aggregate_type", std::string(stream.name.aggregate_type))
      .detail("aggregate_id", format_uuid(stream.name.aggregate_id))
      .detail("expected_version", stream.expected_version)
      .detail("actual_version", actual);
}

std::int64_t number_of(const Error& error, std::string_view key) {
  std::int64_t number = 0;
  for (const auto& [name, value] : error.details()) {
    if (name == key) std::from_chars(value.data(), value.data() + value.size(), number);
  }
  return number;
}

enum class Standing { kNew, kKnown, kOtherStream, kOtherContent };

// One application of the rules to one append.
class Judge {
 public:
  Judge(const PreparedAppend& append, std::span<const StreamState> streams,
        std::span<const std::optional<KnownEvent>> known)
      : append_(append), streams_(streams), known_(known) {}

  Result<Decision> judge() {
    find_repeats();
    for (std::size_t i = 0; i < append_.events.size(); ++i) standings_.push_back(standing(i));
    group_by_stream();
    decision_.versions.resize(append_.events.size());
    decision_.positions.resize(append_.events.size());
    decision_.known.resize(append_.events.size());
    decision_.stream_versions.resize(append_.streams.size());
    if (!ES_DEFECT(version_before_ids) && is_first_result()) return first_result();
    for (std::uint32_t stream = 0; stream < append_.streams.size(); ++stream) RETURN_IF_ERROR(check_stream(stream));
    number_events();
    return std::move(decision_);
  }

 private:
  // The events of each stream, in the caller's order: a batch may have as many streams as events.
  void group_by_stream() {
    starts_.assign(append_.streams.size() + 1, 0);
    for (const PreparedEvent& event : append_.events) ++starts_[event.stream + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    grouped_.resize(append_.events.size());
    std::vector<std::size_t> next = starts_;
    for (std::uint32_t i = 0; i < append_.events.size(); ++i) grouped_[next[append_.events[i].stream]++] = i;
  }

  [[nodiscard]] std::span<const std::uint32_t> events_of(std::uint32_t stream) const {
    return std::span(grouped_).subspan(starts_[stream], starts_[stream + 1] - starts_[stream]);
  }

  // Points each event at the first one of the append with its id.
  void find_repeats() {
    std::vector<std::uint32_t>& repeats = decision_.repeats;
    repeats.resize(append_.events.size());
    std::iota(repeats.begin(), repeats.end(), 0U);
    if (ES_DEFECT(ignore_repeats) || known_.empty() || append_.events.size() < 2) return;
    std::vector<std::uint32_t> by_id = repeats;
    std::sort(by_id.begin(), by_id.end(), [&](std::uint32_t a, std::uint32_t b) {
      const auto order = append_.events[a].event_id <=> append_.events[b].event_id;
      return order != 0 ? order < 0 : a < b;
    });
    for (std::size_t i = 1; i < by_id.size(); ++i) {
      if (append_.events[by_id[i]].event_id == append_.events[by_id[i - 1]].event_id) {
        repeats[by_id[i]] = repeats[by_id[i - 1]];
      }
    }
  }

  [[nodiscard]] const KnownEvent* stored(std::size_t event) const {
    return !known_.empty() && known_[event] ? &*known_[event] : nullptr;
  }

  [[nodiscard]] Standing standing(std::size_t index) const {
    const PreparedEvent& event = append_.events[index];
    if (const KnownEvent* known = stored(index)) {
      const StreamName& stream = append_.streams[event.stream].name;
      if ((!ES_DEFECT(ignore_other_stream) && known->aggregate_id != stream.aggregate_id) ||
          known->aggregate_type != stream.aggregate_type) {
        return Standing::kOtherStream;
      }
      return ES_DEFECT(ignore_content) || known->same_content ? Standing::kKnown : Standing::kOtherContent;
    }
    const std::uint32_t first = decision_.repeats[index];
    if (first == index) return Standing::kNew;
    const PreparedEvent& earlier = append_.events[first];
    if (earlier.stream != event.stream) return Standing::kOtherStream;
    const bool same = earlier.event_type == event.event_type && earlier.members == event.members;
    return same ? Standing::kKnown : Standing::kOtherContent;
  }

  // Rule 1: all stored, and unless duplicates are skipped, in each stream one after another.
  [[nodiscard]] bool is_first_result() const {
    if (known_.empty()) return false;
    std::vector<std::int64_t> last(append_.streams.size(), 0);
    for (std::size_t i = 0; i < append_.events.size(); ++i) {
      const KnownEvent* known = stored(i);
      if (known == nullptr || standings_[i] != Standing::kKnown) return false;
      std::int64_t& before = last[append_.events[i].stream];
      if (!ES_DEFECT(ignore_gaps) && !append_.skip_duplicates && before != 0 && known->version != before + 1)
        return false;
      before = known->version;
    }
    return true;
  }

  Decision first_result() {
    for (std::size_t i = 0; i < append_.events.size(); ++i) take_known(i);
    return std::move(decision_);
  }

  void take_known(std::size_t index) {
    decision_.known[index] = 1;
    decision_.versions[index] = known_[index]->version;
    decision_.positions[index] = known_[index]->position;
    std::int64_t& version = decision_.stream_versions[append_.events[index].stream];
    version = std::max(version, known_[index]->version);
  }

  // Rule 2 for one stream.
  Status check_stream(std::uint32_t stream) {
    const StreamInput& input = append_.streams[stream];
    const StreamState& state = streams_[stream];
    std::optional<std::size_t> first_known;
    for (const std::uint32_t i : events_of(stream)) {
      const Standing standing_of = standings_[i];
      if (standing_of == Standing::kOtherStream || standing_of == Standing::kOtherContent) {
        return duplicate(i, standing_of);
      }
      if (standing_of == Standing::kKnown && !first_known) first_known = i;
    }
    if (ES_DEFECT(known_before_version) && first_known && !append_.skip_duplicates) {
      return duplicate(*first_known, Standing::kKnown);
    }
    if (!expectation_holds(input.expected_version, state.version)) return conflict(input, state.version);
    if (first_known && !append_.skip_duplicates) return duplicate(*first_known, Standing::kKnown);
    return check_new_events(stream);
  }

  Status check_new_events(std::uint32_t stream) {
    const StreamState& state = streams_[stream];
    std::int64_t version = state.version;
    std::optional<Uuid> tenant = state.tenant_id;
    for (const std::uint32_t i : events_of(stream)) {
      const PreparedEvent& event = append_.events[i];
      if (standings_[i] != Standing::kNew) continue;
      if (version == 0) tenant = event.tenant_id;
      if (!ES_DEFECT(skip_tenant_check) && (state.foreign_tenant || tenant != event.tenant_id))
        return wrong_tenant(i, tenant);
      if (++version > ES_MAX_VERSION) return too_many(stream);
    }
    return {};
  }

  void number_events() {
    decision_.writes = true;
    for (std::size_t s = 0; s < streams_.size(); ++s) decision_.stream_versions[s] = streams_[s].version;
    for (std::size_t i = 0; i < append_.events.size(); ++i) {
      if (standings_[i] == Standing::kNew) {
        decision_.versions[i] = ++decision_.stream_versions[append_.events[i].stream];
      } else if (stored(i) != nullptr) {
        take_known(i);
      } else {
        decision_.known[i] = 1;
        decision_.versions[i] = decision_.versions[decision_.repeats[i]];
      }
    }
  }

  [[nodiscard]] Error duplicate(std::size_t index, Standing standing_of) const {
    const PreparedEvent& event = append_.events[index];
    const StreamName arrived = append_.streams[event.stream].name;
    StreamName there = append_.streams[append_.events[decision_.repeats[index]].stream].name;
    const KnownEvent* const known = stored(index);
    if (known != nullptr) there = {known->aggregate_type, known->aggregate_id};
    const std::string where = known != nullptr ? " is known already" : " stands earlier in the same append";
    std::string what =
        where + (known != nullptr ? " in this stream: append all of its batch again to get the first "
                                    "result, or skip duplicates"
                                  : ": leave out the second, give it an id of its own, or skip duplicates");
    const char* reason = "known";
    if (standing_of == Standing::kOtherStream) {
      what = where + " in stream " + describe(there) + ": an id names one event in the whole store";
      reason = "other_stream";
    } else if (standing_of == Standing::kOtherContent) {
      what = where + " in this stream with another type or other data: a new event needs a new id";
      reason = "other_content";
    }
    return Error(ES_DUPLICATE_EVENT, "event " + format_uuid(event.event_id) + " of stream " + describe(arrived) + what)
        .detail("event_id", format_uuid(event.event_id))
        .detail("event_index", static_cast<std::int64_t>(index))
        .detail("aggregate_type", std::string(arrived.aggregate_type))
        .detail("aggregate_id", format_uuid(arrived.aggregate_id))
        .detail("stored_aggregate_type", std::string(there.aggregate_type))
        .detail("stored_aggregate_id", format_uuid(there.aggregate_id))
        .detail("reason", reason);
  }

  [[nodiscard]] Error wrong_tenant(std::size_t index, const std::optional<Uuid>& tenant) const {
    const PreparedEvent& event = append_.events[index];
    const StreamName& stream = append_.streams[event.stream].name;
    const auto text = [](const std::optional<Uuid>& id) {
      return id ? "tenant " + format_uuid(*id) : std::string("no tenant");
    };
    const std::string owner =
        streams_[event.stream].foreign_tenant ? std::string("a tenant that is no UUID") : text(tenant);
    return Error(ES_WRONG_TENANT, "stream " + describe(stream) + " belongs to " + owner + ", the event has " +
                                      text(event.tenant_id) + ": a stream keeps the tenant of its first event")
        .detail("event_index", static_cast<std::int64_t>(index))
        .detail("aggregate_type", std::string(stream.aggregate_type))
        .detail("aggregate_id", format_uuid(stream.aggregate_id));
  }

  [[nodiscard]] Error too_many(std::uint32_t stream) const {
    const StreamName& name = append_.streams[stream].name;
    return Error(ES_LIMIT_EXCEEDED, "stream " + describe(name) + " is full: versions end at " +
                                        std::to_string(ES_MAX_VERSION) + ". Go on in a new stream")
        .detail("aggregate_type", std::string(name.aggregate_type))
        .detail("aggregate_id", format_uuid(name.aggregate_id))
        .detail("limit", std::int64_t{ES_MAX_VERSION});
  }

  const PreparedAppend& append_;
  std::span<const StreamState> streams_;
  std::span<const std::optional<KnownEvent>> known_;
  std::vector<Standing> standings_;     // per event
  std::vector<std::uint32_t> grouped_;  // indexes of events, by stream
  std::vector<std::size_t> starts_;     // where each stream's begin in grouped_
  Decision decision_;
};

}  // namespace

Result<Decision> decide(const PreparedAppend& append, std::span<const StreamState> streams,
                        std::span<const std::optional<KnownEvent>> known) {
  return Judge(append, streams, known).judge();
}

bool is_refusal(const Error& error) {
  return error.code() / 100 == ES_VERSION_CONFLICT / 100;
}

// A stream only grows, so that a version which was passed is passed for good; one that is still ahead may be reached. Tenants
// and known ids stay, a constraint of the user's may go.
bool stays_refused(const Error& error) {
  if (!is_refusal(error) || error.code() == ES_CONSTRAINT) return false;
  if (error.code() != ES_VERSION_CONFLICT) return true;
  const std::int64_t expected = number_of(error, "expected_version");
  return expected >= 0 && number_of(error, "actual_version") > expected;
}

AppendOutcome to_outcome(Decision decision) {
  AppendOutcome outcome;
  for (std::size_t i = 0; i < decision.positions.size(); ++i) {
    if (decision.positions[i] == 0) decision.positions[i] = decision.positions[decision.repeats[i]];
  }
  outcome.positions = std::move(decision.positions);
  outcome.versions = std::move(decision.versions);
  outcome.known = std::move(decision.known);
  outcome.stream_versions = std::move(decision.stream_versions);
  return outcome;
}

}  // namespace eventsource::core
