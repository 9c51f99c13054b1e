#include <eventsource/eventsource.hpp>
#include <iostream>

namespace es = eventsource;

int main() {
  const auto store = es::Store::open("memory:").value();  // or "sqlite:///orders.db"
  const auto order = es::Uuid::v7().value();

  es::Append append;
  append.stream("Order", order, es::ExpectedVersion::no_stream())
      .event("OrderPlaced", R"({"total": 19.90})")
      .actor("ann")
      .event("OrderPaid", R"({"method": "card"})");
  const auto result = store.append(append).value();
  std::cout << result.size() << " events, up to position " << result.last_position() << "\n";

  for (const es::Event& event : store.stream("Order", order, {.content = es::Content::kData})) {
    std::cout << event.version() << " " << event.type() << " " << event.data() << "\n";
  }
}
