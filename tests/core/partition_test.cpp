// The partition of an aggregate is what PostgreSQL computes: 1,000 values from a server.
#include "core/event/partition.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace eventsource::core {
namespace {

TEST(Partition, EqualsPostgreSQL) {
  const char* const source = std::getenv("EVENTSOURCE_SOURCE_DIR");
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/tests/conformance/partitions.txt");
  std::string line;
  int checked = 0;
  while (std::getline(file, line)) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream fields(line);
    std::string id_text;
    std::int64_t hash = 0;
    int part = 0;
    ASSERT_TRUE(fields >> id_text >> hash >> part) << line;
    Uuid id;
    ASSERT_TRUE(parse_uuid(id_text, id)) << line;
    EXPECT_EQ(static_cast<std::int64_t>(uuid_hash(id)), hash) << line;
    EXPECT_EQ(partition_of(id, 7), part) << line;
    ++checked;
  }
  EXPECT_EQ(checked, 1000);
}

TEST(Partition, OfOneIsZero) {
  Uuid id;
  for (std::uint8_t i = 0; i < 255; ++i) {
    id.bytes[15] = i;
    EXPECT_EQ(partition_of(id, 1), 0);
  }
}

}  // namespace
}  // namespace eventsource::core
