#include "tests/postgres/python_tables.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace postgres_test {

std::string python_tables() {
  const char* const source = std::getenv("EVENTSOURCE_SOURCE_DIR");
  const std::string path =
      std::string(source == nullptr ? "." : source) + "/tests/conformance/layouts/eventsource_py.sql";
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace postgres_test
