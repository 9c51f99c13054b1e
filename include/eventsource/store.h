/*
 * A store: the place where events are kept in order.
 *
 * A store handle may be used by any number of threads at the same time. Handles are counted: es_store_retain gives
 * another reference, each is closed once, in any order, from any thread; pages, results and errors outlive the
 * store.
 *
 * A process may fork at any time. In the child, a store that the parent opened is the parent's: every call on it fails
 * with ES_FORKED and es_store_close only forgets it, while the parent goes on with it unharmed. Open the store again,
 * with the same URL. Pages, results, snapshots and errors stay readable in the child.
 *
 * | URL                  | store                                                                                    |
 * |----------------------|------------------------------------------------------------------------------------------|
 * | memory:              | in this process, in this handle; gone when it is closed                                  |
 * | sqlite:///events.db  | an SQLite file, relative to the current folder                                           |
 * | sqlite:////srv/e.db  | an SQLite file by its absolute path                                                      |
 * | postgresql://u@h/d   | database d of the PostgreSQL server at host h, as user u                                 |
 *
 * What follows `sqlite:///` is the path as it is: no percent signs are decoded and there is no query part. A file of
 * eventsource-py is refused with the command that converts it; with option read_only it is opened and can be read.
 *
 * A PostgreSQL URL is postgresql://USER:PASSWORD@HOST:PORT/DATABASE?KEYWORD=VALUE&... as in libpq, with all of its
 * keywords; every part may be left out (libpq's defaults, its environment variables), HOST:PORT may be a list. A Unix
 * socket is ?host=/FOLDER. postgres:// is the same, and the URLs of SQLAlchemy are taken as well:
 * postgresql+asyncpg://, postgresql+psycopg://, postgresql+psycopg2://, with host=A:5432&host=B:5432.
 *
 * - In a user, a password or a value write %40 for @, %2F for /, %3F for ?, %26 for &, %3D for =, %25 for %. A second @
 *   is refused: no part of a password is ever taken for a host.
 * - No message and no es_store_url shows a password; a password among the parameters hides those after it as well.
 *   Without a password in the URL, libpq asks PGPASSWORD, the file ~/.pgpass (or passfile=FILE), or a service
 *   (service=NAME), which keeps it out of command lines and process lists.
 * - TLS is sslmode, as in libpq. asyncpg's `ssl` becomes the sslmode of the same name; ssl=true is verify-full, as it
 *   is there, and needs the certificate of the authority (sslrootcert=FILE). What libpq can't do as asked is
 *   ES_INVALID_URL, never a weaker connection; so is every parameter that libpq does not know. SQLAlchemy's
 *   prepared_statement_cache_size and async_fallback have no meaning here and are ignored.
 * - Several hosts, and the addresses of one, are tried in order, as target_session_attrs says. Each has connect_timeout
 *   seconds to let us in (10 unless the URL or PGCONNECT_TIMEOUT says otherwise, 0: no limit), then the next is tried;
 *   ES_UNAVAILABLE after the last. The call's timeout and its cancel end it all. Looking up the name of a host is up to
 *   the system. A connection on which nothing is answered is given up after tcp_user_timeout
 *   (10000 ms here), an idle one is probed (keepalives_idle=30, keepalives_interval=10): the URL may say otherwise.
 * - client_encoding is UTF8, application_name is `eventsource` unless the URL or PGAPPNAME says otherwise.
 */
#ifndef EVENTSOURCE_STORE_H
#define EVENTSOURCE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/options.h"
#include "eventsource/version.h"

ES_BEGIN_DECLS

typedef struct es_store es_store;

/*
 * Opens a store, and makes it where there is none (unless option create is false). A PostgreSQL database itself is not
 * made, only the tables in it. `abi` is ES_ABI_VERSION.
 * `options` and `call` may be NULL. Any thread.
 *
 * Errors: ES_INVALID_URL; ES_INVALID_ABI; ES_STORE_NOT_FOUND; ES_READ_ONLY, ES_IO_ERROR and ES_STORAGE_FULL (detail
 * "path"); ES_NOT_A_STORE, ES_FOREIGN_STORE, ES_SCHEMA_TOO_NEW and ES_CORRUPT_STORE (detail "path"): the file is not
 * changed; ES_BUSY when another process held the file for too long; ES_TIMEOUT, ES_CANCELLED.
 * Of a PostgreSQL server: ES_UNAVAILABLE when it can't be reached, starts, stops or has no connection left;
 * ES_ACCESS_DENIED when it refuses the role, its password or its rights, or when it is not trusted (sslmode);
 * ES_STORE_NOT_FOUND for a missing database or schema, or tables that may not be made; ES_READ_ONLY for a standby;
 * ES_NOT_A_STORE, ES_FOREIGN_STORE, ES_SCHEMA_TOO_NEW and ES_CORRUPT_STORE as above, without "path".
 */
ES_API es_status es_store_open(uint32_t abi, const char* url, size_t url_len, const es_options* options,
                               const es_call* call, es_store** store, es_error** err) ES_NOEXCEPT;

/* Another reference to the same store; NULL for NULL. Close it as well. */
ES_API es_store* es_store_retain(es_store* store) ES_NOEXCEPT;

/*
 * Ends the use of the store through every reference: waits for the calls under way, at most `timeout_ms` milliseconds
 * (-1: without limit), folds SQLite's write-ahead log into the file, and closes the files. Later calls fail with
 * ES_CLOSED. ES_TIMEOUT when calls were still running: the store is closed to new calls all the same, and the last
 * of them frees it. A second shutdown waits as well and then does nothing. ES_INVALID_ARGUMENT for a timeout below
 * -1, ES_FORKED in a child of the process that opened the store. ES_IO_ERROR when the log could not be folded in, and
 * ES_READ_ONLY when the process may not write to the file any more: the store is closed all the same, and nothing is
 * lost, the next open reads the log. es_store_url, _backend, _id and _schema_version keep working.
 */
ES_API es_status es_store_shutdown(es_store* store, int64_t timeout_ms, es_error** err) ES_NOEXCEPT;

/*
 * Gives up one reference and sets the variable to NULL. Never fails and never waits for a call: calls under way keep
 * what they need. Everything acknowledged is on disk already. In a child of the process that opened the store nothing
 * is closed: files and sessions are the parent's. NULL-safe.
 */
ES_API void es_store_close(es_store** store) ES_NOEXCEPT;

/* "memory", "sqlite" or "postgresql". Static; NULL for NULL. */
ES_API const char* es_store_backend(const es_store* store) ES_NOEXCEPT;

/* The URL that the store was opened with, without a password. Lives as long as the store; NULL for NULL. */
ES_API const char* es_store_url(const es_store* store) ES_NOEXCEPT;

/* 1 when the open made the store, 0 when it was there already. */
ES_API int32_t es_store_was_created(const es_store* store) ES_NOEXCEPT;

ES_END_DECLS

#endif
