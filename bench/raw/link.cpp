#include "bench/raw/link.hpp"

#include "bench/common/arguments.hpp"

namespace {

[[noreturn]] void fail(PGconn* connection) {
  ::fail("libpq", PQerrorMessage(connection));
}

// Which of the answers of a transaction is that of the statement.
constexpr int kStatement = 2;

}  // namespace

// The plans are made once and go by the keys, however small the table was then.
Link::Link(const std::string& url, Transaction transaction)
    : connection_(PQconnectdb(url.c_str())), transaction_(transaction) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail(connection_.get());
  run("SET synchronous_commit = on; SET lock_timeout = '5s'; SET plan_cache_mode = force_generic_plan; "
      "SET enable_seqscan = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0; SET jit = off");
  prepare("begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  prepare("settings", "SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '5s', true)");
  prepare("commit", "COMMIT");
  if (transaction == Transaction::kSettings && PQenterPipelineMode(connection_.get()) != 1) fail(connection_.get());
}

void Link::run(const char* sql) {
  const Rows done(PQexec(connection_.get(), sql));
  if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) fail(connection_.get());
}

void Link::prepare(const char* name, const char* sql) {
  PGconn* const connection = connection_.get();
  const bool in_pipeline = PQpipelineStatus(connection) != PQ_PIPELINE_OFF;
  if (in_pipeline && PQexitPipelineMode(connection) != 1) fail(connection);
  const Rows done(PQprepare(connection, name, sql, 0, nullptr));
  if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) fail(connection);
  if (in_pipeline && PQenterPipelineMode(connection) != 1) fail(connection);
}

void Link::send_one(const char* name, const Values& values) {
  if (PQsendQueryPrepared(connection_.get(), name, values.count(), values.bytes(), values.sizes(), values.formats(),
                          1) != 1) {
    fail(connection_.get());
  }
}

void Link::send(const char* name, const Values& values) {
  rows_.reset();
  answers_ = 0;
  if (transaction_ == Transaction::kAutocommit) return send_one(name, values);
  static const Values none;
  send_one("begin", none);
  send_one("settings", none);
  send_one(name, values);
  send_one("commit", none);
  if (PQpipelineSync(connection_.get()) != 1) fail(connection_.get());
}

// Alone, an answer ends with a null pointer; in a pipeline each does, and the whole with that of the synchronisation.
bool Link::receive() {
  PGconn* const connection = connection_.get();
  if (PQconsumeInput(connection) != 1) fail(connection);
  while (PQisBusy(connection) == 0) {
    PGresult* const result = PQgetResult(connection);
    if (result == nullptr && transaction_ == Transaction::kAutocommit) return true;
    if (result == nullptr) continue;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      PQclear(result);
      return true;
    }
    take(result);
  }
  return false;
}

void Link::take(PGresult* result) {
  Rows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(connection_.get());
  if (transaction_ == Transaction::kAutocommit || answers_ == kStatement) rows_ = std::move(rows);
  ++answers_;
}

const PGresult* Link::execute(const char* name, const Values& values) {
  rows_.reset(
      PQexecPrepared(connection_.get(), name, values.count(), values.bytes(), values.sizes(), values.formats(), 1));
  if (PQresultStatus(rows_.get()) != PGRES_TUPLES_OK) fail(connection_.get());
  return rows_.get();
}
