// One exchange with the server: everything is sent, then every answer is read, within the time of a call.
// Used by the thread that uses the connection.
#pragma once

#include <optional>
#include <vector>

#include "core/base/task.hpp"
#include "core/postgres/connection.hpp"

namespace eventsource::core::postgres {

class Connection::Exchange {
 public:
  Exchange(Connection& connection, Access access, const Call& call)
      : connection_(connection), handle_(connection.connection_.get()), access_(access), call_(call) {}

  // The steps as one transaction, in pipeline mode. Without memory for the answer to a write that may have been carried out
  // it is lost, as with a connection; or OutcomeUnknown is thrown.
  [[nodiscard]] Task<Status> run(std::span<const Step> steps);
  // One statement by itself, in no transaction.
  [[nodiscard]] Task<Status> run_alone(const char* statement);
  // Every answer was read, and nothing of this can disturb what comes next on the connection.
  [[nodiscard]] bool is_clean() const { return is_clean_; }

 private:
  // An answer that is to come: of a preparation (`prepared` is its name) or of an execution.
  struct Answer {
    const Step* step = nullptr;
    const char* prepared = nullptr;
    bool is_commit = false;
  };

  [[nodiscard]] Task<Status> run_pipeline(std::span<const Step> steps);
  // `step` gets the rows, and may be nullptr.
  [[nodiscard]] bool send(StatementView statement, const Parameters& parameters, const Step* step);
  [[nodiscard]] bool send_settings();
  [[nodiscard]] bool send_all(std::span<const Step> steps);
  // Whether there is an answer to be taken, so that nobody need wait.
  [[nodiscard]] bool is_ready();
  [[nodiscard]] int flush();
  [[nodiscard]] bool consume();
  // False: the connection is lost, or the server did not answer in time.
  [[nodiscard]] Task<bool> wait();
  [[nodiscard]] std::int64_t may_wait_us() const;
  [[nodiscard]] Task<bool> read_answers();
  [[nodiscard]] Task<bool> read_answer(const Answer& answer);
  void take(const Answer& answer, const PGresult* result);
  void take_rows(const Step& step, const PGresult* result);
  void stop_statement();
  void skip_rest(const PGresult* result);
  [[nodiscard]] Error lost();
  [[nodiscard]] Error lost_reason();

  Connection& connection_;
  PGconn* const handle_;
  const Access access_;
  const Call& call_;
  std::vector<Answer> answers_;
  std::optional<Error> error_;    // the first
  std::optional<Error> stopped_;  // the call has to end: what it is told then
  std::int64_t give_up_us_ = Call::kNever;
  std::optional<std::int64_t> new_lock_timeout_ms_;  // of the session, once this is committed
  bool has_begun_ = false;                           // something was answered
  bool is_commit_sent_ = false;
  bool is_committed_ = false;
  bool is_refused_ = false;     // error_ is what the server said before it came to the COMMIT
  bool is_cancelling_ = false;  // the server was asked to stop, which may be late and hit what comes next
  bool is_cancelled_ = false;   // it did
  bool is_clean_ = false;
  bool wants_rows_ = true;  // of the step that is read
  std::size_t skipped_bytes_ = 0;
  bool is_cut_short_ = false;  // the rest of the rows was not wanted, and the statement cancelled for it
};

}  // namespace eventsource::core::postgres
