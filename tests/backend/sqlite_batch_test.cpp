// Batches of appends in one transaction.
#include <new>
#include <span>
#include <vector>

#include "tests/backend/sqlite_fixture.hpp"
#include "tests/runtime/batches.hpp"

namespace eventsource::core::sqlite {
namespace {

TEST(SqliteBatch, HasTheResultsOfSingleAppends) {
  const TempFolder folder;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto backend = as_backend(open_store(folder.file("batch" + std::to_string(seed) + ".db")));
    RandomBatches batches(seed);
    for (int round = 0; round < 60 && !testing::Test::HasFailure(); ++round) batches.compare(*backend);
    EXPECT_EQ(batches.alone(), 0) << "a transaction tells of each append what became of it";
  }
}

// Memory that runs out when the clock is looked at for the n-th time.
class Exhausted final : public Environment {
 public:
  explicit Exhausted(int looks) : looks_(looks) {}

  std::int64_t wall_us() override { return system_environment().wall_us(); }
  std::int64_t steady_us() override {
    if (looks_-- == 0) throw std::bad_alloc();
    return system_environment().steady_us();
  }
  Status random(std::span<std::uint8_t> bytes) override { return system_environment().random(bytes); }
  void pause_us(std::int64_t us) override { system_environment().pause_us(us); }
  [[nodiscard]] bool was_met() const { return looks_ < 0; }

 private:
  int looks_;
};

TEST(SqliteBatch, ThatRanOutOfMemoryHasWrittenNothingAndSaysSo) {
  const TempFolder folder;
  const auto store = open_store(folder.file());
  std::uint64_t stored = 0;
  for (int looks = 2;; ++looks) {
    ASSERT_LT(looks, 1'000);
    Exhausted environment(looks);
    const Batch one(std::vector<Event>{{.id = static_cast<std::uint64_t>(2 * looks)}});
    const Batch two(std::vector<Event>{{.id = static_cast<std::uint64_t>(2 * looks) + 1, .stream = 2}});
    BatchItem items[] = {{&one.prepared(), {}, {}}, {&two.prepared(), {}, {}}};
    CallOptions options;
    options.timeout_ms = 10'000;
    bool has_thrown = false;
    try {
      ASSERT_TRUE(store->append_batch(items, Call(environment, options, 0)).ok());
      stored += 2;
    } catch (const std::bad_alloc&) {
      has_thrown = true;
    }
    EXPECT_EQ(read_all(*store).size(), stored) << "look " << looks;
    for (const BatchItem& item : items) EXPECT_EQ(item.outcome.has_value(), !has_thrown) << "look " << looks;
    if (!environment.was_met()) return;
  }
}

}  // namespace
}  // namespace eventsource::core::sqlite
