/* Started calls: each with bad arguments, and each to its end with what it gives. */
#include "tests/capi/refuse.h"

static es_queue* new_queue(void) {
  es_queue* queue = NULL;
  assert_int_equal(es_queue_new(&queue, NULL), ES_OK);
  return queue;
}

/* The end of the one call that is in flight; its status is checked. */
static es_completion* end_of(es_queue* queue, int32_t kind, es_status status) {
  es_completion* done = NULL;
  size_t count = 0;
  assert_int_equal(es_queue_wait(queue, -1, NULL), ES_OK);
  assert_int_equal(es_queue_take(queue, &done, 1, &count, NULL), ES_OK);
  assert_int_equal(count, 1);
  assert_int_equal(es_completion_tag(done), 9);
  assert_int_equal(es_completion_kind(done), kind);
  assert_int_equal(es_completion_status(done), status);
  assert_int_equal(es_error_code(es_completion_error(done)), status);
  return done;
}

static void ends(es_queue* queue, int32_t kind, es_status status, int64_t number) {
  es_completion* done = end_of(queue, kind, status);
  assert_int_equal(es_completion_number(done), number);
  es_completion_close(&done);
}

static es_append* one_event(int64_t expected_version) {
  es_append* append = NULL;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  assert_int_equal(es_append_stream(append, "Order", 5, kId, expected_version, NULL), ES_OK);
  assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
  return append;
}

static void no_store_and_no_queue(void** state) {
  es_store* store = open_with_event();
  es_queue* queue = new_queue();
  es_append* append = one_event(ES_ANY);
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_append(NULL, append, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_append(store, append, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_append_packed(NULL, "x", 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_append_packed(store, "x", 1, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_stream(NULL, "Order", 5, kId, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_stream(store, "Order", 5, kId, NULL, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_log(NULL, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_log(store, NULL, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_event(NULL, kId, 0, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_event(store, kId, 0, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_head(NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_head(store, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_stream_version(NULL, "Order", 5, kId, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_stream_version(store, "Order", 5, kId, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_count(NULL, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_count(store, NULL, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_save_snapshot(NULL, "Order", 5, kId, 1, 1, "1", 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_save_snapshot(store, "Order", 5, kId, 1, 1, "1", 1, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_load_snapshot(NULL, "Order", 5, kId, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_load_snapshot(store, "Order", 5, kId, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_delete_snapshot(NULL, "Order", 5, kId, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_delete_snapshot(store, "Order", 5, kId, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_inspect(NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_inspect(store, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_index_list(NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_index_list(store, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_index_add(NULL, "x", 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_index_add(store, "x", 1, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_open(ES_ABI_VERSION, "memory:", 7, NULL, NULL, NULL, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_shutdown(NULL, -1, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_shutdown(store, -1, NULL, 9, ERR));
  es_append_close(&append);
  /* Nothing of it was started. */
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  REFUSES(ES_TIMEOUT, es_queue_wait(queue, 0, ERR));
  es_queue_close(&queue);
  es_store_close(&store);
}

static void bad_arguments(void** state) {
  es_store* store = open_with_event();
  es_queue* queue = new_queue();
  int64_t head = 0;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_append(store, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_append_packed(store, NULL, 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_stream(store, NULL, 5, kId, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_stream(store, "Order", 5, NULL, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_read_event(store, NULL, 0, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_stream_version(store, NULL, 5, kId, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_stream_version(store, "Order", 5, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_save_snapshot(store, NULL, 5, kId, 1, 1, "1", 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT,
          es_store_start_save_snapshot(store, "Order", 5, NULL, 1, 1, "1", 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT,
          es_store_start_save_snapshot(store, "Order", 5, kId, 1, 1, NULL, 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_load_snapshot(store, NULL, 5, kId, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_load_snapshot(store, "Order", 5, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_delete_snapshot(store, NULL, 5, kId, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_delete_snapshot(store, "Order", 5, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_index_add(store, NULL, 1, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_open(ES_ABI_VERSION, NULL, 7, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ABI, es_store_start_open(ES_ABI_VERSION + 1, "memory:", 7, NULL, NULL, queue, 9, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_store_start_shutdown(store, -2, queue, 9, ERR));
  /* A refused shutdown shuts nothing down. */
  assert_int_equal(es_store_head(store, NULL, &head, NULL), ES_OK);
  es_queue_close(&queue);
  es_store_close(&store);
}

/* What the call itself refuses comes with its completion. */
static void refused_at_work(void** state) {
  es_store* store = open_with_event();
  es_queue* queue = new_queue();
  es_append* append = one_event(7);
  es_completion* done = NULL;
  (void)state;
  assert_int_equal(es_store_start_append(store, append, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_APPEND, ES_VERSION_CONFLICT);
  assert_string_equal(es_error_detail(es_completion_error(done), "actual_version"), "1");
  GIVES_NULL(es_completion_take_append_result(done));
  es_completion_close(&done);
  es_append_close(&append);

  assert_int_equal(es_store_start_append_packed(store, "x", 1, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_APPEND, ES_INVALID_BUFFER, 0);
  assert_int_equal(es_store_start_append_packed(store, NULL, 0, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_APPEND, ES_INVALID_BUFFER, 0);
  assert_int_equal(es_store_start_read_stream(store, NULL, 0, kId, NULL, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_READ_STREAM, ES_INVALID_NAME, 0);
  assert_int_equal(es_store_start_read_event(store, kNil, 0, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_READ_EVENT, ES_INVALID_ID, 0);
  assert_int_equal(es_store_start_stream_version(store, "", 0, kId, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_STREAM_VERSION, ES_INVALID_NAME, 0);
  assert_int_equal(es_store_start_save_snapshot(store, "", 0, kId, 1, 1, "1", 1, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_SAVE_SNAPSHOT, ES_INVALID_NAME, 0);
  assert_int_equal(es_store_start_save_snapshot(store, "Order", 5, kId, 1, 1, "", 0, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_SAVE_SNAPSHOT, ES_INVALID_JSON, 0);
  assert_int_equal(es_store_start_load_snapshot(store, "", 0, kId, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_LOAD_SNAPSHOT, ES_INVALID_NAME, 0);
  assert_int_equal(es_store_start_delete_snapshot(store, "", 0, kId, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_DELETE_SNAPSHOT, ES_INVALID_NAME, 0);
  assert_int_equal(es_store_start_index_list(store, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_INDEX_LIST, ES_INVALID_ARGUMENT, 0);
  assert_int_equal(es_store_start_index_add(store, "", 0, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_INDEX_ADD, ES_INVALID_ARGUMENT, 0);
  assert_int_equal(es_store_start_open(ES_ABI_VERSION, "", 0, NULL, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_OPEN, ES_INVALID_URL, 0);
  es_queue_close(&queue);
  es_store_close(&store);
}

static void each_to_its_end(void** state) {
  es_store* store = NULL;
  es_queue* queue = new_queue();
  es_append* append = one_event(ES_NO_STREAM);
  es_append_result* result = NULL;
  es_page* page = NULL;
  es_snapshot* snapshot = NULL;
  es_inspection* inspection = NULL;
  es_completion* done = NULL;
  (void)state;
  assert_int_equal(es_append_set_event_id(append, kId, NULL), ES_OK);
  assert_int_equal(es_store_start_open(ES_ABI_VERSION, "memory:", 7, NULL, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_OPEN, ES_OK);
  store = es_completion_take_store(done);
  assert_string_equal(es_store_backend(store), "memory");
  es_completion_close(&done);

  /* The builder may go at once. */
  assert_int_equal(es_store_start_append(store, append, NULL, queue, 9, NULL), ES_OK);
  es_append_close(&append);
  done = end_of(queue, ES_CALL_APPEND, ES_OK);
  result = es_completion_take_append_result(done);
  GIVES(1, es_append_result_count(result));
  GIVES(1, es_append_result_last_position(result));
  es_append_result_close(&result);
  es_completion_close(&done);

  assert_int_equal(es_store_start_read_stream(store, "Order", 5, kId, NULL, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_READ_STREAM, ES_OK);
  page = es_completion_take_page(done);
  GIVES(1, es_page_count(page));
  es_page_close(&page);
  es_completion_close(&done);
  assert_int_equal(es_store_start_read_log(store, NULL, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_READ_LOG, ES_OK);
  es_completion_close(&done); /* with its page */
  assert_int_equal(es_store_start_read_event(store, kId, ES_CONTENT_DOCUMENT, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_READ_EVENT, ES_OK);
  page = es_completion_take_page(done);
  GIVES(1, es_page_count(page));
  es_page_close(&page);
  es_completion_close(&done);
  assert_int_equal(es_store_start_head(store, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_HEAD, ES_OK, 1);
  assert_int_equal(es_store_start_stream_version(store, "Order", 5, kId, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_STREAM_VERSION, ES_OK, 1);
  assert_int_equal(es_store_start_count(store, NULL, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_COUNT, ES_OK, 1);

  assert_int_equal(es_store_start_save_snapshot(store, "Order", 5, kId, 1, 1, " 7 ", 3, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_SAVE_SNAPSHOT, ES_OK, 1);
  assert_int_equal(es_store_start_load_snapshot(store, "Order", 5, kId, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_LOAD_SNAPSHOT, ES_OK);
  snapshot = es_completion_take_snapshot(done);
  GIVES(1, es_snapshot_version(snapshot));
  es_snapshot_close(&snapshot);
  es_completion_close(&done);
  assert_int_equal(es_store_start_delete_snapshot(store, "Order", 5, kId, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_DELETE_SNAPSHOT, ES_OK, 1);
  assert_int_equal(es_store_start_delete_snapshot(store, "Order", 5, kId, NULL, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_DELETE_SNAPSHOT, ES_OK, 0);

  assert_int_equal(es_store_start_inspect(store, NULL, queue, 9, NULL), ES_OK);
  done = end_of(queue, ES_CALL_INSPECT, ES_OK);
  inspection = es_completion_take_inspection(done);
  GIVES(1, es_inspection_events(inspection));
  es_inspection_close(&inspection);
  es_completion_close(&done);

  assert_int_equal(es_store_start_shutdown(store, -1, queue, 9, NULL), ES_OK);
  REFUSES(ES_CLOSED, es_store_start_head(store, NULL, queue, 9, ERR));
  ends(queue, ES_CALL_SHUTDOWN, ES_OK, 0);
  assert_int_equal(es_store_start_shutdown(store, 0, queue, 9, NULL), ES_OK);
  ends(queue, ES_CALL_SHUTDOWN, ES_OK, 0);
  es_queue_close(&queue);
  es_store_close(&store);
}

/* In flight until it is taken: results that nobody takes are counted. */
static void one_more_than_the_store_takes(void** state) {
  es_options* options = NULL;
  es_store* store = NULL;
  es_queue* queue = new_queue();
  es_completion* done[4];
  es_error* error = NULL;
  size_t count = 0;
  (void)state;
  assert_int_equal(es_options_new(&options, NULL), ES_OK);
  assert_int_equal(es_options_set(options, "max_in_flight", 13, "3", 1, NULL), ES_OK);
  assert_int_equal(es_store_open(ES_ABI_VERSION, "memory:", 7, options, NULL, &store, NULL), ES_OK);
  es_options_close(&options);
  for (int64_t tag = 0; tag < 3; ++tag) {
    assert_int_equal(es_store_start_head(store, NULL, queue, tag, NULL), ES_OK);
  }
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(es_store_start_head(store, NULL, queue, 9, &error), ES_BUSY);
    GIVES(1, es_error_is_retryable(error));
    GIVES(ES_OUTCOME_NOT_APPLIED, es_error_outcome(error));
    assert_string_equal(es_error_detail(error, "limit"), "3");
    assert_non_null(strstr(es_error_message(error), "max_in_flight"));
    es_error_close(&error);
    assert_int_equal(es_queue_wait(queue, -1, NULL), ES_OK);
  }
  assert_int_equal(es_queue_take(queue, done, 1, &count, NULL), ES_OK);
  GIVES(1, count);
  es_completion_close(&done[0]);
  assert_int_equal(es_store_start_head(store, NULL, queue, 9, NULL), ES_OK);
  assert_int_equal(es_store_start_head(store, NULL, queue, 9, NULL), ES_BUSY);
  /* A queue that is closed gives all places back, those of calls under way when they end. */
  es_queue_close(&queue);
  queue = new_queue();
  for (int started = 0; started < 3;) {
    const es_status status = es_store_start_head(store, NULL, queue, 9, NULL);
    assert_true(status == ES_OK || status == ES_BUSY);
    if (status == ES_OK) ++started;
  }
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  assert_int_equal(es_store_start_head(store, NULL, queue, 9, NULL), ES_CLOSED);
  es_queue_close(&queue);
  es_store_close(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_store_and_no_queue),
      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(refused_at_work),
      cmocka_unit_test(each_to_its_end),
      cmocka_unit_test(one_more_than_the_store_takes),
  };
  return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
