#include "tests/postgres/json_judge.hpp"

#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>

#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

// One call judges one text, each cast in a block of its own, so that a refusal ends neither the others nor the batch.
constexpr const char* kSetUp = R"sql(
CREATE TEMPORARY TABLE judged (number INTEGER, refusal TEXT, json_refusal TEXT, as_json JSON, as_jsonb JSONB);

CREATE FUNCTION pg_temp.judge(number INTEGER, bytes BYTEA) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  refusal TEXT := '';
  json_refusal TEXT := '';
  as_json JSON;
  as_jsonb JSONB;
BEGIN
  BEGIN
    as_jsonb := convert_from(bytes, 'UTF8')::jsonb;
  EXCEPTION WHEN OTHERS THEN
    refusal := SQLSTATE || ' ' || SQLERRM;
  END;
  IF refusal = '' THEN
    BEGIN
      as_json := convert_from(bytes, 'UTF8')::json;
    EXCEPTION WHEN OTHERS THEN
      json_refusal := SQLSTATE || ' ' || SQLERRM;
    END;
  END IF;
  INSERT INTO pg_temp.judged VALUES (number, refusal, json_refusal, as_json, as_jsonb);
END
$$;
)sql";

constexpr const char* kJudge =
    "SELECT count(pg_temp.judge(number::int, bytes)) FROM unnest($1::bytea[]) WITH ORDINALITY AS t (bytes, number)";

constexpr const char* kVerdicts =
    "SELECT refusal, json_refusal, coalesce(as_json::text, ''), coalesce(as_jsonb::text, '') FROM pg_temp.judged "
    "ORDER BY number";

void append_element(std::string& array, const std::string& text) {
  static constexpr const char* kHex = "0123456789abcdef";
  array += array.size() == 1 ? "\"\\\\x" : ",\"\\\\x";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    array += kHex[byte >> 4U];
    array += kHex[byte & 15U];
  }
  array += '"';
}

std::string cell(const Answer& answer, int row, int column) {
  return {PQgetvalue(answer.get(), row, column), static_cast<std::size_t>(PQgetlength(answer.get(), row, column))};
}

void require_rows(const Answer& answer, const test_support::PostgresConnection& connection) {
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.handle()));
}

}  // namespace

JsonJudge::JsonJudge() : connection_(test_support::test_server_url()) {
  connection_.run(kSetUp);
}

int JsonJudge::server_version() const {
  return PQserverVersion(connection_.handle());
}

std::vector<Judgement> JsonJudge::judge(std::span<const std::string> texts) {
  constexpr std::size_t kBatchTexts = 2000;
  constexpr std::size_t kBatchBytes = 4'000'000;
  std::vector<Judgement> judgements;
  judgements.reserve(texts.size());
  while (!texts.empty()) {
    std::size_t count = 0;
    for (std::size_t bytes = 0; count < texts.size() && count < kBatchTexts && bytes < kBatchBytes; ++count) {
      bytes += texts[count].size();
    }
    judge_batch(texts.first(count), judgements);
    texts = texts.subspan(count);
  }
  return judgements;
}

void JsonJudge::judge_batch(std::span<const std::string> texts, std::vector<Judgement>& judgements) {
  connection_.run("TRUNCATE pg_temp.judged");
  std::string array = "{";
  for (const std::string& text : texts) append_element(array, text);
  array += '}';
  const char* const values[] = {array.c_str()};
  const Answer done(PQexecParams(connection_.handle(), kJudge, 1, nullptr, values, nullptr, nullptr, 0), PQclear);
  require_rows(done, connection_);
  const Answer answer(PQexec(connection_.handle(), kVerdicts), PQclear);
  require_rows(answer, connection_);
  if (PQntuples(answer.get()) != static_cast<int>(texts.size())) throw std::runtime_error("a text was not judged");
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    judgements.push_back({cell(answer, row, 0), cell(answer, row, 1), cell(answer, row, 2), cell(answer, row, 3)});
  }
}

}  // namespace postgres_test
