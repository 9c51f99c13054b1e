#include <eventsource/eventsource.hpp>
#include <iostream>

namespace es = eventsource;

int main() {
  const auto store = es::Store::open("memory:").value();
  es::Append append;
  append.stream("Meter", es::Uuid::v7().value(), es::ExpectedVersion::any());
  for (int i = 0; i < 2500; ++i) append.event(i % 500 == 0 ? "MeterReset" : "MeterRead", R"({"kwh": 7})");
  const auto result = store.append(append).value();

  // Only some types, in pages of at most 100 events, and not before the append above is visible.
  const es::Read resets{.filter = {.event_types = {"MeterReset"}}, .page_events = 100};
  const es::Call call{.timeout = std::chrono::seconds(1), .token = std::string(result.token())};
  es::EventRange events = store.log(resets, call);
  while (!events.done()) {
    const auto page = events.next_page();
    if (!page) {
      std::cerr << page.error().message() << "\n";
      return 1;
    }
    for (const es::Event& event : *page) std::cout << event.position() << " ";
  }
  std::cout << "- looked at up to " << events.position() << "\n";
}
