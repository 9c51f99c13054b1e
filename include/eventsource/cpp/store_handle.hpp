// A counted reference to an open store. Any thread.
#pragma once

#include <utility>

#include "eventsource/cpp/handle.hpp"
#include "eventsource/store.h"

namespace eventsource::detail {

class StoreHandle {
 public:
  // Takes over `store`.
  explicit StoreHandle(es_store* store) noexcept : store_(store) {}
  StoreHandle(const StoreHandle& other) noexcept : store_(es_store_retain(other.get())) {}
  StoreHandle(StoreHandle&&) noexcept = default;
  StoreHandle& operator=(StoreHandle other) noexcept {
    store_ = std::move(other.store_);
    return *this;
  }
  ~StoreHandle() = default;

  [[nodiscard]] es_store* get() const noexcept { return store_.get(); }

 private:
  Handle<es_store, es_store_close> store_;
};

}  // namespace eventsource::detail
