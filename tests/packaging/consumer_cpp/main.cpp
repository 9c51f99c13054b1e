// A user's C++ program: appends one event in memory and prints the version and its position.
#include <cstdio>
#include <eventsource/eventsource.hpp>

int main() {
  namespace es = eventsource;
  const auto store = es::Store::open("memory:").value();
  es::Append append;
  append.stream("Order", es::Uuid::v7().value(), es::ExpectedVersion::no_stream())
      .event("OrderPlaced", R"({"amount":1.10})");
  const auto stored = store.append(append).value();
  std::printf("%s position %lld\n", es_version(), static_cast<long long>(stored.last_position()));
}
