/* Texts of length 0 and outputs that nobody wants, where the other files have no reason to pass them. */
#include "tests/capi/refuse.h"

static void texts(void** state) {
  (void)state;
  es_store* store = open_with_event();
  int64_t version = 7;
  int32_t deleted = 7;
  es_snapshot* snapshot = NULL;
  REFUSES(ES_INVALID_NAME, es_store_stream_version(store, "", 0, kId, NULL, &version, ERR));
  assert_int_equal(version, 7);
  REFUSES_HANDLE(ES_INVALID_NAME, snapshot, es_store_load_snapshot(store, "", 0, kId, NULL, &snapshot, ERR));
  REFUSES(ES_INVALID_NAME, es_store_delete_snapshot(store, "", 0, kId, NULL, &deleted, ERR));
  assert_int_equal(deleted, 7);
  es_store_close(&store);

  es_call* call = NULL;
  assert_int_equal(es_call_new(&call, NULL), ES_OK);
  REFUSES(ES_INVALID_TOKEN, es_call_set_token(call, "", 0, ERR));
  es_call_close(&call);
}

/* An empty actor is an actor; empty metadata is no object, which the append finds. */
static void actor_and_metadata(void** state) {
  (void)state;
  es_store* store = open_memory();
  es_append* append = NULL;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
  assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
  assert_int_equal(es_append_set_actor_id(append, "", 0, NULL), ES_OK);
  assert_int_equal(es_store_append(store, append, NULL, NULL, NULL), ES_OK);

  es_page* page = NULL;
  assert_int_equal(es_store_read_log(store, NULL, NULL, &page, NULL), ES_OK);
  assert_true((es_page_record(page, 0)->presence & ES_HAS_ACTOR) != 0);
  es_page_close(&page);

  es_append_clear(append);
  assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
  assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
  assert_int_equal(es_append_set_metadata(append, "", 0, NULL), ES_OK);
  REFUSES(ES_INVALID_JSON, es_store_append(store, append, NULL, NULL, ERR));
  es_append_close(&append);
  es_store_close(&store);
}

static void outputs(void** state) {
  (void)state;
  es_error* error = NULL;
  const char* text = "untouched";
  assert_int_equal(es_json_check_data("[]", 2, &error), ES_INVALID_JSON);
  GIVES(1, es_error_detail_at(error, 0, NULL, &text));
  assert_string_not_equal(text, "untouched");
  GIVES(1, es_error_detail_at(error, 0, &text, NULL));
  es_error_close(&error);

  size_t cursor = 0;
  size_t length = 0;
  GIVES(-1, es_json_next("{}", 2, &cursor, NULL, &length, &text, &length));
  GIVES(-1, es_json_next("{}", 2, &cursor, &text, NULL, &text, &length));
  GIVES(-1, es_json_next("{}", 2, &cursor, &text, &length, NULL, &length));
  GIVES(-1, es_json_next("{}", 2, &cursor, &text, &length, &text, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts),
      cmocka_unit_test(actor_and_metadata),
      cmocka_unit_test(outputs),
  };
  return cmocka_run_group_tests_name("empty", tests, NULL, NULL);
}
