/* Reads, filters and pages with bad arguments. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/capi/refuse.h"

static void reads(void** state) {
  es_read* read = NULL;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_read_new(NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_direction(NULL, ES_FORWARD, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_content(NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_page_events(NULL, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_page_bytes(NULL, 4096, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_after(NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_through(NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_versions(NULL, 1, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_filter(NULL, NULL, ERR));
  assert_int_equal(es_read_new(&read, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_direction(read, 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_direction(read, -1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_content(read, 8, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_content(read, UINT32_MAX, ERR));
  REFUSES(ES_LIMIT_EXCEEDED, es_read_set_page_events(read, 0, ERR));
  REFUSES(ES_LIMIT_EXCEEDED, es_read_set_page_events(read, INT64_MAX, ERR));
  REFUSES(ES_LIMIT_EXCEEDED, es_read_set_page_bytes(read, ES_PAGE_BYTES_MIN - 1, ERR));
  REFUSES(ES_LIMIT_EXCEEDED, es_read_set_page_bytes(read, INT64_C(1073741825), ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_after(read, -2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_through(read, -1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_versions(read, 0, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_read_set_versions(read, 2, 1, ERR));
  assert_int_equal(es_read_set_filter(read, NULL, NULL), ES_OK);
  es_read_close(&read);
  assert_null(read);
  IGNORES(es_read_close(&read));
  IGNORES(es_read_close(NULL));
}

static void filters(void** state) {
  es_filter* filter = NULL;
  char name[16];
  int i;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_filter_new(NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_add_event_type(NULL, "a", 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_add_aggregate_type(NULL, "a", 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_tenant_id(NULL, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_occurred(NULL, 0, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_partition(NULL, 0, 1, ERR));
  assert_int_equal(es_filter_new(&filter, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_filter_add_event_type(filter, NULL, 1, ERR));
  REFUSES(ES_INVALID_NAME, es_filter_add_event_type(filter, NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_add_aggregate_type(filter, NULL, 1, ERR));
  REFUSES(ES_INVALID_NAME, es_filter_add_aggregate_type(filter, "", 0, ERR));
  assert_int_equal(es_filter_set_tenant_id(filter, NULL, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_occurred(filter, 1, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_partition(filter, 1, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_partition(filter, 0, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_partition(filter, 0, 65537, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_filter_set_partition(filter, INT32_MIN, INT32_MAX, ERR));
  for (i = 0; i < ES_FILTER_NAMES_MAX; ++i) {
    snprintf(name, sizeof name, "type%d", i);
    assert_int_equal(es_filter_add_event_type(filter, name, strlen(name), NULL), ES_OK);
  }
  /* A name that is there already counts once. */
  assert_int_equal(es_filter_add_event_type(filter, "type0", 5, NULL), ES_OK);
  REFUSES(ES_LIMIT_EXCEEDED, es_filter_add_event_type(filter, "one more", 8, ERR));
  assert_int_equal(es_filter_add_aggregate_type(filter, "each list on its own", 20, NULL), ES_OK);
  es_filter_close(&filter);
  assert_null(filter);
  IGNORES(es_filter_close(&filter));
  IGNORES(es_filter_close(NULL));
  GIVES(-1, es_partition(NULL, 1));
  GIVES(-1, es_partition(kId, 0));
  GIVES(-1, es_partition(kId, INT32_MIN));
  GIVES(0, es_partition(kNil, 1));
}

static void reading(void** state) {
  es_store* store = open_with_event();
  es_page* page = NULL;
  int64_t number = -7;
  (void)state;
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_log(NULL, NULL, NULL, &page, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_read_log(store, NULL, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_stream(NULL, "Order", 5, kId, NULL, NULL, &page, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_read_stream(store, "Order", 5, kId, NULL, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_stream(store, NULL, 5, kId, NULL, NULL, &page, ERR));
  REFUSES_HANDLE(ES_INVALID_NAME, page, es_store_read_stream(store, NULL, 0, kId, NULL, NULL, &page, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_stream(store, "Order", 5, NULL, NULL, NULL, &page, ERR));
  REFUSES_HANDLE(ES_INVALID_ID, page, es_store_read_stream(store, "Order", 5, kNil, NULL, NULL, &page, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_event(NULL, kId, 0, NULL, &page, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_read_event(store, kId, 0, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_event(store, NULL, 0, NULL, &page, ERR));
  REFUSES_HANDLE(ES_INVALID_ID, page, es_store_read_event(store, kNil, 0, NULL, &page, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, page, es_store_read_event(store, kId, 8, NULL, &page, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_head(NULL, NULL, &number, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_head(store, NULL, NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_stream_version(NULL, "Order", 5, kId, NULL, &number, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_stream_version(store, "Order", 5, kId, NULL, NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_stream_version(store, NULL, 5, kId, NULL, &number, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_stream_version(store, "Order", 5, NULL, NULL, &number, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_count(NULL, NULL, NULL, &number, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_count(store, NULL, NULL, NULL, ERR));
  GIVES(-7, number);
  es_store_close(&store);
}

static void pages(void** state) {
  es_store* store = open_with_event();
  es_page* page = NULL;
  es_page* again = NULL;
  const es_span outside[] = {{0, 0}, {0, 5}, {UINT32_MAX, 1}, {1, UINT32_MAX}, {UINT32_MAX, UINT32_MAX}};
  size_t length = 7;
  size_t i;
  (void)state;
  assert_int_equal(es_store_read_log(store, NULL, NULL, &page, NULL), ES_OK);
  es_store_close(&store);
  again = es_page_retain(page);
  es_page_close(&page);
  assert_null(page);
  GIVES(1, es_page_count(again));
  GIVES_NULL(es_page_record(again, 1));
  GIVES_NULL(es_page_record(again, SIZE_MAX));
  GIVES_NULL(es_page_name(again, 2, &length));
  GIVES(0, length);
  GIVES_NULL(es_page_name(again, UINT32_MAX, NULL));
  for (i = 0; i < sizeof outside / sizeof outside[0]; ++i) {
    length = 7;
    GIVES_NULL(es_page_span(again, outside[i], &length));
    GIVES(0, length);
    GIVES_NULL(es_page_span(again, outside[i], NULL));
  }
  assert_non_null(es_page_bytes(again, NULL));
  es_page_close(&again);
  GIVES_NULL(es_page_get_header(NULL));
  GIVES_NULL(es_page_record(NULL, 0));
  GIVES(0, es_page_count(NULL));
  GIVES(1, es_page_is_end(NULL));
  length = 7;
  GIVES_NULL(es_page_name(NULL, 0, &length));
  GIVES(0, length);
  GIVES_NULL(es_page_span(NULL, outside[0], NULL));
  GIVES_NULL(es_page_bytes(NULL, NULL));
  GIVES_NULL(es_page_retain(NULL));
  IGNORES(es_page_close(NULL));
  IGNORES(es_page_close(&again));
}

/* Bytes of a page, cut at every length and with every byte of header, record and names changed. */
static void damaged_pages(void** state) {
  es_store* store = open_with_event();
  es_page* page = NULL;
  es_page* copy = NULL;
  size_t size = 0;
  size_t i;
  const unsigned char* bytes;
  (void)state;
  assert_int_equal(es_store_read_log(store, NULL, NULL, &page, NULL), ES_OK);
  bytes = es_page_bytes(page, &size);
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, copy, es_page_from_bytes(NULL, size, &copy, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_page_from_bytes(bytes, size, NULL, ERR));
  for (i = 0; i < size; ++i) {
    unsigned char* const cut = malloc(i == 0 ? 1 : i);
    assert_non_null(cut);
    memcpy(cut, bytes, i);
    REFUSES_HANDLE(ES_INVALID_BUFFER, copy, es_page_from_bytes(cut, i, &copy, ERR));
    free(cut);
  }
  for (i = 0; i < size; ++i) {
    unsigned char* const changed = malloc(size);
    es_status status;
    assert_non_null(changed);
    memcpy(changed, bytes, size);
    changed[i] ^= 0xff;
    status = es_page_from_bytes(changed, size, &copy, NULL);
    assert_true(status == ES_OK || status == ES_INVALID_BUFFER);
    es_page_close(&copy);
    free(changed);
  }
  es_page_close(&page);
  es_store_close(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(filters), cmocka_unit_test(reading),
                                     cmocka_unit_test(pages), cmocka_unit_test(damaged_pages)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
