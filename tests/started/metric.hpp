// One of the numbers that a store counts, by its name. Any thread.
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <string_view>

#include "eventsource/eventsource.h"

namespace started_test {

inline std::int64_t metric(const es_store* store, std::string_view name) {
  es_metrics* metrics = nullptr;
  EXPECT_EQ(es_store_metrics(store, &metrics, nullptr), ES_OK);
  const std::int64_t index = es_metrics_find(metrics, name.data(), name.size());
  EXPECT_GE(index, 0) << name;
  const std::int64_t found = es_metrics_value(metrics, static_cast<std::size_t>(index));
  es_metrics_close(&metrics);
  return found;
}

}  // namespace started_test
