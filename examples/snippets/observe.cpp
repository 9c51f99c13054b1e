#include <eventsource/eventsource.hpp>
#include <iostream>

namespace es = eventsource;

int main() {
  const auto log = es::Log::create(es::LogLevel::kInfo).value();
  const auto store = es::Store::open("memory:", es::Options().log(log)).value();
  const auto order = es::Uuid::v7().value();
  for (int attempt = 0; attempt < 2; ++attempt) {
    es::Append append;
    append.stream("Order", order, es::ExpectedVersion::no_stream()).event("OrderPlaced", "{}");
    if (!store.append(append)) std::cout << "refused\n";
  }
  store.shutdown().value();

  while (const auto record = log.take().value()) {  // in a program: when log.fd() is readable, or after log.wait()
    std::cout << es::name_of(record->level()) << ": " << record->message() << " (" << *record->field("url") << ")\n";
  }
  const auto metrics = store.metrics().value();
  std::cout << metrics.value("eventsource_appends_total") << " appended, "
            << metrics.value("eventsource_append_conflicts_total") << " in conflict, half of them within "
            << (metrics.quantile("eventsource_append_seconds", 0.5) < std::chrono::seconds(1) ? "a second" : "more")
            << "\n";
}
