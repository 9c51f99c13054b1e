/* Versions, statuses, errors, options, call options and cancel handles with bad arguments. */
#include "tests/capi/refuse.h"

static void versions_and_statuses(void** state) {
  (void)state;
  GIVES(ES_ABI_VERSION, es_abi_version());
  assert_string_equal(es_version(), "0.1.0");
  assert_string_equal(es_status_name(ES_VERSION_CONFLICT), "ES_VERSION_CONFLICT");
  assert_string_equal(es_status_name(ES_OK), "ES_OK");
  assert_string_equal(es_status_name(-199), "ES_UNKNOWN");
  assert_string_equal(es_status_name(INT32_MIN), "ES_UNKNOWN");
  GIVES(-100, es_status_kind(-199));
  GIVES(-300, es_status_kind(-300));
  GIVES(-900, es_status_kind(ES_OUT_OF_MEMORY));
  GIVES(0, es_status_kind(ES_OK));
}

static void no_error(void** state) {
  const char* key = "untouched";
  const char* value = "untouched";
  es_error* none = NULL;
  (void)state;
  GIVES(ES_OK, es_error_code(NULL));
  assert_string_equal(es_error_message(NULL), "");
  assert_string_equal(es_error_sqlstate(NULL), "");
  GIVES(0, es_error_is_retryable(NULL));
  GIVES(ES_OUTCOME_NOT_APPLIED, es_error_outcome(NULL));
  GIVES_NULL(es_error_detail(NULL, "path"));
  GIVES(0, es_error_detail_count(NULL));
  GIVES(0, es_error_detail_at(NULL, 0, &key, &value));
  assert_string_equal(key, "untouched");
  IGNORES(es_error_close(NULL));
  IGNORES(es_error_close(&none));
}

static void details_of_an_error(void** state) {
  es_error* error = NULL;
  es_options* options = NULL;
  const char* key = "untouched";
  const char* value = "untouched";
  (void)state;
  assert_int_equal(es_options_new(&options, NULL), ES_OK);
  assert_int_equal(es_options_set(options, "colour", 6, "red", 3, &error), ES_UNKNOWN_OPTION);
  assert_string_equal(es_error_detail(error, "option"), "colour");
  GIVES_NULL(es_error_detail(error, "path"));
  GIVES_NULL(es_error_detail(error, ""));
  GIVES_NULL(es_error_detail(error, NULL));
  GIVES(0, es_error_detail_at(error, es_error_detail_count(error), &key, &value));
  GIVES(0, es_error_detail_at(error, SIZE_MAX, &key, &value));
  assert_string_equal(key, "untouched");
  assert_string_equal(value, "untouched");
  es_error_close(&error);
  assert_null(error);
  es_options_close(&options);
}

static void options(void** state) {
  es_options* made = NULL;
  es_store* store = NULL;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_options_new(NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(NULL, "create", 6, "true", 4, ERR));
  assert_int_equal(es_options_new(&made, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(made, NULL, 6, "true", 4, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(made, "create", 6, NULL, 4, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(made, "create", 6, NULL, 0, ERR));
  REFUSES(ES_UNKNOWN_OPTION, es_options_set(made, NULL, 0, "true", 4, ERR));
  REFUSES(ES_UNKNOWN_OPTION, es_options_set(made, "create", 5, "true", 4, ERR));
  REFUSES(ES_UNKNOWN_OPTION, es_options_set(made, "create\0", 7, "true", 4, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(made, "create", 6, "true\0", 5, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(made, "busy_timeout_ms", 15, "1e3", 3, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_options_set(made, "page_bytes", 10, " 4096", 5, ERR));
  REFUSES(ES_LIMIT_EXCEEDED, es_options_set(made, "max_append_events", 17, "1000001", 7, ERR));
  /* A refused value changes nothing: the store still opens. */
  assert_int_equal(es_store_open(ES_ABI_VERSION, "memory:", 7, made, NULL, &store, NULL), ES_OK);
  es_store_close(&store);
  es_options_close(&made);
  assert_null(made);
  IGNORES(es_options_close(&made));
  IGNORES(es_options_close(NULL));
}

static void table_of_options(void** state) {
  const char* name = "untouched";
  size_t count = 0;
  (void)state;
  while (es_option_at(count, NULL, NULL, NULL, NULL) == 1) ++count;
  GIVES(14, count);
  GIVES(0, es_option_at(count, &name, NULL, NULL, NULL));
  GIVES(0, es_option_at(SIZE_MAX, &name, NULL, NULL, NULL));
  assert_string_equal(name, "untouched");
}

static void calls(void** state) {
  es_call* call = NULL;
  es_cancel* cancel = NULL;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_call_new(NULL, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_call_set_timeout(NULL, 1, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_call_set_token(NULL, "es1", 3, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_call_set_cancel(NULL, NULL, ERR));
  assert_int_equal(es_call_new(&call, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_call_set_timeout(call, -2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_call_set_timeout(call, INT64_MIN, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_call_set_token(call, NULL, 3, ERR));
  assert_int_equal(es_call_set_timeout(call, INT64_MAX, NULL), ES_OK);
  REFUSES(ES_INVALID_ARGUMENT, es_cancel_new(NULL, ERR));
  IGNORES(es_cancel_fire(NULL));
  assert_int_equal(es_cancel_new(&cancel, NULL), ES_OK);
  assert_int_equal(es_call_set_cancel(call, cancel, NULL), ES_OK);
  es_cancel_close(&cancel);
  assert_null(cancel);
  IGNORES(es_cancel_close(&cancel));
  IGNORES(es_cancel_close(NULL));
  assert_int_equal(es_call_set_cancel(call, NULL, NULL), ES_OK);
  es_call_close(&call);
  assert_null(call);
  IGNORES(es_call_close(&call));
  IGNORES(es_call_close(NULL));
}

/* The call keeps its own reference: firing before the close is seen after it. */
static void a_cancel_handle_closed_before_the_call(void** state) {
  es_store* store = open_memory();
  es_call* call = NULL;
  es_cancel* cancel = NULL;
  int64_t head = -1;
  (void)state;
  assert_int_equal(es_call_new(&call, NULL), ES_OK);
  assert_int_equal(es_cancel_new(&cancel, NULL), ES_OK);
  assert_int_equal(es_call_set_cancel(call, cancel, NULL), ES_OK);
  es_cancel_fire(cancel);
  es_cancel_fire(cancel);
  es_cancel_close(&cancel);
  REFUSES(ES_CANCELLED, es_store_head(store, call, &head, ERR));
  GIVES(-1, head);
  es_call_close(&call);
  es_store_close(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(versions_and_statuses),
                                     cmocka_unit_test(no_error),
                                     cmocka_unit_test(details_of_an_error),
                                     cmocka_unit_test(options),
                                     cmocka_unit_test(table_of_options),
                                     cmocka_unit_test(calls),
                                     cmocka_unit_test(a_cancel_handle_closed_before_the_call)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
