/* Raw JSON, UUIDs and times with bad arguments. */
#include "tests/capi/refuse.h"

static void data(void** state) {
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_json_check_data(NULL, 1, ERR));
  REFUSES(ES_INVALID_JSON, es_json_check_data(NULL, 0, ERR));
  REFUSES(ES_INVALID_JSON, es_json_check_data("", 0, ERR));
  REFUSES(ES_INVALID_JSON, es_json_check_data("{}\0", 3, ERR));
  assert_int_equal(es_json_check_data("{}", 2, NULL), ES_OK);
}

static void members(void** state) {
  const char* key = "untouched";
  const char* value = "untouched";
  size_t cursor = 0;
  size_t length = 7;
  (void)state;
  GIVES(-1, es_json_next(NULL, 2, &cursor, &key, &length, &value, &length));
  GIVES(-1, es_json_next("{}", 2, NULL, &key, &length, &value, &length));
  GIVES(-1, es_json_next("", 0, &cursor, &key, &length, &value, &length));
  cursor = 0;
  GIVES(-1, es_json_next("[]", 2, &cursor, &key, &length, &value, &length));
  cursor = 0;
  GIVES(-1, es_json_next("{\"a\"", 4, &cursor, &key, &length, &value, &length));
  cursor = SIZE_MAX;
  GIVES(-1, es_json_next("{\"a\":1}", 7, &cursor, &key, &length, &value, &length));
  cursor = 0;
  GIVES(0, es_json_next("{}", 2, &cursor, &key, &length, &value, &length));
  assert_string_equal(key, "untouched");
  assert_string_equal(value, "untouched");
}

static void uuids(void** state) {
  uint8_t id[16] = {7};
  char text[ES_UUID_TEXT_BYTES] = {'x'};
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_uuid_parse(NULL, 36, id, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_uuid_parse("01020304-0506-0708-090a-0b0c0d0e0f10", 36, NULL, ERR));
  REFUSES(ES_INVALID_ID, es_uuid_parse(NULL, 0, id, ERR));
  REFUSES(ES_INVALID_ID, es_uuid_parse("01020304-0506-0708-090a-0b0c0d0e0f10", 35, id, ERR));
  REFUSES(ES_INVALID_ID, es_uuid_parse("01020304x0506-0708-090a-0b0c0d0e0f10", 36, id, ERR));
  REFUSES(ES_INVALID_ID, es_uuid_parse("g1020304-0506-0708-090a-0b0c0d0e0f10", 36, id, ERR));
  GIVES(7, id[0]);
  IGNORES(es_uuid_format(NULL, text));
  IGNORES(es_uuid_format(kId, NULL));
  GIVES('x', text[0]);
  REFUSES(ES_INVALID_ARGUMENT, es_uuid_new(NULL, ERR));
}

static void times(void** state) {
  int64_t time = 7;
  char text[ES_TIME_TEXT_BYTES] = {'x'};
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_time_parse(NULL, 20, &time, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_time_parse("2013-02-08T09:53:00Z", 20, NULL, ERR));
  REFUSES(ES_INVALID_TIME, es_time_parse(NULL, 0, &time, ERR));
  REFUSES(ES_INVALID_TIME, es_time_parse("2013-02-08T09:53:00Z", 19, &time, ERR));
  REFUSES(ES_INVALID_TIME, es_time_parse("2013-02-30T09:53:00Z", 20, &time, ERR));
  GIVES(7, time);
  REFUSES(ES_INVALID_ARGUMENT, es_time_format(0, NULL, ERR));
  REFUSES(ES_INVALID_TIME, es_time_format(INT64_MAX, text, ERR));
  REFUSES(ES_INVALID_TIME, es_time_format(INT64_MIN, text, ERR));
  REFUSES(ES_INVALID_TIME, es_time_format(253402300800000000, text, ERR));
  GIVES('x', text[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(data), cmocka_unit_test(members), cmocka_unit_test(uuids),
                                     cmocka_unit_test(times)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
