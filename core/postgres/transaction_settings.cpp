#include "core/postgres/transaction_settings.hpp"

#include <string>

#include "core/postgres/sql_text.hpp"

namespace eventsource::core::postgres {
namespace {

// What makes plans and results steady; nothing that a promise rests on. A plan that was made while the table was small, or
// for figures from then, must not read the whole of it later: the keys are always used.
constexpr const char* kPlans =
    "set_config('enable_seqscan', 'off', {local}), set_config('enable_bitmapscan', 'off', {local}), "
    "set_config('max_parallel_workers_per_gather', '0', {local}), set_config('jit', 'off', {local}), "
    "set_config('plan_cache_mode', 'force_generic_plan', {local})";

// What is sent together without a BEGIN looks at one snapshot. A pooler that hides itself would lose this with the prepared
// statements, which shows.
constexpr const char* kReads = "set_config('default_transaction_isolation', 'repeatable read', {local})";

// remote_apply promises more than on, everything else less.
constexpr const char* kDurable =
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' "
    "THEN 'remote_apply' ELSE 'on' END, true)";

constexpr const char* kLockTimeout = "set_config('lock_timeout', $1::text, {local})";

Statement select(const char* name, const std::string& settings, const char* local) {
  return {name, filled("SELECT " + settings, {{"local", local}})};
}

}  // namespace

const Statement& session_settings() {
  static const Statement settings = select("", std::string(kPlans) + ", " + kReads, "pg_backend_pid() <> $1::int8");
  return settings;
}

const Statement& transaction_settings(Access access, bool has_session) {
  // A limit for reads stays for those that follow.
  static const Statement read = select("es_read_settings", kLockTimeout, "false");
  static const Statement write = select("es_write_settings", std::string(kDurable) + ", " + kLockTimeout, "true");
  static const Statement shared_read = select("", std::string(kLockTimeout) + ", " + kPlans, "true");
  static const Statement shared_write = select("", std::string(kDurable) + ", " + kLockTimeout + ", " + kPlans, "true");
  if (has_session) return access == Access::kWrite ? write : read;
  return access == Access::kWrite ? shared_write : shared_read;
}

}  // namespace eventsource::core::postgres
