/* Appends, through the builder or the packed buffer. */
#include <stdlib.h>

#include "tests/conformance/runner_c/runner.h"

typedef es_status (*id_setter)(es_append*, const uint8_t*, es_error**);

static void set_id(work* w, es_append* append, const json_t* text, id_setter set) {
  uint8_t id[16];
  if (text == NULL || w->status != ES_OK) return;
  uuid_bytes(json_string_value(text), id);
  ok(w, set(append, id, &w->error));
}

static void fill_event(work* w, es_append* append, const json_t* event) {
  const json_t* const type = json_object_get(event, "type");
  const json_t* const data = json_object_get(event, "data");
  const json_t* value;
  if (!ok(w, es_append_event(append, json_string_value(type), json_string_length(type), json_string_value(data),
                             json_string_length(data), &w->error))) {
    return;
  }
  set_id(w, append, json_object_get(event, "id"), es_append_set_event_id);
  set_id(w, append, json_object_get(event, "tenant"), es_append_set_tenant_id);
  set_id(w, append, json_object_get(event, "correlation"), es_append_set_correlation_id);
  set_id(w, append, json_object_get(event, "causation"), es_append_set_causation_id);
  if ((value = json_object_get(event, "event_version")) != NULL && w->status == ES_OK) {
    ok(w, es_append_set_event_version(append, (int32_t)json_integer_value(value), &w->error));
  }
  if ((value = json_object_get(event, "occurred_at")) != NULL && w->status == ES_OK) {
    ok(w, es_append_set_occurred_at(append, json_integer_value(value), &w->error));
  }
  if ((value = json_object_get(event, "actor")) != NULL && w->status == ES_OK) {
    ok(w, es_append_set_actor_id(append, json_string_value(value), json_string_length(value), &w->error));
  }
  if ((value = json_object_get(event, "metadata")) != NULL && w->status == ES_OK) {
    ok(w, es_append_set_metadata(append, json_string_value(value), json_string_length(value), &w->error));
  }
}

static void fill_builder(work* w, es_append* append) {
  const json_t* const to = json_object_get(w->step, "to");
  size_t i;
  size_t k;
  for (i = 0; i < json_array_size(to) && w->status == ES_OK; ++i) {
    const json_t* const stream = json_array_get(to, i);
    const json_t* const type = json_object_get(stream, "type");
    const json_t* const events = json_object_get(stream, "events");
    uint8_t id[16];
    uuid_bytes(json_string_value(json_object_get(stream, "id")), id);
    ok(w, es_append_stream(append, json_string_value(type), json_string_length(type), id,
                           expected_version_of(json_object_get(stream, "expected")), &w->error));
    for (k = 0; k < json_array_size(events); ++k) {
      const json_t* const event = json_array_get(events, k);
      const json_t* const times = json_object_get(event, "times");
      json_int_t left = times == NULL ? 1 : json_integer_value(times);
      for (; left > 0 && w->status == ES_OK; --left) fill_event(w, append, event);
    }
  }
  if (json_is_true(json_object_get(w->step, "skip")) && w->status == ES_OK) {
    ok(w, es_append_set_on_duplicate(append, ES_ON_DUPLICATE_SKIP, &w->error));
  }
}

static json_t* result_json(work* w, const es_append_result* result) {
  const size_t count = es_append_result_count(result);
  json_t* const positions = json_array();
  json_t* const versions = json_array();
  json_t* const known = json_array();
  json_t* const streams = json_array();
  json_t* const ids = json_array();
  json_t* const stream_versions = json_array();
  int64_t lowest = 0;
  int64_t highest = 0;
  size_t i;
  for (i = 0; i < count; ++i) {
    const int64_t position = es_append_result_positions(result)[i];
    remember(w->store, position);
    if (lowest == 0 || position < lowest) lowest = position;
    if (position > highest) highest = position;
    json_array_append_new(positions, ordinal(w->store, position));
    json_array_append_new(versions, json_integer(es_append_result_versions(result)[i]));
    json_array_append_new(known, json_integer(es_append_result_known(result)[i]));
    json_array_append_new(streams, json_integer(es_append_result_event_streams(result)[i]));
    json_array_append_new(ids, uuid_json(es_append_result_event_ids(result) + i * 16));
  }
  for (i = 0; i < es_append_result_stream_count(result); ++i) {
    json_array_append_new(stream_versions, json_integer(es_append_result_stream_versions(result)[i]));
  }
  hold(w->session, es_append_result_first_position(result) == lowest, "first_position is the lowest position");
  hold(w->session, es_append_result_last_position(result) == highest, "last_position is the highest position");
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "positions", positions, "versions", versions, "known", known,
                   "stream_versions", stream_versions, "event_streams", streams, "ids", ids);
}

static size_t token_length(const char* token) {
  size_t length = 0;
  while (token != NULL && token[length] != '\0') ++length;
  return length;
}

json_t* run_append(work* w) {
  es_append_result* result = NULL;
  int64_t before = -1;
  int64_t after = -1;
  json_t* json;
  es_store_count(w->store->handle, NULL, NULL, &before, NULL);
  if (w->session->packed) {
    size_t size = 0;
    void* const buffer = pack(w->step, &size);
    /* A copy without spare room, so that AddressSanitizer sees a read past the end. */
    unsigned char* const exact = malloc(size == 0 ? 1 : size);
    size_t i;
    if (exact == NULL) abort();
    for (i = 0; i < size; ++i) exact[i] = ((const unsigned char*)buffer)[i];
    ok(w, es_store_append_packed(w->store->handle, exact, size, w->call, &result, &w->error));
    free(exact);
    free(buffer);
  } else {
    es_append* append = NULL;
    ok(w, es_append_new(&append, &w->error));
    fill_builder(w, append);
    if (w->status == ES_OK) ok(w, es_store_append(w->store->handle, append, w->call, &result, &w->error));
    es_append_close(&append);
  }
  es_store_count(w->store->handle, NULL, NULL, &after, NULL);
  if (w->status != ES_OK) {
    hold(w->session, result == NULL, "a refused append has no result");
    hold(w->session, before == after, "a refused append stores nothing");
    return NULL;
  }
  hold(w->session, after - before == (int64_t)(es_append_result_count(result) - es_append_result_known_count(result)),
       "an append stores the events that were not known, each once");
  json = result_json(w, result);
  keep_token(w, es_append_result_token(result), token_length(es_append_result_token(result)));
  es_append_result_close(&result);
  return json;
}
