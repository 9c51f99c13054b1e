/* Completion queues: bad arguments, the descriptor, waiting, and every order of closing. */
#include <poll.h>
#include <unistd.h>

#include "tests/capi/refuse.h"

static es_queue* new_queue(void) {
  es_queue* queue = NULL;
  assert_int_equal(es_queue_new(&queue, NULL), ES_OK);
  assert_non_null(queue);
  return queue;
}

/* The next completion, which will come. */
static es_completion* next(es_queue* queue) {
  es_completion* done = NULL;
  size_t count = 0;
  assert_int_equal(es_queue_wait(queue, -1, NULL), ES_OK);
  assert_int_equal(es_queue_take(queue, &done, 1, &count, NULL), ES_OK);
  assert_int_equal(count, 1);
  return done;
}

static int is_readable(const es_queue* queue) {
  struct pollfd watched = {es_queue_fd(queue), POLLIN, 0};
  return poll(&watched, 1, 0);
}

static void bad_arguments(void** state) {
  es_queue* queue = new_queue();
  es_queue* none = NULL;
  es_completion* done = NULL;
  size_t count = 7;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_queue_new(NULL, ERR));
  GIVES_NULL(es_queue_retain(NULL));
  GIVES(-1, es_queue_fd(NULL));
  REFUSES(ES_INVALID_ARGUMENT, es_queue_wait(NULL, 0, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_queue_wait(queue, -2, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_queue_take(NULL, &done, 1, &count, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_queue_take(queue, NULL, 1, &count, ERR));
  REFUSES(ES_INVALID_ARGUMENT, es_queue_take(queue, &done, 1, NULL, ERR));
  assert_int_equal(count, 7);
  assert_null(done);
  IGNORES(es_queue_close(NULL));
  IGNORES(es_queue_close(&none));
  es_queue_close(&queue);
  assert_null(queue);
}

static void no_completion(void** state) {
  es_completion* none = NULL;
  (void)state;
  GIVES(0, es_completion_tag(NULL));
  GIVES(0, es_completion_kind(NULL));
  GIVES(ES_OK, es_completion_status(NULL));
  GIVES_NULL(es_completion_error(NULL));
  GIVES(0, es_completion_number(NULL));
  GIVES_NULL(es_completion_take_error(NULL));
  GIVES_NULL(es_completion_take_store(NULL));
  GIVES_NULL(es_completion_take_append_result(NULL));
  GIVES_NULL(es_completion_take_page(NULL));
  GIVES_NULL(es_completion_take_snapshot(NULL));
  GIVES_NULL(es_completion_take_inspection(NULL));
  GIVES_NULL(es_completion_take_indexes(NULL));
  IGNORES(es_completion_close(NULL));
  IGNORES(es_completion_close(&none));
}

static void an_empty_queue(void** state) {
  es_queue* queue = new_queue();
  es_completion* done = NULL;
  size_t count = 7;
  (void)state;
  GIVES(0, is_readable(queue));
  REFUSES(ES_TIMEOUT, es_queue_wait(queue, 0, ERR));
  REFUSES(ES_TIMEOUT, es_queue_wait(queue, 1, ERR));
  assert_int_equal(es_queue_take(queue, &done, 1, &count, NULL), ES_OK);
  GIVES(0, count);
  es_queue_close(&queue);
}

/* Readable from the first completion that waits until the last is taken, however often it is looked at. */
static void the_descriptor_is_level_triggered(void** state) {
  es_store* store = open_with_event();
  es_queue* queue = new_queue();
  es_completion* done[3] = {NULL, NULL, NULL};
  size_t count = 0;
  (void)state;
  for (int64_t tag = 1; tag <= 3; ++tag) {
    assert_int_equal(es_store_start_head(store, NULL, queue, tag, NULL), ES_OK);
  }
  /* Afterwards all three wait. */
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  GIVES(1, is_readable(queue));
  GIVES(1, is_readable(queue));
  assert_int_equal(es_queue_wait(queue, 0, NULL), ES_OK);
  assert_int_equal(es_queue_take(queue, done, 0, &count, NULL), ES_OK);
  GIVES(0, count);
  assert_int_equal(es_queue_take(queue, done, 2, &count, NULL), ES_OK);
  GIVES(2, count);
  GIVES(1, is_readable(queue));
  assert_int_equal(es_queue_take(queue, done + 2, 5, &count, NULL), ES_OK);
  GIVES(1, count);
  GIVES(0, is_readable(queue));
  for (size_t i = 0; i < 3; ++i) {
    GIVES(ES_CALL_HEAD, es_completion_kind(done[i]));
    GIVES(1, es_completion_number(done[i]));
    es_completion_close(&done[i]);
    assert_null(done[i]);
  }
  es_queue_close(&queue);
  es_store_close(&store);
}

/* What a completion has not is NULL; what was taken is gone. */
static void takes(void** state) {
  es_store* store = open_with_event();
  es_queue* queue = new_queue();
  es_page* page = NULL;
  es_error* error = NULL;
  es_completion* done = NULL;
  (void)state;
  assert_int_equal(es_store_start_read_log(store, NULL, NULL, queue, INT64_MIN, NULL), ES_OK);
  done = next(queue);
  assert_true(es_completion_tag(done) == INT64_MIN);
  GIVES(ES_CALL_READ_LOG, es_completion_kind(done));
  GIVES(ES_OK, es_completion_status(done));
  GIVES_NULL(es_completion_error(done));
  GIVES_NULL(es_completion_take_error(done));
  GIVES_NULL(es_completion_take_store(done));
  GIVES_NULL(es_completion_take_append_result(done));
  GIVES_NULL(es_completion_take_snapshot(done));
  GIVES_NULL(es_completion_take_inspection(done));
  GIVES_NULL(es_completion_take_indexes(done));
  GIVES(0, es_completion_number(done));
  page = es_completion_take_page(done);
  GIVES(1, es_page_count(page));
  GIVES_NULL(es_completion_take_page(done));
  es_completion_close(&done);
  GIVES(1, es_page_count(page));
  es_page_close(&page);

  assert_int_equal(es_store_start_load_snapshot(store, "Order", 5, kId, NULL, queue, 5, NULL), ES_OK);
  done = next(queue);
  GIVES(5, es_completion_tag(done));
  GIVES(ES_SNAPSHOT_NOT_FOUND, es_completion_status(done));
  GIVES(ES_SNAPSHOT_NOT_FOUND, es_error_code(es_completion_error(done)));
  GIVES_NULL(es_completion_take_snapshot(done));
  error = es_completion_take_error(done);
  assert_string_equal(es_error_detail(error, "aggregate_type"), "Order");
  GIVES_NULL(es_completion_error(done));
  GIVES(ES_SNAPSHOT_NOT_FOUND, es_completion_status(done));
  es_completion_close(&done);
  es_error_close(&error);
  es_queue_close(&queue);
  es_store_close(&store);
}

/* The last reference ends it, and what waits goes with it. */
static void references(void** state) {
  es_store* store = open_with_event();
  es_queue* queue = new_queue();
  es_queue* second = es_queue_retain(queue);
  (void)state;
  es_queue_close(&queue);
  assert_int_equal(es_store_start_read_log(store, NULL, NULL, second, 1, NULL), ES_OK);
  assert_int_equal(es_queue_wait(second, -1, NULL), ES_OK);
  GIVES(1, is_readable(second));
  es_queue_close(&second);
  es_store_close(&store);
}

/* The calls of a queue that was closed are made all the same. */
static void closed_with_calls_in_flight(void** state) {
  es_store* store = open_memory();
  es_queue* queue = new_queue();
  es_append* append = NULL;
  int64_t count = 0;
  (void)state;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  for (int64_t i = 0; i < 100; ++i) {
    es_append_clear(append);
    assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
    assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
    assert_int_equal(es_store_start_append(store, append, NULL, queue, i, NULL), ES_OK);
  }
  es_append_close(&append);
  es_queue_close(&queue);
  /* Somebody hears of the end of all of them: the store is shut down by another queue's call. */
  queue = new_queue();
  while (count != 100) {
    es_completion* done = NULL;
    assert_int_equal(es_store_start_count(store, NULL, NULL, queue, 1, NULL), ES_OK);
    done = next(queue);
    count = es_completion_number(done);
    es_completion_close(&done);
  }
  es_queue_close(&queue);
  es_store_close(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(no_completion),
      cmocka_unit_test(an_empty_queue),
      cmocka_unit_test(the_descriptor_is_level_triggered),
      cmocka_unit_test(takes),
      cmocka_unit_test(references),
      cmocka_unit_test(closed_with_calls_in_flight),
  };
  return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
