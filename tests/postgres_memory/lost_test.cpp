// Appends whose connection is lost at their COMMIT and that run out of memory at each of their allocations, then or later:
// nobody is told that nothing was written once the COMMIT was sent. One thread.
#include "tests/postgres_memory/out_of_memory.hpp"

namespace postgres_memory_test {
namespace {

constexpr long kStride = 8;

class LostOutOfMemory : public OutOfMemory {
 protected:
  // The first COMMIT after forget_commits() ends its session.
  void end_sessions() {
    sql_.run(
        "create sequence commits; "
        "create function end_session() returns trigger language plpgsql as "
        "'begin if nextval(''commits'') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if; "
        "return null; end'; "
        "create constraint trigger ends after insert on events deferrable initially deferred "
        "for each row execute function end_session()");
  }
  void forget_commits() { sql_.run("select setval('commits', 1, false)"); }
  [[nodiscard]] int64_t commits() {
    return sql_.number("select case when is_called then last_value else 0 end from commits");
  }
};

TEST_P(LostOutOfMemory, ACommitThatWasSentIsNotDenied) {
  int64_t version = 0;
  ASSERT_EQ(append(++number_, version, nullptr), ES_OK);
  end_sessions();
  int lost = 0;
  for (long n = 0; n < kMostAllocations; n += step(kStride)) {
    SCOPED_TRACE("EVENTSOURCE_SEED=" + std::to_string(test_support::seed()) + ", allocation " + std::to_string(n));
    if (GetParam().is_first) open();
    forget_commits();
    es_error* error = nullptr;
    failing_new::arm(n, GetParam().all_fail);
    const es_status status = append(++number_, version, &error);
    const bool failed = failing_new::stop();
    const std::int32_t outcome = es_error_outcome(error);
    SCOPED_TRACE("told: " + std::to_string(status) + " " + es_error_message(error));
    es_error_close(&error);
    if (status != ES_OK && commits() != 0) {
      ++lost;
      EXPECT_EQ(outcome, ES_OUTCOME_UNKNOWN);
    }
    if (status != ES_OK && outcome == ES_OUTCOME_NOT_APPLIED) {
      EXPECT_EQ(stored(number_), 0);
    }
    if (status == ES_OK) {
      EXPECT_EQ(stored(number_), version);
    }
    if (HasFailure()) return;
    if (failed) continue;
    EXPECT_GT(lost, 0) << "nothing was tested";
    return;
  }
  FAIL() << "it never had enough memory";
}

INSTANTIATE_TEST_SUITE_P(When, LostOutOfMemory, testing::ValuesIn(kAllWays),
                         [](const auto& how) { return std::string(how.param.name); });

}  // namespace
}  // namespace postgres_memory_test
