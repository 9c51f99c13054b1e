// What the engine accepts from users is what the server's jsonb accepts, less what docs/format.md refuses on purpose.
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "core/base/json/scan.hpp"
#include "tests/postgres/json_judge.hpp"

namespace postgres_test {
namespace {

namespace json = eventsource::core::json;

TEST(JsonAcceptance, IsThatOfJsonb) {
  const std::vector<std::string> texts = {"{}", "{\"a\":1.10}", "{\"a\":01}", "\"\\u0000\"", "\"\xED\xA0\x80\"", ""};
  JsonJudge judge;
  const std::vector<Judgement> judgements = judge.judge(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(json::check_value(texts[i]).ok(), judgements[i].taken()) << texts[i] << ": " << judgements[i].refusal;
    if (!judgements[i].taken()) continue;
    EXPECT_EQ(judgements[i].json, texts[i]);
  }
}

}  // namespace
}  // namespace postgres_test
