#include "core/event/append_copy.hpp"

#include <cstring>

namespace eventsource::core {
namespace {

// Every text of an append, in an order of its own.
template <typename Visit>
void each_text(AppendInput& append, Visit&& visit) {
  // NOLINTNEXTLINE(misc-const-correctness): a visit may change it.
  for (StreamInput& stream : append.streams) visit(stream.name.aggregate_type);
  for (EventInput& event : append.events) {
    visit(event.event_type);
    visit(event.data);
    if (event.actor_id) visit(*event.actor_id);
    if (event.metadata) visit(*event.metadata);
  }
}

}  // namespace

// One block for all texts: an append that waits takes little more than what it says.
AppendCopy::AppendCopy(const AppendInput& original) : input_(original) {
  std::size_t size = 0;
  each_text(input_, [&](const std::string_view& text) { size += text.size(); });
  texts_ = std::make_unique_for_overwrite<char[]>(size);
  char* place = texts_.get();
  each_text(input_, [&](std::string_view& text) {
    if (text.empty()) {
      text = "";
      return;
    }
    std::memcpy(place, text.data(), text.size());
    text = {place, text.size()};
    place += text.size();
  });
}

}  // namespace eventsource::core
