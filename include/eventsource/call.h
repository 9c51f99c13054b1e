/*
 * Call options: how long one call may take, what it must have seen, and who may stop it.
 *
 * Every function that can wait takes a `const es_call *`; NULL means the defaults. One es_call can be used for any
 * number of calls, at the same time from several threads, as long as no thread changes it meanwhile.
 */
#ifndef EVENTSOURCE_CALL_H
#define EVENTSOURCE_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"

ES_BEGIN_DECLS

typedef struct es_call es_call;
typedef struct es_cancel es_cancel;

/* Makes call options that say nothing: the same as NULL. */
ES_API es_status es_call_new(es_call** call, es_error** err) ES_NOEXCEPT;

/*
 * The longest that each call may take, in milliseconds, counted from the start of that call; -1: no limit. 0: don't
 * wait, neither for a lock nor for a turn or a connection that others have. The work itself has five seconds then, so
 * that a server that hangs holds no call for ever; es_store_index_add may need more.
 * Without a timeout a call waits for locks, and for its turn among the store's appends (five seconds at least), as
 * long as option busy_timeout_ms says, on PostgreSQL for a connection as long as pool_timeout_ms says, and then runs to
 * its end.
 * A call that only waited for a lock ends with ES_BUSY (retryable), one that was at work with ES_TIMEOUT; either way
 * the error's outcome says whether anything was written. ES_INVALID_ARGUMENT below -1.
 */
ES_API es_status es_call_set_timeout(es_call* call, int64_t timeout_ms, es_error** err) ES_NOEXCEPT;

/*
 * A position token (from an append's result or a page) that the call must have seen: it waits until the store has
 * reached that position. ES_INVALID_TOKEN when the token is malformed or the call's store is not the one that made
 * it; a store without an identity (es_store_id) makes none. ES_TIMEOUT when the position is not reached in time.
 */
ES_API es_status es_call_set_token(es_call* call, const char* token, size_t token_len, es_error** err) ES_NOEXCEPT;

/* The handle that stops calls made with these options. NULL takes it off again. The call keeps its own reference. */
ES_API es_status es_call_set_cancel(es_call* call, es_cancel* cancel, es_error** err) ES_NOEXCEPT;

/* Frees the call options and sets the variable to NULL. NULL-safe. */
ES_API void es_call_close(es_call** call) ES_NOEXCEPT;

/* Makes a cancel handle. */
ES_API es_status es_cancel_new(es_cancel** cancel, es_error** err) ES_NOEXCEPT;

/*
 * Stops every call made with this handle, now and from now on: they end with ES_CANCELLED, unless their work was
 * already done, in which case they succeed. Returns at once; may be called from any thread (not from a signal
 * handler), any number of times, with NULL too.
 */
ES_API void es_cancel_fire(es_cancel* cancel) ES_NOEXCEPT;

/* Gives up the caller's reference and sets the variable to NULL. NULL-safe. */
ES_API void es_cancel_close(es_cancel** cancel) ES_NOEXCEPT;

ES_END_DECLS

#endif
