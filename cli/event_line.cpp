// Reading and writing export lines.
#include "cli/event_line.hpp"

#include <array>
#include <charconv>

#include "cli/failure.hpp"
#include "cli/json_text.hpp"
#include "cli/terminal.hpp"
#include "cli/values.hpp"

namespace eventsource::cli {
namespace {

// In the order in which they are written.
constexpr std::array<std::string_view, 15> kMembers = {
    "event_id",    "aggregate_id", "aggregate_type", "event_type",      "event_version",
    "occurred_at", "tenant_id",    "actor_id",       "correlation_id",  "causation_id",
    "metadata",    "payload",      "version",        "global_position", "stored_at",
};
enum Member : std::size_t {
  kEventId,
  kAggregateId,
  kAggregateType,
  kEventType,
  kEventVersion,
  kOccurredAt,
  kTenantId,
  kActorId,
  kCorrelationId,
  kCausationId,
  kMetadata,
  kPayload,
  kVersion,
  kGlobalPosition,
  kStoredAt,
};
constexpr std::array<Member, 6> kRequired = {kEventId, kAggregateId, kAggregateType, kEventType, kOccurredAt, kPayload};
constexpr std::array<Member, 5> kNullable = {kTenantId, kActorId, kCorrelationId, kCausationId, kMetadata};

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(kExitRefused, what);
}

std::string shown(std::string_view text) {
  constexpr std::size_t kColumns = 60;
  const std::string_view start = first_columns(text, kColumns);
  return printable(start) + (start.size() < text.size() ? "…" : "");
}

[[noreturn]] void refuse_value(Member member, std::string_view raw, const char* wanted) {
  refuse(std::string(kMembers[member]) + " wants " + wanted + ", not " + shown(raw));
}

// `hint` is where the member stands when the line is in the order of the export.
Member find_member(std::string_view key, std::size_t hint, std::deque<std::string>& texts) {
  if (key.find('\\') != key.npos) {
    std::string quoted = "\"";
    quoted.append(key).append("\"");
    key = json_string(quoted, texts.emplace_back()).value_or(key);
  }
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    const std::size_t at = (hint + i) % kMembers.size();
    if (kMembers[at] == key) return static_cast<Member>(at);
  }
  refuse("\"" + shown(key) + "\" is no member of an event");
}

std::string_view text_value(Member member, std::string_view raw, std::deque<std::string>& texts) {
  std::string undone;
  const std::optional<std::string_view> text = json_string(raw, undone);
  if (!text) refuse_value(member, raw, "a string");
  // The rare text with escapes moves to where it lives as long as the event.
  return text->data() == undone.data() ? texts.emplace_back(std::move(undone)) : *text;
}

Uuid uuid_value(Member member, std::string_view raw) {
  if (raw.size() >= 2 && raw.front() == '"') {
    const Result<Uuid> id = Uuid::parse(raw.substr(1, raw.size() - 2));
    if (id) return *id;
  }
  refuse_value(member, raw, "a UUID");
}

Time time_value(Member member, std::string_view raw) {
  if (raw.size() >= 2 && raw.front() == '"') {
    const Result<Time> time = parse_time(raw.substr(1, raw.size() - 2));
    if (time) return *time;
  }
  refuse_value(member, raw, "a time as \"2013-02-08T09:53:00.000000Z\"");
}

std::int64_t number_value(Member member, std::string_view raw, std::int64_t highest) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  const bool canonical = raw.size() == 1 || raw.front() != '0';
  if (error != std::errc() || end != raw.data() + raw.size() || !canonical || number < 1 || number > highest) {
    refuse_value(member, raw, "a whole number from 1");
  }
  return number;
}

std::string_view object_value(Member member, std::string_view raw) {
  if (!raw.starts_with('{')) refuse_value(member, raw, "a JSON object");
  return raw;
}

void set_member(EventInput& event, Member member, std::string_view raw, std::deque<std::string>& texts) {
  switch (member) {
    case kEventId:
      event.event_id = uuid_value(member, raw);
      break;
    case kAggregateId:
      event.aggregate_id = uuid_value(member, raw);
      break;
    case kAggregateType:
      event.aggregate_type = text_value(member, raw, texts);
      break;
    case kEventType:
      event.event_type = text_value(member, raw, texts);
      break;
    case kEventVersion:
      event.event_version = static_cast<std::int32_t>(number_value(member, raw, ES_MAX_VERSION));
      break;
    case kOccurredAt:
      event.occurred_at = time_value(member, raw);
      break;
    case kTenantId:
      event.tenant_id = uuid_value(member, raw);
      break;
    case kActorId:
      event.actor_id = text_value(member, raw, texts);
      break;
    case kCorrelationId:
      event.correlation_id = uuid_value(member, raw);
      break;
    case kCausationId:
      event.causation_id = uuid_value(member, raw);
      break;
    case kMetadata:
      event.metadata = object_value(member, raw);
      break;
    case kPayload:
      event.payload = object_value(member, raw);
      break;
    // What a full export says of the store it came from: looked at, and given anew by the store it goes to.
    case kVersion:
      static_cast<void>(number_value(member, raw, ES_MAX_VERSION));
      break;
    case kGlobalPosition:
      static_cast<void>(number_value(member, raw, INT64_MAX));
      break;
    case kStoredAt:
      static_cast<void>(time_value(member, raw));
      break;
  }
}

bool is_null(Member member, std::string_view raw) {
  if (raw != "null") return false;
  for (const Member nullable : kNullable) {
    if (member == nullable) return true;
  }
  return false;
}

class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(out) { out_ += '{'; }

  void uuid(Member member, const Uuid& id) {
    char text[ES_UUID_TEXT_BYTES];
    es_uuid_format(id.data(), text);
    key(member).append("\"").append(text, sizeof(text)).append("\"");
  }
  void time(Member member, Time time) {
    char text[ES_TIME_TEXT_BYTES];
    key(member) += '"';
    if (es_time_format(to_micros(time), text, nullptr) == ES_OK) {
      out_.append(text, sizeof(text));
    } else {
      out_ += time_text(time);
    }
    out_ += '"';
  }
  void text(Member member, std::string_view text) { append_json_string(key(member), text); }
  void number(Member member, std::int64_t number) {
    char text[24];
    const auto [end, error] = std::to_chars(text, text + sizeof(text), number);
    key(member).append(text, end);
  }
  void raw(Member member, std::string_view json) { key(member) += json; }
  void end() { out_ += "}\n"; }

 private:
  std::string& key(Member member) {
    if (!first_) out_ += ',';
    first_ = false;
    return out_.append("\"").append(kMembers[member]).append("\":");
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace

EventInput parse_event_line(std::string_view line, std::deque<std::string>& texts) {
  EventInput event;
  std::uint32_t seen = 0;
  std::size_t cursor = 0;
  std::size_t hint = 0;
  for (;;) {
    const char* key = nullptr;
    const char* value = nullptr;
    std::size_t key_length = 0;
    std::size_t value_length = 0;
    const int more = es_json_next(line.data(), line.size(), &cursor, &key, &key_length, &value, &value_length);
    if (more == 0) break;
    if (more < 0) refuse("it is no JSON object");
    const Member member = find_member({key, key_length}, hint, texts);
    hint = member + 1;
    const std::uint32_t bit = std::uint32_t{1} << member;
    if ((seen & bit) != 0) refuse(std::string(kMembers[member]) + " stands twice");
    seen |= bit;
    const std::string_view raw(value, value_length);
    if (!is_null(member, raw)) set_member(event, member, raw, texts);
  }
  for (const Member member : kRequired) {
    if ((seen & (std::uint32_t{1} << member)) == 0) refuse(std::string(kMembers[member]) + " is missing");
  }
  return event;
}

bool ObjectScan::goes_on(std::string_view line) {
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      if (depth_ <= 1) return false;
      --depth_;
    }
  }
  // A string never holds a line end, so a line that is cut inside one is a bad line.
  return depth_ > 0 && !in_string;
}

void append_event_line(std::string& out, const Event& event, bool full) {
  LineWriter line(out);
  line.uuid(kEventId, event.id());
  line.uuid(kAggregateId, event.aggregate_id());
  line.text(kAggregateType, event.aggregate_type());
  line.text(kEventType, event.type());
  if (event.event_version() > 1 || event.event_version() < 0) line.number(kEventVersion, event.event_version());
  line.time(kOccurredAt, event.occurred_at());
  if (event.tenant_id() != nullptr) line.uuid(kTenantId, *event.tenant_id());
  if (event.actor()) line.text(kActorId, *event.actor());
  const Uuid* const correlation = event.correlation_id();
  if (correlation != nullptr && *correlation != event.id()) line.uuid(kCorrelationId, *correlation);
  if (event.causation_id() != nullptr) line.uuid(kCausationId, *event.causation_id());
  if (!event.metadata().empty() && event.metadata() != "{}") line.raw(kMetadata, event.metadata());
  if (!event.data().empty()) line.raw(kPayload, event.data());
  if (full) {
    line.number(kVersion, event.version());
    line.number(kGlobalPosition, event.position());
    line.time(kStoredAt, event.stored_at());
  }
  line.end();
}

}  // namespace eventsource::cli
