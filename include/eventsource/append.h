/*
 * Appending events.
 *
 * An append is a list of events in order, in one or several streams, written all or not at all. A stream is an
 * aggregate type and an aggregate id; each stream of the append says which version it is expected to be at. Versions
 * start at 1 and have no holes; global positions follow the order of the append.
 *
 * There are two ways in, with the same meaning: a builder (es_append), for code written by hand, and a packed buffer
 * (es_store_append_packed), for bindings that cross once a batch.
 *
 * What happens when events are appended again. "Known" is an event id that is stored, or that stands earlier in the
 * same append. "Other content" compares event type and user data; times and what the engine filled in do not count.
 *
 * | the append holds | all ids unknown | all known, same streams | some known, or all in other | one known in another |
 * |                  |                 | and order, without gap  | order, same stream          | stream or with other |
 * |                  |                 |                         |                             | content              |
 * |------------------|-----------------|-------------------------|-----------------------------|----------------------|
 * | expected version | stored          | the first result again  | error: ES_DUPLICATE_EVENT   | ES_DUPLICATE_EVENT   |
 * | holds            |                 |                         | skip: the rest is stored    |                      |
 * | expected version | conflict        | the first result again  | conflict                    | ES_DUPLICATE_EVENT   |
 * | does not hold    |                 |                         |                             |                      |
 * | ANY              | stored          | the first result again  | error: ES_DUPLICATE_EVENT   | ES_DUPLICATE_EVENT   |
 * |                  |                 |                         | skip: the rest is stored    |                      |
 *
 * In full. An event is new, known (stored, or earlier in this append, in the same stream with the same content) or
 * clashing (its id is in another stream, or has other content; reported in this order).
 *
 * 1. When every event of the whole append is known and stored, and in each stream their versions follow one another in
 *    the caller's order, the first result is returned: expected versions and tenants are not looked at, and the streams
 *    may be interleaved otherwise. With ES_ON_DUPLICATE_SKIP neither order nor gaps matter here, so that a repeated
 *    append of that kind has the same result too.
 * 2. Otherwise each stream, in the order in which they first appear, is tested for
 *    (a) a clashing event: ES_DUPLICATE_EVENT;
 *    (b) an expected version that does not hold at the start of the append: ES_VERSION_CONFLICT;
 *    (c) a known event, unless ES_ON_DUPLICATE_SKIP: ES_DUPLICATE_EVENT;
 *    (d) a new event of another tenant than the stream's: ES_WRONG_TENANT. A stream takes the tenant of its
 *        first event, or none, for good;
 *    (e) a version above ES_MAX_VERSION: ES_LIMIT_EXCEEDED.
 *    The first stream with a reason gives the error, about its first event with that reason.
 *
 * Content is the event type and what is inside the braces of the data, byte for byte (as JSON values where a database
 * keeps jsonb); tenant, actor, metadata, times and the other ids are not compared. An id that comes twice in one
 * append is known at its second place; skipped there, it has the position and version of its first.
 */
#ifndef EVENTSOURCE_APPEND_H
#define EVENTSOURCE_APPEND_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/call.h"
#include "eventsource/error.h"
#include "eventsource/export.h"
#include "eventsource/store.h"

/* Expected versions: an exact version n >= 0, or one of these. */
#define ES_NO_STREAM 0        /* the stream has no event yet */
#define ES_ANY (-1)           /* whatever version it is at: never conflicts */
#define ES_STREAM_EXISTS (-2) /* the stream has at least one event */

/* What an append does when some of its events are known in the same stream already. */
#define ES_ON_DUPLICATE_ERROR 0
#define ES_ON_DUPLICATE_SKIP 1

ES_BEGIN_DECLS

/* ---- The builder. Used by one thread at a time; not tied to a store; may be appended several times. ---- */

typedef struct es_append es_append;

ES_API es_status es_append_new(es_append** append, es_error** err) ES_NOEXCEPT;

/*
 * Chooses the stream of the events that follow. A stream may be chosen again later, with the same expected version.
 * ES_INVALID_NAME, ES_INVALID_ID, ES_INVALID_ARGUMENT (an expected version below -2 or above ES_MAX_VERSION, or one
 * that differs from what was said of this stream before).
 * A stream that is chosen but given no event makes the append ES_INVALID_ARGUMENT: a version is checked only where
 * something is written.
 */
ES_API es_status es_append_stream(es_append* append, const char* aggregate_type, size_t aggregate_type_len,
                                  const uint8_t aggregate_id[16], int64_t expected_version, es_error** err) ES_NOEXCEPT;

/*
 * Adds an event to the chosen stream and draws its id, a UUIDv7, so that appending the same builder again is a retry
 * and not a second event. `data` is a JSON object: what is inside its braces is kept byte for byte. Type and data
 * are copied. ES_INVALID_ARGUMENT when no stream was chosen; ES_LIMIT_EXCEEDED past ES_APPEND_EVENTS_MAX events, or
 * for a data of more than ES_EVENT_BYTES_MAX. Names and data themselves are checked by the append.
 */
ES_API es_status es_append_event(es_append* append, const char* event_type, size_t event_type_len, const char* data,
                                 size_t data_len, es_error** err) ES_NOEXCEPT;

/*
 * More about the event added last. A second call replaces the first; texts are copied; after an error the event is as
 * before. ES_INVALID_ARGUMENT when there is no event yet or for a version below 1, ES_INVALID_ID for a nil event id,
 * ES_INVALID_TIME outside the years 1 to 9999. Tenant, correlation and causation may be nil UUIDs.
 * Defaults: event_version 1, occurred_at the time of the append, correlation_id the event's own id, metadata {}, the
 * rest absent. Times are microseconds since 1970-01-01 UTC.
 */
ES_API es_status es_append_set_event_id(es_append* append, const uint8_t event_id[16], es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_event_version(es_append* append, int32_t event_version, es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_occurred_at(es_append* append, int64_t occurred_at, es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_tenant_id(es_append* append, const uint8_t tenant_id[16], es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_correlation_id(es_append* append, const uint8_t correlation_id[16],
                                              es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_causation_id(es_append* append, const uint8_t causation_id[16],
                                            es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_actor_id(es_append* append, const char* actor_id, size_t actor_id_len,
                                        es_error** err) ES_NOEXCEPT;
ES_API es_status es_append_set_metadata(es_append* append, const char* metadata, size_t metadata_len,
                                        es_error** err) ES_NOEXCEPT;

/* ES_ON_DUPLICATE_ERROR (the default) or ES_ON_DUPLICATE_SKIP, for the whole append. ES_INVALID_ARGUMENT. */
ES_API es_status es_append_set_on_duplicate(es_append* append, int32_t on_duplicate, es_error** err) ES_NOEXCEPT;

/* How many events were added; 0 for NULL. */
ES_API size_t es_append_count(const es_append* append) ES_NOEXCEPT;

/* The id of the index-th event, 16 bytes, borrowed until the builder is changed. NULL past the end and for NULL. */
ES_API const uint8_t* es_append_event_id(const es_append* append, size_t index) ES_NOEXCEPT;

/*
 * Empties the builder for the next append and keeps its memory: no stream is chosen, duplicates are an error again.
 * NULL-safe.
 */
ES_API void es_append_clear(es_append* append) ES_NOEXCEPT;

/* Frees the builder and sets the variable to NULL. NULL-safe. */
ES_API void es_append_close(es_append** append) ES_NOEXCEPT;

/* ---- The call. Any thread. ---- */

typedef struct es_append_result es_append_result;

/*
 * Writes the events, durably, or writes nothing. `call` and `result` may be NULL. An append without events succeeds.
 *
 * Events are checked before the store is asked: first their number, then each in order, its fields in the order
 * aggregate_type, aggregate_id, event_type, event_id, event_version, occurred_at, actor_id, data, metadata, expected
 * version, size. The first reason is reported.
 *
 * Errors, all with nothing written unless es_error_outcome says otherwise:
 * - ES_INVALID_NAME, ES_INVALID_ID, ES_INVALID_TIME, ES_INVALID_ARGUMENT, ES_INVALID_JSON, ES_LIMIT_EXCEEDED, with
 *   "field" and "event_index" where it is about one event, "offset" where it is about JSON (counted from the start
 *   of the field), "limit" where it is about a limit;
 * - ES_VERSION_CONFLICT with "aggregate_type", "aggregate_id", "expected_version", "actual_version";
 * - ES_DUPLICATE_EVENT with "event_id", "event_index", "aggregate_type", "aggregate_id" (of the event that arrived),
 *   "stored_aggregate_type", "stored_aggregate_id", and "reason": "known", "other_stream" or "other_content";
 * - ES_WRONG_TENANT with "event_index", "aggregate_type", "aggregate_id";
 * - ES_LIMIT_EXCEEDED with the stream and "limit" where its version would pass ES_MAX_VERSION;
 * - ES_BUSY, ES_READ_ONLY, ES_STORAGE_FULL, ES_IO_ERROR, ES_UNSAFE_STORE, ES_CORRUPT_STORE, ES_TIMEOUT, ES_CANCELLED,
 *   ES_CLOSED, ES_FORKED. When the disk failed or a server went out of reach while the commit was under way, and the
 *   call ended before more could be learnt, the outcome is unknown: the same append, made again, finds out.
 * - Of a PostgreSQL server: ES_UNAVAILABLE, ES_ACCESS_DENIED (a missing grant), ES_NOT_A_STORE (the tables were changed
 *   meanwhile), and ES_CONSTRAINT where a constraint, a column or a trigger of the user's own refuses an event, with
 *   "constraint" where it has a name; the whole append is refused then. An append whose connection is lost is made
 *   again within its time, and stored once.
 */
ES_API es_status es_store_append(es_store* store, const es_append* append, const es_call* call,
                                 es_append_result** result, es_error** err) ES_NOEXCEPT;

/*
 * The same from a packed buffer: a page (page.h) with the magic ES_PACK_MAGIC that the caller fills in.
 *
 * - Header: magic, layout_version ES_PAGE_LAYOUT, header_size >= 128 and record_stride >= 192 (multiples of 8), count,
 *   total_bytes (equal to `size`), name_count, names_offset (a multiple of 8); flags holds ES_PACK_SKIP_DUPLICATES
 *   or 0; everything else is zero.
 * - Record: aggregate_type, aggregate_id, event_type and data are required; `version` is the expected version of the
 *   record's stream, the same in each record of that stream; event_version 0 means 1; `presence` says which of event
 *   id, occurred_at, tenant, correlation, causation and actor are there, the fields of the others are zero; metadata
 *   with offset 0 means {}; global_position, stored_at, flags, attempt, document and reserved are zero.
 * - Names and spans lie inside the buffer, after the table of names. They may overlap; a name may be repeated or
 *   unused: streams are told apart by their text. An event without an id gets one in the call.
 *
 * The buffer need not be aligned; it is only read, must not change during the call, and may be freed after it.
 * ES_INVALID_BUFFER (details "offset", from the start of the buffer, and "event_index" in a record) for one that is
 * cut, shifted or lies; ES_INVALID_ARGUMENT ("event_index") for an expected version out of range or unequal within a
 * stream; otherwise as es_store_append.
 */
ES_API es_status es_store_append_packed(es_store* store, const void* buffer, size_t size, const es_call* call,
                                        es_append_result** result, es_error** err) ES_NOEXCEPT;

/*
 * ---- The result. Immutable, any thread; what is borrowed lives as long as the result. NULL gives 0 or NULL. ----
 * Arrays are in the caller's order and in the host's byte order; NULL for an append without events.
 */

/*
 * Events in the append, and how many of them were known already and not written again (all of them for a first
 * result).
 */
ES_API size_t es_append_result_count(const es_append_result* result) ES_NOEXCEPT;
ES_API size_t es_append_result_known_count(const es_append_result* result) ES_NOEXCEPT;

/*
 * The lowest and the highest global position among the append's events, known ones included; 0 for an append without
 * events.
 */
ES_API int64_t es_append_result_first_position(const es_append_result* result) ES_NOEXCEPT;
ES_API int64_t es_append_result_last_position(const es_append_result* result) ES_NOEXCEPT;

/* Of each event: its id (16 bytes each), global position, version, and 1 where it was known. */
ES_API const uint8_t* es_append_result_event_ids(const es_append_result* result) ES_NOEXCEPT;
ES_API const int64_t* es_append_result_positions(const es_append_result* result) ES_NOEXCEPT;
ES_API const int64_t* es_append_result_versions(const es_append_result* result) ES_NOEXCEPT;
ES_API const uint8_t* es_append_result_known(const es_append_result* result) ES_NOEXCEPT;

/*
 * The streams in the order in which they first appear: the version of each after this append (for a first result,
 * that of its last event in it), and for each event the index of its stream.
 */
ES_API size_t es_append_result_stream_count(const es_append_result* result) ES_NOEXCEPT;
ES_API const int64_t* es_append_result_stream_versions(const es_append_result* result) ES_NOEXCEPT;
ES_API const int32_t* es_append_result_event_streams(const es_append_result* result) ES_NOEXCEPT;

/*
 * A token for es_call_set_token: a call that carries it sees this append; for an append without events, what it saw.
 * NUL-terminated, at most ES_TOKEN_BYTES_MAX bytes. Empty for a store without an identity (es_store_id).
 */
ES_API const char* es_append_result_token(const es_append_result* result) ES_NOEXCEPT;

/* Frees the result and sets the variable to NULL. NULL-safe. */
ES_API void es_append_result_close(es_append_result** result) ES_NOEXCEPT;

ES_END_DECLS

#endif
