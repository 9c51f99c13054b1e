/*
 * A log: what the engine has to tell beside the results of calls, as records that their owner pulls.
 *
 * The library never prints and never calls anybody. A store that was opened with a log (es_options_set_log) puts records
 * into it; the host takes them out when es_log_fd says that there are some, as from a completion queue, and feeds its own
 * logging with them. A store without a log tells nothing, at no cost. Stores may share a log, and users of the library
 * who do not share one do not see each other.
 *
 *     es_log_new(ES_LOG_INFO, ES_LOG_RECORDS_DEFAULT, &log, &err);
 *     es_options_set_log(options, log, &err);
 *     es_store_open(ES_ABI_VERSION, url, strlen(url), options, NULL, &store, &err);
 *     while (es_log_wait(log, -1, &err) == ES_OK && es_log_take(log, &record, 1, &count, &err) == ES_OK) {
 *       if (count == 1) puts(es_log_record_json(record, NULL));
 *       es_log_record_close(&record);
 *     }
 *
 * The records are kept in a ring: where nobody takes them out, the oldest make room for new ones and are counted
 * (es_log_dropped). Writing one never waits for a reader and never fails a call.
 *
 * | level   | what is told there                                                               |
 * |---------|----------------------------------------------------------------------------------|
 * | error   | what nobody else is told: a failure behind a call that succeeded, or behind none |
 * | warning | a slow call (option slow_call_ms), a lost connection, a long wait for the file   |
 * | info    | the life of a store; what became of a commit that failed                         |
 * | debug   | connections, and what was made again                                             |
 * | trace   | every call with its time and status                                              |
 *
 * An error that a call returns is the caller's, and is not told again at level error. No record holds a password.
 *
 * A child made by fork makes a log of its own. The parent's gives it nothing there (ES_FORKED from es_log_wait); closing
 * the child's handle leaves the parent's log as it is.
 *
 * A log may be used by any number of threads at the same time, a record by any number that only read it. Both may
 * be closed in any order with the stores.
 */
#ifndef EVENTSOURCE_LOG_H
#define EVENTSOURCE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/limits.h"
#include "eventsource/options.h"

/* Levels: a log takes the records at its own level and above. */
#define ES_LOG_TRACE 0
#define ES_LOG_DEBUG 1
#define ES_LOG_INFO 2
#define ES_LOG_WARNING 3
#define ES_LOG_ERROR 4
#define ES_LOG_OFF 6

ES_BEGIN_DECLS

typedef struct es_log es_log;
typedef struct es_log_record es_log_record;

/*
 * Makes a log that takes records from `level` on (one of ES_LOG_*) and keeps the newest `capacity` of those that nobody
 * has taken out, 1 to ES_LOG_RECORDS_MAX.
 * ES_INVALID_ARGUMENT for another level, ES_LIMIT_EXCEEDED (detail "limit") for another capacity, ES_IO_ERROR when the
 * system gives no file descriptor. Any thread.
 */
ES_API es_status es_log_new(int32_t level, int64_t capacity, es_log** log, es_error** err) ES_NOEXCEPT;

/* Another reference to the same log; NULL for NULL. Close it as well. */
ES_API es_log* es_log_retain(es_log* log) ES_NOEXCEPT;

/*
 * Lets the stores that are opened with these options write to the log; NULL takes it off again. The log
 * of a store can't be changed later, its level can. Neither options nor stores hold a reference: close the log last.
 * ES_INVALID_ARGUMENT.
 */
ES_API es_status es_options_set_log(es_options* options, es_log* log, es_error** err) ES_NOEXCEPT;

/* Changes the level; records that are in the ring stay. ES_INVALID_ARGUMENT for none of ES_LOG_*. Any thread. */
ES_API es_status es_log_set_level(es_log* log, int32_t level, es_error** err) ES_NOEXCEPT;

/* The level; ES_LOG_OFF for NULL. Any thread. */
ES_API int32_t es_log_level(const es_log* log) ES_NOEXCEPT;

/*
 * A file descriptor that is readable while records are in the ring, for poll, epoll or the host's own loop. It belongs
 * to the log: wait on it, and do not read from it, write to it or close it. -1 for NULL, and in a child made by fork.
 * Any thread.
 */
ES_API int32_t es_log_fd(const es_log* log) ES_NOEXCEPT;

/*
 * Waits until a record is in the ring, at most `timeout_ms` milliseconds (0: only looks; -1: without limit). Where several
 * threads take from one log, another one may have taken it by then. ES_TIMEOUT when none came, ES_CLOSED when the last
 * reference was closed meanwhile, ES_FORKED in a child made by fork, ES_INVALID_ARGUMENT below -1. Any thread.
 */
ES_API es_status es_log_wait(es_log* log, int64_t timeout_ms, es_error** err) ES_NOEXCEPT;

/*
 * Takes up to `capacity` records out of the ring, the oldest first, without waiting. They are stored in `records` in
 * their order, and their number in `count`: 0 when there is none. The caller closes each. After an error nothing was
 * taken, and `count` is untouched. Any thread; each record is given to one caller.
 */
ES_API es_status es_log_take(es_log* log, es_log_record** records, size_t capacity, size_t* count,
                             es_error** err) ES_NOEXCEPT;

/*
 * How many records were lost since the log was made, because nobody took them out in time or there was no memory for
 * them. Only rises; 0 for NULL. Any thread.
 */
ES_API int64_t es_log_dropped(const es_log* log) ES_NOEXCEPT;

/*
 * Gives up one reference and sets the variable to NULL. With the last one the log ends: who waits for it is woken, records
 * that nobody took are freed, and the stores that had it tell nothing any more. NULL-safe.
 */
ES_API void es_log_close(es_log** log) ES_NOEXCEPT;

/* The name of a level: "trace", "debug", "info", "warning", "error", "off"; NULL for another number. Static. */
ES_API const char* es_log_level_name(int32_t level) ES_NOEXCEPT;

/* ---- One record. What an accessor returns lives as long as the record; NULL, 0 or ES_LOG_OFF for no record. ---- */

/* When it was written: microseconds since 1970 UTC. */
ES_API int64_t es_log_record_time(const es_log_record* record) ES_NOEXCEPT;
ES_API int32_t es_log_record_level(const es_log_record* record) ES_NOEXCEPT;

/* The part of the engine that wrote it: "store", "sqlite" or "postgresql". Static. */
ES_API const char* es_log_record_logger(const es_log_record* record) ES_NOEXCEPT;

/*
 * What happened, in a few words that do not change from record to record. Like every text of a record it is UTF-8 and
 * NUL-terminated; what was longer than ES_LOG_TEXT_BYTES_MAX is cut and ends with three dots.
 */
ES_API const char* es_log_record_message(const es_log_record* record) ES_NOEXCEPT;

/*
 * The details: how many, and the index-th as key and text. Returns 1, or 0 past the end (nothing is stored then). Either
 * pointer may be NULL.
 */
ES_API size_t es_log_record_field_count(const es_log_record* record) ES_NOEXCEPT;
ES_API int32_t es_log_record_field_at(const es_log_record* record, size_t index, const char** key,
                                      const char** value) ES_NOEXCEPT;

/*
 * The whole record as one line of JSON without a line break, NUL-terminated; its bytes in `length` (may be NULL). The
 * members are time (RFC 3339, UTC, six digits of the second), level, logger, message, and then the details, whose numbers and
 * truth values are JSON's:
 *
 *     {"time":"2026-01-31T09:30:00.000000Z","level":"info","logger":"store","message":"store opened","url":"memory:",…}
 */
ES_API const char* es_log_record_json(const es_log_record* record, size_t* length) ES_NOEXCEPT;

/* Frees the record and sets the variable to NULL. NULL-safe. */
ES_API void es_log_record_close(es_log_record** record) ES_NOEXCEPT;

ES_END_DECLS

#endif
