// Session: reads.
#include <stdexcept>

#include "tests/conformance/session_cpp/packer.hpp"
#include "tests/conformance/session_cpp/session.hpp"

namespace conformance {
namespace {

// A walk that goes on after so many pages does not end.
constexpr int kPagesMax = 100000;

std::uint32_t content_of(const Json& step) {
  if (!step.contains("content")) return ES_CONTENT_DOCUMENT | ES_CONTENT_ENVELOPE | ES_CONTENT_DATA;
  if (step.at("content").is_number()) return step.at("content");
  std::uint32_t content = ES_CONTENT_COLUMNS;
  for (const Json& part : step.at("content")) {
    if (part == "document") content |= ES_CONTENT_DOCUMENT;
    if (part == "envelope") content |= ES_CONTENT_ENVELOPE;
    if (part == "data") content |= ES_CONTENT_DATA;
  }
  return content;
}

bool backward(const Json& step) {
  return step.value("direction", "forward") == "backward";
}

}  // namespace

void Session::fill_filter(const Json& json, FilterHandle& filter) {
  ErrorHandle error;
  check(es_filter_new(filter.out(), error.out()), error);
  for (const Json& name : json.value("event_types", Json::array())) {
    const auto& text = name.get_ref<const std::string&>();
    check(es_filter_add_event_type(filter.get(), text.data(), text.size(), error.out()), error);
  }
  for (const Json& name : json.value("aggregate_types", Json::array())) {
    const auto& text = name.get_ref<const std::string&>();
    check(es_filter_add_aggregate_type(filter.get(), text.data(), text.size(), error.out()), error);
  }
  if (json.contains("tenant")) {
    check(es_filter_set_tenant_id(filter.get(), uuid_bytes(json.at("tenant")).data(), error.out()), error);
  }
  if (json.contains("occurred")) {
    const Json& from = json.at("occurred").at(0);
    const Json& to = json.at("occurred").at(1);
    check(es_filter_set_occurred(filter.get(), from.is_null() ? INT64_MIN : from.get<std::int64_t>(),
                                 to.is_null() ? INT64_MAX : to.get<std::int64_t>(), error.out()),
          error);
  }
  if (json.contains("partition")) {
    const Json& part = json.at("partition");
    check(es_filter_set_partition(filter.get(), part.at(0), part.at(1), error.out()), error);
  }
}

void Session::fill_read(const Json& step, Store& store, ReadHandle& read, PageAsked& asked) {
  ErrorHandle error;
  check(es_read_new(read.out(), error.out()), error);
  asked.content = content_of(step);
  check(es_read_set_content(read.get(), asked.content, error.out()), error);
  if (step.contains("direction")) {
    check(es_read_set_direction(read.get(), backward(step) ? ES_BACKWARD : ES_FORWARD, error.out()), error);
  }
  if (step.contains("page_events")) {
    asked.page_events = step.at("page_events");
    check(es_read_set_page_events(read.get(), asked.page_events, error.out()), error);
  }
  if (step.contains("page_bytes")) {
    asked.page_bytes = step.at("page_bytes");
    check(es_read_set_page_bytes(read.get(), asked.page_bytes, error.out()), error);
  }
  if (step.contains("after")) {
    check(es_read_set_after(read.get(), position(store, step.at("after")), error.out()), error);
  }
  if (step.contains("through")) {
    check(es_read_set_through(read.get(), position(store, step.at("through")), error.out()), error);
  }
  if (step.contains("versions")) {
    const Json& versions = step.at("versions");
    check(es_read_set_versions(read.get(), versions.at(0), versions.at(1), error.out()), error);
  }
  if (step.contains("filter")) {
    FilterHandle filter;
    fill_filter(step.at("filter"), filter);
    check(es_read_set_filter(read.get(), filter.get(), error.out()), error);
  }
}

void Session::note(const es_page* page, const PageAsked& asked) {
  for (const std::string& promise : broken_promises(page, asked)) hold(false, promise);
}

void Session::fetch(const Json& step, Store& store, const es_read* read, const es_call* call, PageHandle& page) {
  ErrorHandle error;
  es_status status = ES_OK;
  if (step.at("do") == "read_log" || step.at("do") == "walk_log") {
    status = calls_.read_log(store.handle.get(), read, call, page.out(), error.out());
  } else {
    const auto& type = step.at("type").get_ref<const std::string&>();
    status = calls_.read_stream(store.handle.get(), type.data(), type.size(), uuid_bytes(step.at("id")).data(), read,
                                call, page.out(), error.out());
  }
  hold(status == ES_OK || page.get() == nullptr, "a refused read has no page");
  check(status, error);
}

Json Session::read_page(const Json& step) {
  Store& store = open(step);
  ReadHandle read;
  CallHandle call;
  PageHandle page;
  PageAsked asked;
  fill_read(step, store, read, asked);
  fetch(step, store, read.get(), fill_call(step, call), page);
  note(page.get(), asked);
  std::size_t length = 0;
  const char* const token = es_page_span(page.get(), es_page_get_header(page.get())->token, &length);
  keep(step, token == nullptr ? "" : std::string(token, length));
  return page_json(page.get(), [&](std::int64_t position) { return ordinal(store, position); });
}

// Reads page after page as read.h says, to the end.
Json Session::walk(const Json& step) {
  Store& store = open(step);
  const bool is_log = step.at("do") == "walk_log";
  ReadHandle read;
  PageAsked asked;
  fill_read(step, store, read, asked);
  ErrorHandle error;
  Json events = Json::array();
  Json pages = Json::array();
  for (int i = 0; i < kPagesMax; ++i) {
    PageHandle page;
    fetch(step, store, read.get(), nullptr, page);
    note(page.get(), asked);
    const Json json = page_json(page.get(), [&](std::int64_t position) { return ordinal(store, position); });
    events.insert(events.end(), json.at("events").begin(), json.at("events").end());
    pages.push_back(json.at("events").size());
    if (json.at("end").get<bool>()) return {{"events", events}, {"pages", pages}};
    if (is_log) {
      check(es_read_set_after(read.get(), es_page_get_header(page.get())->scanned_through, error.out()), error);
      continue;
    }
    const std::size_t count = es_page_count(page.get());
    if (count == 0) break;
    const std::int64_t last = es_page_record(page.get(), count - 1)->version;
    const std::int64_t from = step.contains("versions") ? step.at("versions").at(0).get<std::int64_t>() : 1;
    const std::int64_t to = step.contains("versions") ? step.at("versions").at(1).get<std::int64_t>() : INT64_MAX;
    check(
        es_read_set_versions(read.get(), backward(step) ? from : last + 1, backward(step) ? last - 1 : to, error.out()),
        error);
  }
  hold(false, "a walk comes to its end");
  return {{"events", events}, {"pages", pages}};
}

Json Session::read_event(const Json& step) {
  Store& store = open(step);
  ErrorHandle error;
  CallHandle call;
  PageHandle page;
  const PageAsked asked{content_of(step)};
  check(calls_.read_event(store.handle.get(), uuid_bytes(step.at("id")).data(), asked.content, fill_call(step, call),
                          page.out(), error.out()),
        error);
  note(page.get(), asked);
  Json json = page_json(page.get(), [&](std::int64_t position) { return ordinal(store, position); });
  hold(json.at("events").size() == 1, "an event is alone on its page");
  hold(json.at("scanned_through") == 0, "scanned_through of a single event is 0");
  return json.at("events").empty() ? Json::object() : json.at("events")[0];
}

}  // namespace conformance
