#include "core/store/prepare.hpp"

#include <cstring>

#include "eventsource/limits.h"

#include "core/base/defect.hpp"
#include "core/base/json/bytes.hpp"
#include "core/base/json/scan.hpp"
#include "core/base/time_text.hpp"
#include "core/base/utf8.hpp"
#include "core/event/document.hpp"
#include "core/event/id_source.hpp"

namespace eventsource::core {
namespace {

static_assert(json::kMaxDepth == ES_MAX_JSON_DEPTH);

Error invalid_json(const char* field, const json::Verdict& verdict) {
  return Error(ES_INVALID_JSON, std::string(field) + " is not accepted at byte " + std::to_string(verdict.offset) +
                                    ": " + std::string(json::describe(verdict.fault)))
      .detail("field", field)
      .detail("offset", static_cast<std::int64_t>(verdict.offset));
}

Error invalid_name(const char* field, const std::string& why) {
  return Error(ES_INVALID_NAME, std::string(field) + " is not accepted: " + why).detail("field", field);
}

Status check_text(std::string_view text, const char* field) {
  if (!valid_utf8(text)) return invalid_name(field, "it is not valid UTF-8");
  if (text.find('\0') != std::string_view::npos) return invalid_name(field, "it holds U+0000");
  if (const std::size_t length = code_points(text); length > ES_MAX_NAME_CODE_POINTS) {
    return invalid_name(field, "it has " + std::to_string(length) + " characters, at most " +
                                   std::to_string(ES_MAX_NAME_CODE_POINTS) + " are allowed");
  }
  return {};
}

Error nil_id(const char* field) {
  return Error(ES_INVALID_ID, std::string(field) + " is the nil UUID").detail("field", field);
}

// `growth`: what its numbers add when jsonb writes them out. A small text with many large exponents would not be read
// again from a jsonb column, which is where it may stand or move to.
Status check_size(std::size_t size, std::size_t growth, std::int64_t limit, const char* field) {
  if (static_cast<std::int64_t>(size + growth) <= limit) return {};
  const bool grows = static_cast<std::int64_t>(size) <= limit;
  return Error(ES_LIMIT_EXCEEDED, "the " + std::string(field) + " would take " + std::to_string(size + growth) +
                                      " bytes" + (grows ? " with its numbers written out" : "") + ", more than " +
                                      std::to_string(limit) + ": make it smaller or raise option max_event_bytes")
      .detail("field", field)
      .detail("limit", limit);
}

// What its numbers grow by when they are written out.
Result<std::size_t> check_event(const AppendInput& input, const EventInput& event) {
  RETURN_IF_ERROR(check_stream_name(input.streams[event.stream].name));
  RETURN_IF_ERROR(check_name(event.event_type, "event_type"));
  if (event.event_id && event.event_id->is_nil()) return nil_id("event_id");
  RETURN_IF_ERROR(check_event_version(event.event_version));
  if (event.occurred_at && !time_in_range(*event.occurred_at)) {
    return Error(ES_INVALID_TIME, "occurred_at is outside of the years 1 to 9999").detail("field", "occurred_at");
  }
  if (event.actor_id) RETURN_IF_ERROR(check_text(*event.actor_id, "actor_id"));
  const auto data = json::check_user_object(event.data);
  if (!data.ok()) return invalid_json("data", data);
  if (!event.metadata) return data.growth;
  const auto metadata = json::check_object(*event.metadata);
  if (!metadata.ok()) return invalid_json("metadata", metadata);
  return data.growth + metadata.growth;
}

// Adds which event of the append an error is about.
Error at_event(Error error, std::size_t index) {
  return std::move(error)
      .in("event " + std::to_string(index) + " of the append")
      .detail("event_index", static_cast<std::int64_t>(index));
}

std::string_view trimmed(std::string_view json) {
  while (!json.empty() && json::is_space(json.front())) json.remove_prefix(1);
  while (!json.empty() && json::is_space(json.back())) json.remove_suffix(1);
  return json;
}

// Makes the documents of one append. Ids without one rise in the caller's order.
class Preparer {
 public:
  Preparer(const AppendInput& input, const Settings& settings, Environment& environment)
      : input_(input), settings_(settings), now_(environment.wall_us()), ids_(environment) {}

  Result<PreparedAppend> prepare() {
    RETURN_IF_ERROR(check_counts());
    prepared_.streams = input_.streams;
    prepared_.skip_duplicates = input_.skip_duplicates;
    prepared_.stored_at = now_;
    prepared_.events.reserve(input_.events.size());
    spans_.reserve(input_.events.size());
    for (std::size_t i = 0; i < input_.events.size(); ++i) {
      if (Status status = add(i); !status.ok()) return at_event(std::move(status).take_error(), i);
    }
    point_into_text();
    return std::move(prepared_);
  }

 private:
  [[nodiscard]] Status check_counts() const {
    if (static_cast<std::int64_t>(input_.events.size()) >
        settings_.max_append_events + (ES_DEFECT(one_event_too_many) ? 1 : 0)) {
      return Error(ES_LIMIT_EXCEEDED, "the append has " + std::to_string(input_.events.size()) + " events, more than " +
                                          std::to_string(settings_.max_append_events) +
                                          ": split it, or raise option max_append_events")
          .detail("limit", settings_.max_append_events);
    }
    std::vector<bool> used(input_.streams.size(), false);
    for (const EventInput& event : input_.events) used[event.stream] = true;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (used[i]) continue;
      const StreamName& name = input_.streams[i].name;
      return Error(ES_INVALID_ARGUMENT, "stream " + describe(name) +
                                            " was chosen but given no event: a version is checked only where something "
                                            "is written")
          .detail("aggregate_type", std::string(name.aggregate_type))
          .detail("aggregate_id", format_uuid(name.aggregate_id));
    }
    return {};
  }

  Status add(std::size_t index) {
    EventInput event = input_.events[index];
    ASSIGN_OR_RETURN(const std::size_t growth, check_event(input_, event));
    RETURN_IF_ERROR(check_expectation(event));
    if (!event.event_id) {
      ASSIGN_OR_RETURN(event.event_id, ids_.draw());
    }
    if (!event.occurred_at) event.occurred_at = now_;
    if (!ES_DEFECT(no_own_correlation) && !event.correlation_id) event.correlation_id = event.event_id;
    if (event.metadata) event.metadata = trimmed(*event.metadata);

    const std::string_view members = json::object_members(event.data);
    const DocumentSpans spans = append_document(prepared_.text, input_.streams[event.stream].name, event, members);
    // The version has at most ten digits; counted in full, so that what is accepted does not depend on it.
    constexpr std::size_t kVersionDigits = 10;
    const std::size_t size = spans.end - spans.head + kVersionDigits;
    RETURN_IF_ERROR(check_size(size, growth, settings_.max_event_bytes, "document"));
    spans_.push_back(spans);
    prepared_.events.push_back({event.stream,
                                *event.event_id,
                                event.event_type,
                                *event.occurred_at,
                                event.tenant_id,
                                event.actor_id,
                                {},
                                {},
                                {}});
    return {};
  }

  [[nodiscard]] Status check_expectation(const EventInput& event) const {
    const StreamInput& stream = input_.streams[event.stream];
    RETURN_IF_ERROR(check_expected_version(event.expected_version.value_or(stream.expected_version)));
    if (ES_DEFECT(expectations_differ) || !event.expected_version ||
        *event.expected_version == stream.expected_version) {
      return {};
    }
    return Error(ES_INVALID_ARGUMENT, "it expects stream " + describe(stream.name) + " at version " +
                                          std::to_string(*event.expected_version) + ", an earlier event at " +
                                          std::to_string(stream.expected_version))
        .detail("field", "expected_version");
  }

  // The text has its final place only now.
  void point_into_text() {
    const std::string_view text = prepared_.text;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const DocumentSpans& spans = spans_[i];
      PreparedEvent& event = prepared_.events[i];
      event.head = text.substr(spans.head, spans.tail - spans.head);
      event.tail = text.substr(spans.tail, spans.end - spans.tail);
      event.members = text.substr(spans.members, spans.end - 1 - spans.members);
    }
  }

  const AppendInput& input_;
  const Settings& settings_;
  const std::int64_t now_;
  IdSource ids_;
  PreparedAppend prepared_;
  std::vector<DocumentSpans> spans_;
};

}  // namespace

Result<PreparedAppend> prepare(const AppendInput& input, const Settings& settings, Environment& environment) {
  return Preparer(input, settings, environment).prepare();
}

Status check_name(std::string_view name, const char* field) {
  if (name.empty()) return invalid_name(field, "it is empty");
  return check_text(name, field);
}

Status check_stream_name(const StreamName& stream) {
  RETURN_IF_ERROR(check_name(stream.aggregate_type, "aggregate_type"));
  if (stream.aggregate_id.is_nil()) return nil_id("aggregate_id");
  return {};
}

Status check_expected_version(std::int64_t expected_version) {
  if (expected_version >= ES_STREAM_EXISTS && expected_version <= ES_MAX_VERSION) return {};
  return Error(ES_INVALID_ARGUMENT, "expected version " + std::to_string(expected_version) +
                                        " means nothing: it is 0 to " + std::to_string(ES_MAX_VERSION) +
                                        ", ANY (-1) or STREAM_EXISTS (-2)")
      .detail("field", "expected_version");
}

Status check_event_version(std::int32_t event_version) {
  if (event_version >= 1) return {};
  return Error(ES_INVALID_ARGUMENT, "event_version is " + std::to_string(event_version) + ", it starts at 1")
      .detail("field", "event_version");
}

Result<std::string_view> check_state(std::string_view state, const Settings& settings) {
  RETURN_IF_ERROR(check_size(state.size(), 0, settings.max_event_bytes, "state"));
  const auto verdict = json::check_value(state);
  if (!verdict.ok()) return invalid_json("state", verdict);
  RETURN_IF_ERROR(check_size(state.size(), verdict.growth, settings.max_event_bytes, "state"));
  return trimmed(state);
}

Status check_data(std::string_view data) {
  if (const auto verdict = json::check_user_object(data); !verdict.ok()) return invalid_json("data", verdict);
  return {};
}

}  // namespace eventsource::core
