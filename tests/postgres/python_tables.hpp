// The tables of eventsource-py that a store uses, as the vectors have them.
// Any thread.
#pragma once

#include <string>

namespace postgres_test {

// tests/conformance/layouts/eventsource_py.sql. Throws std::runtime_error when it can't be read.
[[nodiscard]] std::string python_tables();

}  // namespace postgres_test
