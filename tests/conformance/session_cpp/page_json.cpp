#include "tests/conformance/session_cpp/page_json.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "eventsource/limits.h"

#include "tests/conformance/session_cpp/handle.hpp"

namespace conformance {
namespace {

Json text_or_null(const es_page* page, es_span span) {
  std::size_t length = 0;
  const char* const text = es_page_span(page, span, &length);
  return text == nullptr ? Json(nullptr) : Json(std::string(text, length));
}

std::string name_of(const es_page* page, std::uint32_t index) {
  std::size_t length = 0;
  const char* const text = es_page_name(page, index, &length);
  return text == nullptr ? "<no name>" : std::string(text, length);
}

Json event_json(const es_page* page, const es_record& record, const Ordinal& ordinal) {
  const auto id = [&](std::uint32_t bit, const std::uint8_t* bytes) {
    return (record.presence & bit) != 0 ? Json(uuid_text(bytes)) : Json(nullptr);
  };
  Json event = Json::object();
  event["position"] = ordinal(record.global_position);
  event["version"] = record.version;
  event["id"] = uuid_text(record.event_id);
  event["type"] = name_of(page, record.event_type);
  event["aggregate_type"] = name_of(page, record.aggregate_type);
  event["aggregate_id"] = uuid_text(record.aggregate_id);
  event["occurred_at"] = record.occurred_at;
  event["tenant"] = id(ES_HAS_TENANT, record.tenant_id);
  event["actor"] = text_or_null(page, record.actor_id);
  event["event_version"] = record.event_version;
  event["correlation"] = id(ES_HAS_CORRELATION, record.correlation_id);
  event["causation"] = id(ES_HAS_CAUSATION, record.causation_id);
  event["metadata"] = text_or_null(page, record.metadata);
  event["data"] = text_or_null(page, record.data);
  event["document"] = text_or_null(page, record.document);
  return event;
}

bool all_zero(const std::uint8_t* bytes, std::size_t count) {
  return std::all_of(bytes, bytes + count, [](std::uint8_t byte) { return byte == 0; });
}

class Promises {
 public:
  Promises(const es_page* page, const PageAsked& asked)
      : page_(page), asked_(asked), header_(*es_page_get_header(page)) {}

  std::vector<std::string> broken() {
    check_header();
    check_names();
    for (std::size_t i = 0; i < header_.count; ++i) check_record(*es_page_record(page_, i));
    hold(es_page_record(page_, header_.count) == nullptr, "there is no record past the end");
    check_copy();
    return std::move(broken_);
  }

 private:
  void hold(bool holds, const char* promise) {
    if (!holds) broken_.emplace_back(promise);
  }

  void check_header() {
    std::size_t size = 0;
    const void* const bytes = es_page_bytes(page_, &size);
    hold(static_cast<const void*>(&header_) == bytes, "the header is the start of the page");
    hold(reinterpret_cast<std::uintptr_t>(bytes) % 8 == 0, "a page is aligned to 8 bytes");
    hold(header_.magic == ES_PAGE_MAGIC && header_.layout_version == ES_PAGE_LAYOUT, "a page has magic and layout");
    hold(header_.header_size == ES_PAGE_HEADER_SIZE && header_.record_stride == ES_PAGE_RECORD_STRIDE,
         "the sizes are those of this layout");
    hold(header_.total_bytes == size, "total_bytes is the page's size");
    hold(header_.count == es_page_count(page_), "the count is the header's");
    hold(header_.content == asked_.content, "the content is what was asked for");
    hold((header_.flags & ~ES_PAGE_END) == 0, "a read sets no flag but the end");
    hold(((header_.flags & ES_PAGE_END) != 0) == (es_page_is_end(page_) == 1), "es_page_is_end tells the flag");
    hold(header_.reserved0 == 0 && all_zero(header_.reserved1, sizeof header_.reserved1), "reserved bytes are zero");
    hold(header_.database_time > 0, "a page says when it was read");
    const std::int64_t events = asked_.page_events > 0 ? asked_.page_events : ES_PAGE_EVENTS_DEFAULT;
    hold(header_.count <= events, "a page holds no more events than asked for");
    hold(asked_.page_bytes == 0 || header_.count <= 1 || header_.total_bytes <= asked_.page_bytes,
         "a page of more than one event is no larger than asked for");
  }

  void check_names() {
    std::set<std::string> names;
    for (std::uint32_t i = 0; i < header_.name_count; ++i) names.insert(name_of(page_, i));
    hold(names.size() == header_.name_count, "each name is on the page once");
    std::size_t length = 1;
    hold(es_page_name(page_, header_.name_count, &length) == nullptr && length == 0, "there is no name past the end");
  }

  void check_record(const es_record& record) {
    hold((record.presence & ES_HAS_EVENT_ID) != 0 && (record.presence & ES_HAS_OCCURRED_AT) != 0,
         "an event has an id and a time");
    hold(record.stored_at > 0, "an event says when it was stored");
    hold(record.flags == 0 && record.attempt == 0, "an event of ours has no flags and no attempt");
    hold(all_zero(record.reserved, sizeof record.reserved), "reserved bytes of a record are zero");
    hold(record.global_position > 0 && record.version > 0, "positions and versions start at 1");
    const auto absent_is_zero = [&](std::uint32_t bit, const std::uint8_t* id) {
      hold((record.presence & bit) != 0 || all_zero(id, 16), "an absent id is all zero");
    };
    absent_is_zero(ES_HAS_TENANT, record.tenant_id);
    absent_is_zero(ES_HAS_CORRELATION, record.correlation_id);
    absent_is_zero(ES_HAS_CAUSATION, record.causation_id);
    hold(((record.presence & ES_HAS_ACTOR) != 0) == (record.actor_id.offset != 0), "the actor is there or is not");
  }

  // What the library made, it accepts, and keeps as it is.
  void check_copy() {
    std::size_t size = 0;
    const void* const bytes = es_page_bytes(page_, &size);
    PageHandle copy;
    if (es_page_from_bytes(bytes, size, copy.out(), nullptr) != ES_OK) {
      hold(false, "a page is accepted by es_page_from_bytes");
      return;
    }
    std::size_t copy_size = 0;
    const void* const copied = es_page_bytes(copy.get(), &copy_size);
    hold(copied != bytes && copy_size == size && std::memcmp(copied, bytes, size) == 0, "a copied page is the same");
  }

  const es_page* page_;
  PageAsked asked_;
  const es_page_header& header_;
  std::vector<std::string> broken_;
};

}  // namespace

Json page_json(const es_page* page, const Ordinal& ordinal) {
  Json events = Json::array();
  for (std::size_t i = 0; i < es_page_count(page); ++i) {
    events.push_back(event_json(page, *es_page_record(page, i), ordinal));
  }
  return {{"events", std::move(events)},
          {"end", es_page_is_end(page) == 1},
          {"scanned_through", ordinal(es_page_get_header(page)->scanned_through)}};
}

std::vector<std::string> broken_promises(const es_page* page, const PageAsked& asked) {
  return Promises(page, asked).broken();
}

std::string uuid_text(const std::uint8_t* id) {
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back("0123456789abcdef"[id[i] >> 4]);
    text.push_back("0123456789abcdef"[id[i] & 15]);
  }
  return text;
}

}  // namespace conformance
