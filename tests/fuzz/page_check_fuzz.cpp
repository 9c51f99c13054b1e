// libFuzzer target: whatever the bytes, a page that is accepted can be walked, and a packed append is stored or refused.
// Thread rule: one thread.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "eventsource/eventsource.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken invariant: %s\n", what);
  std::abort();
}

// Reads every byte, so that AddressSanitizer sees one that is not there.
void touch(const volatile char* text, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) static_cast<void>(text[i]);
}

void check_span(const es_page* page, es_span span, std::size_t size) {
  std::size_t length = 1;
  const char* const text = es_page_span(page, span, &length);
  if (span.offset == 0) {
    require(text == nullptr && length == 0, "an absent span has no text");
    return;
  }
  require(text != nullptr && length == span.length, "a span of an accepted page has a text");
  const auto* const bytes = static_cast<const char*>(es_page_bytes(page, nullptr));
  require(text >= bytes && text + length <= bytes + size, "a span lies inside the page");
  touch(text, length);
}

void check_name(const es_page* page, std::uint32_t index) {
  std::size_t length = 0;
  const char* const text = es_page_name(page, index, &length);
  require(text != nullptr, "a name of an accepted page is there");
  touch(text, length);
}

void check_page(const std::uint8_t* data, std::size_t size) {
  es_page* page = nullptr;
  es_error* error = nullptr;
  const es_status status = es_page_from_bytes(data, size, &page, &error);
  require(status == ES_OK || status == ES_INVALID_BUFFER, "a page is accepted or ES_INVALID_BUFFER");
  require((status == ES_OK) == (page != nullptr), "a page is there exactly when it is accepted");
  if (status != ES_OK) {
    require(es_error_detail(error, "offset") != nullptr, "a refused page says where");
    es_error_close(&error);
    return;
  }
  std::size_t copied = 0;
  const void* const bytes = es_page_bytes(page, &copied);
  require(copied == size && std::string_view(static_cast<const char*>(bytes), size) ==
                                std::string_view(reinterpret_cast<const char*>(data), size),
          "an accepted page is a copy");
  const es_page_header& header = *es_page_get_header(page);
  check_span(page, header.token, size);
  for (std::uint32_t i = 0; i < header.name_count; ++i) check_name(page, i);
  for (std::size_t i = 0; i < es_page_count(page); ++i) {
    const es_record& record = *es_page_record(page, i);
    check_name(page, record.event_type);
    check_name(page, record.aggregate_type);
    for (const es_span span : {record.actor_id, record.metadata, record.document, record.data}) {
      check_span(page, span, size);
    }
  }
  require(es_page_record(page, es_page_count(page)) == nullptr, "there is no record past the end");
  es_page_close(&page);
}

std::int64_t count_of(es_store* store) {
  std::int64_t count = -1;
  require(es_store_count(store, nullptr, nullptr, &count, nullptr) == ES_OK, "a memory store counts");
  return count;
}

void check_packed(const std::uint8_t* data, std::size_t size) {
  es_store* store = nullptr;
  require(es_store_open(ES_ABI_VERSION, "memory:", 7, nullptr, nullptr, &store, nullptr) == ES_OK,
          "a memory store opens");
  es_append_result* result = nullptr;
  const es_status status = es_store_append_packed(store, data, size, nullptr, &result, nullptr);
  if (status != ES_OK) {
    const es_status kind = es_status_kind(status);
    require(kind == -100 || kind == -200 || kind == -300, "a refused append is the caller's fault");
    require(result == nullptr && count_of(store) == 0, "a refused append stores nothing");
  } else {
    const auto stored = es_append_result_count(result) - es_append_result_known_count(result);
    require(count_of(store) == static_cast<std::int64_t>(stored), "an append stores its events");
    es_page* page = nullptr;
    require(es_store_read_log(store, nullptr, nullptr, &page, nullptr) == ES_OK, "what was stored can be read");
    std::size_t length = 0;
    const void* const bytes = es_page_bytes(page, &length);
    check_page(static_cast<const std::uint8_t*>(bytes), length);
    es_page_close(&page);
  }
  es_append_result_close(&result);
  es_store_close(&store);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_page(data, size);
  check_packed(data, size);
  return 0;
}
