#include "core/event/document.hpp"

#include <charconv>

#include "core/base/defect.hpp"
#include "core/base/json/members.hpp"
#include "core/base/json/scan.hpp"
#include "core/base/json/string.hpp"
#include "core/base/time_text.hpp"

namespace eventsource::core {
namespace {

void append_id(std::string& text, std::string_view key, const std::optional<Uuid>& id) {
  text.append(key);
  if (!id) {
    text.append("null");
    return;
  }
  text.push_back('"');
  append_uuid(text, *id);
  text.push_back('"');
}

void append_number(std::string& text, std::int64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text.append(digits, end);
}

// An id as a JSON value: a UUID in quotes, or null. False when it is neither.
bool read_id(std::string_view value, std::optional<Uuid>& id) {
  if (value == "null") return true;
  if (value.size() < 2 || value.front() != '"') return false;
  Uuid parsed;
  if (!parse_uuid(value.substr(1, value.size() - 2), parsed)) return false;
  if (!ES_DEFECT(nil_is_absent) || !parsed.is_nil()) id = parsed;
  return true;
}

bool read_version(std::string_view value, std::int32_t& version) {
  std::int32_t parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc() || end != value.data() + value.size() || parsed < 1) return false;
  version = parsed;
  return true;
}

// Whether a raw key, which may have escapes, is one of the envelope's.
bool is_envelope(std::string_view raw_key, std::string& scratch) {
  if (raw_key.find('\\') == std::string_view::npos) return json::is_envelope_key(raw_key);
  return json::unescape(raw_key, scratch) && json::is_envelope_key(scratch);
}

// How many members the envelope has, and the key of the last, in documents that were made here.
constexpr int kEnvelopeMembers = 12;
constexpr std::string_view kLastEnvelopeKey = "metadata";

}  // namespace

DocumentSpans append_document(std::string& text, const StreamName& stream, const EventInput& event,
                              std::string_view members) {
  DocumentSpans spans;
  spans.head = text.size();
  append_id(text, R"({"event_id":)", event.event_id);
  text.append(R"(,"event_type":)");
  json::append_quoted(text, event.event_type);
  text.append(R"(,"event_version":)");
  append_number(text, event.event_version);
  text.append(R"(,"occurred_at":")");
  append_time(text, *event.occurred_at);
  append_id(text, R"(","aggregate_id":)", stream.aggregate_id);
  text.append(R"(,"aggregate_type":)");
  json::append_quoted(text, stream.aggregate_type);
  text.append(R"(,"aggregate_version":)");
  spans.tail = text.size();
  append_id(text, R"(,"tenant_id":)", event.tenant_id);
  text.append(R"(,"actor_id":)");
  if (event.actor_id) {
    json::append_quoted(text, *event.actor_id);
  } else {
    text.append("null");
  }
  append_id(text, R"(,"correlation_id":)", event.correlation_id);
  append_id(text, R"(,"causation_id":)", event.causation_id);
  text.append(R"(,"metadata":)");
  text.append(ES_DEFECT(drop_metadata) ? "{}" : event.metadata.value_or("{}"));
  if (!members.empty()) text.push_back(',');
  spans.members = text.size();
  text.append(members);
  text.push_back('}');
  spans.end = text.size();
  return spans;
}

Envelope read_envelope(std::string_view document) {
  Envelope envelope;
  json::Members members(document);
  // Our own documents have the whole envelope first; those of other writers are walked to their end.
  int seen = 0;
  while (members.next()) {
    const std::string_view key = members.raw_key();
    const std::string_view value = members.raw_value();
    bool good = true;
    if (key == "event_version") {
      good = read_version(value, envelope.event_version);
    } else if (key == "correlation_id") {
      good = read_id(value, envelope.correlation_id);
    } else if (key == "causation_id") {
      good = read_id(value, envelope.causation_id);
    } else if (key == "metadata") {
      good = value == "null" || value.front() == '{';
      if (value.front() == '{') envelope.metadata = value;
    }
    envelope.broken = envelope.broken || !good;
    if (++seen == kEnvelopeMembers && key == kLastEnvelopeKey) return envelope;
  }
  envelope.broken = envelope.broken || members.malformed();
  return envelope;
}

bool append_members(std::string& out, std::string_view document) {
  json::Members members(document);
  std::string scratch;
  const std::size_t start = out.size();
  int seen = 0;
  while (members.next()) {
    const std::string_view key = members.raw_key();
    ++seen;
    if (is_envelope(key, scratch)) {
      // Made here: what is behind the envelope is the user's, as it came.
      const bool made_here = seen == kEnvelopeMembers && key == kLastEnvelopeKey && out.size() == start;
      const std::string_view rest = made_here ? members.rest() : std::string_view();
      // Nothing behind it may as well be a document that is cut: the next step tells.
      if (rest.empty()) continue;
      out.append(rest);
      return true;
    }
    if (out.size() != start) out.push_back(',');
    out.push_back('"');
    out.append(key);
    out.append("\":");
    out.append(members.raw_value());
  }
  return !members.malformed();
}

bool same_content(std::string_view stored_type, std::string_view stored_document, const PreparedEvent& event) {
  if (stored_type != event.event_type) return false;
  std::string members;
  return append_members(members, stored_document) && members == event.members;
}

}  // namespace eventsource::core
