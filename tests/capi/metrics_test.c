/* What a store counts, and bad arguments. */
#include <math.h>

#include "tests/capi/refuse.h"

static es_metrics* look(const es_store* store) {
  es_metrics* metrics = NULL;
  assert_int_equal(es_store_metrics(store, &metrics, NULL), ES_OK);
  return metrics;
}

static size_t find(const es_metrics* metrics, const char* name) {
  const int64_t index = es_metrics_find(metrics, name, strlen(name));
  assert_true(index >= 0);
  return (size_t)index;
}

static int64_t value_of(const es_store* store, const char* name) {
  es_metrics* metrics = look(store);
  const int64_t value = es_metrics_value(metrics, find(metrics, name));
  es_metrics_close(&metrics);
  return value;
}

static void bad_arguments(void** state) {
  es_store* store = open_memory();
  es_metrics* metrics = NULL;
  size_t length = 77;
  double bound = 7;
  int64_t count = 7;
  (void)state;
  REFUSES(ES_INVALID_ARGUMENT, es_store_metrics(store, NULL, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, metrics, es_store_metrics(NULL, &metrics, ERR));
  GIVES(0, es_metrics_count(NULL));
  GIVES(-1, es_metrics_find(NULL, "eventsource_calls", 17));
  GIVES(0, es_metrics_value(NULL, 0));
  assert_true(es_metrics_sum(NULL, 0) == 0);
  assert_true(es_metrics_quantile(NULL, 0, 0.5) == 0);
  GIVES(0, es_metrics_bucket_count(NULL, 0));
  GIVES(0, es_metrics_bucket_at(NULL, 0, 0, &bound, &count));
  GIVES_NULL(es_metrics_text(NULL, &length));
  GIVES(0, length);
  metrics = look(store);
  GIVES(-1, es_metrics_find(metrics, NULL, 0));
  GIVES(-1, es_metrics_find(metrics, NULL, 5));
  GIVES(-1, es_metrics_find(metrics, "eventsource_call", 16));
  GIVES(-1, es_metrics_find(metrics, "eventsource_calls", 0));
  GIVES(0, es_metrics_value(metrics, SIZE_MAX));
  GIVES(0, es_metrics_bucket_count(metrics, SIZE_MAX));
  GIVES(0, es_metrics_bucket_count(metrics, find(metrics, "eventsource_calls")));
  GIVES(0, es_metrics_bucket_at(metrics, find(metrics, "eventsource_calls"), 0, &bound, &count));
  GIVES(0, es_metrics_bucket_at(metrics, find(metrics, "eventsource_append_seconds"), SIZE_MAX, &bound, &count));
  GIVES(7, count);
  assert_true(bound == 7);
  assert_true(es_metrics_quantile(metrics, find(metrics, "eventsource_calls"), 0.5) == 0);
  assert_true(es_metrics_quantile(metrics, SIZE_MAX, 0.5) == 0);
  assert_true(es_metrics_sum(metrics, SIZE_MAX) == 0);
  es_metrics_close(&metrics);
  assert_null(metrics);
  IGNORES(es_metrics_close(&metrics));
  IGNORES(es_metrics_close(NULL));
  es_store_close(&store);
}

static void table(void** state) {
  es_store* store = open_memory();
  es_metrics* metrics = look(store);
  const char* name = "untouched";
  const char* meaning = "untouched";
  int32_t kind = 77;
  size_t i;
  (void)state;
  assert_true(es_metrics_count(metrics) > 10);
  for (i = 0; es_metric_at(i, &name, &kind, &meaning) == 1; ++i) {
    GIVES(i, es_metrics_find(metrics, name, strlen(name)));
    assert_true(kind == ES_METRIC_COUNTER || kind == ES_METRIC_GAUGE || kind == ES_METRIC_HISTOGRAM);
    assert_true(meaning[0] != '\0');
    assert_true((es_metrics_bucket_count(metrics, i) > 0) == (kind == ES_METRIC_HISTOGRAM));
  }
  GIVES(i, es_metrics_count(metrics));
  GIVES(1, es_metric_at(0, NULL, NULL, NULL));
  name = "untouched";
  GIVES(0, es_metric_at(i, &name, &kind, &meaning));
  GIVES(0, es_metric_at(SIZE_MAX, &name, &kind, &meaning));
  assert_string_equal(name, "untouched");
  es_metrics_close(&metrics);
  es_store_close(&store);
}

static void counts_and_text(void** state) {
  es_store* store = open_with_event();
  es_store* other = open_memory();
  es_metrics* metrics = look(store);
  const size_t seconds = find(metrics, "eventsource_append_seconds");
  const size_t buckets = es_metrics_bucket_count(metrics, seconds);
  double bound = 0;
  double last = 0;
  int64_t count = 0;
  const char* text = NULL;
  size_t length = 0;
  size_t i;
  (void)state;
  GIVES(1, es_metrics_value(metrics, find(metrics, "eventsource_appends_total")));
  GIVES(1, es_metrics_value(metrics, find(metrics, "eventsource_appended_events_total")));
  GIVES(1, es_metrics_value(metrics, seconds));
  assert_true(es_metrics_sum(metrics, seconds) >= 0);
  assert_true(es_metrics_quantile(metrics, seconds, 0.5) > 0);
  for (i = 0; i < buckets; ++i) {
    GIVES(1, es_metrics_bucket_at(metrics, seconds, i, &bound, &count));
    GIVES(1, es_metrics_bucket_at(metrics, seconds, i, NULL, NULL));
    assert_true(bound > last);
    last = bound;
  }
  assert_true(last == HUGE_VAL);
  GIVES(1, count);
  assert_non_null(strstr(es_metrics_text(metrics, NULL), "\neventsource_appends_total 1\n"));
  text = es_metrics_text(metrics, &length);
  assert_int_equal(strlen(text), length);
  /* A look is of its time, and of its store. */
  GIVES(0, value_of(other, "eventsource_appends_total"));
  es_store_close(&other);
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  GIVES(1, value_of(store, "eventsource_appends_total"));
  es_store_close(&store);
  GIVES(1, es_metrics_value(metrics, seconds));
  es_metrics_close(&metrics);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bad_arguments), cmocka_unit_test(table),
                                     cmocka_unit_test(counts_and_text)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
