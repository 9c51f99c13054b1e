// An append put together call by call (append.h).
// One thread at a time while it changes; then any number may read input().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/base/environment.hpp"
#include "core/base/text_arena.hpp"
#include "core/event/append_input.hpp"
#include "core/event/id_source.hpp"

namespace eventsource::core {

class AppendBuilder {
 public:
  explicit AppendBuilder(Environment& environment) : ids_(environment) {}

  [[nodiscard]] Status choose_stream(const StreamName& name, std::int64_t expected_version);
  [[nodiscard]] Status add_event(std::string_view event_type, std::string_view data);

  // The event added last, or nullptr.
  [[nodiscard]] EventInput* last() { return input_.events.empty() ? nullptr : &input_.events.back(); }
  [[nodiscard]] std::string_view keep(std::string_view text) { return texts_.keep(text); }

  void skip_duplicates(bool skip) { input_.skip_duplicates = skip; }
  [[nodiscard]] const AppendInput& input() const { return input_; }
  void clear();

 private:
  IdSource ids_;
  TextArena texts_;
  AppendInput input_;
  std::unordered_map<StreamName, std::uint32_t, StreamNameHash> stream_indexes_;
  std::optional<std::uint32_t> chosen_;
};

}  // namespace eventsource::core
