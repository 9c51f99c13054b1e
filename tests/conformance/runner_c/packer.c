/* Packs an append step as append.h describes it: header, records, two names a record, texts. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/runner_c/runner.h"

typedef struct packer {
  unsigned char* buffer;
  uint32_t names_at;
  uint32_t name_count;
  uint32_t heap; /* where the next text goes */
  uint32_t room;
} packer;

static es_span put_text(packer* p, const json_t* text) {
  es_span span;
  span.offset = p->heap;
  span.length = (uint32_t)json_string_length(text);
  if (p->heap + span.length > p->room) {
    p->room = (p->heap + span.length) * 2;
    p->buffer = realloc(p->buffer, p->room);
    if (p->buffer == NULL) abort();
  }
  memcpy(p->buffer + p->heap, json_string_value(text), span.length);
  p->heap += span.length;
  return span;
}

static uint32_t put_name(packer* p, const json_t* text) {
  const es_span span = put_text(p, text);
  memcpy(p->buffer + p->names_at + p->name_count * sizeof span, &span, sizeof span);
  return p->name_count++;
}

static void put_id(es_record* record, uint8_t id[16], uint32_t bit, const json_t* text) {
  if (text == NULL) return;
  uuid_bytes(json_string_value(text), id);
  record->presence |= bit;
}

static void put_record(packer* p, size_t index, const json_t* stream, const json_t* event) {
  es_record record;
  const json_t* value;
  memset(&record, 0, sizeof record);
  record.version = expected_version_of(json_object_get(stream, "expected"));
  record.event_type = put_name(p, json_object_get(event, "type"));
  record.aggregate_type = put_name(p, json_object_get(stream, "type"));
  uuid_bytes(json_string_value(json_object_get(stream, "id")), record.aggregate_id);
  record.data = put_text(p, json_object_get(event, "data"));
  if ((value = json_object_get(event, "metadata")) != NULL) record.metadata = put_text(p, value);
  if ((value = json_object_get(event, "actor")) != NULL) {
    record.actor_id = put_text(p, value);
    record.presence |= ES_HAS_ACTOR;
  }
  if ((value = json_object_get(event, "event_version")) != NULL) {
    record.event_version = (int32_t)json_integer_value(value);
  }
  if ((value = json_object_get(event, "occurred_at")) != NULL) {
    record.occurred_at = json_integer_value(value);
    record.presence |= ES_HAS_OCCURRED_AT;
  }
  put_id(&record, record.event_id, ES_HAS_EVENT_ID, json_object_get(event, "id"));
  put_id(&record, record.tenant_id, ES_HAS_TENANT, json_object_get(event, "tenant"));
  put_id(&record, record.correlation_id, ES_HAS_CORRELATION, json_object_get(event, "correlation"));
  put_id(&record, record.causation_id, ES_HAS_CAUSATION, json_object_get(event, "causation"));
  memcpy(p->buffer + sizeof(es_page_header) + index * sizeof record, &record, sizeof record);
}

static json_int_t times_of(const json_t* event) {
  const json_t* const times = json_object_get(event, "times");
  return times == NULL ? 1 : json_integer_value(times);
}

static size_t count_events(const json_t* to) {
  size_t count = 0;
  size_t i;
  size_t k;
  for (i = 0; i < json_array_size(to); ++i) {
    const json_t* const events = json_object_get(json_array_get(to, i), "events");
    for (k = 0; k < json_array_size(events); ++k) count += (size_t)times_of(json_array_get(events, k));
  }
  return count;
}

static void put_header(const packer* p, size_t count, int skip) {
  es_page_header header;
  memset(&header, 0, sizeof header);
  header.magic = ES_PACK_MAGIC;
  header.layout_version = ES_PAGE_LAYOUT;
  header.header_size = sizeof header;
  header.record_stride = sizeof(es_record);
  header.count = (uint32_t)count;
  header.flags = skip ? ES_PACK_SKIP_DUPLICATES : 0;
  header.total_bytes = p->heap;
  header.name_count = p->name_count;
  header.names_offset = p->names_at;
  memcpy(p->buffer, &header, sizeof header);
}

/* The step's "patch" and "cut". */
static void damage(packer* p, const json_t* step, size_t* size) {
  const json_t* const patches = json_object_get(step, "patch");
  const json_t* const cut = json_object_get(step, "cut");
  size_t i;
  for (i = 0; i < json_array_size(patches); ++i) {
    const json_t* const patch = json_array_get(patches, i);
    const json_t* const bytes = json_object_get(patch, "bytes");
    memcpy(p->buffer + json_integer_value(json_object_get(patch, "offset")), json_string_value(bytes),
           json_string_length(bytes));
  }
  if (cut != NULL) *size = (size_t)json_integer_value(cut);
}

void* pack(const json_t* step, size_t* size) {
  const json_t* const to = json_object_get(step, "to");
  const size_t count = count_events(to);
  packer p;
  size_t index = 0;
  size_t i;
  size_t k;
  memset(&p, 0, sizeof p);
  p.names_at = (uint32_t)(sizeof(es_page_header) + count * sizeof(es_record));
  p.heap = p.names_at + (uint32_t)(2 * count * sizeof(es_span));
  p.room = p.heap + 1024;
  p.buffer = calloc(1, p.room);
  if (p.buffer == NULL) abort();
  for (i = 0; i < json_array_size(to); ++i) {
    const json_t* const stream = json_array_get(to, i);
    const json_t* const events = json_object_get(stream, "events");
    for (k = 0; k < json_array_size(events); ++k) {
      const json_t* const event = json_array_get(events, k);
      json_int_t left = times_of(event);
      for (; left > 0; --left) put_record(&p, index++, stream, event);
    }
  }
  put_header(&p, count, json_is_true(json_object_get(step, "skip")));
  *size = p.heap;
  damage(&p, step, size);
  return p.buffer;
}
