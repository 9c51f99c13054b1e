#include "core/postgres/transaction_settings.hpp"

namespace eventsource::core::postgres {
namespace {

// As pieces of literals: what is put together by the compiler is there for every thread at every time.

// What makes plans and results steady; nothing that a promise rests on. A plan that was made while the table was small, or
// for figures from then, must not read the whole of it later: the keys are always used.
#define PLANS(local)                                                                               \
  "set_config('enable_seqscan', 'off', " local "), set_config('enable_bitmapscan', 'off', " local  \
  "), "                                                                                            \
  "set_config('max_parallel_workers_per_gather', '0', " local "), set_config('jit', 'off', " local \
  "), "                                                                                            \
  "set_config('plan_cache_mode', 'force_generic_plan', " local ")"

// What is sent together without a BEGIN looks at one snapshot. A pooler that hides itself would lose this with the prepared
// statements, which shows.
#define READS(local) "set_config('default_transaction_isolation', 'repeatable read', " local ")"

// remote_apply promises more than on, everything else less.
#define DURABLE                                                                                      \
  "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' " \
  "THEN 'remote_apply' ELSE 'on' END, true)"

#define LOCK_TIMEOUT(local) "set_config('lock_timeout', $1::text, " local ")"

#define IS_SHARED "pg_backend_pid() <> $1::int8"

constexpr StatementView kSession{"", "SELECT " PLANS(IS_SHARED) ", " READS(IS_SHARED)};
// A limit for reads stays for those that follow.
constexpr StatementView kRead{"es_read_settings", "SELECT " LOCK_TIMEOUT("false")};
constexpr StatementView kWrite{"es_write_settings", "SELECT " DURABLE ", " LOCK_TIMEOUT("true")};
constexpr StatementView kSharedRead{"", "SELECT " LOCK_TIMEOUT("true") ", " PLANS("true")};
constexpr StatementView kSharedWrite{"", "SELECT " DURABLE ", " LOCK_TIMEOUT("true") ", " PLANS("true")};

#undef PLANS
#undef READS
#undef DURABLE
#undef LOCK_TIMEOUT
#undef IS_SHARED

}  // namespace

StatementView session_settings() {
  return kSession;
}

StatementView transaction_settings(Access access, bool has_session) {
  if (has_session) return access == Access::kWrite ? kWrite : kRead;
  return access == Access::kWrite ? kSharedWrite : kSharedRead;
}

}  // namespace eventsource::core::postgres
