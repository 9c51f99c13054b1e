/*
 * Options of a store: key and value as text, on an opaque object.
 *
 * An es_options may be used by one thread at a time. es_store_open copies what it needs, so that the object can be
 * changed, reused or closed right after.
 *
 * | option            | default  | meaning                                                                      |
 * |-------------------|----------|------------------------------------------------------------------------------|
 * | create            | true     | make the tables, and SQLite's file, where there are none                     |
 * | read_only         | false    | refuse every write; nothing is created or changed, create is ignored         |
 * | busy_timeout_ms   | 5000     | how long a call without a timeout of its own waits for a lock, 0 to 86400000 |
 * | synchronous       | full     | SQLite: full survives a power cut, normal only a crash of the process        |
 * | page_bytes        | 4194304  | the size of a page unless a read says otherwise, 1 KiB to 1 GiB              |
 * | max_event_bytes   | 16777216 | the largest stored document, 1024 to 268435455                               |
 * | max_append_events | 10000    | the most events in one append, up to 1000000                                 |
 * | slow_call_ms      | 0        | the log tells of calls that take at least this long, 0 for none, to 86400000 |
 * | pool_size         | 5        | PostgreSQL: connections that are kept open, 1 to 1000                        |
 * | max_overflow      | 10       | PostgreSQL: more connections while they are needed, 0 to 1000                |
 * | pool_timeout_ms   | 30000    | PostgreSQL: longest wait for a connection unless the call says, to 86400000  |
 * | pool_recycle_ms   | 1800000  | PostgreSQL: age at which a connection is replaced, 0 for never, to 86400000  |
 * | pool_pre_ping     | true     | PostgreSQL: try a connection that may have been lost while it was idle       |
 * | max_in_flight     | 10000    | the most started calls whose completions were not taken, 1 to 1000000        |
 *
 * Booleans are exactly `true` and `false`. The table is the library's own: es_option_at walks it, and the
 * documentation is generated from it.
 */
#ifndef EVENTSOURCE_OPTIONS_H
#define EVENTSOURCE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"

ES_BEGIN_DECLS

typedef struct es_options es_options;

/* Makes an empty set of options: every option at its default. */
ES_API es_status es_options_new(es_options** options, es_error** err) ES_NOEXCEPT;

/*
 * Sets one option. A second value replaces the first.
 * ES_UNKNOWN_OPTION (detail "option") for a key that isn't in the table, ES_INVALID_ARGUMENT (detail "option") for a
 * value that the option can't have, ES_LIMIT_EXCEEDED (details "option", "limit") for a number out of its bounds.
 * The object is unchanged after an error.
 */
ES_API es_status es_options_set(es_options* options, const char* key, size_t key_len, const char* value,
                                size_t value_len, es_error** err) ES_NOEXCEPT;

/* Frees the options and sets the variable to NULL. NULL-safe. */
ES_API void es_options_close(es_options** options) ES_NOEXCEPT;

/*
 * The index-th option: its name, its type ("bool", "integer", or "choice:" and the values between bars), its default
 * and one line of meaning. Returns 1, or 0 past the end (nothing is stored then). Any of the pointers may be NULL.
 * The texts are static; any thread.
 */
ES_API int32_t es_option_at(size_t index, const char** name, const char** type, const char** default_value,
                            const char** meaning) ES_NOEXCEPT;

ES_END_DECLS

#endif
