/* Opens the stores of a vector and runs its steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/runner_c/runner.h"

int ok(work* w, es_status status) {
  hold(w->session, (status == ES_OK) == (w->error == NULL), "an error is there exactly when a call failed");
  if (w->status == ES_OK) w->status = status;
  return w->status == ES_OK;
}

void hold(session* s, int holds, const char* promise) {
  if (!holds) json_array_append_new(s->violations, json_string(promise));
}

static const char* text_at(const json_t* object, const char* key, const char* otherwise) {
  const json_t* const value = json_object_get(object, key);
  return value == NULL ? otherwise : json_string_value(value);
}

static void replace(char* text, size_t size, const char* what, const char* with) {
  char* const at = strstr(text, what);
  char rest[1024];
  if (at == NULL) return;
  snprintf(rest, sizeof rest, "%s", at + strlen(what));
  snprintf(at, size - (size_t)(at - text), "%s%s", with, rest);
}

static void make_url(const session* s, vector_store* store, char* url, size_t size) {
  snprintf(url, size, "%s", text_at(s->backend, "url", ""));
  replace(url, size, "{folder}", s->folder);
  replace(url, size, "{store}", store->name);
  if (strstr(url, "{postgres}") != NULL) {
    char place[1024];
    if (store->schema[0] == '\0') schema_create(store->schema, json_object_get(s->backend, "sql"));
    schema_url(store->schema, place, sizeof place);
    replace(url, size, "{postgres}", place);
  }
}

/* Options of the vector, and over them those of the step. */
static void open_handle(work* w, vector_store* store, const json_t* more) {
  const json_t* const sets[2] = {w->session->options, more};
  es_options* options = NULL;
  char url[2048];
  int i;
  ok(w, es_options_new(&options, &w->error));
  for (i = 0; i < 2; ++i) {
    const char* key;
    json_t* value;
    json_object_foreach((json_t*)(uintptr_t)sets[i], key, value) {
      if (w->status != ES_OK) break;
      ok(w, es_options_set(options, key, strlen(key), json_string_value(value), json_string_length(value), &w->error));
    }
  }
  make_url(w->session, store, url, sizeof url);
  if (w->status == ES_OK) {
    ok(w, es_store_open(ES_ABI_VERSION, url, strlen(url), options, NULL, &store->handle, &w->error));
  }
  es_options_close(&options);
}

static vector_store* find_store(work* w) {
  const char* const name = text_at(w->step, "store", "events");
  int i;
  for (i = 0; i < STORES_MAX; ++i) {
    vector_store* const store = &w->session->stores[i];
    if (store->name[0] == '\0') snprintf(store->name, sizeof store->name, "%s", name);
    if (strcmp(store->name, name) != 0) continue;
    if (store->handle == NULL) open_handle(w, store, NULL);
    return store;
  }
  abort();
}

/* Positions are counted in the order in which the vector meets them. */
json_t* ordinal(vector_store* store, int64_t position) {
  size_t i;
  if (position == 0) return json_integer(0);
  for (i = store->position_count; i > 0; --i) {
    if (store->positions[i - 1] == position) return json_integer((json_int_t)i);
    if (store->positions[i - 1] < position) break;
  }
  return json_string("the position of no event of this vector");
}

void remember(vector_store* store, int64_t position) {
  if (store->position_count > 0 && position <= store->positions[store->position_count - 1]) return;
  if (store->position_count == store->position_room) {
    store->position_room = store->position_room * 2 + 64;
    store->positions = realloc(store->positions, store->position_room * sizeof *store->positions);
    if (store->positions == NULL) abort();
  }
  store->positions[store->position_count++] = position;
}

int64_t position_of(const vector_store* store, const json_t* n) {
  const json_int_t number = json_integer_value(n);
  const json_int_t known = (json_int_t)store->position_count;
  if (json_is_string(n)) return ES_POSITION_END;
  if (number <= 0) return number;
  if (number <= known) return store->positions[number - 1];
  return (known == 0 ? 0 : store->positions[known - 1]) + (number - known);
}

void keep_token(work* w, const char* token, size_t length) {
  const char* const name = text_at(w->step, "keep", NULL);
  if (is_provided(w->session->backend, "identity")) {
    hold(w->session, length > 0 && length <= ES_TOKEN_BYTES_MAX, "a token has 1 to 64 bytes");
  } else {
    hold(w->session, length == 0, "tables without an identity give no token");
  }
  if (name != NULL) json_object_set_new(w->session->tokens, name, json_stringn(token, length));
}

static void fill_call(work* w) {
  const json_t* const timeout = json_object_get(w->step, "timeout_ms");
  const json_t* const wait = json_object_get(w->step, "wait");
  const json_t* token = json_object_get(w->step, "wait_text");
  const int cancelled = json_is_true(json_object_get(w->step, "cancelled"));
  if (wait != NULL) token = json_object_get(w->session->tokens, json_string_value(wait));
  if (timeout == NULL && token == NULL && !cancelled) return;
  if (!ok(w, es_call_new(&w->call, &w->error))) return;
  if (timeout != NULL && !ok(w, es_call_set_timeout(w->call, json_integer_value(timeout), &w->error))) return;
  if (cancelled) {
    es_cancel* cancel = NULL;
    ok(w, es_cancel_new(&cancel, &w->error));
    ok(w, es_call_set_cancel(w->call, cancel, &w->error));
    es_cancel_fire(cancel);
    es_cancel_close(&cancel);
  }
  if (token != NULL) {
    ok(w, es_call_set_token(w->call, json_string_value(token), json_string_length(token), &w->error));
  }
}

typedef struct stream_name {
  const char* type;
  size_t type_len;
  uint8_t id[16];
} stream_name;

static stream_name stream_of(const json_t* step) {
  stream_name name;
  name.type = text_at(step, "type", "");
  name.type_len = json_string_length(json_object_get(step, "type"));
  uuid_bytes(text_at(step, "id", ""), name.id);
  return name;
}

static json_t* run_stream_version(work* w) {
  const stream_name name = stream_of(w->step);
  int64_t version = -1;
  ok(w, es_store_stream_version(w->store->handle, name.type, name.type_len, name.id, w->call, &version, &w->error));
  return json_integer(version);
}

static json_t* run_head(work* w) {
  int64_t head = 0;
  ok(w, es_store_head(w->store->handle, w->call, &head, &w->error));
  return ordinal(w->store, head);
}

static json_t* run_count(work* w) {
  const json_t* const conditions = json_object_get(w->step, "filter");
  es_filter* filter = conditions == NULL ? NULL : make_filter(w, conditions);
  int64_t count = -1;
  if (w->status == ES_OK) ok(w, es_store_count(w->store->handle, filter, w->call, &count, &w->error));
  es_filter_close(&filter);
  return json_integer(count);
}

static json_t* run_save_snapshot(work* w) {
  const stream_name name = stream_of(w->step);
  const json_t* const state = json_object_get(w->step, "state");
  int32_t saved = -1;
  ok(w, es_store_save_snapshot(w->store->handle, name.type, name.type_len, name.id,
                               json_integer_value(json_object_get(w->step, "version")),
                               (int32_t)json_integer_value(json_object_get(w->step, "schema_version")),
                               json_string_value(state), json_string_length(state), w->call, &saved, &w->error));
  return json_boolean(saved == 1);
}

static json_t* run_load_snapshot(work* w) {
  const stream_name name = stream_of(w->step);
  es_snapshot* snapshot = NULL;
  const char* state;
  size_t length = 0;
  json_t* result;
  ok(w, es_store_load_snapshot(w->store->handle, name.type, name.type_len, name.id, w->call, &snapshot, &w->error));
  state = es_snapshot_state(snapshot, &length);
  hold(w->session, w->status != ES_OK || es_snapshot_created_at(snapshot) > 0, "a snapshot says when it was stored");
  result = json_pack("{s:I, s:I, s:o}", "version", (json_int_t)es_snapshot_version(snapshot), "schema_version",
                     (json_int_t)es_snapshot_schema_version(snapshot), "state", text_json(state, length));
  es_snapshot_close(&snapshot);
  return result;
}

static json_t* run_delete_snapshot(work* w) {
  const stream_name name = stream_of(w->step);
  int32_t deleted = -1;
  ok(w, es_store_delete_snapshot(w->store->handle, name.type, name.type_len, name.id, w->call, &deleted, &w->error));
  return json_boolean(deleted == 1);
}

static json_t* run_inspect(work* w) {
  es_inspection* seen = NULL;
  json_t* const types = json_array();
  json_t* result;
  size_t i;
  ok(w, es_store_inspect(w->store->handle, w->call, &seen, &w->error));
  for (i = 0; i < es_inspection_type_count(seen); ++i) {
    json_array_append_new(
        types, json_pack("[s, s, I]", es_inspection_aggregate_type(seen, i), es_inspection_event_type(seen, i),
                         (json_int_t)es_inspection_type_events(seen, i)));
  }
  result = json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "events", (json_int_t)es_inspection_events(seen), "streams",
                     (json_int_t)es_inspection_streams(seen), "snapshots", (json_int_t)es_inspection_snapshots(seen),
                     "first_position", ordinal(w->store, es_inspection_first_position(seen)), "last_position",
                     ordinal(w->store, es_inspection_last_position(seen)), "types", types);
  es_inspection_close(&seen);
  return result;
}

static json_t* run_reopen(work* w) {
  es_store_close(&w->store->handle);
  open_handle(w, w->store, json_object_get(w->step, "options"));
  return json_pack("{s:b}", "created", es_store_was_created(w->store->handle));
}

static json_t* run_shutdown(work* w) {
  ok(w, es_store_shutdown(w->store->handle, -1, &w->error));
  return json_object();
}

static json_t* dispatch(work* w) {
  static const struct {
    const char* name;
    json_t* (*run)(work*);
  } kSteps[] = {{"append", run_append},
                {"read_log", run_read},
                {"read_stream", run_read},
                {"walk_log", run_walk},
                {"walk_stream", run_walk},
                {"read_event", run_read_event},
                {"head", run_head},
                {"stream_version", run_stream_version},
                {"count", run_count},
                {"save_snapshot", run_save_snapshot},
                {"load_snapshot", run_load_snapshot},
                {"delete_snapshot", run_delete_snapshot},
                {"inspect", run_inspect},
                {"reopen", run_reopen},
                {"shutdown", run_shutdown}};
  const char* const what = text_at(w->step, "do", "");
  size_t i;
  for (i = 0; i < sizeof kSteps / sizeof kSteps[0]; ++i) {
    if (strcmp(kSteps[i].name, what) == 0) return kSteps[i].run(w);
  }
  fprintf(stderr, "no such step: %s\n", what);
  abort();
}

static json_t* error_json(work* w) {
  static const char* const kOutcomes[] = {"not_applied", "applied", "unknown"};
  json_t* const details = json_object();
  const char* key = NULL;
  const char* value = NULL;
  size_t i;
  for (i = 0; es_error_detail_at(w->error, i, &key, &value) == 1; ++i) {
    json_object_set_new(details, key, json_string(value));
  }
  hold(w->session, es_error_code(w->error) == w->status, "the error has the status that was returned");
  hold(w->session, es_error_message(w->error)[0] != '\0', "an error has a message");
  return json_pack("{s:s, s:b, s:s, s:o}", "status", es_status_name(w->status), "retryable",
                   es_error_is_retryable(w->error), "outcome", kOutcomes[es_error_outcome(w->error)], "details",
                   details);
}

void session_open(session* s, const json_t* backend, const char* folder, const json_t* options, int packed) {
  memset(s, 0, sizeof *s);
  s->backend = backend;
  s->folder = folder;
  s->options = options;
  s->packed = packed;
  s->tokens = json_object();
}

json_t* session_run(session* s, const json_t* step) {
  json_t* outcome = json_object();
  json_t* result = NULL;
  work w;
  memset(&w, 0, sizeof w);
  w.session = s;
  w.step = step;
  s->violations = json_array();
  w.store = find_store(&w);
  if (w.status == ES_OK) fill_call(&w);
  if (w.status == ES_OK) result = dispatch(&w);
  if (w.status == ES_OK) {
    json_object_set(outcome, "expect", result);
  } else {
    json_object_set_new(outcome, "error", error_json(&w));
  }
  json_decref(result);
  if (json_array_size(s->violations) > 0) json_object_set(outcome, "violations", s->violations);
  json_decref(s->violations);
  es_call_close(&w.call);
  es_error_close(&w.error);
  return outcome;
}

void session_close(session* s) {
  int i;
  for (i = 0; i < STORES_MAX; ++i) {
    es_store_close(&s->stores[i].handle);
    if (s->stores[i].schema[0] != '\0') schema_drop(s->stores[i].schema);
    free(s->stores[i].positions);
  }
  json_decref(s->tokens);
}
