/*
 * The tables of a store, and who it is.
 */
#ifndef EVENTSOURCE_SCHEMA_H
#define EVENTSOURCE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/store.h"

ES_BEGIN_DECLS

/* The schema version that this library makes and reads. It reads every older one. Any thread. */
ES_API int32_t es_schema_version(void) ES_NOEXCEPT;

/*
 * The statements that make the tables of a backend ("sqlite", "postgresql"), as the library runs them; NULL for any
 * other name. `backend` is NUL-terminated. Static; any thread.
 */
ES_API const char* es_schema_sql(const char* backend) ES_NOEXCEPT;

/* The schema version of an open store; 0 for NULL and for a store without an identity (es_store_id). */
ES_API int32_t es_store_schema_version(const es_store* store) ES_NOEXCEPT;

/*
 * The store's identity, 16 random bytes drawn when it was made: copied into `id`. Tokens name it. A copy of a file
 * has the same identity. What others made has none, and the id is nil: a file of eventsource-py, and PostgreSQL tables
 * of eventsource-py or of another DDL until all.sql is run on them. Such a store makes no tokens: those of its appends
 * are empty, its pages carry none (offset 0), and a call with any token is ES_INVALID_TOKEN. ES_INVALID_ARGUMENT.
 */
ES_API es_status es_store_id(const es_store* store, uint8_t id[16], es_error** err) ES_NOEXCEPT;

ES_END_DECLS

#endif
