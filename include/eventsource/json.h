/*
 * Raw JSON, UUIDs and times: what a caller needs to fill an event and to look into one without a parser of its own.
 *
 * Any thread; nothing is kept, and nothing is allocated but an error. All but es_uuid_new are pure.
 */
#ifndef EVENTSOURCE_JSON_H
#define EVENTSOURCE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "eventsource/error.h"
#include "eventsource/export.h"

/* Text of a UUID and of a time, without a terminator. */
#define ES_UUID_TEXT_BYTES 36
#define ES_TIME_TEXT_BYTES 27

ES_BEGIN_DECLS

/*
 * Checks that `json` is what an append takes as user data: an object, with everything that jsonb accepts and no key
 * twice in one object, none of the envelope's keys at the outermost level, nested at most ES_MAX_JSON_DEPTH deep.
 * Keys are compared after their escapes are undone. ES_INVALID_JSON (detail "offset") says what is wrong and where.
 */
ES_API es_status es_json_check_data(const char* json, size_t json_len, es_error** err) ES_NOEXCEPT;

/*
 * Steps through the members of a JSON object. `*cursor` is 0 at first. Each call that returns 1 has stored the next key
 * (between its quotes, escapes as they stand) and the exact bytes of its value, both inside `object`; 0: no more
 * members; -1: from here on it is no JSON object. Values are not looked into: check foreign text first.
 *
 *     size_t cursor = 0;
 *     while (es_json_next(data, data_len, &cursor, &key, &key_len, &value, &value_len) == 1) { … }
 */
ES_API int32_t es_json_next(const char* object, size_t object_len, size_t* cursor, const char** key, size_t* key_len,
                            const char** value, size_t* value_len) ES_NOEXCEPT;

/* A UUID from its 36 characters (any letter case) or 32 hex digits, and back in lower case. ES_INVALID_ID. */
ES_API es_status es_uuid_parse(const char* text, size_t text_len, uint8_t id[16], es_error** err) ES_NOEXCEPT;
ES_API void es_uuid_format(const uint8_t id[16], char text[ES_UUID_TEXT_BYTES]) ES_NOEXCEPT;

/* A new UUIDv7: ids sort by the time they were made, to a microsecond. */
ES_API es_status es_uuid_new(uint8_t id[16], es_error** err) ES_NOEXCEPT;

/*
 * A time from RFC 3339 text with an offset, in microseconds since 1970 UTC, and back as `2013-02-08T09:53:00.000000Z`.
 * Letters of either case, a space for the T, offsets as +02, +0200 or +02:00. A fraction has up to nine digits, those
 * beyond six are cut. Second 60, without a fraction, is the next minute's 0; 24:00:00 is the next day's midnight.
 * ES_INVALID_TIME, both ways, outside the years 1 to 9999 in UTC.
 */
ES_API es_status es_time_parse(const char* text, size_t text_len, int64_t* time, es_error** err) ES_NOEXCEPT;
ES_API es_status es_time_format(int64_t time, char text[ES_TIME_TEXT_BYTES], es_error** err) ES_NOEXCEPT;

ES_END_DECLS

#endif
