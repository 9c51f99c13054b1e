#include <chrono>
#include <eventsource/eventsource.hpp>
#include <functional>
#include <iostream>
#include <thread>

namespace es = eventsource;

// The same append, with the same event ids, until it is known what became of it: what was stored is not stored twice.
es::Result<es::AppendResult> append_surely(const es::Store& store, const es::Append& append) {
  for (int tries = 1;; ++tries) {
    es::Result<es::AppendResult> result = store.append(append, {.timeout = std::chrono::seconds(1)});
    const es::Error& error = result.error();
    if (!error.retryable() && error.outcome() != es::Outcome::kUnknown) return result;
    if (tries == 20) return result;
    std::this_thread::sleep_for(std::chrono::milliseconds(10) * tries);
  }
}

// Load, decide, append at the version that was loaded; load and decide again when somebody else was faster.
bool book_seat(const es::Store& store, const es::Uuid& flight) {
  while (true) {
    std::int64_t version = 0;
    int taken = 0;
    for (const es::Event& event : store.stream("Flight", flight)) {
      version = event.version();
      taken += event.type() == "SeatBooked" ? 1 : 0;
    }
    if (taken == 3) return false;
    es::Append append;
    append.stream("Flight", flight, es::ExpectedVersion::exact(version)).event("SeatBooked", "{}");
    const es::Result<es::AppendResult> result = append_surely(store, append);
    if (result) return true;
    if (result.error().code() != ES_VERSION_CONFLICT) throw es::Exception(result.error());
  }
}

int main() {
  const auto store = es::Store::open("memory:").value();
  const auto flight = es::Uuid::v7().value();
  int booked[2] = {};
  const auto sell = [&](int& sold) {
    for (int n = 0; n < 4; ++n) sold += book_seat(store, flight) ? 1 : 0;
  };
  std::thread other(sell, std::ref(booked[1]));
  sell(booked[0]);
  other.join();
  std::cout << booked[0] + booked[1] << " booked, " << store.stream_version("Flight", flight).value() << " stored\n";
}
