// Owns one object of the C interface. Used by one thread.
#pragma once

#include "eventsource/eventsource.h"

namespace conformance {

template <typename T, void (*Close)(T**)>
class Handle {
 public:
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { Close(&object_); }

  [[nodiscard]] T* get() const { return object_; }
  // The variable that a call fills, emptied first.
  [[nodiscard]] T** out() {
    close();
    return &object_;
  }
  void close() { Close(&object_); }

 private:
  T* object_ = nullptr;
};

using ErrorHandle = Handle<es_error, es_error_close>;
using StoreHandle = Handle<es_store, es_store_close>;
using OptionsHandle = Handle<es_options, es_options_close>;
using CallHandle = Handle<es_call, es_call_close>;
using CancelHandle = Handle<es_cancel, es_cancel_close>;
using AppendHandle = Handle<es_append, es_append_close>;
using ResultHandle = Handle<es_append_result, es_append_result_close>;
using ReadHandle = Handle<es_read, es_read_close>;
using FilterHandle = Handle<es_filter, es_filter_close>;
using PageHandle = Handle<es_page, es_page_close>;
using SnapshotHandle = Handle<es_snapshot, es_snapshot_close>;
using InspectionHandle = Handle<es_inspection, es_inspection_close>;

}  // namespace conformance
