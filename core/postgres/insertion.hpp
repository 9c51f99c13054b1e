// The parameters of an append statement: what is to be written, and what is expected of each stream.
// Values that belong to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/backend/backend.hpp"
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
  // Those of the items that can be written by one statement.
  static Insertion of_batch(std::span<const BatchItem> items);

  // False when a stream gets events of several tenants: that is not for one statement.
  [[nodiscard]] bool is_possible() const { return is_possible_; }
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] bool is_batch() const { return is_batch_; }

  [[nodiscard]] const Statement& statement(const AppendStatements& statements) const;
  // Of that statement.
  [[nodiscard]] Parameters parameters(const Layout& layout) const;

  // An event that was stored.
  struct Written {
    std::int64_t position = 0;
    std::int64_t version = 0;
    Uuid event_id;  // of a batch
  };
  // Gives the positions and versions, which come in any order, to the written events of `decision`. False: refused.
  [[nodiscard]] bool take(std::vector<Written>& written, Decision& decision) const;

  // Room for the outcomes of a batch: once it is committed nothing needs memory.
  class Outcomes {
   public:
    Outcomes(const Insertion& insertion, std::span<const BatchItem> items);

   private:
    friend class Insertion;
    std::vector<AppendOutcome> of_items_;
  };
  // The same for each item of the batch that was not refused.
  void take(std::vector<Written>& written, Outcomes& outcomes, std::span<BatchItem> items) const;

 private:
  // Of a stream that gets events. Streams of one part are written together or not at all; a part is an append, or several
  // to one stream of which each builds on the one before.
  struct Stream {
    const StreamName* name = nullptr;
    std::int64_t expected = 0;
    std::optional<Uuid> tenant_id;
    std::int32_t events = 0;
    std::int32_t part = 1;
  };
  struct Event {
    const PreparedEvent* event = nullptr;
    std::uint32_t item = 0;   // of the batch
    std::uint32_t index = 0;  // into the append's
    std::int32_t stream = 0;  // from 1, into streams_
    std::int32_t nth = 0;     // of its stream, from 1
  };
  class Version;
  using StreamIndex = std::unordered_map<StreamName, std::int32_t, StreamNameHash>;

  Insertion() = default;
  void add(const PreparedAppend& append, std::uint32_t event, std::int64_t expected,
           std::vector<std::int32_t>& ordinals);
  void add_item(const PreparedAppend& append, std::uint32_t item, StreamIndex& streams);
  // Whether the append is to a stream of the batch alone, and will find it as expected once the events before are there.
  [[nodiscard]] bool continues(const PreparedAppend& append, const Stream& stream) const;
  [[nodiscard]] static bool is_of_one_tenant(const PreparedAppend& append);

  [[nodiscard]] bool is_of_one_stream() const { return streams_.size() == 1 && !is_batch_; }
  [[nodiscard]] bool are_singles() const {
    return is_batch_ && streams_.size() == events_.size() && streams_.size() == static_cast<std::size_t>(parts_);
  }
  // Whether each stream gets its events only at a version that is known here: the documents have it then.
  [[nodiscard]] bool is_exact() const;
  void sort_by_stream();
  [[nodiscard]] const Stream& stream_of(const Event& event) const {
    return streams_[static_cast<std::size_t>(event.stream) - 1];
  }
  [[nodiscard]] std::int64_t version_of(const Event& event) const { return stream_of(event).expected + event.nth; }
  [[nodiscard]] bool is_single() const { return is_first_ && is_of_one_stream() && events_.size() == 1; }
  void add_stream(Parameters& parameters, const Layout& layout) const;
  void add_streams(Parameters& parameters, const Layout& layout) const;
  void add_singles(Parameters& parameters, const Layout& layout) const;
  void add_event(Parameters& parameters) const;
  void add_events(Parameters& parameters) const;
  void add_probes(Parameters& parameters) const;
  void add_document(Parameters& parameters) const;
  void add_documents(Parameters& parameters, const Layout& layout) const;

  std::vector<Stream> streams_;
  std::vector<Event> events_;
  std::int32_t parts_ = 1;
  bool is_possible_ = true;
  // Whether an id is known is looked at before anything is written: of all events, or of those that expect no exact version.
  bool probes_ids_ = false;
  bool is_batch_ = false;
  // One event is stored or not. Whether the table has kept back one that should have been is found out by the next try.
  bool is_first_ = true;
};

}  // namespace eventsource::core::postgres
