/*
 * A page: the events of one read in one contiguous buffer.
 *
 * The buffer is little-endian, 8-byte aligned, below 2 GiB and complete in itself: header, records, table of names,
 * heap. It never changes, outlives the store and a fork, and may be read by any number of threads. Bindings map it
 * whole (es_page_bytes); C callers use the records in place.
 *
 *     const es_record *event = es_page_record(page, i);
 *     size_t length;
 *     const char *type = es_page_name(page, event->event_type, &length);
 *     const char *data = es_page_span(page, event->data, &length);
 *
 * Readers go by header_size and record_stride, never by their own sizeof: later versions append fields. These three
 * structs are frozen up to that; reserved fields are zero. Hosts are little-endian.
 */
#ifndef EVENTSOURCE_PAGE_H
#define EVENTSOURCE_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"

#define ES_PAGE_MAGIC 0x47505345u /* "ESPG" */
#define ES_PACK_MAGIC 0x4b505345u /* "ESPK": a packed append, append.h */
#define ES_PAGE_LAYOUT 1
#define ES_PAGE_HEADER_SIZE 128
#define ES_PAGE_RECORD_STRIDE 192

/* es_page_header.flags */
#define ES_PAGE_END 1u             /* nothing is left in the direction of this read */
#define ES_PAGE_LIVE 2u            /* of a subscription that has reached the end of history */
#define ES_PACK_SKIP_DUPLICATES 1u /* of a packed append: ES_ON_DUPLICATE_SKIP */

/* es_page_header.content: what was asked for and is filled in. The columns always are. */
#define ES_CONTENT_COLUMNS 0u
#define ES_CONTENT_DOCUMENT 1u /* record.document: the document as it is stored */
#define ES_CONTENT_ENVELOPE \
  2u                       /* event_version, correlation_id, causation_id, metadata: a scan of the document's head */
#define ES_CONTENT_DATA 4u /* record.data: the user's object alone, with its braces */

/* es_record.presence: an absent id is all zero, and so may a present one be. */
#define ES_HAS_TENANT 1u
#define ES_HAS_CORRELATION 2u
#define ES_HAS_CAUSATION 4u
#define ES_HAS_ACTOR 8u
#define ES_HAS_EVENT_ID 16u    /* always in a page */
#define ES_HAS_OCCURRED_AT 32u /* always in a page */

/* es_record.flags */
#define ES_RECORD_REPLAY 1u          /* handled before: a rebuild is under way */
#define ES_RECORD_HELD_BACK 2u       /* waits behind a dead letter of its aggregate */
#define ES_RECORD_FOREIGN_TENANT 4u  /* the stored tenant is no UUID and shows as absent */
#define ES_RECORD_BROKEN_DOCUMENT 8u /* the document is no object or its envelope is malformed: see below */

/* Times out of range: after the year 9999 or "infinity", before the year 1 or "-infinity". */
#define ES_TIME_AFTER 9223372036854775807
#define ES_TIME_BEFORE (-9223372036854775807 - 1)

ES_BEGIN_DECLS

/* A piece of the buffer: `length` bytes at `offset` from its start. Offset 0: absent (an empty text has an offset). */
typedef struct es_span {
  uint32_t offset;
  uint32_t length;
} es_span;

/* Numbers before the fields are their offsets in bytes: part of the contract. */
typedef struct es_page_header {
  /*  0 */ uint32_t magic;
  /*  4 */ uint16_t layout_version;
  /*  6 */ uint16_t header_size;   /* records start here */
  /*  8 */ uint32_t record_stride; /* bytes from one record to the next */
  /* 12 */ uint32_t count;         /* records */
  /* 16 */ uint32_t flags;
  /* 20 */ uint32_t content;
  /* 24 */ uint32_t total_bytes; /* of the whole buffer */
  /* 28 */ uint32_t name_count;
  /* 32 */ uint32_t names_offset; /* name_count es_span: event types and aggregate types */
  /* 36 */ uint32_t reserved0;
  /* 40 */ int64_t scanned_through; /* read on after it */
  /* 48 */ int64_t watermark;       /* no position up to this one can still appear; not so on PostgreSQL: read.h */
  /* 56 */ int64_t database_time;   /* when the page was read, by the database's clock; microseconds since 1970 UTC */
  /* 64 */ es_span token;           /* for es_call_set_token: a call that carries it sees what this page saw; absent
                                    (offset 0) for a store without an identity (es_store_id) */
  /* 72 */ uint8_t reserved1[56];
} es_page_header;

/*
 * scanned_through, of a read of the log: forward, the highest position that was looked at, always that of a stored
 * event, or the `after` of the read where nothing lay above it; it can lie beyond the last record, since a filter
 * passes over events. Backward, the lowest position that was looked at, 0 when nothing is left below. Of a stream or
 * a single event: 0.
 *
 * Two records have the same index of a name exactly when the names are equal.
 *
 * Without ES_CONTENT_ENVELOPE, event_version is 0 and correlation, causation and metadata are absent. With it,
 * metadata that is empty is the text {}; what a foreign document does not have is absent, and event_version is 1.
 * What can't be read of a document with ES_RECORD_BROKEN_DOCUMENT is absent; the columns are good. The flag is found
 * only where ES_CONTENT_ENVELOPE or ES_CONTENT_DATA was asked for, and user data behind the envelope is not validated
 * again when it is read.
 */
typedef struct es_record {
  /*   0 */ int64_t global_position;
  /*   8 */ int64_t version;     /* in its stream, from 1 */
  /*  16 */ int64_t occurred_at; /* microseconds since 1970 UTC */
  /*  24 */ int64_t stored_at;
  /*  32 */ uint8_t event_id[16];
  /*  48 */ uint8_t aggregate_id[16];
  /*  64 */ uint8_t tenant_id[16];
  /*  80 */ uint8_t correlation_id[16];
  /*  96 */ uint8_t causation_id[16];
  /* 112 */ uint32_t presence;
  /* 116 */ uint32_t flags;
  /* 120 */ uint32_t event_type;     /* index in the table of names */
  /* 124 */ uint32_t aggregate_type; /* index in the table of names */
  /* 128 */ int32_t event_version;
  /* 132 */ uint32_t attempt; /* of a projection, from 1; 0 in a read */
  /* 136 */ es_span actor_id;
  /* 144 */ es_span metadata;
  /* 152 */ es_span document;
  /* 160 */ es_span data;
  /* 168 */ uint8_t reserved[24];
} es_record;

typedef struct es_page es_page;

/* The header and the index-th record (0-based), in place. NULL for NULL and past the end. */
ES_API const es_page_header* es_page_get_header(const es_page* page) ES_NOEXCEPT;
ES_API const es_record* es_page_record(const es_page* page, size_t index) ES_NOEXCEPT;

/* How many records; 0 for NULL. 1 when the page has the flag ES_PAGE_END (and for NULL), so that a loop ends. */
ES_API size_t es_page_count(const es_page* page) ES_NOEXCEPT;
ES_API int32_t es_page_is_end(const es_page* page) ES_NOEXCEPT;

/* The name with this index in UTF-8, not NUL-terminated. NULL and length 0 past the end. */
ES_API const char* es_page_name(const es_page* page, uint32_t index, size_t* length) ES_NOEXCEPT;

/* The text of a span of this page, not NUL-terminated. NULL and length 0 when it is absent or not of this page. */
ES_API const char* es_page_span(const es_page* page, es_span span, size_t* length) ES_NOEXCEPT;

/* The whole buffer, as long as the page lives. */
ES_API const void* es_page_bytes(const es_page* page, size_t* size) ES_NOEXCEPT;

/* Another reference to the same page; NULL for NULL. Close it as well. */
ES_API es_page* es_page_retain(const es_page* page) ES_NOEXCEPT;

/* Gives up one reference and sets the variable to NULL. NULL-safe. */
ES_API void es_page_close(es_page** page) ES_NOEXCEPT;

/*
 * Makes a page from bytes that were a page once (stored, or sent by another process): checks them from end to end
 * and copies them. `bytes` need not be aligned. ES_INVALID_BUFFER (details "offset" and, in a record, "event_index")
 * when a size, offset, span or index of a name is wrong, or for another layout_version. What a later version may add
 * is accepted and ignored: a larger header_size or record_stride, unknown flags, reserved bytes. Texts are not
 * looked into.
 */
ES_API es_status es_page_from_bytes(const void* bytes, size_t size, es_page** page, es_error** err) ES_NOEXCEPT;

ES_END_DECLS

#endif
