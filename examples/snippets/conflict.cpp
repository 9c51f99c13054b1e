#include <eventsource/eventsource.hpp>
#include <iostream>

namespace es = eventsource;

es::Result<es::AppendResult> ship(const es::Store& store, const es::Uuid& order, std::int64_t version) {
  es::Append append;
  append.stream("Order", order, es::ExpectedVersion::exact(version)).event("OrderShipped", "{}");
  return store.append(append);
}

int main() {
  const auto store = es::Store::open("memory:").value();
  const auto order = es::Uuid::v7().value();
  ship(store, order, 0).value();

  const auto late = ship(store, order, 0);
  if (!late && late.error().code() == ES_VERSION_CONFLICT) {
    std::cout << "expected " << *late.error().detail("expected_version") << ", found "
              << *late.error().detail("actual_version") << "\n";
  }
  try {
    ship(store, order, 0).value();
  } catch (const es::Exception& refused) {
    std::cout << refused.error().name() << "\n";
  }
}
