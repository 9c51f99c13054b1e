/* The append builder, the append and its result with bad arguments. */
#include <stdlib.h>

#include "tests/capi/refuse.h"

static void no_builder(void** state) {
  es_append* none = NULL;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_append_new(NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(NULL, "Order", 5, kId, ES_ANY, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_event(NULL, "Placed", 6, "{}", 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_id(NULL, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_version(NULL, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_occurred_at(NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_tenant_id(NULL, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_correlation_id(NULL, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_causation_id(NULL, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_actor_id(NULL, "ann", 3, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_metadata(NULL, "{}", 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_on_duplicate(NULL, ES_ON_DUPLICATE_SKIP, ERR));
  GIVES(0, es_append_count(NULL));
  GIVES_NULL(es_append_event_id(NULL, 0));
  IGNORES(es_append_clear(NULL));
  IGNORES(es_append_close(NULL));
  IGNORES(es_append_close(&none));
}

static void before_there_is_an_event(void** state) {
  es_append* append = NULL;
  (void)state;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_append_event(append, "Placed", 6, "{}", 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_id(append, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_version(append, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_occurred_at(append, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_tenant_id(append, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_correlation_id(append, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_causation_id(append, kId, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_actor_id(append, "ann", 3, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_metadata(append, "{}", 2, ERR));
  GIVES_NULL(es_append_event_id(append, 0));
  GIVES(0, es_append_count(append));
  es_append_close(&append);
}

static void streams(void** state) {
  es_append* append = NULL;
  (void)state;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(append, NULL, 5, kId, ES_ANY, ERR));
  REFUSES(ES_INVALID_NAME, es_append_stream(append, NULL, 0, kId, ES_ANY, ERR));
  REFUSES(ES_INVALID_NAME, es_append_stream(append, "a\0b", 3, kId, ES_ANY, ERR));
  REFUSES(ES_INVALID_NAME, es_append_stream(append, "\xff", 1, kId, ES_ANY, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(append, "Order", 5, NULL, ES_ANY, ERR));
  REFUSES(ES_INVALID_ID, es_append_stream(append, "Order", 5, kNil, ES_ANY, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(append, "Order", 5, kId, -3, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(append, "Order", 5, kId, INT64_C(2147483648), ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(append, "Order", 5, kId, INT64_MIN, ERR));
  /* After a refused choice there is still no stream. */
  REFUSES(ES_INVALID_ARGUMENT, es_append_event(append, "Placed", 6, "{}", 2, ERR));
  assert_int_equal(es_append_stream(append, "Order", 5, kId, 3, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_append_stream(append, "Order", 5, kId, 4, ERR));
  es_append_close(&append);
}

static void setters_leave_the_event_as_it_was(void** state) {
  es_append* append = NULL;
  uint8_t drawn[16];
  (void)state;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_append_event(append, NULL, 6, "{}", 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_event(append, "Placed", 6, NULL, 2, ERR));
  GIVES(0, es_append_count(append));
  assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
  memcpy(drawn, es_append_event_id(append, 0), 16);
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_id(append, NULL, ERR));
  REFUSES(ES_INVALID_ID, es_append_set_event_id(append, kNil, ERR));
  assert_memory_equal(es_append_event_id(append, 0), drawn, 16);
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_version(append, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_event_version(append, INT32_MIN, ERR));
  REFUSES(ES_INVALID_TIME, es_append_set_occurred_at(append, INT64_MAX, ERR));
  REFUSES(ES_INVALID_TIME, es_append_set_occurred_at(append, INT64_MIN, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_tenant_id(append, NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_correlation_id(append, NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_causation_id(append, NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_actor_id(append, NULL, 3, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_metadata(append, NULL, 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_on_duplicate(append, 2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_append_set_on_duplicate(append, -1, ERR));
  GIVES_NULL(es_append_event_id(append, 1));
  GIVES_NULL(es_append_event_id(append, SIZE_MAX));
  es_append_clear(append);
  GIVES(0, es_append_count(append));
  REFUSES(ES_INVALID_ARGUMENT, es_append_event(append, "Placed", 6, "{}", 2, ERR));
  es_append_close(&append);
  assert_null(append);
}

static void appending(void** state) {
  es_store* store = open_memory();
  es_append* append = NULL;
  es_append_result* result = NULL;
  int64_t count = -1;
  (void)state;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, result, es_store_append(NULL, append, NULL, &result, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, result, es_store_append(store, NULL, NULL, &result, ERR));
  assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, result, es_store_append(store, append, NULL, &result, ERR));
  /* An empty type and data reach the append, which refuses them. */
  assert_int_equal(es_append_event(append, NULL, 0, NULL, 0, NULL), ES_OK);
  REFUSES_HANDLE(ES_INVALID_NAME, result, es_store_append(store, append, NULL, &result, ERR));
  assert_int_equal(es_store_count(store, NULL, NULL, &count, NULL), ES_OK);
  GIVES(0, count);
  /* Call and result may be NULL. */
  es_append_clear(append);
  assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
  assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
  assert_int_equal(es_store_append(store, append, NULL, NULL, NULL), ES_OK);
  /* The same builder again is a retry. */
  assert_int_equal(es_store_append(store, append, NULL, &result, NULL), ES_OK);
  GIVES(1, es_append_result_known_count(result));
  es_append_result_close(&result);
  es_append_close(&append);
  es_store_close(&store);
}

static void no_result(void** state) {
  es_append_result* none = NULL;
  (void)state;
  GIVES(0, es_append_result_count(NULL));
  GIVES(0, es_append_result_known_count(NULL));
  GIVES(0, es_append_result_first_position(NULL));
  GIVES(0, es_append_result_last_position(NULL));
  GIVES_NULL(es_append_result_event_ids(NULL));
  GIVES_NULL(es_append_result_positions(NULL));
  GIVES_NULL(es_append_result_versions(NULL));
  GIVES_NULL(es_append_result_known(NULL));
  GIVES(0, es_append_result_stream_count(NULL));
  GIVES_NULL(es_append_result_stream_versions(NULL));
  GIVES_NULL(es_append_result_event_streams(NULL));
  GIVES_NULL(es_append_result_token(NULL));
  IGNORES(es_append_result_close(NULL));
  IGNORES(es_append_result_close(&none));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_builder), cmocka_unit_test(before_there_is_an_event),
      cmocka_unit_test(streams),    cmocka_unit_test(setters_leave_the_event_as_it_was),
      cmocka_unit_test(appending),  cmocka_unit_test(no_result),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
