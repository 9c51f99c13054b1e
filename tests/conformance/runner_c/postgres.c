/* Empty schemas for stores, on the server that the runner has beside it. One connection for all of them. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/runner_c/runner.h"

static PGconn* connection;
static int schema_count;

/* A server that refuses is no vector's fault: the program ends. */
static void run(const char* sql) {
  PGresult* const answer = PQexec(connection, sql);
  const ExecStatusType status = PQresultStatus(answer);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    fprintf(stderr, "%sin: %s\n", PQerrorMessage(connection), sql);
    abort();
  }
  PQclear(answer);
}

/* Its notices are not for the output of a test. */
static void ignore_notice(void* unused, const PGresult* notice) {
  (void)unused;
  (void)notice;
}

static void connect_once(void) {
  if (connection != NULL) return;
  connection = PQconnectdb(getenv("EVENTSOURCE_TEST_POSTGRES"));
  PQsetNoticeReceiver(connection, ignore_notice, NULL);
  /* A store that still holds a table after its end is an error to be seen, not a test that hangs. */
  run("set lock_timeout = '30s'");
}

void schema_create(char name[SCHEMA_MAX], const json_t* sql_files) {
  char sql[2 * SCHEMA_MAX + 64];
  size_t i;
  connect_once();
  snprintf(name, SCHEMA_MAX, "vector_%ld_%d", (long)getpid(), ++schema_count);
  snprintf(sql, sizeof sql, "create schema %s; set search_path = %s", name, name);
  run(sql);
  for (i = 0; i < json_array_size(sql_files); ++i) {
    char* const text = load_text(json_string_value(json_array_get(sql_files, i)));
    run(text);
    free(text);
  }
}

void schema_url(const char* name, char* url, size_t url_size) {
  const char* const server = getenv("EVENTSOURCE_TEST_POSTGRES");
  snprintf(url, url_size, "%s%coptions=-csearch_path%%3D%s", server, strchr(server, '?') == NULL ? '?' : '&', name);
}

void schema_drop(const char* name) {
  char sql[SCHEMA_MAX + 64];
  snprintf(sql, sizeof sql, "drop schema %s cascade", name);
  run(sql);
}

int server_is_here(void) {
  return getenv("EVENTSOURCE_TEST_POSTGRES") != NULL;
}

void server_leave(void) {
  PQfinish(connection);
}
