// What a child can do with what its parent had open: a clear error from every call on a store, everything else as before.
#include <cstdlib>
#include <gtest/gtest.h>

#include "tests/fork/place.hpp"
#include "tests/fork/process.hpp"

namespace fork_test {
namespace {

using eventsource::Result;
using eventsource::Store;
using eventsource::Uuid;

const Uuid kOrder = stream_id(1);

// Every C function that takes a store and can fail. "" when each gives ES_FORKED.
std::string use_every_function(const Store& store) {
  eventsource::Append append;
  append.stream("Order", kOrder, eventsource::ExpectedVersion::any()).event("Placed", "{}");
  eventsource::PackedAppend packed;
  packed.add({.aggregate_type = "Order", .aggregate_id = kOrder, .event_type = "Placed", .data = "{}"});
  const std::string results[] = {
      expect_forked("append", store.append(append)),
      expect_forked("append_packed", store.append(packed)),
      expect_forked("read_log", store.read_log()),
      expect_forked("read_stream", store.read_stream("Order", kOrder)),
      expect_forked("event", store.event(kOrder)),
      expect_forked("head", store.head()),
      expect_forked("stream_version", store.stream_version("Order", kOrder)),
      expect_forked("count", store.count()),
      expect_forked("save_snapshot", store.save_snapshot("Order", kOrder, 1, 1, "{}")),
      expect_forked("load_snapshot", store.load_snapshot("Order", kOrder)),
      expect_forked("delete_snapshot", store.delete_snapshot("Order", kOrder)),
      expect_forked("inspect", store.inspect()),
      expect_forked("indexes", store.indexes()),
      expect_forked("add_index", store.add_index("events_by_type")),
      expect_forked("shutdown", store.shutdown()),
  };
  for (const std::string& result : results) {
    if (!result.empty()) return result;
  }
  return "";
}

class Handle : public testing::TestWithParam<std::string_view> {
 protected:
  const Place place_{GetParam()};
  const Acknowledged acknowledged_;

  [[nodiscard]] std::string url() const { return place_.url(); }
  [[nodiscard]] bool is_shared() const { return GetParam() != "memory"; }
};

TEST_P(Handle, OfAStoreGivesAClearErrorInAChildAndWorksInTheParent) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              const std::string child = Process([&] { return use_every_function(store); }).end();
              if (!child.empty()) return child;
              if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              return store.head().value() == 2 ? "" : "the parent's store is not as it was";
            }),
            "");
  if (is_shared()) {
    EXPECT_EQ(check_all(url(), acknowledged_), "");
  }
}

TEST_P(Handle, CanBeClosedInAChildWhileTheParentGoesOn) {
  EXPECT_EQ(in_process([&]() -> std::string {
              Store store = Store::open(url()).value();
              es_store* second = es_store_retain(store.get());
              if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              const std::string child = Process([&]() -> std::string {
                                          es_store_close(&second);
                                          if (second != nullptr) return "es_store_close leaves the handle";
                                          {
                                            const Store gone = std::move(store);
                                          }
                                          return "";
                                        }).end();
              if (!child.empty()) return child;
              if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              es_store_close(&second);
              return store.shutdown().ok() ? "" : "the parent's store does not shut down";
            }),
            "");
  if (is_shared()) {
    EXPECT_EQ(check_all(url(), acknowledged_), "");
  }
}

// With everything that runs at the end of a program, as in a worker that returns from main.
TEST_P(Handle, LetsAChildExitWhileTheParentGoesOn) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              const std::string child = Process([&]() -> std::string {
                                          static const Store never_closed = store;
                                          std::exit(0);
                                        }).end();
              return child.empty() ? append(store, kOrder, acknowledged_) : child;
            }),
            "");
  if (is_shared()) {
    EXPECT_EQ(check_all(url(), acknowledged_), "");
  }
}

TEST_P(Handle, SaysWhoItIsInAChild) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              const Uuid id = store.id().value();
              return Process([&]() -> std::string {
                       const bool same = store.backend() == GetParam() && !store.url().empty() &&
                                         store.schema_version() == 1 && store.was_created() && store.id().value() == id;
                       return same ? "" : "the store's name is another one in a child";
                     })
                  .end();
            }),
            "");
}

TEST_P(Handle, OfPagesResultsSnapshotsAndErrorsIsReadableInAChild) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              eventsource::Append batch;
              batch.stream("Order", kOrder, eventsource::ExpectedVersion::any()).event("Placed", R"({"n":1})");
              const auto result = store.append(batch).value();
              const auto page = store.read_log({.content = eventsource::Content::kData}).value();
              const bool saved = store.save_snapshot("Order", kOrder, 1, 1, "[7]").value();
              const auto snapshot = store.load_snapshot("Order", kOrder).value();
              const auto inspection = store.inspect().value();
              const auto error = store.event(stream_id(9)).error();
              return Process([&]() -> std::string {
                       if (page.size() != 1 || page[0].data() != R"({"n":1})") return "the page is not readable";
                       if (result.event_ids()[0] != page[0].id()) return "the result is not readable";
                       if (!saved || snapshot.state() != "[7]") return "the snapshot is not readable";
                       if (inspection.events() != 1) return "the inspection is not readable";
                       return error.code() == ES_EVENT_NOT_FOUND ? "" : "the error is not readable";
                     })
                  .end();
            }),
            "");
}

// The walk stands in the middle of the log.
TEST_P(Handle, OfAWalkThroughTheLogFailsWithItsStoreInAChild) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              for (int i = 0; i < 3; ++i) {
                if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              }
              eventsource::EventRange events = store.log({.page_events = 1});
              if (!events.next_page()) return "the first page can't be read";
              const std::string child = Process([&] { return expect_forked("next_page", events.next_page()); }).end();
              if (!child.empty()) return child;
              const auto page = events.next_page();
              return page && (*page)[0].version() == 2 ? "" : "the parent's walk does not go on";
            }),
            "");
}

TEST_P(Handle, IsInheritedByAChildOfAChildAsWell) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              return Process([&]() -> std::string {
                       const Store own = Store::open(url()).value();
                       const std::string grandchild = Process([&] {
                                                        return expect_forked("the grandparent's head", store.head()) +
                                                               expect_forked("the parent's head", own.head());
                                                      }).end();
                       if (!grandchild.empty()) return grandchild;
                       return own.head().ok() ? "" : "the child's own store does not go on";
                     })
                  .end();
            }),
            "");
}

// An event builder that was at work before the fork: both go on with it.
TEST_P(Handle, OfAnAppendDrawsOtherIdsInAChild) {
  const Acknowledged drawn;
  EXPECT_EQ(in_process([&]() -> std::string {
              eventsource::Append batch;
              const auto add_two = [&] {
                for (int i = 0; i < 2; ++i) batch.event("Placed", "{}");
              };
              batch.stream("Order", kOrder, eventsource::ExpectedVersion::any());
              add_two();
              const auto draw = [&]() -> std::string {
                add_two();
                for (std::size_t i = 2; i < 4; ++i) drawn.add(batch.id(i));
                return "";
              };
              const std::string child = Process(draw).end();
              return child.empty() ? draw() : child;
            }),
            "");
  ASSERT_EQ(drawn.count(), 4U);
  for (std::size_t i = 0; i < 2; ++i) {
    // The last eight bytes are random.
    EXPECT_FALSE(std::equal(drawn.at(i).bytes.begin() + 8, drawn.at(i).bytes.end(), drawn.at(i + 2).bytes.begin() + 8));
  }
}

// A memory store is in one process.
class SharedHandle : public Handle {};

// Made again in a child and closed again, on the same place.
TEST_P(SharedHandle, OfAStoreOpenedInAChildWorks) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              if (std::string wrong = append(store, kOrder, acknowledged_); !wrong.empty()) return wrong;
              const std::string child = Process([&]() -> std::string {
                                          const Store own = Store::open(url()).value();
                                          if (own.head().value() != 1) return "the parent's event is not seen";
                                          std::string wrong = append(own, kOrder, acknowledged_);
                                          if (wrong.empty() && !own.shutdown().ok()) wrong = "no shutdown";
                                          return wrong;
                                        }).end();
              if (!child.empty()) return child;
              if (store.stream_version("Order", kOrder).value() != 2) return "the child's event is not seen";
              return append(store, kOrder, acknowledged_);
            }),
            "");
  EXPECT_EQ(check_all(url(), acknowledged_), "");
}

INSTANTIATE_TEST_SUITE_P(Backend, Handle, testing::Values("memory", "sqlite", "postgresql"),
                         [](const auto& backend) { return std::string(backend.param); });

INSTANTIATE_TEST_SUITE_P(Backend, SharedHandle, testing::Values("sqlite", "postgresql"),
                         [](const auto& backend) { return std::string(backend.param); });

}  // namespace
}  // namespace fork_test
