// What a verification remembers of each stream: its last version and its tenant. 56 bytes a slot.
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventsource/eventsource.hpp"

namespace eventsource::cli {

// A hash of an id to find equal ones by; what it can't tell apart is looked at again.
[[nodiscard]] std::uint64_t id_hash(const Uuid& id);

struct StreamState {
  Uuid aggregate_id;
  Uuid tenant_id;
  std::int64_t version = 0;  // 0: a free slot
  std::uint32_t aggregate_type = 0;
  bool has_tenant = false;
};

class StreamTable {
 public:
  // Room for `streams`; it grows when there are more.
  explicit StreamTable(std::size_t streams);

  // How many bytes a table for `streams` takes.
  [[nodiscard]] static std::size_t bytes_for(std::size_t streams);

  // The number of an aggregate type, the same for the same name.
  std::uint32_t type_number(std::string_view name);

  // The state of a stream, with version 0 when it is new. The caller sets a version; valid until the next call.
  StreamState& find(std::uint32_t aggregate_type, const Uuid& aggregate_id);

  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  [[nodiscard]] static std::size_t slots_for(std::size_t streams);
  StreamState& slot_of(std::uint32_t aggregate_type, const Uuid& aggregate_id);
  void grow();

  std::vector<StreamState> slots_;
  std::size_t used_ = 0;
  std::unordered_map<std::string, std::uint32_t> types_;
};

}  // namespace eventsource::cli
