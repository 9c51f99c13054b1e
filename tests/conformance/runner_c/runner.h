/*
 * The vectors over the C interface alone: thin, and apart from the C++ runner, so that neither hides what the other
 * gets wrong. One thread.
 */
#ifndef CONFORMANCE_RUNNER_H
#define CONFORMANCE_RUNNER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "eventsource/eventsource.h"

/* vectors.c: a file of tests/conformance as JSON; the program ends when it cannot be read. */
json_t* load_json(const char* relative_path);
/* The same as text; free() it. */
char* load_text(const char* relative_path);
/* Whether a list of texts has this one, and whether a backend provides this. */
int is_listed(const json_t* list, const char* word);
int is_provided(const json_t* backend, const char* what);
/* A copy in which symbols are UUIDs and text objects are texts. */
json_t* resolve(const json_t* value);
/* Whether `actual` holds what is expected; otherwise `where` tells the first place that differs. */
int matches(const json_t* expected, const json_t* actual, char* where, size_t where_size);
/* Writes JSON texts (data, metadata, document, state) in one way, for a backend that keeps values and not bytes. */
void make_values(json_t* outcome);
/* A new {"expect": …} or {"error": …} of a step. */
json_t* expected_outcome(const json_t* step);

/* ids.c */
void uuid_bytes(const char* text, uint8_t id[16]);
json_t* uuid_json(const uint8_t id[16]);
int64_t expected_version_of(const json_t* value);
json_t* text_json(const char* text, size_t length);

/* packer.c: the packed form of an append step; free() it. Names are not shared: each record brings its own. */
void* pack(const json_t* step, size_t* size);

/* postgres.c */
#define SCHEMA_MAX 64

int server_is_here(void);
/* Names a new schema, and runs a file of tests/conformance in it unless it is NULL. */
void schema_create(char name[SCHEMA_MAX], const json_t* sql_files);
void schema_url(const char* name, char* url, size_t url_size);
void schema_drop(const char* name);
void server_leave(void);

/* session.c: the stores of one vector. */
#define STORES_MAX 4

typedef struct vector_store {
  char name[32];
  char schema[SCHEMA_MAX]; /* "" until it needs one */
  es_store* handle;
  int64_t* positions; /* of the n-th event at n - 1 */
  size_t position_count;
  size_t position_room;
} vector_store;

typedef struct session {
  const json_t* backend;
  const char* folder;
  const json_t* options;
  int packed;
  vector_store stores[STORES_MAX];
  json_t* tokens;
  json_t* violations;
} session;

void session_open(session* s, const json_t* backend, const char* folder, const json_t* options, int packed);
/* {"expect": …} or {"error": …}, and "violations" where a general promise of the headers was broken. */
json_t* session_run(session* s, const json_t* step);
void session_close(session* s);

/* Inside of a step, for session*.c. A step ends with the first status that is not ES_OK. */
typedef struct work {
  session* session;
  const json_t* step;
  vector_store* store;
  es_status status;
  es_error* error;
  es_call* call;
} work;

int ok(work* w, es_status status); /* 1 while all went well */
void hold(session* s, int holds, const char* promise);
json_t* ordinal(vector_store* store, int64_t position);
int64_t position_of(const vector_store* store, const json_t* n);
void remember(vector_store* store, int64_t position);
void keep_token(work* w, const char* token, size_t length);
json_t* run_append(work* w);
json_t* run_read(work* w);
json_t* run_walk(work* w);
json_t* run_read_event(work* w);
/* NULL and w->status when it cannot be made. */
es_filter* make_filter(work* w, const json_t* filter);
/* page.c */
json_t* page_json(vector_store* store, const es_page* page);
void check_page(session* s, const es_page* page, uint32_t content, int64_t page_events, int64_t page_bytes);

#endif
