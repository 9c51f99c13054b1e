#include <eventsource/eventsource.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  static const uint8_t order[16] = {1};
  es_store* store = NULL;
  es_queue* queue = NULL;
  es_append* append = NULL;
  es_error* err = NULL;
  int in_flight = 0;
  int stored = 0;
  es_status status = es_store_open(ES_ABI_VERSION, "memory:", strlen("memory:"), NULL, NULL, &store, &err);
  if (status == ES_OK) status = es_queue_new(&queue, &err);
  if (status == ES_OK) status = es_append_new(&append, &err);
  while (status == ES_OK && in_flight < 3) {
    es_append_clear(append); /* what was started has a copy */
    status = es_append_stream(append, "Order", strlen("Order"), order, ES_ANY, &err);
    if (status == ES_OK) status = es_append_event(append, "OrderPlaced", strlen("OrderPlaced"), "{}", 2, &err);
    if (status == ES_OK) status = es_store_start_append(store, append, NULL, queue, in_flight, &err);
    if (status == ES_OK) ++in_flight;
  }
  while (in_flight > 0) {
    struct pollfd watched = {es_queue_fd(queue), POLLIN, 0}; /* in the loop that you have */
    es_completion* done = NULL;
    size_t count = 0;
    poll(&watched, 1, -1);
    if (es_queue_take(queue, &done, 1, &count, NULL) != ES_OK) break;
    if (count == 0) continue;
    --in_flight;
    if (es_completion_status(done) == ES_OK) ++stored;
    es_completion_close(&done);
  }
  printf("%d stored\n", stored);
  if (status != ES_OK) fprintf(stderr, "%s\n", es_error_message(err));
  es_error_close(&err);
  es_append_close(&append);
  es_queue_close(&queue);
  es_store_close(&store);
  return status == ES_OK ? 0 : 1;
}
