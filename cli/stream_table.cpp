// Open addressing with linear probing; nothing is ever removed.
#include "cli/stream_table.hpp"

#include <cstring>

namespace eventsource::cli {

std::uint64_t id_hash(const Uuid& id) {
  std::uint64_t halves[2];
  std::memcpy(halves, id.data(), sizeof(halves));
  // Both halves are multiplied and folded: a UUIDv7 has its time in one and its randomness in the other.
  std::uint64_t hash = (halves[0] ^ 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ (hash >> 31) ^ halves[1]) * 0x94d049bb133111ebU;
  return hash ^ (hash >> 32);
}

std::size_t StreamTable::slots_for(std::size_t streams) {
  return streams + streams / 4 + 16;
}

std::size_t StreamTable::bytes_for(std::size_t streams) {
  return slots_for(streams) * sizeof(StreamState);
}

StreamTable::StreamTable(std::size_t streams) : slots_(slots_for(streams)) {}

std::uint32_t StreamTable::type_number(std::string_view name) {
  return types_.try_emplace(std::string(name), static_cast<std::uint32_t>(types_.size())).first->second;
}

StreamState& StreamTable::slot_of(std::uint32_t aggregate_type, const Uuid& aggregate_id) {
  std::size_t at = (id_hash(aggregate_id) + aggregate_type) % slots_.size();
  for (;; at = at + 1 == slots_.size() ? 0 : at + 1) {
    StreamState& slot = slots_[at];
    if (slot.version == 0 || (slot.aggregate_type == aggregate_type && slot.aggregate_id == aggregate_id)) return slot;
  }
}

StreamState& StreamTable::find(std::uint32_t aggregate_type, const Uuid& aggregate_id) {
  StreamState* slot = &slot_of(aggregate_type, aggregate_id);
  if (slot->version != 0) return *slot;
  if ((used_ + 1) * 10 > slots_.size() * 9) {
    grow();
    slot = &slot_of(aggregate_type, aggregate_id);
  }
  ++used_;
  slot->aggregate_type = aggregate_type;
  slot->aggregate_id = aggregate_id;
  return *slot;
}

void StreamTable::grow() {
  std::vector<StreamState> old(slots_.size() * 2);
  old.swap(slots_);
  for (const StreamState& state : old) {
    if (state.version != 0) slot_of(state.aggregate_type, state.aggregate_id) = state;
  }
}

}  // namespace eventsource::cli
