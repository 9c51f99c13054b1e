/* A page as JSON, and what page.h promises of every page. */
#include <string.h>

#include "tests/conformance/runner_c/runner.h"

static json_t* span_json(const es_page* page, es_span span) {
  size_t length = 0;
  const char* const text = es_page_span(page, span, &length);
  return text_json(text, length);
}

static json_t* name_json(const es_page* page, uint32_t index) {
  size_t length = 0;
  const char* const text = es_page_name(page, index, &length);
  return text_json(text, length);
}

static json_t* id_json(const es_record* record, uint32_t bit, const uint8_t id[16]) {
  return (record->presence & bit) != 0 ? uuid_json(id) : json_null();
}

static json_t* event_json(vector_store* store, const es_page* page, const es_record* record) {
  json_t* const event = json_object();
  json_object_set_new(event, "position", ordinal(store, record->global_position));
  json_object_set_new(event, "version", json_integer(record->version));
  json_object_set_new(event, "id", uuid_json(record->event_id));
  json_object_set_new(event, "type", name_json(page, record->event_type));
  json_object_set_new(event, "aggregate_type", name_json(page, record->aggregate_type));
  json_object_set_new(event, "aggregate_id", uuid_json(record->aggregate_id));
  json_object_set_new(event, "occurred_at", json_integer(record->occurred_at));
  json_object_set_new(event, "tenant", id_json(record, ES_HAS_TENANT, record->tenant_id));
  json_object_set_new(event, "actor", span_json(page, record->actor_id));
  json_object_set_new(event, "event_version", json_integer(record->event_version));
  json_object_set_new(event, "correlation", id_json(record, ES_HAS_CORRELATION, record->correlation_id));
  json_object_set_new(event, "causation", id_json(record, ES_HAS_CAUSATION, record->causation_id));
  json_object_set_new(event, "metadata", span_json(page, record->metadata));
  json_object_set_new(event, "data", span_json(page, record->data));
  json_object_set_new(event, "document", span_json(page, record->document));
  return event;
}

json_t* page_json(vector_store* store, const es_page* page) {
  json_t* const events = json_array();
  size_t i;
  for (i = 0; i < es_page_count(page); ++i) {
    json_array_append_new(events, event_json(store, page, es_page_record(page, i)));
  }
  return json_pack("{s:o, s:b, s:o}", "events", events, "end", es_page_is_end(page), "scanned_through",
                   ordinal(store, es_page_get_header(page)->scanned_through));
}

void check_page(session* s, const es_page* page, uint32_t content, int64_t page_events, int64_t page_bytes) {
  const es_page_header* const header = es_page_get_header(page);
  const int64_t most = page_events > 0 ? page_events : ES_PAGE_EVENTS_DEFAULT;
  es_page* copy = NULL;
  size_t size = 0;
  size_t i;
  const void* const bytes = es_page_bytes(page, &size);
  hold(s, header->magic == ES_PAGE_MAGIC && header->total_bytes == size, "a page has its magic and size");
  hold(s, header->count == es_page_count(page) && (int64_t)header->count <= most, "no more events than asked for");
  hold(s, header->content == content, "the content is what was asked for");
  hold(s, page_bytes == 0 || header->count <= 1 || (int64_t)size <= page_bytes, "a page is no larger than asked for");
  hold(s, es_page_record(page, header->count) == NULL, "there is no record past the end");
  for (i = 0; i < header->count; ++i) {
    const es_record* const record = es_page_record(page, i);
    hold(s, record->stored_at > 0 && record->flags == 0 && record->attempt == 0, "a record is complete");
    hold(s, (record->presence & 48u) == 48u, "an event has an id and a time");
  }
  hold(s, es_page_from_bytes(bytes, size, &copy, NULL) == ES_OK, "a page is accepted by es_page_from_bytes");
  hold(s, copy != NULL && memcmp(es_page_bytes(copy, NULL), bytes, size) == 0, "a copied page is the same");
  es_page_close(&copy);
}
