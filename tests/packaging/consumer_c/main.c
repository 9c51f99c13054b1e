/* A user's C99 program: appends one event in memory and prints the versions and the head. */
#include <eventsource/eventsource.h>
#include <stdio.h>
#include <string.h>

static int fail(es_error** err) {
  fprintf(stderr, "%s\n", es_error_message(*err));
  es_error_close(err);
  return 1;
}

int main(void) {
  static const uint8_t id[16] = {1};
  static const char data[] = "{\"amount\":1.10}";
  const char url[] = "memory:";
  es_store* store = NULL;
  es_append* append = NULL;
  es_error* err = NULL;
  int64_t head = 0;

  if (es_store_open(ES_ABI_VERSION, url, strlen(url), NULL, NULL, &store, &err) != ES_OK ||
      es_append_new(&append, &err) != ES_OK || es_append_stream(append, "Order", 5, id, ES_NO_STREAM, &err) != ES_OK ||
      es_append_event(append, "OrderPlaced", 11, data, strlen(data), &err) != ES_OK ||
      es_store_append(store, append, NULL, NULL, &err) != ES_OK || es_store_head(store, NULL, &head, &err) != ES_OK) {
    return fail(&err);
  }
  printf("%s head %lld\n", es_version(), (long long)head);
  es_append_close(&append);
  es_store_close(&store);
  return 0;
}
