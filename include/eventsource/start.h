/*
 * Calls that are started and do not wait: every function that can wait, with a completion in a queue (queue.h) in the
 * place of its result.
 *
 * es_store_start_x takes what es_store_x takes. Everything is copied before it returns: texts, buffers, builders, reads,
 * filters, call options and options may be changed or closed right after. The call then runs on a thread of the
 * library and means what es_store_x means, errors included; `tag` comes back with its completion, as it is.
 *
 * - The timeout of a call counts from its start, so that a call that waits for its turn can run out of time (ES_TIMEOUT).
 *   With a timeout of 0 it still has its turn, and then waits for nobody. Without one it waits for a thread of the library
 *   without limit, and then as es_store_x does: for its turn among the store's appends (five seconds at least) and for locks
 *   as option busy_timeout_ms says (ES_BUSY), for a connection to PostgreSQL as pool_timeout_ms says (ES_TIMEOUT).
 * - A fired cancel handle ends calls that wait for their turn as well.
 * - Calls do not wait for each other: two appends to one stream, started one after the other, may be stored in either
 *   order. Who needs an order starts the second one after the completion of the first.
 * - A store takes option max_in_flight calls at a time. A call is in flight from its start until its completion is
 *   taken out of its queue, or dropped with it. One more is ES_BUSY (retryable, detail "limit"): take completions, then
 *   start it again.
 * - es_store_shutdown waits for calls that were started before it; es_store_close does not, and they run to their end.
 *
 * Threads: any. A store starts its threads with the first call and ends them with itself; they never run code of the
 * user, and take no signals.
 *
 * Errors of all, after which there is no completion: ES_INVALID_ARGUMENT for a NULL that is not optional, ES_CLOSED
 * when the store was shut down, ES_FORKED in a child that has store or queue from its parent, ES_BUSY, ES_IO_ERROR when
 * the system gives no thread (retryable), ES_OUT_OF_MEMORY.
 * Whatever else is wrong, with the arguments or with the store, is the completion's status.
 */
#ifndef EVENTSOURCE_START_H
#define EVENTSOURCE_START_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/append.h"
#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/filter.h"
#include "eventsource/options.h"
#include "eventsource/queue.h"
#include "eventsource/read.h"
#include "eventsource/store.h"

ES_BEGIN_DECLS

/* ---- Appending. `call` may be NULL, here and below. ---- */

ES_API es_status es_store_start_append(es_store* store, const es_append* append, const es_call* call, es_queue* queue,
                                       int64_t tag, es_error** err) ES_NOEXCEPT;

/* The buffer is copied as it is, and checked where the call runs: ES_INVALID_BUFFER comes with the completion. */
ES_API es_status es_store_start_append_packed(es_store* store, const void* buffer, size_t size, const es_call* call,
                                              es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT;

/* ---- Reading. `read` and `filter` may be NULL. ---- */

ES_API es_status es_store_start_read_stream(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                            const uint8_t aggregate_id[16], const es_read* read, const es_call* call,
                                            es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_read_log(es_store* store, const es_read* read, const es_call* call, es_queue* queue,
                                         int64_t tag, es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_read_event(es_store* store, const uint8_t event_id[16], uint32_t content,
                                           const es_call* call, es_queue* queue, int64_t tag,
                                           es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_head(es_store* store, const es_call* call, es_queue* queue, int64_t tag,
                                     es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_stream_version(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                               const uint8_t aggregate_id[16], const es_call* call, es_queue* queue,
                                               int64_t tag, es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_count(es_store* store, const es_filter* filter, const es_call* call, es_queue* queue,
                                      int64_t tag, es_error** err) ES_NOEXCEPT;

/* ---- Snapshots. ---- */

ES_API es_status es_store_start_save_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                              const uint8_t aggregate_id[16], int64_t version, int32_t schema_version,
                                              const char* state, size_t state_len, const es_call* call, es_queue* queue,
                                              int64_t tag, es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_load_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                              const uint8_t aggregate_id[16], const es_call* call, es_queue* queue,
                                              int64_t tag, es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_delete_snapshot(es_store* store, const char* aggregate_type, size_t aggregate_type_len,
                                                const uint8_t aggregate_id[16], const es_call* call, es_queue* queue,
                                                int64_t tag, es_error** err) ES_NOEXCEPT;

/* ---- Looking at a store, and its indexes. ---- */

ES_API es_status es_store_start_inspect(es_store* store, const es_call* call, es_queue* queue, int64_t tag,
                                        es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_index_list(es_store* store, const es_call* call, es_queue* queue, int64_t tag,
                                           es_error** err) ES_NOEXCEPT;

ES_API es_status es_store_start_index_add(es_store* store, const char* name, size_t name_len, const es_call* call,
                                          es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT;

/*
 * ---- The beginning and the end of a store. ----
 * Each has a thread of its own for its time, and is not counted in max_in_flight: nothing limits their number.
 */

/*
 * Opens a store: es_completion_take_store. `options` may be NULL. ES_INVALID_ABI comes at once. A store that nobody
 * takes is closed with its completion.
 */
ES_API es_status es_store_start_open(uint32_t abi, const char* url, size_t url_len, const es_options* options,
                                     const es_call* call, es_queue* queue, int64_t tag, es_error** err) ES_NOEXCEPT;

/*
 * Shuts the store down. Calls that come after this function returned are ES_CLOSED; those before it are waited for,
 * as es_store_shutdown does, for `timeout_ms` from now. Completions of calls that it waited for are in their queues
 * before its own is. ES_INVALID_ARGUMENT for a timeout below -1 comes at once.
 */
ES_API es_status es_store_start_shutdown(es_store* store, int64_t timeout_ms, es_queue* queue, int64_t tag,
                                         es_error** err) ES_NOEXCEPT;

ES_END_DECLS

#endif
