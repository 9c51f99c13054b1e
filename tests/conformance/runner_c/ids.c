/* Ids, expected versions and texts between JSON and C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/runner_c/runner.h"

void uuid_bytes(const char* text, uint8_t id[16]) {
  size_t n = 0;
  while (*text != '\0' && n < 16) {
    if (*text == '-') {
      ++text;
      continue;
    }
    {
      const char pair[3] = {text[0], text[1], '\0'};
      id[n++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    text += 2;
  }
  if (n != 16) abort();
}

json_t* uuid_json(const uint8_t id[16]) {
  char text[37];
  snprintf(text, sizeof text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", id[0], id[1],
           id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12], id[13], id[14], id[15]);
  return json_string(text);
}

int64_t expected_version_of(const json_t* value) {
  if (json_is_integer(value)) return json_integer_value(value);
  if (strcmp(json_string_value(value), "any") == 0) return ES_ANY;
  if (strcmp(json_string_value(value), "exists") == 0) return ES_STREAM_EXISTS;
  if (strcmp(json_string_value(value), "no_stream") == 0) return ES_NO_STREAM;
  abort();
}

json_t* text_json(const char* text, size_t length) {
  return text == NULL ? json_null() : json_stringn_nocheck(text, length);
}
