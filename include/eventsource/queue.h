/*
 * Completion queues: where calls that were started (start.h) come to their end.
 *
 * The library never calls a function of its user. A call that was started runs on a thread of its store, and its
 * completion then waits in the queue that it was started with, until somebody takes it:
 *
 *     es_queue_new(&queue, &err);
 *     es_store_start_head(store, NULL, queue, 7, &err);
 *     while (es_queue_wait(queue, -1, &err) == ES_OK &&
 *            es_queue_take(queue, &done, 1, &count, &err) == ES_OK && count == 1) {
 *       if (es_completion_status(done) == ES_OK) printf("%lld\n", (long long)es_completion_number(done));
 *       es_completion_close(&done);
 *     }
 *
 * An event loop watches es_queue_fd instead and never waits: epoll, poll, kqueue, libuv, asyncio's add_reader. The
 * descriptor is readable exactly while completions wait (level-triggered); only the library reads it.
 *
 * - A call whose start returned ES_OK gives exactly one completion, with its tag, whatever becomes of it: success,
 *   error, timeout, cancel, the store shut down or closed. A call whose start failed gives none.
 * - Completions wait in the order in which the calls ended, which need not be the order in which they were started.
 * - One queue may serve any number of stores; its handles are counted as those of a store are.
 *
 * A queue is used by any number of threads at once; each completion is given to one of them. In a child made by fork
 * the queue is the parent's, and so is what its descriptor tells: waiting, taking and starting fail with ES_FORKED,
 * es_queue_fd is -1. The child makes a queue of its own. It closes its handle to the parent's, which leaves that queue as
 * it is, and watches its descriptor no more: both processes have the same one.
 */
#ifndef EVENTSOURCE_QUEUE_H
#define EVENTSOURCE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/append.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/index.h"
#include "eventsource/inspect.h"
#include "eventsource/page.h"
#include "eventsource/snapshot.h"
#include "eventsource/store.h"

/* What a completion is the end of, and what it has to take when it succeeded. */
#define ES_CALL_OPEN 1             /* es_completion_take_store */
#define ES_CALL_SHUTDOWN 2         /* nothing */
#define ES_CALL_APPEND 3           /* es_completion_take_append_result; of a packed append as well */
#define ES_CALL_READ_STREAM 4      /* es_completion_take_page */
#define ES_CALL_READ_LOG 5         /* es_completion_take_page */
#define ES_CALL_READ_EVENT 6       /* es_completion_take_page */
#define ES_CALL_HEAD 7             /* es_completion_number: the position */
#define ES_CALL_STREAM_VERSION 8   /* es_completion_number: the version */
#define ES_CALL_COUNT 9            /* es_completion_number: the count */
#define ES_CALL_SAVE_SNAPSHOT 10   /* es_completion_number: 1 when it was saved, 0 when what is there is newer */
#define ES_CALL_LOAD_SNAPSHOT 11   /* es_completion_take_snapshot */
#define ES_CALL_DELETE_SNAPSHOT 12 /* es_completion_number: 1 when it was deleted, 0 when there was none */
#define ES_CALL_INSPECT 13         /* es_completion_take_inspection */
#define ES_CALL_INDEX_LIST 14      /* es_completion_take_indexes */
#define ES_CALL_INDEX_ADD 15       /* es_completion_number: 1 when it was made, 0 when it was there */

ES_BEGIN_DECLS

typedef struct es_queue es_queue;
typedef struct es_completion es_completion;

/* ---- The queue. Any thread. ---- */

/* Makes a queue. ES_IO_ERROR when the system gives no descriptor (retryable: there are too many open files). */
ES_API es_status es_queue_new(es_queue** queue, es_error** err) ES_NOEXCEPT;

/* Another reference to the same queue; NULL for NULL. Close it as well. */
ES_API es_queue* es_queue_retain(es_queue* queue) ES_NOEXCEPT;

/*
 * The descriptor that is readable while completions wait; -1 for NULL and in a child made by fork. It belongs to the
 * queue and is closed with its last reference: take it out of the loop before. Watch it for reading only; never read,
 * write or close it.
 */
ES_API int32_t es_queue_fd(const es_queue* queue) ES_NOEXCEPT;

/*
 * Waits until a completion waits, at most `timeout_ms` milliseconds (0: only looks; -1: without limit). Where several
 * threads take from one queue, another one may have taken it by then. ES_TIMEOUT when none came, ES_CLOSED when the
 * last reference was closed meanwhile, ES_FORKED, ES_INVALID_ARGUMENT below -1.
 */
ES_API es_status es_queue_wait(es_queue* queue, int64_t timeout_ms, es_error** err) ES_NOEXCEPT;

/*
 * Takes up to `capacity` completions, those that came first, without waiting. They are stored in `completions` in
 * their order, and their number in `count`: 0 when none waits. The caller closes each. After an error nothing was
 * taken, and `count` is untouched. ES_FORKED.
 */
ES_API es_status es_queue_take(es_queue* queue, es_completion** completions, size_t capacity, size_t* count,
                               es_error** err) ES_NOEXCEPT;

/*
 * Gives up one reference and sets the variable to NULL; the last one ends the queue. Never fails and never waits.
 * Completions that still wait are freed with all they hold, and those of calls under way will be when they end: the
 * calls themselves run to their end, so that an append is written although nobody hears of it. To hear of it, take
 * the completions first. NULL-safe.
 */
ES_API void es_queue_close(es_queue** queue) ES_NOEXCEPT;

/* ---- A completion. Used by one thread at a time. NULL gives 0 or NULL. ---- */

/* The tag that the call was started with, and one of ES_CALL_*. */
ES_API int64_t es_completion_tag(const es_completion* completion) ES_NOEXCEPT;
ES_API int32_t es_completion_kind(const es_completion* completion) ES_NOEXCEPT;

/* What the function of the same name without `start` would have returned. */
ES_API es_status es_completion_status(const es_completion* completion) ES_NOEXCEPT;

/* The error of a call that failed, as long as the completion or until it is taken; NULL for a success. */
ES_API const es_error* es_completion_error(const es_completion* completion) ES_NOEXCEPT;

/* The number that the call gave; 0 where it gave none. */
ES_API int64_t es_completion_number(const es_completion* completion) ES_NOEXCEPT;

/*
 * What the call gave, from now on the caller's, who closes it. NULL when the call failed, gave something else, or
 * it was taken already. What nobody takes is freed with the completion.
 */
ES_API es_error* es_completion_take_error(es_completion* completion) ES_NOEXCEPT;
ES_API es_store* es_completion_take_store(es_completion* completion) ES_NOEXCEPT;
ES_API es_append_result* es_completion_take_append_result(es_completion* completion) ES_NOEXCEPT;
ES_API es_page* es_completion_take_page(es_completion* completion) ES_NOEXCEPT;
ES_API es_snapshot* es_completion_take_snapshot(es_completion* completion) ES_NOEXCEPT;
ES_API es_inspection* es_completion_take_inspection(es_completion* completion) ES_NOEXCEPT;
ES_API es_indexes* es_completion_take_indexes(es_completion* completion) ES_NOEXCEPT;

/* Frees the completion and what was not taken of it, and sets the variable to NULL. NULL-safe. */
ES_API void es_completion_close(es_completion** completion) ES_NOEXCEPT;

ES_END_DECLS

#endif
