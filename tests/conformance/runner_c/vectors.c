/* Files, symbols, texts, and the comparison of what came with what was expected (README.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/runner_c/runner.h"

json_t* load_json(const char* relative_path) {
  const char* const sources = getenv("EVENTSOURCE_SOURCE_DIR");
  char path[4096];
  json_error_t error;
  json_t* value;
  snprintf(path, sizeof path, "%s/tests/conformance/%s", sources == NULL ? "." : sources, relative_path);
  value = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
  if (value == NULL) {
    fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    exit(1);
  }
  return value;
}

char* load_text(const char* relative_path) {
  const char* const sources = getenv("EVENTSOURCE_SOURCE_DIR");
  char path[4096];
  char* text = NULL;
  size_t length = 0;
  FILE* file;
  snprintf(path, sizeof path, "%s/tests/conformance/%s", sources == NULL ? "." : sources, relative_path);
  file = fopen(path, "rb");
  /* Up to its end: a text has no zero byte. */
  if (file == NULL || getdelim(&text, &length, '\0', file) < 0) {
    fprintf(stderr, "%s cannot be read\n", path);
    exit(1);
  }
  fclose(file);
  return text;
}

static int is_symbol_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* A growing text that may hold any byte. */
typedef struct buffer {
  char* bytes;
  size_t length;
  size_t room;
} buffer;

static void put(buffer* b, const char* bytes, size_t length) {
  if (b->length + length > b->room) {
    b->room = (b->length + length) * 2 + 64;
    b->bytes = realloc(b->bytes, b->room);
    if (b->bytes == NULL) abort();
  }
  if (length > 0) memcpy(b->bytes + b->length, bytes, length);
  b->length += length;
}

static json_t* take(buffer* b) {
  json_t* const text = json_stringn_nocheck(b->bytes == NULL ? "" : b->bytes, b->length);
  free(b->bytes);
  return text;
}

/* A symbol's UUID is its name in ASCII, filled up with zero bytes. */
static json_t* with_symbols(const json_t* value) {
  const char* const text = json_string_value(value);
  const size_t length = json_string_length(value);
  buffer out = {NULL, 0, 0};
  size_t i = 0;
  while (i < length) {
    size_t end = i + 1;
    uint8_t id[16] = {0};
    json_t* uuid;
    if (text[i] != '$') {
      put(&out, text + i++, 1);
      continue;
    }
    while (end < length && is_symbol_character(text[end])) ++end;
    if (end - i - 1 > 16) abort();
    memcpy(id, text + i + 1, end - i - 1);
    uuid = uuid_json(id);
    put(&out, json_string_value(uuid), 36);
    json_decref(uuid);
    i = end;
  }
  return take(&out);
}

static json_t* text_of(const json_t* value) {
  const json_t* const hex = json_object_get(value, "hex");
  const json_t* const join = json_object_get(value, "join");
  buffer out = {NULL, 0, 0};
  size_t i;
  if (hex != NULL) {
    const char* const digits = json_string_value(hex);
    for (i = 0; digits[i] != '\0'; i += 2) {
      const char pair[3] = {digits[i], digits[i + 1], '\0'};
      const char byte = (char)strtol(pair, NULL, 16);
      put(&out, &byte, 1);
    }
  } else if (join != NULL) {
    for (i = 0; i < json_array_size(join); ++i) {
      json_t* const part = resolve(json_array_get(join, i));
      put(&out, json_string_value(part), json_string_length(part));
      json_decref(part);
    }
  } else {
    json_t* const part = resolve(json_object_get(value, "repeat"));
    json_int_t left = json_integer_value(json_object_get(value, "times"));
    for (; left > 0; --left) put(&out, json_string_value(part), json_string_length(part));
    json_decref(part);
  }
  return take(&out);
}

json_t* resolve(const json_t* value) {
  if (json_is_string(value)) return with_symbols(value);
  if (json_is_array(value)) {
    json_t* const out = json_array();
    size_t i;
    for (i = 0; i < json_array_size(value); ++i) json_array_append_new(out, resolve(json_array_get(value, i)));
    return out;
  }
  if (json_is_object(value)) {
    json_t* const out = json_object();
    const char* key;
    json_t* member;
    if (json_object_get(value, "hex") != NULL || json_object_get(value, "join") != NULL ||
        json_object_get(value, "repeat") != NULL) {
      json_decref(out);
      return text_of(value);
    }
    json_object_foreach((json_t*)(uintptr_t)value, key, member) {
      json_object_set_new_nocheck(out, key, resolve(member));
    }
    return out;
  }
  return json_deep_copy(value);
}

static int differs(const json_t* expected, const json_t* actual, char* where, size_t where_size) {
  char* const wanted = json_dumps(expected, JSON_ENCODE_ANY);
  char* const came = actual == NULL ? NULL : json_dumps(actual, JSON_ENCODE_ANY);
  const size_t length = strlen(where);
  snprintf(where + length, where_size - length, " is %.400s, expected is %.400s", came == NULL ? "not there" : came,
           wanted == NULL ? "bytes" : wanted);
  free(wanted);
  free(came);
  return 0;
}

int matches(const json_t* expected, const json_t* actual, char* where, size_t where_size) {
  const size_t length = strlen(where);
  size_t i;
  if (json_is_object(expected)) {
    const char* key;
    json_t* member;
    if (!json_is_object(actual)) return differs(expected, actual, where, where_size);
    json_object_foreach((json_t*)(uintptr_t)expected, key, member) {
      const json_t* const found = json_object_get(actual, key);
      if (found == NULL && json_is_null(member)) continue;
      snprintf(where + length, where_size - length, ".%s", key);
      if (found == NULL) return differs(member, NULL, where, where_size);
      if (!matches(member, found, where, where_size)) return 0;
      where[length] = '\0';
    }
    return 1;
  }
  if (json_is_array(expected)) {
    if (!json_is_array(actual) || json_array_size(actual) != json_array_size(expected)) {
      return differs(expected, actual, where, where_size);
    }
    for (i = 0; i < json_array_size(expected); ++i) {
      snprintf(where + length, where_size - length, "[%zu]", i);
      if (!matches(json_array_get(expected, i), json_array_get(actual, i), where, where_size)) return 0;
      where[length] = '\0';
    }
    return 1;
  }
  return json_equal(expected, actual) ? 1 : differs(expected, actual, where, where_size);
}

static json_t* as_value(json_t* text) {
  json_t* const value = json_loads(json_string_value(text), JSON_DECODE_ANY, NULL);
  char* dumped = NULL;
  json_t* made = NULL;
  if (value != NULL) dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT);
  if (dumped != NULL) made = json_string(dumped);
  free(dumped);
  json_decref(value);
  return made;
}

void make_values(json_t* outcome) {
  const char* key;
  json_t* member;
  size_t i;
  json_array_foreach(outcome, i, member) make_values(member);
  json_object_foreach(outcome, key, member) {
    const int is_text = strcmp(key, "data") == 0 || strcmp(key, "metadata") == 0 || strcmp(key, "document") == 0 ||
                        strcmp(key, "state") == 0;
    make_values(member);
    if (is_text && json_is_string(member)) {
      json_t* const value = as_value(member);
      if (value != NULL) json_object_set_new(outcome, key, value);
    }
  }
}

json_t* expected_outcome(const json_t* step) {
  json_t* const error = json_object_get(step, "error");
  json_t* wanted;
  if (error == NULL) return json_pack("{s:o}", "expect", json_deep_copy(json_object_get(step, "expect")));
  wanted = json_pack("{s:b, s:s}", "retryable", 0, "outcome", "not_applied");
  json_object_update(wanted, error);
  return json_pack("{s:o}", "error", wanted);
}

int is_listed(const json_t* list, const char* word) {
  size_t i;
  for (i = 0; i < json_array_size(list); ++i) {
    if (strcmp(json_string_value(json_array_get(list, i)), word) == 0) return 1;
  }
  return 0;
}

int is_provided(const json_t* backend, const char* what) {
  return is_listed(json_object_get(backend, "provides"), what);
}
