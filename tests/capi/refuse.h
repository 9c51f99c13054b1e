/*
 * How the tests of this folder call a function with bad arguments (test_every_function.py sees to it that each is). One
 * thread.
 */
#ifndef TESTS_CAPI_REFUSE_H
#define TESTS_CAPI_REFUSE_H

#include <string.h>

#include "eventsource/eventsource.h"

#include "tests/support/cmocka.h"

static es_error** test_err __attribute__((unused));

/* Stands for the last argument of the call inside REFUSES: an error to fill, and in a second call NULL. */
#define ERR test_err

/* The call fails with the status, with an error that says the same, and also where nobody wants the error. */
#define REFUSES(status, call)                                                 \
  do {                                                                        \
    es_error* refuse_error = NULL;                                            \
    test_err = &refuse_error;                                                 \
    assert_int_equal(call, status);                                           \
    assert_int_equal(es_error_code(refuse_error), status);                    \
    assert_true(es_error_message(refuse_error)[0] != '\0');                   \
    assert_int_equal(es_error_outcome(refuse_error), ES_OUTCOME_NOT_APPLIED); \
    es_error_close(&refuse_error);                                            \
    test_err = NULL;                                                          \
    assert_int_equal(call, status);                                           \
  } while (0)

/* A handle output that held something else is NULL afterwards. */
#define REFUSES_HANDLE(status, handle, call) \
  do {                                       \
    (handle) = (void*)(uintptr_t)8;          \
    REFUSES(status, call);                   \
    assert_null(handle);                     \
  } while (0)

/* A function without a status gives this for a bad argument. */
#define GIVES(value, call) assert_int_equal(call, value)
#define GIVES_NULL(call) assert_null(call)

/* A function without a result does nothing. */
#define IGNORES(call) call

static const uint8_t kId[16] __attribute__((unused)) = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint8_t kNil[16] __attribute__((unused)) = {0};

static inline es_store* open_memory(void) {
  es_store* store = NULL;
  assert_int_equal(es_store_open(ES_ABI_VERSION, "memory:", 7, NULL, NULL, &store, NULL), ES_OK);
  return store;
}

/* A store with one event, $kId, in stream Order kId. */
static inline es_store* open_with_event(void) {
  es_store* store = open_memory();
  es_append* append = NULL;
  assert_int_equal(es_append_new(&append, NULL), ES_OK);
  assert_int_equal(es_append_stream(append, "Order", 5, kId, ES_ANY, NULL), ES_OK);
  assert_int_equal(es_append_event(append, "Placed", 6, "{}", 2, NULL), ES_OK);
  assert_int_equal(es_append_set_event_id(append, kId, NULL), ES_OK);
  assert_int_equal(es_store_append(store, append, NULL, NULL, NULL), ES_OK);
  es_append_close(&append);
  return store;
}

#endif
