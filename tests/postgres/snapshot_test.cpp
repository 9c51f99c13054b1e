// Connections that break in the middle of a snapshot's save or delete: the caller is told the truth, and nothing happens
// later.
#include <gtest/gtest.h>
#include <string>

#include "tests/postgres/race.hpp"
#include "tests/support/postgres_place.hpp"
#include "tests/support/proxy.hpp"

namespace postgres_test {
namespace {

using test_support::Fault;
using test_support::PostgresSchema;
using test_support::Proxy;

std::string state_of(std::int64_t version) {
  return "{\"a\":" + std::to_string(version) + "}";
}

class SnapshotOutcome : public ::testing::Test {
 protected:
  void SetUp() override {
    direct_ = open_store(schema_.url());
    store_ = open_store(proxy_.url(schema_.url()));
  }

  Result<bool> save(Store& store, std::int64_t version) {
    return now(store.save_snapshot(stream_of(1), version, 1, state_of(version), {}));
  }
  Result<bool> remove(Store& store) { return now(store.delete_snapshot(stream_of(1), {})); }
  // Of what is stored; 0: nothing is.
  std::int64_t stored() {
    const auto snapshot = now(direct_->load_snapshot(stream_of(1), {}));
    return snapshot.ok() ? snapshot.value().version : 0;
  }

  PostgresSchema schema_;
  Proxy proxy_;
  std::shared_ptr<Store> direct_;
  std::shared_ptr<Store> store_;
};

void expect_unknown(const Result<bool>& result, const char* word) {
  ASSERT_FALSE(result.ok()) << result.value();
  EXPECT_EQ(result.error().code(), ES_UNAVAILABLE) << result.error().message();
  EXPECT_EQ(result.error().outcome(), ES_OUTCOME_UNKNOWN);
  EXPECT_TRUE(result.error().is_retryable());
  EXPECT_NE(result.error().message().find(word), std::string::npos) << result.error().message();
  EXPECT_EQ(result.error().message().find("nothing was written"), std::string::npos) << result.error().message();
}

TEST_F(SnapshotOutcome, ASaveThatIsStoredIsSaved) {
  std::int64_t version = 1;
  for (const Fault fault : {Fault::kLoseAll, Fault::kLoseCommit, Fault::kLoseAnswer, Fault::kCutAtOnce, Fault::kHoldAll,
                            Fault::kHoldCommit}) {
    SCOPED_TRACE(static_cast<int>(fault));
    const int faults = proxy_.faults();
    proxy_.set(fault);
    const auto saved = save(*store_, version);
    EXPECT_EQ(proxy_.faults(), faults + 1);
    ASSERT_TRUE(saved.ok()) << saved.error().message();
    EXPECT_TRUE(saved.value());
    EXPECT_EQ(stored(), version);
    proxy_.release();
    ++version;
  }
}

TEST_F(SnapshotOutcome, ASaveThatIsNotStoredIsNotSaved) {
  ASSERT_TRUE(save(*direct_, 5).value());
  proxy_.set(Fault::kLoseAnswer);
  EXPECT_FALSE(save(*store_, 4).value());
  proxy_.set(Fault::kLoseAnswer);
  EXPECT_FALSE(now(store_->save_snapshot(stream_of(1), 5, 1, "{\"another\":5}", {})).value());
  EXPECT_EQ(proxy_.faults(), 2);
  EXPECT_EQ(stored(), 5);
}

TEST_F(SnapshotOutcome, AHeldSaveDoesNotComeBack) {
  for (const Fault fault : {Fault::kHoldAll, Fault::kHoldCommit}) {
    proxy_.set(fault);
    ASSERT_TRUE(save(*store_, 2).value());
    ASSERT_TRUE(remove(*direct_).value());
    proxy_.release();
    EXPECT_EQ(stored(), 0);
  }
}

TEST_F(SnapshotOutcome, ADeleteThatTheSecondTryMadeIsDeleted) {
  for (const Fault fault : {Fault::kLoseAll, Fault::kLoseCommit, Fault::kHoldAll, Fault::kHoldCommit}) {
    SCOPED_TRACE(static_cast<int>(fault));
    ASSERT_TRUE(save(*direct_, 1).value());
    proxy_.set(fault);
    const auto deleted = remove(*store_);
    ASSERT_TRUE(deleted.ok()) << deleted.error().message();
    EXPECT_TRUE(deleted.value());
    ASSERT_TRUE(save(*direct_, 2).value());
    proxy_.release();
    EXPECT_EQ(stored(), 2);
    ASSERT_TRUE(remove(*direct_).value());
  }
}

TEST_F(SnapshotOutcome, ADeleteThatFindsNothingMoreIsUnknown) {
  ASSERT_TRUE(save(*direct_, 1).value());
  proxy_.set(Fault::kLoseAnswer);
  expect_unknown(remove(*store_), "deleted");
  EXPECT_EQ(stored(), 0);
  EXPECT_FALSE(remove(*store_).value());
}

TEST_F(SnapshotOutcome, OfALostConnectionBehindAPoolerIsUnknown) {
  proxy_.disguise();
  const auto store = open_store(proxy_.url(schema_.role_url()));
  proxy_.set(Fault::kHoldAll);
  expect_unknown(save(*store, 2), "saved");
  proxy_.release();
  EXPECT_EQ(stored(), 2);
  proxy_.set(Fault::kHoldAll);
  expect_unknown(remove(*store), "deleted");
  proxy_.release();
  EXPECT_EQ(stored(), 0);
}

}  // namespace
}  // namespace postgres_test
