/* Packed appends that are cut, shifted or lie: typed errors, nothing stored, nothing read beyond the buffer. */
#include <stdlib.h>

#include "tests/capi/refuse.h"

#define RECORDS 2u
#define NAMES_AT (ES_PAGE_HEADER_SIZE + RECORDS * ES_PAGE_RECORD_STRIDE)
#define HEAP_AT (NAMES_AT + 2u * 8u)
static const char kTexts[] = "OrderPlaced{\"a\":1}ann{}";
#define SIZE (HEAP_AT + sizeof kTexts - 1)

typedef struct packed {
  unsigned char bytes[SIZE];
} packed;

/* Two events in stream Order kId; the first has every optional field. */
static packed make_packed(void) {
  packed p;
  es_page_header header;
  es_record records[RECORDS];
  const es_span names[2] = {{HEAP_AT, 5}, {HEAP_AT + 5, 6}};
  uint32_t i;
  memset(&header, 0, sizeof header);
  header.magic = ES_PACK_MAGIC;
  header.layout_version = ES_PAGE_LAYOUT;
  header.header_size = ES_PAGE_HEADER_SIZE;
  header.record_stride = ES_PAGE_RECORD_STRIDE;
  header.count = RECORDS;
  header.total_bytes = (uint32_t)SIZE;
  header.name_count = 2;
  header.names_offset = NAMES_AT;
  memset(records, 0, sizeof records);
  for (i = 0; i < RECORDS; ++i) {
    records[i].version = ES_ANY;
    records[i].aggregate_type = 0;
    records[i].event_type = 1;
    memcpy(records[i].aggregate_id, kId, 16);
    memcpy(records[i].event_id, kId, 16);
    records[i].event_id[0] = (uint8_t)(i + 1);
    records[i].presence = ES_HAS_EVENT_ID;
    records[i].data.offset = HEAP_AT + 11;
    records[i].data.length = 7;
  }
  records[0].presence |= ES_HAS_TENANT | ES_HAS_CORRELATION | ES_HAS_CAUSATION | ES_HAS_ACTOR | ES_HAS_OCCURRED_AT;
  memcpy(records[0].tenant_id, kId, 16);
  memcpy(records[1].tenant_id, kId, 16);
  records[1].presence |= ES_HAS_TENANT;
  records[0].actor_id.offset = HEAP_AT + 18;
  records[0].actor_id.length = 3;
  records[0].metadata.offset = HEAP_AT + 21;
  records[0].metadata.length = 2;
  memcpy(p.bytes, &header, sizeof header);
  memcpy(p.bytes + sizeof header, records, sizeof records);
  memcpy(p.bytes + NAMES_AT, names, sizeof names);
  memcpy(p.bytes + HEAP_AT, kTexts, sizeof kTexts - 1);
  return p;
}

static int64_t count_of(es_store* store) {
  int64_t count = -1;
  assert_int_equal(es_store_count(store, NULL, NULL, &count, NULL), ES_OK);
  return count;
}

static void the_whole_buffer(void** state) {
  es_store* store = open_memory();
  const packed p = make_packed();
  es_append_result* result = NULL;
  /* One byte off every alignment. */
  unsigned char* const shifted = malloc(SIZE + 1);
  (void)state;
  assert_non_null(shifted);
  memcpy(shifted + 1, p.bytes, SIZE);
  assert_int_equal(es_store_append_packed(store, shifted + 1, SIZE, NULL, &result, NULL), ES_OK);
  free(shifted);
  GIVES(2, es_append_result_count(result));
  GIVES(2, count_of(store));
  es_append_result_close(&result);
  es_store_close(&store);
}

static void null_and_zero(void** state) {
  es_store* store = open_memory();
  const packed p = make_packed();
  es_append_result* result = NULL;
  (void)state;
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, result, es_store_append_packed(NULL, p.bytes, SIZE, NULL, &result, ERR));
  REFUSES_HANDLE(ES_INVALID_ARGUMENT, result, es_store_append_packed(store, NULL, SIZE, NULL, &result, ERR));
  REFUSES_HANDLE(ES_INVALID_BUFFER, result, es_store_append_packed(store, p.bytes, 0, NULL, &result, ERR));
  GIVES(0, count_of(store));
  assert_int_equal(es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, NULL), ES_OK);
  assert_int_equal(es_store_shutdown(store, -1, NULL), ES_OK);
  REFUSES_HANDLE(ES_CLOSED, result, es_store_append_packed(store, p.bytes, SIZE, NULL, &result, ERR));
  es_store_close(&store);
}

static void cut_at_each_length(void** state) {
  es_store* store = open_memory();
  const packed p = make_packed();
  size_t i;
  (void)state;
  for (i = 0; i < SIZE; ++i) {
    /* Of exactly this size, so that AddressSanitizer sees a read past the end. */
    unsigned char* const cut = malloc(i == 0 ? 1 : i);
    assert_non_null(cut);
    memcpy(cut, p.bytes, i);
    REFUSES(ES_INVALID_BUFFER, es_store_append_packed(store, cut, i, NULL, NULL, ERR));
    free(cut);
  }
  GIVES(0, count_of(store));
  es_store_close(&store);
}

static int is_data_error(es_status status) {
  const es_status kind = es_status_kind(status);
  return kind == -100 || kind == -200 || kind == -300;
}

/* Each bit of each byte: the append is refused with a typed error, or it is a valid one and stored. */
static void each_bit_changed(void** state) {
  size_t i;
  int bit;
  (void)state;
  for (i = 0; i < SIZE; ++i) {
    for (bit = 0; bit < 8; ++bit) {
      es_store* store = open_memory();
      packed p = make_packed();
      unsigned char* const exact = malloc(SIZE);
      es_status status;
      assert_non_null(exact);
      p.bytes[i] = (unsigned char)(p.bytes[i] ^ (1u << bit));
      memcpy(exact, p.bytes, SIZE);
      status = es_store_append_packed(store, exact, SIZE, NULL, NULL, NULL);
      assert_true(status == ES_OK || is_data_error(status));
      if (status != ES_OK) GIVES(0, count_of(store));
      free(exact);
      es_store_close(&store);
    }
  }
}

/* Every 32-bit number of header and first record with values that overflow. */
static void numbers_that_overflow(void** state) {
  static const uint32_t kValues[] = {1, 7, 8, HEAP_AT, 0x7fffffffu, 0x80000000u, 0xffffff00u, 0xfffffff8u, 0xffffffffu};
  size_t at;
  size_t i;
  (void)state;
  for (at = 0; at < ES_PAGE_HEADER_SIZE + ES_PAGE_RECORD_STRIDE; at += 4) {
    for (i = 0; i < sizeof kValues / sizeof kValues[0]; ++i) {
      es_store* store = open_memory();
      packed p = make_packed();
      es_status status;
      memcpy(p.bytes + at, &kValues[i], 4);
      status = es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, NULL);
      assert_true(status == ES_OK || is_data_error(status));
      if (status != ES_OK) GIVES(0, count_of(store));
      es_store_close(&store);
    }
  }
}

static void nil_ids(void** state) {
  es_store* store = open_memory();
  packed p = make_packed();
  (void)state;
  memset(p.bytes + ES_PAGE_HEADER_SIZE + 32, 0, 16);
  REFUSES(ES_INVALID_ID, es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, ERR));
  p = make_packed();
  memset(p.bytes + ES_PAGE_HEADER_SIZE + 48, 0, 16);
  REFUSES(ES_INVALID_ID, es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, ERR));
  GIVES(0, count_of(store));
  es_store_close(&store);
}

/* As many records as the buffer has, more than an append may have: refused, not read. */
static void too_many_events(void** state) {
  const uint32_t count = ES_APPEND_EVENTS_DEFAULT + 1;
  const size_t names_at = ES_PAGE_HEADER_SIZE + (size_t)count * ES_PAGE_RECORD_STRIDE;
  const size_t size = names_at + 2 * 8 + sizeof kTexts - 1;
  es_store* store = open_memory();
  const packed p = make_packed();
  unsigned char* const buffer = calloc(1, size);
  es_page_header header;
  es_record record;
  es_span names[2];
  uint32_t i;
  (void)state;
  assert_non_null(buffer);
  memcpy(&header, p.bytes, sizeof header);
  memcpy(&record, p.bytes + ES_PAGE_HEADER_SIZE + ES_PAGE_RECORD_STRIDE, sizeof record);
  header.count = count;
  header.names_offset = (uint32_t)names_at;
  header.total_bytes = (uint32_t)size;
  names[0].offset = (uint32_t)names_at + 16;
  names[0].length = 5;
  names[1].offset = names[0].offset + 5;
  names[1].length = 6;
  record.data.offset = names[0].offset + 11;
  memset(record.event_id, 0, 16);
  record.presence = ES_HAS_TENANT;
  memcpy(buffer, &header, sizeof header);
  for (i = 0; i < count; ++i) memcpy(buffer + ES_PAGE_HEADER_SIZE + i * sizeof record, &record, sizeof record);
  memcpy(buffer + names_at, names, sizeof names);
  memcpy(buffer + names_at + 16, kTexts, sizeof kTexts - 1);
  REFUSES(ES_LIMIT_EXCEEDED, es_store_append_packed(store, buffer, size, NULL, NULL, ERR));
  GIVES(0, count_of(store));
  /* One fewer is an append. */
  header.count = count - 1;
  memcpy(buffer, &header, sizeof header);
  assert_int_equal(es_store_append_packed(store, buffer, size, NULL, NULL, NULL), ES_OK);
  GIVES(count - 1, count_of(store));
  free(buffer);
  es_store_close(&store);
}

/* Events are checked in order, packed ones too: what is wrong with the first is reported, not what is with the second. */
static void the_first_reason(void** state) {
  const int64_t other_version = 5;
  const int32_t negative = -1;
  const size_t second = ES_PAGE_HEADER_SIZE + ES_PAGE_RECORD_STRIDE;
  es_store* store = open_memory();
  es_error* error = NULL;
  packed p = make_packed();
  (void)state;
  memcpy(p.bytes + second + 8, &other_version, 8);
  assert_int_equal(es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, &error), ES_INVALID_ARGUMENT);
  assert_string_equal(es_error_detail(error, "event_index"), "1");
  es_error_close(&error);
  memcpy(p.bytes + second + 128, &negative, 4);
  assert_int_equal(es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, &error), ES_INVALID_ARGUMENT);
  assert_string_equal(es_error_detail(error, "event_index"), "1");
  assert_string_equal(es_error_detail(error, "field"), "event_version");
  es_error_close(&error);
  /* The first event's data is no object. */
  p.bytes[HEAP_AT + 11] = 'x';
  assert_int_equal(es_store_append_packed(store, p.bytes, SIZE, NULL, NULL, &error), ES_INVALID_JSON);
  assert_string_equal(es_error_detail(error, "event_index"), "0");
  es_error_close(&error);
  GIVES(0, count_of(store));
  es_store_close(&store);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_whole_buffer), cmocka_unit_test(null_and_zero),         cmocka_unit_test(cut_at_each_length),
      cmocka_unit_test(each_bit_changed), cmocka_unit_test(numbers_that_overflow), cmocka_unit_test(nil_ids),
      cmocka_unit_test(too_many_events),  cmocka_unit_test(the_first_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
