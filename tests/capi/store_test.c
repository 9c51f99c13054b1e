/* Stores, schemas, snapshots and inspections with bad arguments, and in every order of closing. */
#include <stdlib.h>

#include "tests/capi/refuse.h"

static void opening(void** state) {
  es_store* store = NULL;
  es_error* forgotten = NULL;
  char* const long_url = malloc(ES_URL_BYTES_MAX + 2);
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_store_open(ES_ABI_VERSION, "memory:", 7, NULL, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, store, es_store_open(ES_ABI_VERSION, NULL, 7, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_URL, store, es_store_open(ES_ABI_VERSION, NULL, 0, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_URL, store, es_store_open(ES_ABI_VERSION, "memory", 6, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_URL, store, es_store_open(ES_ABI_VERSION, "memory:\0", 8, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_URL, store, es_store_open(ES_ABI_VERSION, "memory:x", 8, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_URL, store, es_store_open(ES_ABI_VERSION, "sqlite:///", 10, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_URL, store, es_store_open(ES_ABI_VERSION, "mongo://x", 9, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_ABI, store, es_store_open(ES_ABI_VERSION + 1, "memory:", 7, NULL, NULL, &store, ERR));
  REFUSES_HANDLE(ES_INVALID_ABI, store, es_store_open(0, "memory:", 7, NULL, NULL, &store, ERR));
  assert_int_equal(es_store_open(0, "memory:", 7, NULL, NULL, &store, &forgotten), ES_INVALID_ABI);
  assert_non_null(strstr(es_error_message(forgotten), "pass ES_ABI_VERSION"));
  es_error_close(&forgotten);
  assert_non_null(long_url);
  memset(long_url, 'a', ES_URL_BYTES_MAX + 1);
  memcpy(long_url, "sqlite:///", 10);
  REFUSES_HANDLE(ES_INVALID_URL, store,
                 es_store_open(ES_ABI_VERSION, long_url, ES_URL_BYTES_MAX + 1, NULL, NULL, &store, ERR));
  free(long_url);
}

static void no_store(void** state) {
  es_store* none = NULL;
  uint8_t id[16] = {7};
  (void)state;
  GIVES_NULL(es_store_retain(NULL));
  GIVES_NULL(es_store_backend(NULL));
  GIVES_NULL(es_store_url(NULL));
  GIVES(0, es_store_was_created(NULL));
  GIVES(0, es_store_schema_version(NULL));
  REFUSES(ES_INVALID_ARGUMENT, es_store_id(NULL, id, ERR));
  GIVES(7, id[0]);
  REFUSES(ES_INVALID_ARGUMENT, es_store_shutdown(NULL, 0, ERR));
  IGNORES(es_store_close(NULL));
  IGNORES(es_store_close(&none));
  GIVES_NULL(es_schema_sql(NULL));
  GIVES_NULL(es_schema_sql("oracle"));
  GIVES_NULL(es_schema_sql(""));
  assert_non_null(es_schema_sql("sqlite"));
  assert_true(es_schema_version() >= 1);
}

static void bad_arguments_of_an_open_store(void** state) {
  es_store* store = open_memory();
  int64_t head = -1;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_store_id(store, NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_shutdown(store, -2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_shutdown(store, INT64_MIN, ERR));
  /* A refused shutdown shuts nothing down. */
  assert_int_equal(es_store_head(store, NULL, &head, NULL), ES_OK);
  es_store_close(&store);
  assert_null(store);
}

static void references(void** state) {
  es_store* store = open_with_event();
  es_store* second = es_store_retain(store);
  es_page* page = NULL;
  es_append_result* result = NULL;
  int64_t head = 0;
  (void)state;
  es_store_close(&store);
  assert_int_equal(es_store_head(second, NULL, &head, NULL), ES_OK);
  GIVES(1, head);
  assert_int_equal(es_store_read_log(second, NULL, NULL, &page, NULL), ES_OK);
  assert_int_equal(es_store_append(second, NULL, NULL, NULL, NULL), ES_INVALID_ARGUMENT);
  {
    es_append* append = NULL;
    assert_int_equal(es_append_new(&append, NULL), ES_OK);
    assert_int_equal(es_store_append(second, append, NULL, &result, NULL), ES_OK);
    es_append_close(&append);
  }
  es_store_close(&second);
  /* Pages and results outlive the store. */
  GIVES(1, es_page_count(page));
  assert_true(strlen(es_append_result_token(result)) > 0);
  es_append_result_close(&result);
  es_page_close(&page);
}

static void after_shutdown(void** state) {
  es_store* store = open_with_event();
  es_append* append = NULL;
  es_page* page = NULL;
  es_snapshot* snapshot = NULL;
  es_inspection* inspection = NULL;
  int64_t number = -7;
  int32_t flag = -7;
  uint8_t id[16];
  (void)state;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  assert_int_equal(es_store_shutdown(store, 0, NULL), ES_OK);
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  REFUSES(ES_CLOSED, es_store_append(store, append, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_CLOSED, page, es_store_read_log(store, NULL, NULL, &page, ERR));
  REFUSES_HANDLE(ES_CLOSED, page, es_store_read_stream(store, "Order", 5, kId, NULL, NULL, &page, ERR));
  REFUSES_HANDLE(ES_CLOSED, page, es_store_read_event(store, kId, 0, NULL, &page, ERR));
  REFUSES(ES_CLOSED, es_store_head(store, NULL, &number, ERR));
  REFUSES(ES_CLOSED, es_store_stream_version(store, "Order", 5, kId, NULL, &number, ERR));
  REFUSES(ES_CLOSED, es_store_count(store, NULL, NULL, &number, ERR));
  REFUSES(ES_CLOSED, es_store_save_snapshot(store, "Order", 5, kId, 1, 1, "1", 1, NULL, &flag, ERR));
  REFUSES_HANDLE(ES_CLOSED, snapshot, es_store_load_snapshot(store, "Order", 5, kId, NULL, &snapshot, ERR));
  REFUSES(ES_CLOSED, es_store_delete_snapshot(store, "Order", 5, kId, NULL, &flag, ERR));
  REFUSES_HANDLE(ES_CLOSED, inspection, es_store_inspect(store, NULL, &inspection, ERR));
  GIVES(-7, number);
  GIVES(-7, flag);
  assert_string_equal(es_store_url(store), "memory:");
  assert_string_equal(es_store_backend(store), "memory");
  assert_int_equal(es_store_id(store, id, NULL), ES_OK);
  assert_true(es_store_schema_version(store) > 0);
  es_append_close(&append);
  es_store_close(&store);
}

static void snapshots(void** state) {
  es_store* store = open_memory();
  es_snapshot* snapshot = NULL;
  int32_t flag = -7;
  size_t length = 7;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_store_save_snapshot(NULL, "Order", 5, kId, 1, 1, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_save_snapshot(store, NULL, 5, kId, 1, 1, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_NAME, es_store_save_snapshot(store, NULL, 0, kId, 1, 1, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_save_snapshot(store, "Order", 5, NULL, 1, 1, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ID, es_store_save_snapshot(store, "Order", 5, kNil, 1, 1, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_save_snapshot(store, "Order", 5, kId, 0, 1, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_save_snapshot(store, "Order", 5, kId, 1, INT32_MIN, "1", 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_save_snapshot(store, "Order", 5, kId, 1, 1, NULL, 1, NULL, &flag, ERR));
  REFUSES(ES_INVALID_JSON, es_store_save_snapshot(store, "Order", 5, kId, 1, 1, NULL, 0, NULL, &flag, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, snapshot, es_store_load_snapshot(NULL, "Order", 5, kId, NULL, &snapshot, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_load_snapshot(store, "Order", 5, kId, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, snapshot, es_store_load_snapshot(store, NULL, 1, kId, NULL, &snapshot, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, snapshot, es_store_load_snapshot(store, "Order", 5, NULL, NULL, &snapshot, ERR));
  REFUSES_HANDLE(ES_SNAPSHOT_NOT_FOUND, snapshot, es_store_load_snapshot(store, "Order", 5, kId, NULL, &snapshot, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_delete_snapshot(NULL, "Order", 5, kId, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_delete_snapshot(store, NULL, 5, kId, NULL, &flag, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_delete_snapshot(store, "Order", 5, NULL, NULL, &flag, ERR));
  GIVES(-7, flag);
  /* saved and deleted may be NULL. */
  assert_int_equal(es_store_save_snapshot(store, "Order", 5, kId, 1, 1, "1", 1, NULL, NULL, NULL), ES_OK);
  assert_int_equal(es_store_load_snapshot(store, "Order", 5, kId, NULL, &snapshot, NULL), ES_OK);
  assert_int_equal(es_store_delete_snapshot(store, "Order", 5, kId, NULL, NULL, NULL), ES_OK);
  es_store_close(&store);
  assert_memory_equal(es_snapshot_state(snapshot, NULL), "1", 1);
  es_snapshot_close(&snapshot);
  assert_null(snapshot);
  GIVES(0, es_snapshot_version(NULL));
  GIVES(0, es_snapshot_schema_version(NULL));
  GIVES(0, es_snapshot_created_at(NULL));
  GIVES_NULL(es_snapshot_state(NULL, &length));
  GIVES(0, length);
  GIVES_NULL(es_snapshot_state(NULL, NULL));
  IGNORES(es_snapshot_close(&snapshot));
  IGNORES(es_snapshot_close(NULL));
}

static void inspections(void** state) {
  es_store* store = open_with_event();
  es_inspection* seen = NULL;
  (void)state;
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, seen, es_store_inspect(NULL, NULL, &seen, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_inspect(store, NULL, NULL, ERR));
  assert_int_equal(es_store_inspect(store, NULL, &seen, NULL), ES_OK);
  es_store_close(&store);
  GIVES(1, es_inspection_type_count(seen));
  GIVES_NULL(es_inspection_aggregate_type(seen, 1));
  GIVES_NULL(es_inspection_event_type(seen, SIZE_MAX));
  GIVES(0, es_inspection_type_events(seen, 1));
  es_inspection_close(&seen);
  assert_null(seen);
  GIVES(0, es_inspection_events(NULL));
  GIVES(0, es_inspection_streams(NULL));
  GIVES(0, es_inspection_snapshots(NULL));
  GIVES(0, es_inspection_first_position(NULL));
  GIVES(0, es_inspection_last_position(NULL));
  GIVES(0, es_inspection_file_bytes(NULL));
  GIVES(0, es_inspection_wal_bytes(NULL));
  GIVES(0, es_inspection_type_count(NULL));
  GIVES_NULL(es_inspection_aggregate_type(NULL, 0));
  GIVES_NULL(es_inspection_event_type(NULL, 0));
  GIVES(0, es_inspection_type_events(NULL, 0));
  IGNORES(es_inspection_close(&seen));
  IGNORES(es_inspection_close(NULL));
}

/* A memory store has no optional indexes; tests/cli/test_index.py makes those of a server. */
static void indexes(void** state) {
  es_store* store = open_memory();
  es_indexes* list = NULL;
  int32_t made = -7;
  (void)state;
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, list, es_store_index_list(NULL, NULL, &list, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_index_list(store, NULL, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, list, es_store_index_list(store, NULL, &list, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_index_add(NULL, "x", 1, NULL, &made, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_index_add(store, NULL, 1, NULL, &made, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_index_add(store, "", 0, NULL, &made, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_index_add(store, "x", 1, NULL, NULL, ERR));
  GIVES(-7, made);
  assert_int_equal(es_store_shutdown(store, 0, NULL), ES_OK);
  REFUSES_HANDLE(ES_CLOSED, list, es_store_index_list(store, NULL, &list, ERR));
  REFUSES(ES_CLOSED, es_store_index_add(store, "x", 1, NULL, &made, ERR));
  es_store_close(&store);
  GIVES(0, es_indexes_count(NULL));
  GIVES_NULL(es_indexes_name(NULL, 0));
  GIVES_NULL(es_indexes_purpose(NULL, 0));
  GIVES(ES_INDEX_ABSENT, es_indexes_state(NULL, 0));
  GIVES(0, es_indexes_bytes(NULL, 0));
  IGNORES(es_indexes_close(&list));
  IGNORES(es_indexes_close(NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opening),        cmocka_unit_test(no_store),  cmocka_unit_test(bad_arguments_of_an_open_store),
      cmocka_unit_test(references),     cmocka_unit_test(snapshots), cmocka_unit_test(inspections),
      cmocka_unit_test(after_shutdown), cmocka_unit_test(indexes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
