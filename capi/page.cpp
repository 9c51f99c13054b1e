// page.h.
#include "eventsource/page.h"

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "core/event/page_check.hpp"

namespace capi = eventsource::capi;
namespace core = eventsource::core;
using capi::guard;

namespace {

const char* text_or_null(const std::optional<std::string_view>& text, size_t* length) noexcept {
  if (length != nullptr) *length = text ? text->size() : 0;
  return text ? text->data() : nullptr;
}

}  // namespace

const es_page_header* es_page_get_header(const es_page* page) ES_NOEXCEPT {
  return page == nullptr ? nullptr : &page->page->header();
}

const es_record* es_page_record(const es_page* page, size_t index) ES_NOEXCEPT {
  return page == nullptr ? nullptr : page->page->record(index);
}

size_t es_page_count(const es_page* page) ES_NOEXCEPT {
  return page == nullptr ? 0 : page->page->header().count;
}

int32_t es_page_is_end(const es_page* page) ES_NOEXCEPT {
  return page == nullptr || (page->page->header().flags & ES_PAGE_END) != 0 ? 1 : 0;
}

const char* es_page_name(const es_page* page, uint32_t index, size_t* length) ES_NOEXCEPT {
  return text_or_null(page == nullptr ? std::nullopt : page->page->name(index), length);
}

const char* es_page_span(const es_page* page, es_span span, size_t* length) ES_NOEXCEPT {
  return text_or_null(page == nullptr ? std::nullopt : page->page->text(span), length);
}

const void* es_page_bytes(const es_page* page, size_t* size) ES_NOEXCEPT {
  if (size != nullptr) *size = page == nullptr ? 0 : page->page->size();
  return page == nullptr ? nullptr : page->page->data();
}

es_page* es_page_retain(const es_page* page) ES_NOEXCEPT {
  // The count is not part of what a reader of the page sees.
  es_page* const counted = const_cast<es_page*>(page);
  if (counted != nullptr) counted->references.fetch_add(1, std::memory_order_relaxed);
  return counted;
}

void es_page_close(es_page** page) ES_NOEXCEPT {
  capi::release(page);
}

es_status es_page_from_bytes(const void* bytes, size_t size, es_page** page, es_error** err) ES_NOEXCEPT {
  return guard(err, [&]() -> core::Status {
    RETURN_IF_ERROR(capi::need_place(page, "page"));
    RETURN_IF_ERROR(capi::need_text(bytes, size, "bytes"));
    auto handle = std::make_unique<es_page>();
    ASSIGN_OR_RETURN(handle->page, core::copy_page({static_cast<const std::byte*>(bytes), size}));
    *page = handle.release();
    return {};
  });
}
