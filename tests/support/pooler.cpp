#include "tests/support/pooler.hpp"

#include <libpq-fe.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "tests/support/postgres_place.hpp"

namespace test_support {
namespace {

std::string part_of(const std::string& url, std::string_view key) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), nullptr),
                                                                             PQconninfoFree);
  if (options == nullptr) throw std::runtime_error("no URL: " + url);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == key && option->val != nullptr) return option->val;
  }
  return "";
}

}  // namespace

Pooler::Pooler() : process_({"pooler.py", part_of(test_server_url(), "host"), part_of(test_server_url(), "port")}) {
  const auto answer = nlohmann::json::parse(process_.read());
  if (answer.contains("error")) throw std::runtime_error(answer.at("error").get<std::string>());
  folder_ = answer.at("folder").get<std::string>();
  port_ = std::to_string(answer.at("port").get<int>());
}

std::string Pooler::url(const std::string& url) const {
  if (!part_of(url, "options").empty()) throw std::runtime_error("a pooler takes no options: " + url);
  return "postgresql://" + part_of(url, "user") + "@/" + part_of(url, "dbname") + "?host=" + folder_ + "&port=" + port_;
}

}  // namespace test_support
