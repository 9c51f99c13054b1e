// Counting and inspecting: whole scans, each one look at the store.
#include "core/postgres/postgres_backend.hpp"

namespace eventsource::core::postgres {
namespace {

// A scan reads everything: in order of the disk, and by several processes, is best.
constexpr StatementView kScanSettings{
    "",
    "SELECT set_config('enable_seqscan', 'on', true), set_config('enable_bitmapscan', 'on', "
    "true), set_config('max_parallel_workers_per_gather', '2', true)"};

See into(std::int64_t& number) {
  return [&number](const Row& row) {
    number = row.integer(0);
    return true;
  };
}

}  // namespace

Task<Result<std::int64_t>> PostgresBackend::count(const Filter& filter, const Call& call) {
  std::int64_t count = 0;
  Parameters parameters;
  add_filter(parameters, layout_, filter);
  const Parameters none;
  const Statement statement = count_statement(layout_, filter);
  const Step steps[] = {{kScanSettings, none, nullptr}, {statement, parameters, into(count)}};
  const std::function<void()> forget = [&count] { count = 0; };
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return count;
}

Task<Result<Inspection>> PostgresBackend::inspect(const Call& call) {
  Inspection inspection;
  const auto see_type = [&inspection](const Row& row) {
    inspection.types.push_back({std::string(row.text(0)), std::string(row.text(1)), row.integer(2)});
    inspection.events += row.integer(2);
    return true;
  };
  const auto see_sizes = [&inspection](const Row& row) {
    inspection.first_position = row.integer(0);
    inspection.last_position = row.integer(1);
    inspection.file_bytes = row.integer(2);
    return true;
  };
  const Parameters none;
  std::vector<Step> steps = {{kScanSettings, none, nullptr},
                             {statements_.count_types, none, see_type, true},
                             {statements_.count_streams, none, into(inspection.streams)},
                             {statements_.sizes, none, see_sizes}};
  if (!layout_.snapshots.empty()) steps.push_back({statements_.count_snapshots, none, into(inspection.snapshots)});
  const std::function<void()> forget = [&inspection] { inspection = {}; };
  CO_RETURN_IF_ERROR(co_await try_again(Access::kRead, steps, call, forget));
  co_return inspection;
}

}  // namespace eventsource::core::postgres
