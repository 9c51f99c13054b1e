#include <eventsource/eventsource.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  static const uint8_t order[16] = {1};
  const char url[] = "memory:"; /* or "sqlite:///orders.db" */
  const char data[] = "{\"total\": 19.90}";
  es_store* store = NULL;
  es_append* append = NULL;
  es_page* page = NULL;
  es_error* err = NULL;
  int failed = 0;

  if (es_store_open(ES_ABI_VERSION, url, strlen(url), NULL, NULL, &store, &err) == ES_OK &&
      es_append_new(&append, &err) == ES_OK &&
      es_append_stream(append, "Order", strlen("Order"), order, ES_NO_STREAM, &err) == ES_OK &&
      es_append_event(append, "OrderPlaced", strlen("OrderPlaced"), data, strlen(data), &err) == ES_OK &&
      es_store_append(store, append, NULL, NULL, &err) == ES_OK &&
      es_store_read_stream(store, "Order", strlen("Order"), order, NULL, NULL, &page, &err) == ES_OK) {
    const es_record* event = es_page_record(page, 0);
    size_t length = 0;
    const char* type = es_page_name(page, event->event_type, &length);
    printf("version %lld: %.*s\n", (long long)event->version, (int)length, type);
  } else {
    fprintf(stderr, "%s\n", es_error_message(err));
    failed = 1;
  }
  es_error_close(&err);
  es_page_close(&page);
  es_append_close(&append);
  es_store_close(&store);
  return failed;
}
