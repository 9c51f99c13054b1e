// An empty place for a store of one backend, taken away at its end: memory, a file, or a schema on the runner's server.
// Used by one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

#include "eventsource/eventsource.h"

#include "tests/support/postgres_place.hpp"

namespace started_test {

class Place {
 public:
  // False for a server that is not there.
  [[nodiscard]] static bool is_there(std::string_view backend) {
    return backend != "postgresql" || !test_support::test_server_url().empty();
  }

  explicit Place(const std::string& backend) {
    if (!is_there(backend) || backend == "memory") {
      url_ = "memory:";
    } else if (backend == "sqlite") {
      folder_ = (std::filesystem::temp_directory_path() / "eventsource_started_XXXXXX").string();
      if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
      url_ = "sqlite:///" + folder_ + "/events.db";
    } else {
      schema_ = std::make_unique<test_support::PostgresSchema>();
      url_ = schema_->url();
    }
  }
  ~Place() {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  // Of a file.
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string file() const { return folder_ + "/events.db"; }
  // What was stored can be found by another store.
  [[nodiscard]] bool is_durable() const { return url_ != "memory:"; }

  [[nodiscard]] es_store* open(const es_options* options = nullptr) const {
    es_store* store = nullptr;
    es_error* error = nullptr;
    if (es_store_open(ES_ABI_VERSION, url_.data(), url_.size(), options, nullptr, &store, &error) != ES_OK) {
      const std::string why = es_error_message(error);
      es_error_close(&error);
      throw std::runtime_error(why);
    }
    return store;
  }

 private:
  std::string folder_;
  std::unique_ptr<test_support::PostgresSchema> schema_;
  std::string url_;
};

}  // namespace started_test
