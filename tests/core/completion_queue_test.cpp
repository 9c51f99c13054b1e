// The list of a completion queue, its signal, its end, and the places that it gives back.
#include "core/runtime/completion_queue.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <poll.h>
#include <thread>
#include <vector>

namespace eventsource::core {
namespace {

class Numbered final : public Completion {
 public:
  explicit Numbered(int its_number, std::atomic<int>* freed = nullptr) : number(its_number), freed_(freed) {}
  ~Numbered() override {
    if (freed_ != nullptr) ++*freed_;
  }

  const int number;

 private:
  std::atomic<int>* const freed_;
};

std::shared_ptr<CompletionQueue> make_queue() {
  auto queue = CompletionQueue::create();
  EXPECT_TRUE(queue.ok());
  return std::move(queue).value();
}

bool is_readable(const CompletionQueue& queue) {
  pollfd watched{queue.fd(), POLLIN, 0};
  return poll(&watched, 1, 0) == 1;
}

std::vector<int> numbers(CompletionList list) {
  std::vector<int> found;
  while (const auto completion = list.pop()) found.push_back(static_cast<const Numbered&>(*completion).number);
  return found;
}

TEST(CompletionQueue, GivesThemInTheirOrderAndIsReadableExactlyWhileSomeWait) {
  const auto queue = make_queue();
  EXPECT_FALSE(is_readable(*queue));
  for (int n = 1; n <= 5; ++n) {
    queue->post(std::make_unique<Numbered>(n));
    EXPECT_TRUE(is_readable(*queue));
  }
  EXPECT_EQ(numbers(queue->take(2)), (std::vector{1, 2}));
  EXPECT_TRUE(is_readable(*queue));
  EXPECT_TRUE(is_readable(*queue)) << "looking at it changes nothing";
  queue->post(std::make_unique<Numbered>(6));
  EXPECT_EQ(numbers(queue->take(100)), (std::vector{3, 4, 5, 6}));
  EXPECT_FALSE(is_readable(*queue));
  EXPECT_TRUE(numbers(queue->take(1)).empty());
  queue->post(std::make_unique<Numbered>(7));
  EXPECT_TRUE(is_readable(*queue)) << "and once more";
}

TEST(CompletionQueue, IsWaitedFor) {
  const auto queue = make_queue();
  EXPECT_EQ(queue->wait(0).error().code(), ES_TIMEOUT);
  EXPECT_EQ(queue->wait(1).error().code(), ES_TIMEOUT);
  EXPECT_EQ(queue->wait(-2).error().code(), ES_INVALID_ARGUMENT);
  std::thread poster([&] { queue->post(std::make_unique<Numbered>(1)); });
  EXPECT_TRUE(queue->wait(-1).ok());
  poster.join();
  EXPECT_TRUE(queue->wait(0).ok()) << "nobody took it";
  EXPECT_EQ(numbers(queue->take(1)), std::vector{1});
}

TEST(CompletionQueue, AWaitWithAHugeLimitIsOneWithoutLimit) {
  const auto queue = make_queue();
  std::thread poster([&] { queue->post(std::make_unique<Numbered>(1)); });
  EXPECT_TRUE(queue->wait(std::numeric_limits<std::int64_t>::max()).ok());
  poster.join();
}

TEST(CompletionQueue, ItsEndWakesThoseWhoWait) {
  const auto queue = make_queue();
  es_status status = ES_OK;
  std::thread waiter([&] { status = queue->wait(-1).error().code(); });
  queue->close();
  waiter.join();
  EXPECT_EQ(status, ES_CLOSED);
}

TEST(CompletionQueue, ItsEndFreesWhatWaitsAndWhatComes) {
  std::atomic<int> freed{0};
  const auto queue = make_queue();
  queue->post(std::make_unique<Numbered>(1, &freed));
  queue->post(std::make_unique<Numbered>(2, &freed));
  queue->close();
  EXPECT_EQ(freed, 2);
  queue->post(std::make_unique<Numbered>(3, &freed));
  EXPECT_EQ(freed, 3);
  EXPECT_TRUE(numbers(queue->take(9)).empty());
  queue->close();
}

TEST(CompletionQueue, GivesAPlaceBackWhenACompletionIsTakenOrDropped) {
  const auto in_flight = std::make_shared<InFlight>(2, std::make_shared<Metrics>());
  const auto queue = make_queue();
  const auto post = [&] {
    auto place = InFlight::enter(in_flight);
    if (!place.ok()) return place.error().code();
    auto completion = std::make_unique<Numbered>(1);
    completion->place = std::move(place).value();
    queue->post(std::move(completion));
    return ES_OK;
  };
  EXPECT_EQ(post(), ES_OK);
  EXPECT_EQ(post(), ES_OK);
  EXPECT_EQ(post(), ES_BUSY);
  {
    const CompletionList taken = queue->take(1);
    EXPECT_EQ(post(), ES_OK) << "taken, though not freed yet";
    EXPECT_EQ(post(), ES_BUSY);
  }
  EXPECT_EQ(post(), ES_BUSY) << "given back once";
  queue->close();
  EXPECT_EQ(post(), ES_OK) << "all dropped";
}

TEST(CompletionQueue, ManyThreadsPostAndTakeEachOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  const auto queue = make_queue();
  std::vector<std::atomic<int>> seen(kThreads * kEach);
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < kEach; ++n) queue->post(std::make_unique<Numbered>(t * kEach + n));
    });
    threads.emplace_back([&] {
      // Whoever finds all taken ends the wait of the others.
      while (queue->wait(-1).ok()) {
        for (const int number : numbers(queue->take(7))) {
          ++seen[static_cast<std::size_t>(number)];
          if (++taken == kThreads * kEach) queue->close();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& times : seen) EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace eventsource::core
