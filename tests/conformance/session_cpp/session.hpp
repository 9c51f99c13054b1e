// Runs the steps of a vector on one backend through the C interface, and tells what came of each.
// Used by one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventsource/eventsource.h"

#include "tests/conformance/session_cpp/calls.hpp"
#include "tests/conformance/session_cpp/handle.hpp"
#include "tests/conformance/session_cpp/page_json.hpp"
#include "tests/conformance/session_cpp/vector.hpp"
#include "tests/support/postgres_place.hpp"

namespace conformance {

class Session {
 public:
  // `path` is "builder" or "packed". Files go into `folder`.
  Session(Backend backend, std::string folder, Json options, std::string path);

  // {"expect": …} or {"error": …}, and {"violations": […]} where a general promise of the headers was broken.
  [[nodiscard]] Json run(const Json& step);

 private:
  struct Store {
    StoreHandle handle;
    std::vector<std::int64_t> positions;  // of the vector's n-th event at n - 1
  };

  [[nodiscard]] Json dispatch(const Json& step);
  [[nodiscard]] Store& open(const Json& step);
  [[nodiscard]] std::string url_of(const std::string& name);
  void open_handle(const std::string& name, const Json& options, StoreHandle& handle);
  [[nodiscard]] Json reopen(const Json& step);
  [[nodiscard]] Json append(const Json& step);
  [[nodiscard]] Json append_result(Store& store, const es_append_result* result);
  void fill_builder(const Json& step, es_append* append);
  void fill_event(const Json& event, es_append* append);
  [[nodiscard]] Json read_page(const Json& step);
  [[nodiscard]] Json walk(const Json& step);
  [[nodiscard]] Json read_event(const Json& step);
  [[nodiscard]] Json stream_version(const Json& step);
  [[nodiscard]] Json count(const Json& step);
  [[nodiscard]] Json save_snapshot(const Json& step);
  [[nodiscard]] Json load_snapshot(const Json& step);
  [[nodiscard]] Json delete_snapshot(const Json& step);
  [[nodiscard]] Json inspect(const Json& step);

  const es_call* fill_call(const Json& step, CallHandle& call);
  void fill_read(const Json& step, Store& store, ReadHandle& read, PageAsked& asked);
  void fill_filter(const Json& json, FilterHandle& filter);
  void fetch(const Json& step, Store& store, const es_read* read, const es_call* call, PageHandle& page);
  void keep(const Json& step, const std::string& token);
  void note(const es_page* page, const PageAsked& asked);

  [[nodiscard]] Json ordinal(Store& store, std::int64_t position);
  [[nodiscard]] std::int64_t position(const Store& store, const Json& ordinal) const;
  [[nodiscard]] std::int64_t count_all(const Store& store);

  // Leaves the step with the error of a call that failed.
  void check(es_status status, const ErrorHandle& error);
  void hold(bool holds, const std::string& promise);

  const Calls& calls_ = calls_of_this_run();
  Backend backend_;
  std::string folder_;
  Json options_;
  bool packed_;
  std::map<std::string, std::unique_ptr<test_support::PostgresSchema>> schemas_;  // outlive what is in them
  std::map<std::string, Store> stores_;
  std::map<std::string, std::string> tokens_;
  std::vector<std::string> violations_;
};

}  // namespace conformance
