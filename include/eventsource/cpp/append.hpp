// The builder of an append. Used by one thread at a time; not tied to a store; may be appended several times.
//
//     Append append;
//     append.stream("Order", id, ExpectedVersion::no_stream())
//         .event("OrderPlaced", R"({"total": 1.10})").actor("ann")
//         .event("OrderPaid", "{}");
//     auto result = store.append(append);
//
// A step that fails does nothing but keep its error, and so do the steps after it; ok() tells it and the append
// returns it.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventsource/append.h"
#include "eventsource/cpp/expected_version.hpp"
#include "eventsource/cpp/handle.hpp"
#include "eventsource/cpp/result.hpp"
#include "eventsource/cpp/time.hpp"
#include "eventsource/cpp/uuid.hpp"

namespace eventsource {

// What an append does when some of its events are known in the same stream already.
enum class OnDuplicate : std::int32_t { kError = ES_ON_DUPLICATE_ERROR, kSkip = ES_ON_DUPLICATE_SKIP };

class Append {
 public:
  Append() { detail::check(error_, es_append_new, append_.out()); }

  // Chooses the stream of the events that follow.
  Append& stream(std::string_view aggregate_type, const Uuid& aggregate_id, ExpectedVersion expected) {
    if (ok()) error_ = expected.error();
    return step(es_append_stream, aggregate_type.data(), aggregate_type.size(), aggregate_id.data(), expected.value());
  }

  // Adds an event to the chosen stream and draws its id. `data` is a JSON object; type and data are copied.
  Append& event(std::string_view event_type, std::string_view data) {
    return step(es_append_event, event_type.data(), event_type.size(), data.data(), data.size());
  }

  // More about the event added last.
  Append& event_id(const Uuid& id) { return step(es_append_set_event_id, id.data()); }
  Append& event_version(std::int32_t version) { return step(es_append_set_event_version, version); }
  Append& occurred_at(Time time) { return step(es_append_set_occurred_at, to_micros(time)); }
  Append& tenant(const Uuid& id) { return step(es_append_set_tenant_id, id.data()); }
  Append& correlation(const Uuid& id) { return step(es_append_set_correlation_id, id.data()); }
  Append& causation(const Uuid& id) { return step(es_append_set_causation_id, id.data()); }
  Append& actor(std::string_view id) { return step(es_append_set_actor_id, id.data(), id.size()); }
  Append& metadata(std::string_view object) { return step(es_append_set_metadata, object.data(), object.size()); }

  // For the whole append.
  Append& on_duplicate(OnDuplicate what) { return step(es_append_set_on_duplicate, static_cast<std::int32_t>(what)); }

  // Empties the builder for the next append and keeps its memory; an error is forgotten.
  void clear() noexcept {
    es_append_clear(append_.get());
    // A builder that could not be made stays unusable.
    if (append_.get() != nullptr) error_ = Error();
  }

  [[nodiscard]] std::size_t size() const noexcept { return es_append_count(append_.get()); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  // The id of the index-th event, which must be there.
  [[nodiscard]] Uuid id(std::size_t index) const noexcept {
    return Uuid::from_bytes(es_append_event_id(append_.get(), index));
  }

  // The first error of a step.
  [[nodiscard]] bool ok() const noexcept { return error_.code() == ES_OK; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

  // For the C functions; NULL after a move.
  [[nodiscard]] const es_append* get() const noexcept { return append_.get(); }

 private:
  template <class Function, class... Arguments>
  Append& step(Function* function, Arguments... arguments) {
    detail::check(error_, function, append_.get(), arguments...);
    return *this;
  }

  detail::Handle<es_append, es_append_close> append_;
  Error error_;
};

}  // namespace eventsource
