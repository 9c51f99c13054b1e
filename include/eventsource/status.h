/*
 * Status codes. Every function that can fail returns one: 0 for success, a negative number otherwise.
 *
 * A code is never renumbered and never reused. Codes come in ranges of a hundred, so that a caller who meets a code
 * newer than its header still knows the kind: es_status_kind(code) is the range's first number. What a whole range
 * means is written beside it; the ranges without a code belong to parts of the engine that are not in this version.
 */
#ifndef EVENTSOURCE_STATUS_H
#define EVENTSOURCE_STATUS_H

#include <stdint.h>

#include "eventsource/export.h"

typedef int32_t es_status;

#define ES_OK 0

/* -100: the call is wrong; the same call can never succeed. */
#define ES_INVALID_ARGUMENT (-101) /* a NULL handle or pointer, a number out of range, a malformed option value */
#define ES_UNKNOWN_OPTION (-102)   /* an option that this version does not have */
#define ES_INVALID_URL (-103)      /* a store URL of no known form */
#define ES_LIMIT_EXCEEDED (-104)   /* more than limits.h or an option allows */
#define ES_INVALID_BUFFER (-105)   /* a packed append buffer or a page that is cut, shifted or lies about its spans */
#define ES_INVALID_TOKEN (-106)    /* a token that is malformed or was made by another store */
#define ES_INVALID_ABI (-107)      /* the caller's header is newer than the library */

/* -200: the data is not what a store accepts, or what is stored is not what it should be. */
#define ES_INVALID_JSON (-201) /* data, metadata or state that jsonb would refuse, or that is no object */
#define ES_INVALID_NAME \
  (-202) /* a type that is empty; a type or an actor id that is too long, not UTF-8, or has U+0000 */
#define ES_INVALID_ID (-203)     /* a nil event id or aggregate id, or text that is no UUID */
#define ES_INVALID_TIME (-204)   /* outside the years 1 to 9999 */
#define ES_NOT_A_STORE (-210)    /* the file or database holds something else */
#define ES_FOREIGN_STORE (-211)  /* made by eventsource-py: the message has the command that converts it */
#define ES_SCHEMA_TOO_NEW (-212) /* made by a newer version of this library */
#define ES_CORRUPT_STORE (-213)  /* the file is damaged */

/* -300: the append contradicts what is stored. Nothing was written. */
#define ES_VERSION_CONFLICT (-301) /* the stream is not at the expected version */
#define ES_DUPLICATE_EVENT (-302)  /* an event id is known already (append.h has the whole table) */
#define ES_WRONG_TENANT (-303)     /* the stream belongs to another tenant */
#define ES_CONSTRAINT (-304)       /* a constraint, a column type or a trigger of the user's own tables refused it */

/* -400: what was asked for is not there. */
#define ES_EVENT_NOT_FOUND (-401)
#define ES_SNAPSHOT_NOT_FOUND (-402)
#define ES_STORE_NOT_FOUND (-403) /* no such file, tables or database, and it is not to be made */

/* -500: the store can't do it now; some of these pass (es_error_is_retryable). */
#define ES_BUSY (-501)          /* another connection, here or elsewhere, kept the lock for too long */
#define ES_READ_ONLY (-502)     /* the file, the folder or the handle is read-only */
#define ES_STORAGE_FULL (-503)  /* no room on the disk */
#define ES_IO_ERROR (-504)      /* the operating system refused to open, read or write */
#define ES_UNSAFE_STORE (-505)  /* our lock on the file has gone: another copy of SQLite is in this process */
#define ES_UNAVAILABLE (-506)   /* the server can't be reached, is starting or stopping, or has no connection left */
#define ES_ACCESS_DENIED (-507) /* the server refused password, role or grants, or it is not the one it should be */

/* -600: the call ended before its work did. */
#define ES_TIMEOUT (-601)
#define ES_CANCELLED (-602)

/* -700: fenced, stopped. */

/* -800: the handle can't be used any more. */
#define ES_CLOSED (-801) /* the store was shut down */
#define ES_FORKED (-802) /* the store was opened before a fork, by the parent: open it again in this process */

/* -900: not the caller's doing. */
#define ES_INTERNAL (-901) /* a bug in the engine: please report it with the message */
#define ES_OUT_OF_MEMORY (-902)

ES_BEGIN_DECLS

/*
 * The name of a code, "ES_VERSION_CONFLICT"; "ES_UNKNOWN" for one that this library does not have. Static; any
 * thread.
 */
ES_API const char* es_status_name(es_status status) ES_NOEXCEPT;

/* The range of a code: 0, -100, -200 … -900. Works for codes that this library does not have. Any thread. */
ES_API es_status es_status_kind(es_status status) ES_NOEXCEPT;

ES_END_DECLS

#endif
