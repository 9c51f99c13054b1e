#include "core/postgres/error.hpp"

#include <algorithm>
#include <cctype>
#include <span>

namespace eventsource::core::postgres {
namespace {

constexpr std::string_view kCancelled = "57014";
// pgbouncer's words: the state says only that the protocol was not followed.
constexpr std::string_view kPoolersRefusal = "unsupported startup parameter";
constexpr std::size_t kStateSize = 5;

// What to make of a SQLSTATE: of the state itself, or else of the two characters of its class.
struct Meaning {
  std::string_view state;
  es_status status;
  bool retryable;
  const char* advice;
};

constexpr const char* kForgetful =
    "Something between here and the server gives each transaction another connection: use a direct connection, or a "
    "pooler that keeps prepared statements (pgbouncer 1.21 with max_prepared_statements)";

constexpr Meaning kMeanings[] = {
    {"08", ES_UNAVAILABLE, true, "The connection failed: try again"},
    {"0A", ES_NOT_A_STORE, false, "The server can't do this, or a rule of the table keeps it from it"},
    {"22", ES_CONSTRAINT, false,
     "A column of the table can't hold what the engine stores: compare it with sql/postgres"},
    {"23", ES_CONSTRAINT, false, "The table has a constraint of its own that the event breaks"},
    {"25006", ES_READ_ONLY, false, "The server takes no writes: connect to the primary, or open with option read_only"},
    {"26000", ES_NOT_A_STORE, false, kForgetful},
    {"28", ES_ACCESS_DENIED, false, "Check user, password and pg_hba.conf"},
    {"3D", ES_STORE_NOT_FOUND, false, "Make the database, or correct its name in the URL"},
    {"3F", ES_STORE_NOT_FOUND, false, "Make the schema, give the role USAGE of it, or correct search_path"},
    {"40", ES_BUSY, true, "Another transaction was in the way: try again"},
    {"42501", ES_ACCESS_DENIED, false, "Give the role the grants of sql/postgres/roles.sql"},
    {"42703", ES_NOT_A_STORE, false, "A table was changed: compare it with sql/postgres"},
    {"42P05", ES_NOT_A_STORE, false, kForgetful},
    {"42P01", ES_NOT_A_STORE, false, "A table is missing: run sql/postgres/all.sql"},
    {"53100", ES_STORAGE_FULL, true, "Make room on the server's disk and try again"},
    {"53", ES_UNAVAILABLE, true, "The server has nothing left of what this needs: try again later"},
    {"55P03", ES_BUSY, true,
     "Another transaction held a lock for too long; nothing was written. Try again, or allow the call more time"},
    {"54", ES_CONSTRAINT, false, "The server can't hold something this large: make it smaller"},
    {"57014", ES_TIMEOUT, true,
     "The server stopped it, not this call: give the role a longer statement_timeout, or try again"},
    {"57", ES_UNAVAILABLE, true, "The server is starting or stopping: try again"},
    {"58030", ES_IO_ERROR, true, "The server's disk failed: look into its log"},
    {"P0", ES_CONSTRAINT, false, "A trigger or a function of the table refused it"},
    {"XX001", ES_CORRUPT_STORE, false, "The server's files are damaged: restore a backup"},
    {"XX002", ES_CORRUPT_STORE, false, "An index is damaged: REINDEX it"},
};

constexpr Meaning kNoMeaning = {"", ES_INTERNAL, false, "This is not expected: please report it"};

const Meaning& meaning_of(std::string_view state) {
  const Meaning* found = &kNoMeaning;
  for (const Meaning& meaning : kMeanings) {
    if (state.starts_with(meaning.state) && meaning.state.size() > found->state.size()) found = &meaning;
  }
  return *found;
}

std::string field(const PGresult* result, int code) {
  const char* const text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

// One line, without the end of a sentence.
std::string trimmed(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

Error make_error(const Meaning& meaning, std::string_view state, const std::string& shown, const std::string& reason) {
  Error error =
      Error(meaning.status, shown + ": " + trimmed(reason) + ". " + meaning.advice).sqlstate(std::string(state));
  return meaning.retryable ? std::move(error).retryable() : error;
}

bool is_state(std::string_view text) {
  return text.size() == kStateSize &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0 || std::isupper(c) != 0; });
}

// A line of a verbose message is "FATAL:  28P01: password authentication failed" in the language of the server.
struct Refusal {
  std::string state;
  std::string reason;
};

Refusal read_refusal(std::string_view message) {
  Refusal refusal;
  constexpr std::string_view kBefore = ":  ";
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    message.remove_prefix(std::min(message.size(), line.size() + 1));
    const std::size_t at = line.find(kBefore);
    const std::string_view rest = at == std::string_view::npos ? std::string_view() : line.substr(at + kBefore.size());
    if (is_state(rest.substr(0, kStateSize)) && rest.substr(kStateSize).starts_with(": ")) {
      refusal = {std::string(rest.substr(0, kStateSize)), std::string(rest.substr(kStateSize + 2))};
    }
  }
  return refusal;
}

// The client itself refused the server. There is no code for that. What is said of the address comes first and may hold
// any word; SYSCALL is the network's failure, not TLS's.
bool is_distrust(std::string_view message) {
  constexpr std::string_view kAfterAddress = " failed: ";
  if (const std::size_t at = message.rfind(kAfterAddress); at != std::string_view::npos) {
    message.remove_prefix(at + kAfterAddress.size());
  }
  const auto has = [message](std::string_view word) { return message.find(word) != std::string_view::npos; };
  return has("certificate") || (has("SSL") && !has("SYSCALL"));
}

}  // namespace

Error connect_error(const PGconn* connection, const std::string& shown) {
  const std::string message = PQerrorMessage(connection);
  if (const Refusal refusal = read_refusal(message); !refusal.state.empty()) {
    if (refusal.reason.starts_with(kPoolersRefusal)) return lost_options(shown).sqlstate(refusal.state);
    return make_error(meaning_of(refusal.state), refusal.state, shown, refusal.reason);
  }
  if (PQconnectionNeedsPassword(connection) != 0) {
    return Error(ES_ACCESS_DENIED, shown +
                                       ": the server wants a password and there is none. Put it into PGPASSWORD, a "
                                       "password file or the URL");
  }
  if (is_distrust(message)) {
    return Error(ES_ACCESS_DENIED, shown + ": " + trimmed(message) +
                                       ". The server was not trusted: check sslmode, sslrootcert and its certificate");
  }
  return Error(ES_UNAVAILABLE, shown + ": " + trimmed(message) + ". Check host and port, and that the server runs")
      .retryable();
}

Error lost_options(const std::string& shown) {
  return Error(ES_INVALID_URL,
               shown +
                   ": a pooler is in front of the server, and settings in parameter options (or in "
                   "PGOPTIONS) do not get through it. Leave them out and give them to the role (ALTER "
                   "ROLE name IN DATABASE name SET search_path = name), or connect to the server itself");
}

Error connect_timeout(const std::string& shown, const std::string& who) {
  return Error(ES_UNAVAILABLE, shown + ": " + who +
                                   ". Check host and port, and that the server runs; parameter connect_timeout says "
                                   "how long an answer may take")
      .retryable();
}

// A line without an end is of the one that it is at.
std::string failures_so_far(const PGconn* connection) {
  const std::string message = PQerrorMessage(connection);
  return trimmed(message.substr(0, message.rfind('\n') + 1));
}

Error lost_error(const PGconn* connection, const std::string& shown) {
  const std::string message = PQerrorMessage(connection);
  return Error(ES_UNAVAILABLE, shown + ": the connection was lost: " +
                                   trimmed(message.empty() ? "the server did not say why" : message) + ". Try again")
      .retryable();
}

Error statement_error(const PGresult* result, const std::string& shown) {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  std::string reason = field(result, PG_DIAG_MESSAGE_PRIMARY);
  // A FATAL that libpq made itself, when the connection went away in the middle of an answer.
  if (reason.empty()) reason = PQresultErrorMessage(result);
  if (state.empty()) return Error(ES_UNAVAILABLE, shown + ": " + trimmed(reason) + ". Try again").retryable();
  // The detail of a broken constraint repeats the whole row.
  const bool shows_data = state.starts_with("22") || state.starts_with("23");
  if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty() && !shows_data) {
    reason += " (" + trimmed(detail) + ")";
  }
  Error error = make_error(meaning_of(state), state, shown, reason);
  std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  return constraint.empty() ? std::move(error) : std::move(error).detail(kConstraint, std::move(constraint));
}

Error standby_error(const std::string& shown, std::string_view state) {
  return Error(ES_READ_ONLY, shown +
                                 ": the server is a standby in recovery and takes no writes. Name the primary (or "
                                 "several hosts and target_session_attrs=primary), or open with option read_only")
      .sqlstate(std::string(state));
}

Error not_known(const Error& lost, const std::string& shown, const std::string& what) {
  const bool is_end_of_call = lost.code() == ES_TIMEOUT || lost.code() == ES_CANCELLED;
  const std::string why = is_end_of_call ? shown + ": the call ended before the server had answered" : lost.message();
  return Error(lost.code(), why + ": it is not known whether " + what)
      .sqlstate(lost.sqlstate())
      .retryable()
      .outcome(ES_OUTCOME_UNKNOWN);
}

bool is_cancelled(const PGresult* result) {
  return field(result, PG_DIAG_SQLSTATE) == kCancelled;
}

bool is_transient(const Error& error) {
  return error.sqlstate().starts_with("40");
}

}  // namespace eventsource::core::postgres
