#include <eventsource/eventsource.h>
#include <stdio.h>
#include <string.h>

static es_status ship(es_store* store, const uint8_t order[16], int64_t expected_version, es_error** err) {
  es_append* append = NULL;
  es_status status = es_append_new(&append, err);
  if (status == ES_OK) status = es_append_stream(append, "Order", strlen("Order"), order, expected_version, err);
  if (status == ES_OK) status = es_append_event(append, "OrderShipped", strlen("OrderShipped"), "{}", 2, err);
  if (status == ES_OK) status = es_store_append(store, append, NULL, NULL, err);
  es_append_close(&append);
  return status;
}

int main(void) {
  static const uint8_t order[16] = {1};
  es_store* store = NULL;
  es_error* err = NULL;
  es_status status = es_store_open(ES_ABI_VERSION, "memory:", strlen("memory:"), NULL, NULL, &store, &err);
  if (status == ES_OK) status = ship(store, order, ES_NO_STREAM, &err);
  if (status == ES_OK) status = ship(store, order, ES_NO_STREAM, &err);
  if (status == ES_VERSION_CONFLICT) {
    printf("expected %s, found %s\n", es_error_detail(err, "expected_version"), es_error_detail(err, "actual_version"));
  }
  es_error_close(&err);
  es_store_close(&store);
  return status == ES_VERSION_CONFLICT ? 0 : 1;
}
