// A role with the grants of the production guide on the events of a schema, and no more: it may not use the sequence, so
// that positions come from the column's default.
// Used by one thread.
#pragma once

#include <string>

#include "tests/support/postgres_connection.hpp"
#include "tests/support/postgres_place.hpp"

namespace postgres_test {

class GuideRole {
 public:
  explicit GuideRole(const test_support::PostgresSchema& schema) : name_("guide_" + schema.name()), url_(schema.url()) {
    test_support::PostgresConnection(url_).run("create role " + name_ + " login; grant usage on schema " +
                                               schema.name() + " to " + name_ + "; grant select, insert on events to " +
                                               name_);
    url_.replace(url_.find("//") + 2, url_.find('@') - url_.find("//") - 2, name_);
  }
  ~GuideRole() {
    test_support::PostgresConnection(test_support::test_server_url())
        .run("drop owned by " + name_ + "; drop role " + name_);
  }
  GuideRole(const GuideRole&) = delete;
  GuideRole& operator=(const GuideRole&) = delete;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::string name_;
  std::string url_;
};

}  // namespace postgres_test
