/*
 * The optional indexes of a store in PostgreSQL: which there are, what each is for, and making one.
 *
 * A new store has the indexes that the engine itself reads by. Each further one slows every append down, so that the
 * others are made where a question of the user's own needs them. They are known by name: an index on the table
 * events that another library made under such a name counts as there.
 *
 * Stores in memory and in SQLite have none, and refuse with ES_INVALID_ARGUMENT.
 */
#ifndef EVENTSOURCE_INDEX_H
#define EVENTSOURCE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/store.h"

/* What there is of an index. */
#define ES_INDEX_ABSENT 0
#define ES_INDEX_READY 1
#define ES_INDEX_INVALID 2  /* left by a build that was interrupted: it costs, and answers nothing */
#define ES_INDEX_BUILDING 3 /* somebody makes it now; of other roles' work the server may show this as invalid */

ES_BEGIN_DECLS

typedef struct es_indexes es_indexes;

/* Looks which optional indexes there are. Any thread; ES_INVALID_ARGUMENT, and what a read can meet. */
ES_API es_status es_store_index_list(es_store* store, const es_call* call, es_indexes** indexes,
                                     es_error** err) ES_NOEXCEPT;

/*
 * Makes an optional index by its name, while others read and append. `made` (may be NULL) becomes 1, or 0 when it was
 * there already. One that is invalid is dropped and made again.
 *
 * It takes time in proportion to the store, and waits for the transactions that were open when it began, however long
 * they are: without a timeout of its own the call runs to its end. A call that is stopped, by its timeout or by
 * es_cancel_fire, is stopped on the server as well, and what it left is dropped; where that is not possible at once the
 * message says so, and the next call for the same index does it.
 *
 * Any thread. ES_INVALID_ARGUMENT for a name that is none of the list; ES_ACCESS_DENIED unless the role owns the table;
 * ES_BUSY (retryable) when another call makes an index of this store; ES_CONSTRAINT when another table's index has the
 * name; ES_INVALID_URL where the store's URL is that of a pooler, and not the server's own; ES_READ_ONLY,
 * ES_STORAGE_FULL, and what a read can meet. ES_UNAVAILABLE with ES_OUTCOME_UNKNOWN when the connection was lost: the
 * server may go on with it.
 */
ES_API es_status es_store_index_add(es_store* store, const char* name, size_t name_len, const es_call* call,
                                    int32_t* made, es_error** err) ES_NOEXCEPT;

/* Immutable, any thread; in the order of their names. NULL, and an index past the end, give 0 or NULL. */
ES_API size_t es_indexes_count(const es_indexes* indexes) ES_NOEXCEPT;
/* Texts are UTF-8 and NUL-terminated; borrowed as long as the list. */
ES_API const char* es_indexes_name(const es_indexes* indexes, size_t index) ES_NOEXCEPT;
/* One sentence: the question that it answers. */
ES_API const char* es_indexes_purpose(const es_indexes* indexes, size_t index) ES_NOEXCEPT;
/* One of ES_INDEX_*. */
ES_API int32_t es_indexes_state(const es_indexes* indexes, size_t index) ES_NOEXCEPT;
/* Bytes on the server's disk; 0 when it is not there. */
ES_API int64_t es_indexes_bytes(const es_indexes* indexes, size_t index) ES_NOEXCEPT;

/* Frees the list and sets the variable to NULL. NULL-safe. */
ES_API void es_indexes_close(es_indexes** indexes) ES_NOEXCEPT;

ES_END_DECLS

#endif
