/*
 * What a store counts of itself: appends, reads, how long they took, what went wrong.
 *
 * Counting costs a few atomic additions a call and is always on. es_store_metrics looks at everything at once; what it
 * gives is immutable, belongs to the caller, outlives the store, and may be read by any number of threads. The counts are
 * those of this handle's store in this process, from its opening on; two stores are counted apart.
 *
 * Names are Prometheus's: counters end with _total and only rise, times are in seconds. es_metrics_text is what a page
 * for Prometheus shows of one store; for several stores write the lines yourself, with a label for each.
 *
 * | metric                                 | kind      | meaning                                                                          |
 * |----------------------------------------|-----------|----------------------------------------------------------------------------------|
 * | eventsource_appends_total              | counter   | Appends that succeeded, also those that found their events stored already.       |
 * | eventsource_appended_events_total      | counter   | Events that were stored.                                                         |
 * | eventsource_known_events_total         | counter   | Events of successful appends that were stored already.                           |
 * | eventsource_append_conflicts_total     | counter   | Appends refused because a stream was not at the expected version.                |
 * | eventsource_append_duplicates_total    | counter   | Appends refused because an event id was known already.                           |
 * | eventsource_append_seconds             | histogram | How long appends took, whatever became of them.                                  |
 * | eventsource_reads_total                | counter   | Pages read of streams and of the log, and events read by their id.               |
 * | eventsource_read_events_total          | counter   | Events on these pages.                                                           |
 * | eventsource_read_seconds               | histogram | How long these reads took, whatever became of them.                              |
 * | eventsource_batches_total              | counter   | Batches of gathered appends, also of one append alone.                           |
 * | eventsource_batched_appends_total      | counter   | Appends in these batches.                                                        |
 * | eventsource_waiting_appends            | gauge     | Appends that wait for the next batch.                                            |
 * | eventsource_timeouts_total             | counter   | Calls that ended with ES_TIMEOUT.                                                |
 * | eventsource_cancels_total              | counter   | Calls that ended with ES_CANCELLED.                                              |
 * | eventsource_busy_total                 | counter   | Calls that ended with ES_BUSY.                                                   |
 * | eventsource_unavailable_total          | counter   | Calls that ended with ES_UNAVAILABLE.                                            |
 * | eventsource_unknown_outcomes_total     | counter   | Calls of which it stayed unknown whether they were carried out.                  |
 * | eventsource_calls                      | gauge     | Calls under way.                                                                 |
 * | eventsource_calls_in_flight            | gauge     | Started calls whose completion was not taken: max_in_flight limits them.         |
 * | eventsource_waiting_completions        | gauge     | Completions that wait in their queues.                                           |
 * | eventsource_retries_total              | counter   | PostgreSQL: transactions made again after a serialization failure or a deadlock. |
 * | eventsource_resolved_outcomes_total    | counter   | Appends that failed at their commit and whose outcome was found out.             |
 * | eventsource_lock_waits_total           | counter   | SQLite: transactions of appends that found the file locked by somebody else.     |
 * | eventsource_connections                | gauge     | PostgreSQL: open connections.                                                    |
 * | eventsource_connections_idle           | gauge     | PostgreSQL: connections that nobody uses.                                        |
 * | eventsource_connections_in_use         | gauge     | PostgreSQL: places in the pool that calls have.                                  |
 * | eventsource_connection_waiters         | gauge     | PostgreSQL: calls that wait for a connection.                                    |
 * | eventsource_connections_opened_total   | counter   | PostgreSQL: connections that were opened.                                        |
 * | eventsource_connections_recycled_total | counter   | PostgreSQL: connections that were replaced for their age.                        |
 * | eventsource_connections_lost_total     | counter   | PostgreSQL: connections that the server or the network ended.                    |
 *
 * The table is the library's own: es_metric_at walks it, and more will come. The buckets of each histogram are 1, 2 and 5
 * times each power of ten from a microsecond to 100 s, and one without an end: a quantile is right to within its bucket.
 */
#ifndef EVENTSOURCE_METRICS_H
#define EVENTSOURCE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/store.h"

#define ES_METRIC_COUNTER 0
#define ES_METRIC_GAUGE 1 /* how many there are now */
#define ES_METRIC_HISTOGRAM 2

ES_BEGIN_DECLS

typedef struct es_metrics es_metrics;

/*
 * The index-th metric that this version has: its name, kind and meaning. Returns 1, or 0 past the end (nothing is stored
 * then). Any of the pointers may be NULL. The texts are static; any thread.
 */
ES_API int32_t es_metric_at(size_t index, const char** name, int32_t* kind, const char** meaning) ES_NOEXCEPT;

/* Looks at all metrics of a store, also after its shutdown. Never waits; any thread. ES_INVALID_ARGUMENT. */
ES_API es_status es_store_metrics(const es_store* store, es_metrics** metrics, es_error** err) ES_NOEXCEPT;

/* How many there are, in the order of es_metric_at; 0 for NULL. */
ES_API size_t es_metrics_count(const es_metrics* metrics) ES_NOEXCEPT;

/* The index of the metric with this name, or -1. */
ES_API int64_t es_metrics_find(const es_metrics* metrics, const char* name, size_t name_len) ES_NOEXCEPT;

/* The value of a counter or gauge; of a histogram, how many times were observed. 0 past the end. */
ES_API int64_t es_metrics_value(const es_metrics* metrics, size_t index) ES_NOEXCEPT;

/* The times of a histogram added together, in seconds. 0 for another kind and past the end. */
ES_API double es_metrics_sum(const es_metrics* metrics, size_t index) ES_NOEXCEPT;

/*
 * The time in seconds that a part `q` (0.5, 0.99) of a histogram's observations did not exceed, as the buckets tell it: an
 * even spread inside of the bucket is supposed, 100 stands for everything longer. 0 without an observation, for another
 * kind and past the end.
 */
ES_API double es_metrics_quantile(const es_metrics* metrics, size_t index, double q) ES_NOEXCEPT;

/* How many buckets the index-th metric has; 0 for what is no histogram and past the end. */
ES_API size_t es_metrics_bucket_count(const es_metrics* metrics, size_t index) ES_NOEXCEPT;

/*
 * One bucket of a histogram: the longest time in it in seconds (HUGE_VAL for the last), and how many observations were
 * not longer than that. Returns 1, or 0 past the end (nothing is stored then). Either pointer may be NULL.
 */
ES_API int32_t es_metrics_bucket_at(const es_metrics* metrics, size_t index, size_t bucket, double* upper_bound,
                                    int64_t* count) ES_NOEXCEPT;

/*
 * Everything in Prometheus's text format 0.0.4 (text/plain; version=0.0.4), NUL-terminated; its bytes in `length` (may be
 * NULL). Lives as long as `metrics`; NULL for NULL.
 */
ES_API const char* es_metrics_text(const es_metrics* metrics, size_t* length) ES_NOEXCEPT;

/* Frees the metrics and sets the variable to NULL. NULL-safe. */
ES_API void es_metrics_close(es_metrics** metrics) ES_NOEXCEPT;

ES_END_DECLS

#endif
