/*
 * leaver URL [close] [outlive]: starts 1,000 appends and returns from main. "close" closes its handles before. With "outlive"
 * the process stays until all of them have ended, after the static objects of every library are gone: it fails unless each
 * is told as stored and is there, also to a store that is opened then.
 */
#include <eventsource/eventsource.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kAppends = 1000, kStreams = 50 };

extern int __cxa_atexit(void (*run)(void*), void* argument, void* library);

static const char* url;
static es_queue* queue;
static bool outlives = false;

static void require(bool is_so, const char* what, const es_error* err) {
  if (is_so) return;
  fprintf(stderr, "%s: %s\n", what, err == NULL ? "not so" : es_error_message(err));
  _exit(1);
}

static es_store* open_store(void) {
  es_store* store = NULL;
  es_error* err = NULL;
  require(es_store_open(ES_ABI_VERSION, url, strlen(url), NULL, NULL, &store, &err) == ES_OK, "open", err);
  return store;
}

static void start_all(es_store* store) {
  for (int n = 0; n < kAppends; ++n) {
    const uint8_t stream[16] = {1, (uint8_t)(n % kStreams)};
    es_append* append = NULL;
    es_error* err = NULL;
    es_status status = es_append_new(&append, &err);
    if (status == ES_OK) status = es_append_stream(append, "Order", 5, stream, ES_ANY, &err);
    if (status == ES_OK) status = es_append_event(append, "Placed", 6, "{}", 2, &err);
    if (status == ES_OK) status = es_store_start_append(store, append, NULL, queue, n, &err);
    require(status == ES_OK, "start", err);
    es_append_close(&append);
  }
}

static void take_all(void) {
  for (int taken = 0; taken < kAppends; ++taken) {
    es_completion* done = NULL;
    es_error* err = NULL;
    size_t count = 0;
    require(es_queue_wait(queue, -1, &err) == ES_OK, "wait", err);
    require(es_queue_take(queue, &done, 1, &count, &err) == ES_OK && count == 1, "take", err);
    require(es_completion_status(done) == ES_OK, "append", es_completion_error(done));
    es_completion_close(&done);
  }
}

static void outlive(void* nothing) {
  es_store* store;
  es_error* err = NULL;
  int64_t stored = 0;
  (void)nothing;
  take_all();
  store = open_store();
  require(es_store_count(store, NULL, NULL, &stored, &err) == ES_OK, "count", err);
  require(stored == kAppends, "all are stored", NULL);
  es_store_close(&store);
}

/* What is registered while the libraries are being torn down runs when they are. */
__attribute__((destructor)) static void tear_down(void) {
  if (outlives) __cxa_atexit(outlive, NULL, NULL);
}

int main(int count, char** words) {
  es_error* err = NULL;
  es_store* store;
  bool closes = false;
  require(count >= 2, "leaver URL [close] [outlive]", NULL);
  url = words[1];
  for (int i = 2; i < count; ++i) {
    closes = closes || strcmp(words[i], "close") == 0;
    outlives = outlives || strcmp(words[i], "outlive") == 0;
  }
  require(es_queue_new(&queue, &err) == ES_OK, "queue", err);
  store = open_store();
  start_all(store);
  if (closes) es_store_close(&store);
  if (closes && !outlives) es_queue_close(&queue);
  return 0;
}
