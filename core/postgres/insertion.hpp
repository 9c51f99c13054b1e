// The parameters of the append statement: what of an append is to be written, and what is expected of each stream.
// Values that belong to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/backend/decision.hpp"
#include "core/event/append_input.hpp"
#include "core/postgres/append_statements.hpp"
#include "core/postgres/connection.hpp"
#include "core/postgres/recognise.hpp"

namespace eventsource::core::postgres {

class Insertion {
 public:
  // All events, as the caller expects their streams.
  static Insertion of_all(const PreparedAppend& append);
  // The events that are not known, each stream at the version that was looked at.
  static Insertion of_new(const PreparedAppend& append, const Decision& decision, std::span<const StreamState> states);

  // False when a stream gets events of several tenants: that is not for one statement.
  [[nodiscard]] bool is_possible() const { return is_possible_; }
  [[nodiscard]] std::size_t size() const { return events_.size(); }

  [[nodiscard]] const Statement& statement(const AppendStatements& statements) const;
  // Of that statement. `probe_ids`: look whether an id is known before anything is written.
  [[nodiscard]] Parameters parameters(const Layout& layout, bool probe_ids) const;

  // Gives the positions and versions that the statement returned, in any order, to the written events of `decision`.
  struct Written {
    std::int64_t position = 0;
    std::int64_t version = 0;
  };
  void take(std::vector<Written>& written, Decision& decision) const;

 private:
  struct Stream {
    std::uint32_t index = 0;  // into the append's
    std::int64_t expected = 0;
    std::optional<Uuid> tenant_id;
    std::int32_t events = 0;
  };
  struct Event {
    std::uint32_t index = 0;  // into the append's
    std::int32_t stream = 0;  // from 1, into streams_
    std::int32_t nth = 0;     // of its stream, from 1
  };

  explicit Insertion(const PreparedAppend& append) : append_(&append) {}
  void add(std::uint32_t event, std::int64_t expected, std::vector<std::int32_t>& ordinals);
  [[nodiscard]] bool is_of_one_stream() const { return streams_.size() == 1; }
  [[nodiscard]] bool is_single() const { return is_first_ && is_of_one_stream() && events_.size() == 1; }
  void add_stream(Parameters& parameters, const Layout& layout) const;
  void add_streams(Parameters& parameters, const Layout& layout) const;
  void add_event(Parameters& parameters) const;
  void add_events(Parameters& parameters) const;
  void add_probes(Parameters& parameters, bool probe_ids) const;

  const PreparedAppend* append_;
  std::vector<Stream> streams_;
  std::vector<Event> events_;
  bool is_possible_ = true;
  // One event is stored or not. Whether the table has kept back one that should have been is found out by the next try.
  bool is_first_ = true;
};

}  // namespace eventsource::core::postgres
