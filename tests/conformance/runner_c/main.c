/* The vectors as cmocka tests, one for each vector, backend and way in: theme.name/backend/path. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/runner_c/runner.h"
#include "tests/support/cmocka.h"

typedef struct vector_case {
  char name[256];
  json_t* vector;
  json_t* backend;
  int packed;
} vector_case;

static struct CMUnitTest* tests;
static size_t test_count;

static void remove_folder(const char* folder) {
  DIR* const dir = opendir(folder);
  const struct dirent* entry;
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    char path[1024];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    unlink(path);
  }
  if (dir != NULL) closedir(dir);
  rmdir(folder);
}

/* 1 when the step came out as expected; otherwise `why` tells what did not. */
static int step_holds(session* s, const json_t* step, char* why, size_t why_size) {
  json_t* const outcome = session_run(s, step);
  json_t* const expected = expected_outcome(step);
  if (!is_provided(s->backend, "bytes")) {
    make_values(outcome);
    make_values(expected);
  }
  const json_t* const violations = json_object_get(outcome, "violations");
  int holds = matches(expected, outcome, why, why_size);
  if (holds && violations != NULL) {
    snprintf(why, why_size, "broken promise: %s", json_string_value(json_array_get(violations, 0)));
    holds = 0;
  }
  json_decref(expected);
  json_decref(outcome);
  return holds;
}

static void run_vector(void** state) {
  const vector_case* const c = *state;
  const char* const temporary = getenv("TMPDIR");
  json_t* const steps = resolve(json_object_get(c->vector, "steps"));
  char folder[512];
  char why[2048] = "";
  session s;
  size_t i;
  int holds = 1;
  snprintf(folder, sizeof folder, "%s/eventsource-XXXXXX", temporary == NULL ? "/tmp" : temporary);
  if (mkdtemp(folder) == NULL) fail_msg("no temporary folder at %s", folder);
  session_open(&s, c->backend, folder, json_object_get(c->vector, "options"), c->packed);
  for (i = 0; i < json_array_size(steps) && holds; ++i) {
    snprintf(why, sizeof why, "step %zu", i);
    holds = step_holds(&s, json_array_get(steps, i), why, sizeof why);
  }
  session_close(&s);
  remove_folder(folder);
  json_decref(steps);
  if (!holds) fail_msg("%s", why);
}

static int provides_all(const json_t* backend, const json_t* needs) {
  size_t i;
  for (i = 0; i < json_array_size(needs); ++i) {
    if (!is_provided(backend, json_string_value(json_array_get(needs, i)))) return 0;
  }
  return 1;
}

static void add_test(const char* theme, json_t* vector, json_t* backend, int packed) {
  vector_case* const c = calloc(1, sizeof *c);
  struct CMUnitTest* const test = &tests[test_count++];
  if (c == NULL) abort();
  c->vector = vector;
  c->backend = backend;
  c->packed = packed;
  snprintf(c->name, sizeof c->name, "%s.%s/%s/%s", theme, json_string_value(json_object_get(vector, "name")),
           json_string_value(json_object_get(backend, "name")), packed ? "packed" : "builder");
  test->name = c->name;
  test->test_func = run_vector;
  test->initial_state = c;
}

static void add_file(const char* file, json_t* vectors, json_t* backends) {
  const char* const ways[2] = {"builder", "packed"};
  char theme[64];
  size_t i;
  size_t b;
  int way;
  snprintf(theme, sizeof theme, "%.*s", (int)(strlen(file) - strlen(".json")), file);
  tests = realloc(tests, (test_count + json_array_size(vectors) * json_array_size(backends) * 2) * sizeof *tests);
  if (tests == NULL) abort();
  memset(tests + test_count, 0, json_array_size(vectors) * json_array_size(backends) * 2 * sizeof *tests);
  for (i = 0; i < json_array_size(vectors); ++i) {
    json_t* const vector = json_array_get(vectors, i);
    const json_t* const paths = json_object_get(vector, "paths");
    for (b = 0; b < json_array_size(backends); ++b) {
      json_t* const backend = json_array_get(backends, b);
      const json_t* const backend_paths = json_object_get(backend, "paths");
      if (!provides_all(backend, json_object_get(vector, "requires"))) continue;
      for (way = 0; way < 2; ++way) {
        if (backend_paths != NULL && !is_listed(backend_paths, ways[way])) continue;
        if (paths == NULL || is_listed(paths, ways[way])) add_test(theme, vector, backend, way);
      }
    }
  }
}

static int is_json(const struct dirent* entry) {
  const size_t length = strlen(entry->d_name);
  return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

/* Whether this run is to have the backend: EVENTSOURCE_CONFORMANCE_BACKENDS names some, or is not set. */
static int is_chosen(const char* name) {
  const char* chosen = getenv("EVENTSOURCE_CONFORMANCE_BACKENDS");
  const size_t length = strlen(name);
  if (chosen == NULL) return 1;
  while (*chosen != '\0') {
    const size_t word = strcspn(chosen, ",");
    if (word == length && strncmp(chosen, name, length) == 0) return 1;
    chosen += word;
    if (*chosen == ',') ++chosen;
  }
  return 0;
}

static json_t* load_backends(void) {
  json_t* const backends = load_json("backends.json");
  size_t i = json_array_size(backends);
  while (i-- > 0) {
    const json_t* const backend = json_array_get(backends, i);
    if (!is_chosen(json_string_value(json_object_get(backend, "name")))) {
      json_array_remove(backends, i);
      continue;
    }
    if (strstr(json_string_value(json_object_get(backend, "url")), "{postgres}") == NULL || server_is_here()) continue;
    fprintf(stderr, "%s is left out: EVENTSOURCE_TEST_POSTGRES names no server\n",
            json_string_value(json_object_get(backend, "name")));
    json_array_remove(backends, i);
  }
  return backends;
}

int main(void) {
  const char* const sources = getenv("EVENTSOURCE_SOURCE_DIR");
  json_t* const backends = load_backends();
  struct dirent** files = NULL;
  json_t* loaded[64];
  char path[4096];
  int failed;
  int count;
  int i;
  size_t t;
  snprintf(path, sizeof path, "%s/tests/conformance/vectors", sources == NULL ? "." : sources);
  count = scandir(path, &files, is_json, alphasort);
  for (i = 0; i < count && i < 64; ++i) {
    snprintf(path, sizeof path, "vectors/%s", files[i]->d_name);
    loaded[i] = load_json(path);
    add_file(files[i]->d_name, loaded[i], backends);
  }
  failed = _cmocka_run_group_tests("vectors", tests, test_count, NULL, NULL);
  for (t = 0; t < test_count; ++t) free(tests[t].initial_state);
  free(tests);
  for (i = 0; i < count; ++i) {
    json_decref(loaded[i]);
    free(files[i]);
  }
  free(files);
  json_decref(backends);
  server_leave();
  return failed > 0 ? 1 : 0;
}
