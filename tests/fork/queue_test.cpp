// A completion queue and started calls around a fork: the parent's are left alone, a child makes its own.
#include <gtest/gtest.h>
#include <poll.h>

#include "tests/fork/place.hpp"
#include "tests/fork/process.hpp"

namespace fork_test {
namespace {

using eventsource::AsyncStore;
using eventsource::CompletionQueue;
using eventsource::Store;

class Queue : public testing::TestWithParam<std::string_view> {
 protected:
  const Place place_{GetParam()};
  const Acknowledged acknowledged_;

  [[nodiscard]] std::string url() const { return place_.url(); }
};

bool is_readable(int descriptor) {
  pollfd watched{descriptor, POLLIN, 0};
  return poll(&watched, 1, 0) == 1;
}

// What a child finds of its parent's queue, and that it closes it. "" when all is as queue.h says.
std::string use_parents(es_queue* queue, const Store& store) {
  es_completion* done = nullptr;
  std::size_t count = 0;
  if (es_queue_fd(queue) != -1) return "the descriptor is given out in the child";
  if (es_queue_wait(queue, -1, nullptr) != ES_FORKED) return "the child may wait";
  if (es_queue_take(queue, &done, 1, &count, nullptr) != ES_FORKED) return "the child may take";
  if (es_store_start_head(store.get(), nullptr, queue, 1, nullptr) != ES_FORKED) return "the child may start";
  const Store own = Store::open("memory:").value();
  if (es_store_start_head(own.get(), nullptr, queue, 1, nullptr) != ES_FORKED) return "a call may end in its queue";
  if (es_store_start_open(ES_ABI_VERSION, "memory:", 7, nullptr, nullptr, queue, 1, nullptr) != ES_FORKED) {
    return "an open may end in its queue";
  }
  es_queue_close(&queue);
  return queue == nullptr ? "" : "es_queue_close leaves the handle";
}

// A child's own queue and store.
std::string use_own(const std::string& url) {
  const CompletionQueue queue = CompletionQueue::create().value();
  const AsyncStore async(queue.get(AsyncStore::open(queue, url)).value(), queue);
  eventsource::Append append;
  append.stream("Order", stream_id(9), eventsource::ExpectedVersion::any()).event("Placed", "{}");
  if (const auto appended = queue.get(async.append(append)); !appended) return std::string(appended.error().message());
  return queue.get(async.head()).value() == 0 ? "the append of the child's own is not there" : "";
}

TEST_P(Queue, IsLeftAloneByAChildThatMakesItsOwn) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const Store store = Store::open(url()).value();
              es_queue* queue = nullptr;
              if (es_queue_new(&queue, nullptr) != ES_OK) return "no queue";
              if (es_store_start_head(store.get(), nullptr, queue, 7, nullptr) != ES_OK) return "not started";
              if (es_queue_wait(queue, -1, nullptr) != ES_OK) return "no completion";
              const std::string child = Process([&]() -> std::string {
                                          std::string wrong = use_parents(es_queue_retain(queue), store);
                                          if (wrong.empty()) wrong = use_parents(queue, store);
                                          return wrong.empty() ? use_own(url()) : wrong;
                                        }).end();
              if (!child.empty()) return child;
              if (!is_readable(es_queue_fd(queue))) return "the signal is gone";
              es_completion* done = nullptr;
              std::size_t count = 0;
              if (es_queue_take(queue, &done, 1, &count, nullptr) != ES_OK || count != 1) return "not there any more";
              const bool is_it = es_completion_tag(done) == 7 && es_completion_status(done) == ES_OK;
              es_completion_close(&done);
              es_queue_close(&queue);
              return is_it ? "" : "another completion";
            }),
            "");
}

// Forks in the middle of started calls: each call of the parent ends once, and a child hangs on none of them.
TEST_P(Queue, ForksUnderLoadLoseNoCompletion) {
  EXPECT_EQ(in_process([&]() -> std::string {
              const CompletionQueue queue = CompletionQueue::create().value();
              const AsyncStore async(Store::open(url()).value(), queue);
              int ended = 0;
              int started = 0;
              for (int round = 0; round < 20; ++round) {
                for (int n = 0; n < 20; ++n, ++started) {
                  eventsource::Append append;
                  append.stream("Order", stream_id(static_cast<std::uint8_t>(n)), eventsource::ExpectedVersion::any())
                      .event("Placed", "{}");
                  async.append(append).then([&](const auto& result) { ended += result ? 1 : 0; });
                }
                const std::string child = Process([&] { return round % 5 == 0 ? use_own(url()) : ""; }).end();
                if (!child.empty()) return child;
                queue.drain();
              }
              while (queue.size() != 0) {
                if (!queue.wait().value()) return "nothing more comes";
                queue.drain();
              }
              return ended == started ? "" : std::to_string(started - ended) + " appends failed";
            }),
            "");
}

INSTANTIATE_TEST_SUITE_P(Fork, Queue, testing::Values("memory", "sqlite", "postgresql"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace fork_test
