// The checks of `eventsource verify`, over the whole log, in bounded memory.
// Thread rule: used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eventsource/eventsource.hpp"

#include "cli/progress.hpp"
#include "cli/stream_table.hpp"

namespace eventsource::cli {

struct Finding {
  std::int64_t position;
  Uuid event_id;
  const char* kind;  // "version", "position", "tenant", "document", "duplicate_id", "foreign_tenant"
  std::string what;
  bool is_problem = true;  // false: worth knowing, and no damage
};

struct VerifyCounts {
  std::int64_t events = 0;
  std::int64_t streams = 0;
  std::int64_t problems = 0;
  std::int64_t notes = 0;
  std::int64_t head = 0;
};

class Verification {
 public:
  // `report` gets each finding as it is made.
  Verification(Store store, std::function<void(const Finding&)> report);

  // Reads the log up to the head of this moment. Memory stays within a fixed bound: a large log is read several times,
  // each time for a share of the streams and ids. Throws Exception.
  VerifyCounts run(Progress& progress);

 private:
  void read_share(std::size_t share, Progress& progress);
  void check_event(const Event& event, StreamTable& streams);
  void check_position(const Event& event);
  void find_duplicates(std::vector<std::uint64_t>& hashes);
  void confirm_duplicates(const std::vector<std::uint64_t>& candidates);
  void report(const Event& event, const char* kind, std::string what, bool is_problem = true);
  void report(const Finding& finding);

  Store store_;
  std::function<void(const Finding&)> report_;
  std::int64_t expected_events_ = 0;
  std::int64_t expected_streams_ = 0;
  std::size_t shares_ = 1;
  std::int64_t last_position_ = 0;
  VerifyCounts counts_;
};

}  // namespace eventsource::cli
