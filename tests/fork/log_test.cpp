// A log is of the process that made it.
#include "eventsource/log.h"

#include <gtest/gtest.h>

#include "tests/fork/process.hpp"

namespace fork_test {
namespace {

TEST(Log, AChildDoesNotGetTheDescriptor) {
  EXPECT_EQ(in_process([]() -> std::string {
              es_log* log = nullptr;
              if (es_log_new(ES_LOG_INFO, ES_LOG_RECORDS_DEFAULT, &log, nullptr) != ES_OK) return "there is no log";
              const int descriptor = es_log_fd(log);
              std::string wrong = Process([&]() -> std::string {
                                    return es_log_fd(log) == -1 ? "" : "the child gets its parent's descriptor";
                                  }).end();
              if (descriptor < 0 || es_log_fd(log) != descriptor) wrong += "the parent's descriptor is gone";
              es_log_close(&log);
              return wrong;
            }),
            "");
}

}  // namespace
}  // namespace fork_test
