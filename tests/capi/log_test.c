/* Logs and their records, with good and with bad arguments. */
#include <poll.h>

#include "tests/capi/refuse.h"

static es_log* new_log(int64_t capacity) {
  es_log* log = NULL;
  assert_int_equal(es_log_new(ES_LOG_TRACE, capacity, &log, NULL), ES_OK);
  return log;
}

static es_store* open_with_log(es_log* log) {
  es_options* options = NULL;
  es_store* store = NULL;
  assert_int_equal(es_options_new(&options, NULL), ES_OK);
  assert_int_equal(es_options_set_log(options, log, NULL), ES_OK);
  assert_int_equal(es_store_open(ES_ABI_VERSION, "memory:", 7, options, NULL, &store, NULL), ES_OK);
  es_options_close(&options);
  return store;
}

static es_log_record* take(es_log* log) {
  es_log_record* record = NULL;
  size_t count = 77;
  assert_int_equal(es_log_take(log, &record, 1, &count, NULL), ES_OK);
  assert_int_equal(count, record == NULL ? 0 : 1);
  return record;
}

static int is_readable(const es_log* log) {
  struct pollfd place = {es_log_fd(log), POLLIN, 0};
  return poll(&place, 1, 0) == 1;
}

static void bad_arguments(void** state) {
  es_log* log = NULL;
  es_options* options = NULL;
  es_log_record* record = NULL;
  size_t count = 77;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_log_new(ES_LOG_INFO, 8, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, log, es_log_new(-1, 8, &log, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, log, es_log_new(5, 8, &log, ERR));
  REFUSES_HANDLE(ES_LIMIT_EXCEEDED, log, es_log_new(ES_LOG_INFO, 0, &log, ERR));
  REFUSES_HANDLE(ES_LIMIT_EXCEEDED, log, es_log_new(ES_LOG_INFO, INT64_MIN, &log, ERR));
  REFUSES_HANDLE(ES_LIMIT_EXCEEDED, log, es_log_new(ES_LOG_INFO, ES_LOG_RECORDS_MAX + 1, &log, ERR));
  log = new_log(ES_LOG_RECORDS_MAX);
  es_log_close(&log);
  log = new_log(2);
  REFUSES(ES_INVALID_ARGUMENT, es_log_set_level(NULL, ES_LOG_INFO, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_log_set_level(log, 7, ERR));
  GIVES(ES_LOG_TRACE, es_log_level(log));
  REFUSES(ES_INVALID_ARGUMENT, es_log_wait(NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_log_wait(log, -2, ERR));
  REFUSES(ES_TIMEOUT, es_log_wait(log, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_log_take(NULL, &record, 1, &count, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_log_take(log, NULL, 1, &count, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_log_take(log, &record, 1, NULL, ERR));
  GIVES(77, count);
  REFUSES(ES_INVALID_ARGUMENT, es_options_set_log(NULL, log, ERR));
  assert_int_equal(es_options_new(&options, NULL), ES_OK);
  assert_int_equal(es_options_set_log(options, log, NULL), ES_OK);
  assert_int_equal(es_options_set_log(options, NULL, NULL), ES_OK);
  es_options_close(&options);
  es_log_close(&log);
  assert_null(log);
  IGNORES(es_log_close(&log));
  IGNORES(es_log_close(NULL));
}

static void nothing(void** state) {
  const char* key = "untouched";
  const char* value = "untouched";
  size_t length = 77;
  es_log_record* none = NULL;
  (void)state;
  GIVES_NULL(es_log_retain(NULL));
  GIVES(ES_LOG_OFF, es_log_level(NULL));
  GIVES(-1, es_log_fd(NULL));
  GIVES(0, es_log_dropped(NULL));
  GIVES(0, es_log_record_time(NULL));
  GIVES(ES_LOG_OFF, es_log_record_level(NULL));
  GIVES_NULL(es_log_record_logger(NULL));
  GIVES_NULL(es_log_record_message(NULL));
  GIVES(0, es_log_record_field_count(NULL));
  GIVES(0, es_log_record_field_at(NULL, 0, &key, &value));
  assert_string_equal(key, "untouched");
  assert_string_equal(value, "untouched");
  GIVES_NULL(es_log_record_json(NULL, &length));
  GIVES(0, length);
  IGNORES(es_log_record_close(NULL));
  IGNORES(es_log_record_close(&none));
}

static void names_of_levels(void** state) {
  (void)state;
  assert_string_equal(es_log_level_name(ES_LOG_TRACE), "trace");
  assert_string_equal(es_log_level_name(ES_LOG_WARNING), "warning");
  assert_string_equal(es_log_level_name(ES_LOG_OFF), "off");
  GIVES_NULL(es_log_level_name(5));
  GIVES_NULL(es_log_level_name(INT32_MIN));
}

static void a_store_tells_of_its_opening(void** state) {
  es_log* log = new_log(8);
  es_store* store = open_with_log(log);
  es_log_record* record = NULL;
  const char* key = NULL;
  const char* value = NULL;
  size_t length = 0;
  (void)state;
  assert_true(is_readable(log));
  assert_int_equal(es_log_wait(log, -1, NULL), ES_OK);
  record = take(log);
  assert_non_null(record);
  assert_true(es_log_record_time(record) > INT64_C(1700000000000000));
  GIVES(ES_LOG_INFO, es_log_record_level(record));
  assert_string_equal(es_log_record_logger(record), "store");
  assert_string_equal(es_log_record_message(record), "store opened");
  assert_true(es_log_record_field_count(record) >= 2);
  GIVES(1, es_log_record_field_at(record, 0, &key, NULL));
  GIVES(1, es_log_record_field_at(record, 0, NULL, &value));
  assert_string_equal(key, "backend");
  assert_string_equal(value, "memory");
  GIVES(0, es_log_record_field_at(record, es_log_record_field_count(record), &key, &value));
  GIVES(0, es_log_record_field_at(record, SIZE_MAX, &key, &value));
  assert_string_equal(key, "backend");
  assert_true(es_log_record_json(record, NULL)[0] == '{');
  value = es_log_record_json(record, &length);
  assert_int_equal(strlen(value), length);
  es_log_record_close(&record);
  assert_null(record);
  es_store_close(&store);
  es_log_close(&log);
}

static void several_at_once(void** state) {
  es_log* log = new_log(8);
  es_store* stores[3];
  es_log_record* records[8];
  size_t count = 0;
  size_t i;
  (void)state;
  assert_int_equal(es_log_set_level(log, ES_LOG_INFO, NULL), ES_OK);
  for (i = 0; i < 3; ++i) stores[i] = open_with_log(log);
  assert_int_equal(es_log_take(log, records, 0, &count, NULL), ES_OK);
  GIVES(0, count);
  assert_int_equal(es_log_take(log, records, 2, &count, NULL), ES_OK);
  GIVES(2, count);
  es_log_record_close(&records[0]);
  es_log_record_close(&records[1]);
  assert_int_equal(es_log_take(log, records, 8, &count, NULL), ES_OK);
  GIVES(1, count);
  es_log_record_close(&records[0]);
  assert_false(is_readable(log));
  assert_null(take(log));
  for (i = 0; i < 3; ++i) es_store_close(&stores[i]);
  es_log_close(&log);
}

static void what_is_not_taken_is_dropped(void** state) {
  es_log* log = new_log(1);
  es_store* store = open_with_log(log);
  (void)state;
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  assert_true(es_log_dropped(log) >= 1);
  es_store_close(&store);
  es_log_close(&log);
}

/* Users of the library who do not share a log do not see each other. */
static void a_store_writes_to_its_own_log(void** state) {
  es_log* mine = new_log(8);
  es_log* theirs = new_log(8);
  es_store* store = open_with_log(mine);
  es_store* silent = open_memory();
  (void)state;
  assert_true(is_readable(mine));
  assert_false(is_readable(theirs));
  es_store_close(&silent);
  es_store_close(&store);
  es_log_close(&theirs);
  es_log_close(&mine);
}

static void the_level_can_be_changed_under_way(void** state) {
  es_log* log = new_log(8);
  es_store* store = NULL;
  es_log_record* record = NULL;
  (void)state;
  assert_int_equal(es_log_set_level(log, ES_LOG_OFF, NULL), ES_OK);
  store = open_with_log(log);
  assert_null(take(log));
  assert_int_equal(es_log_set_level(log, ES_LOG_INFO, NULL), ES_OK);
  GIVES(ES_LOG_INFO, es_log_level(log));
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  record = take(log);
  assert_non_null(record);
  assert_string_equal(es_log_record_message(record), "store shut down");
  es_log_record_close(&record);
  es_store_close(&store);
  es_log_close(&log);
}

static void closed_in_any_order(void** state) {
  es_log* log = new_log(8);
  es_log* other = es_log_retain(log);
  es_store* store = open_with_log(log);
  es_log_record* record = take(log);
  int64_t head = -1;
  (void)state;
  es_log_close(&log);
  assert_true(other != NULL);
  es_log_close(&other);
  assert_non_null(record);
  assert_string_equal(es_log_record_message(record), "store opened");
  es_log_record_close(&record);
  assert_int_equal(es_store_head(store, NULL, &head, NULL), ES_OK);
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  es_store_close(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bad_arguments),
                                     cmocka_unit_test(nothing),
                                     cmocka_unit_test(names_of_levels),
                                     cmocka_unit_test(a_store_tells_of_its_opening),
                                     cmocka_unit_test(several_at_once),
                                     cmocka_unit_test(what_is_not_taken_is_dropped),
                                     cmocka_unit_test(a_store_writes_to_its_own_log),
                                     cmocka_unit_test(the_level_can_be_changed_under_way),
                                     cmocka_unit_test(closed_in_any_order)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
