/* Reads of streams, the log and single events. */
#include <string.h>

#include "tests/conformance/runner_c/runner.h"

/* A walk that goes on after so many pages does not end. */
#define PAGES_MAX 100000

static uint32_t content_of(const json_t* step) {
  const json_t* const content = json_object_get(step, "content");
  uint32_t bits = ES_CONTENT_COLUMNS;
  size_t i;
  if (content == NULL) return ES_CONTENT_DOCUMENT | ES_CONTENT_ENVELOPE | ES_CONTENT_DATA;
  if (json_is_integer(content)) return (uint32_t)json_integer_value(content);
  for (i = 0; i < json_array_size(content); ++i) {
    const char* const part = json_string_value(json_array_get(content, i));
    if (strcmp(part, "document") == 0) bits |= ES_CONTENT_DOCUMENT;
    if (strcmp(part, "envelope") == 0) bits |= ES_CONTENT_ENVELOPE;
    if (strcmp(part, "data") == 0) bits |= ES_CONTENT_DATA;
  }
  return bits;
}

static int is_backward(const json_t* step) {
  const json_t* const direction = json_object_get(step, "direction");
  return direction != NULL && strcmp(json_string_value(direction), "backward") == 0;
}

static int is_log(const json_t* step) {
  const char* const what = json_string_value(json_object_get(step, "do"));
  return strcmp(what, "read_log") == 0 || strcmp(what, "walk_log") == 0;
}

static int64_t integer_at(const json_t* array, size_t index) {
  return json_integer_value(json_array_get(array, index));
}

es_filter* make_filter(work* w, const json_t* json) {
  const json_t* const events = json_object_get(json, "event_types");
  const json_t* const aggregates = json_object_get(json, "aggregate_types");
  const json_t* const tenant = json_object_get(json, "tenant");
  const json_t* const occurred = json_object_get(json, "occurred");
  const json_t* const partition = json_object_get(json, "partition");
  es_filter* filter = NULL;
  size_t i;
  ok(w, es_filter_new(&filter, &w->error));
  for (i = 0; i < json_array_size(events) && w->status == ES_OK; ++i) {
    const json_t* const name = json_array_get(events, i);
    ok(w, es_filter_add_event_type(filter, json_string_value(name), json_string_length(name), &w->error));
  }
  for (i = 0; i < json_array_size(aggregates) && w->status == ES_OK; ++i) {
    const json_t* const name = json_array_get(aggregates, i);
    ok(w, es_filter_add_aggregate_type(filter, json_string_value(name), json_string_length(name), &w->error));
  }
  if (tenant != NULL && w->status == ES_OK) {
    uint8_t id[16];
    uuid_bytes(json_string_value(tenant), id);
    ok(w, es_filter_set_tenant_id(filter, id, &w->error));
  }
  if (occurred != NULL && w->status == ES_OK) {
    const int64_t from = json_is_null(json_array_get(occurred, 0)) ? INT64_MIN : integer_at(occurred, 0);
    const int64_t to = json_is_null(json_array_get(occurred, 1)) ? INT64_MAX : integer_at(occurred, 1);
    ok(w, es_filter_set_occurred(filter, from, to, &w->error));
  }
  if (partition != NULL && w->status == ES_OK) {
    ok(w, es_filter_set_partition(filter, (int32_t)integer_at(partition, 0), (int32_t)integer_at(partition, 1),
                                  &w->error));
  }
  return filter;
}

static void fill_bounds(work* w, es_read* read) {
  const json_t* const after = json_object_get(w->step, "after");
  const json_t* const through = json_object_get(w->step, "through");
  const json_t* const versions = json_object_get(w->step, "versions");
  const json_t* const conditions = json_object_get(w->step, "filter");
  if (after != NULL && w->status == ES_OK) {
    ok(w, es_read_set_after(read, position_of(w->store, after), &w->error));
  }
  if (through != NULL && w->status == ES_OK) {
    ok(w, es_read_set_through(read, position_of(w->store, through), &w->error));
  }
  if (versions != NULL && w->status == ES_OK) {
    ok(w, es_read_set_versions(read, integer_at(versions, 0), integer_at(versions, 1), &w->error));
  }
  if (conditions != NULL && w->status == ES_OK) {
    es_filter* filter = make_filter(w, conditions);
    if (w->status == ES_OK) ok(w, es_read_set_filter(read, filter, &w->error));
    es_filter_close(&filter);
  }
}

static es_read* make_read(work* w) {
  const json_t* const events = json_object_get(w->step, "page_events");
  const json_t* const bytes = json_object_get(w->step, "page_bytes");
  es_read* read = NULL;
  if (!ok(w, es_read_new(&read, &w->error))) return NULL;
  ok(w, es_read_set_content(read, content_of(w->step), &w->error));
  if (json_object_get(w->step, "direction") != NULL && w->status == ES_OK) {
    ok(w, es_read_set_direction(read, is_backward(w->step) ? ES_BACKWARD : ES_FORWARD, &w->error));
  }
  if (events != NULL && w->status == ES_OK) {
    ok(w, es_read_set_page_events(read, json_integer_value(events), &w->error));
  }
  if (bytes != NULL && w->status == ES_OK) {
    ok(w, es_read_set_page_bytes(read, json_integer_value(bytes), &w->error));
  }
  fill_bounds(w, read);
  return read;
}

static es_page* fetch(work* w, const es_read* read) {
  es_page* page = NULL;
  if (w->status != ES_OK) return NULL;
  if (is_log(w->step)) {
    ok(w, es_store_read_log(w->store->handle, read, w->call, &page, &w->error));
  } else {
    const json_t* const type = json_object_get(w->step, "type");
    uint8_t id[16];
    uuid_bytes(json_string_value(json_object_get(w->step, "id")), id);
    ok(w, es_store_read_stream(w->store->handle, json_string_value(type), json_string_length(type), id, read, w->call,
                               &page, &w->error));
  }
  hold(w->session, (page != NULL) == (w->status == ES_OK), "a read has a page exactly when it succeeds");
  if (page != NULL) {
    check_page(w->session, page, content_of(w->step), json_integer_value(json_object_get(w->step, "page_events")),
               json_integer_value(json_object_get(w->step, "page_bytes")));
  }
  return page;
}

json_t* run_read(work* w) {
  es_read* read = make_read(w);
  es_page* page = fetch(w, read);
  json_t* json = NULL;
  if (page != NULL) {
    size_t length = 0;
    const char* const token = es_page_span(page, es_page_get_header(page)->token, &length);
    keep_token(w, token, length);
    json = page_json(w->store, page);
  }
  es_page_close(&page);
  es_read_close(&read);
  return json;
}

/* Moves a read on behind its page, as read.h says. */
static void move_on(work* w, es_read* read, const es_page* page) {
  const json_t* const versions = json_object_get(w->step, "versions");
  const size_t count = es_page_count(page);
  int64_t last;
  if (is_log(w->step)) {
    ok(w, es_read_set_after(read, es_page_get_header(page)->scanned_through, &w->error));
    return;
  }
  hold(w->session, count > 0, "a page of a stream that is not the last has events");
  last = count == 0 ? INT64_MAX - 1 : es_page_record(page, count - 1)->version;
  if (is_backward(w->step)) {
    ok(w, es_read_set_versions(read, versions == NULL ? 1 : integer_at(versions, 0), last - 1, &w->error));
  } else {
    ok(w, es_read_set_versions(read, last + 1, versions == NULL ? INT64_MAX : integer_at(versions, 1), &w->error));
  }
}

json_t* run_walk(work* w) {
  es_read* read = make_read(w);
  json_t* const events = json_array();
  json_t* const pages = json_array();
  int end = 0;
  int i;
  for (i = 0; i < PAGES_MAX && !end && w->status == ES_OK; ++i) {
    es_page* page = fetch(w, read);
    json_t* json;
    if (page == NULL) break;
    json = page_json(w->store, page);
    json_array_extend(events, json_object_get(json, "events"));
    json_array_append_new(pages, json_integer((json_int_t)es_page_count(page)));
    json_decref(json);
    end = es_page_is_end(page);
    if (!end) move_on(w, read, page);
    es_page_close(&page);
  }
  hold(w->session, end || w->status != ES_OK, "a walk comes to its end");
  es_read_close(&read);
  return json_pack("{s:o, s:o}", "events", events, "pages", pages);
}

json_t* run_read_event(work* w) {
  const uint32_t content = content_of(w->step);
  es_page* page = NULL;
  json_t* json;
  json_t* event;
  uint8_t id[16];
  uuid_bytes(json_string_value(json_object_get(w->step, "id")), id);
  if (!ok(w, es_store_read_event(w->store->handle, id, content, w->call, &page, &w->error))) return NULL;
  check_page(w->session, page, content, 0, 0);
  json = page_json(w->store, page);
  hold(w->session, es_page_count(page) == 1, "an event is alone on its page");
  event = json_incref(json_array_get(json_object_get(json, "events"), 0));
  json_decref(json);
  es_page_close(&page);
  return event;
}
