/*
 * An account in C: append, meet a conflict, look again and retry, read.
 *
 *     cc append_and_read.c $(pkg-config --cflags --libs eventsource) -o append_and_read
 *     ./append_and_read                          in memory
 *     ./append_and_read sqlite:///accounts.db    in a file; run it again and the account goes on
 */
#include <eventsource/eventsource.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT "Account"

/* Always the same account, so that a second run finds the first one's events. */
static const uint8_t kAccount[16] = {0x01, 0x94, 0x7c, 0x2a, 0x00, 0x00, 0x70, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 1};

/* Says what went wrong and gives up the error. Everything else is freed by the end of the program. */
static void die(es_error** err) {
  fprintf(stderr, "append_and_read: %s\n", es_error_message(*err));
  es_error_close(err);
  exit(1);
}

/* Appends one event if the account is at the expected version. The caller looks at the status. */
static es_status deposit(es_store* store, int64_t expected_version, const char* data, int64_t* version,
                         es_error** err) {
  es_append* append = NULL;
  es_append_result* result = NULL;
  es_status status = es_append_new(&append, err);
  if (status == ES_OK) status = es_append_stream(append, ACCOUNT, strlen(ACCOUNT), kAccount, expected_version, err);
  if (status == ES_OK) status = es_append_event(append, "Deposited", strlen("Deposited"), data, strlen(data), err);
  if (status == ES_OK) status = es_store_append(store, append, NULL, &result, err);
  if (status == ES_OK) *version = es_append_result_versions(result)[0];
  es_append_result_close(&result);
  es_append_close(&append);
  return status;
}

static int64_t version_of(es_store* store) {
  es_error* err = NULL;
  int64_t version = 0;
  if (es_store_stream_version(store, ACCOUNT, strlen(ACCOUNT), kAccount, NULL, &version, &err) != ES_OK) die(&err);
  return version;
}

/* A writer that lost the race looks again, decides again, and appends at the version that it saw. */
static void deposit_with_retry(es_store* store, int64_t version, const char* data) {
  for (;;) {
    es_error* err = NULL;
    int64_t stored = 0;
    es_status status = deposit(store, version, data, &stored, &err);
    if (status == ES_OK) {
      printf("stored as version %lld: %s\n", (long long)stored, data);
      return;
    }
    if (status != ES_VERSION_CONFLICT) die(&err);
    printf("refused: expected version %s, the account is at %s\n", es_error_detail(err, "expected_version"),
           es_error_detail(err, "actual_version"));
    es_error_close(&err);
    version = version_of(store);
  }
}

/* Prints the account's events, page by page. */
static void print_account(es_store* store) {
  es_error* err = NULL;
  es_read* read = NULL;
  int64_t next = 1;
  int32_t end = 0;
  if (es_read_new(&read, &err) != ES_OK || es_read_set_content(read, ES_CONTENT_DATA, &err) != ES_OK) die(&err);
  while (!end) {
    es_page* page = NULL;
    size_t i;
    if (es_read_set_versions(read, next, ES_MAX_VERSION, &err) != ES_OK ||
        es_store_read_stream(store, ACCOUNT, strlen(ACCOUNT), kAccount, read, NULL, &page, &err) != ES_OK) {
      die(&err);
    }
    for (i = 0; i < es_page_count(page); ++i) {
      const es_record* event = es_page_record(page, i);
      size_t type_len = 0, data_len = 0;
      const char* type = es_page_name(page, event->event_type, &type_len);
      const char* data = es_page_span(page, event->data, &data_len);
      printf("  %lld  %.*s  %.*s\n", (long long)event->version, (int)type_len, type, (int)data_len, data);
      next = event->version + 1;
    }
    end = es_page_is_end(page);
    es_page_close(&page);
  }
  es_read_close(&read);
}

int main(int argc, char** argv) {
  const char* url = argc > 1 ? argv[1] : "memory:";
  es_error* err = NULL;
  es_store* store = NULL;
  int64_t seen;

  if (es_store_open(ES_ABI_VERSION, url, strlen(url), NULL, NULL, &store, &err) != ES_OK) die(&err);
  seen = version_of(store);
  deposit_with_retry(store, seen, "{\"amount\":\"100.00\"}");
  /* This one still believes what was seen before the first deposit: the store refuses it once. */
  deposit_with_retry(store, seen, "{\"amount\":\"1.10\"}");
  printf("the account:\n");
  print_account(store);
  if (es_store_shutdown(store, -1, &err) != ES_OK) die(&err);
  es_store_close(&store);
  return 0;
}
