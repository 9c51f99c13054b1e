// What the engine accepts from users is what the server's jsonb accepts, less what docs/format.md refuses on purpose;
// and columns give back what they were given.
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>

#include "core/base/json/scan.hpp"
#include "tests/postgres/json_corpus.hpp"
#include "tests/postgres/json_judge.hpp"
#include "tests/postgres/json_mutation.hpp"
#include "tests/postgres/json_value.hpp"

namespace postgres_test {
namespace {

namespace json = eventsource::core::json;
using json::Fault;

// EVENTSOURCE_TEST_SEED is for a run with other texts.
std::uint64_t seed() {
  const char* const text = std::getenv("EVENTSOURCE_TEST_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

// The list of docs/format.md, as far as it is about JSON and not about user data.
bool is_stricter_on_purpose(Fault fault, const std::string& text, int server_version) {
  if (fault == Fault::kDuplicateKey || fault == Fault::kTooDeep) return true;
  // The one number that versions differ in is a zero with this exponent.
  constexpr int kTakesIt = 160000;
  return fault == Fault::kNumberRange && server_version >= kTakesIt && text.find("1073741823") != std::string::npos;
}

class JsonAcceptance : public testing::Test {
 protected:
  // How often each fault was met; kNone: accepted.
  using Faults = std::map<Fault, std::size_t>;

  Faults compare(const Texts& texts) {
    Faults faults;
    const std::vector<Judgement> judgements = judge.judge(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const json::Verdict verdict = json::check_value(texts[i]);
      ++faults[verdict.fault];
      SCOPED_TRACE(shown(texts[i]));
      check(texts[i], verdict, judgements[i]);
      if (verdict.ok() && judgements[i].taken()) check_growth(texts[i], verdict, judgements[i]);
      if (judgements[i].taken()) check_columns(texts[i], judgements[i]);
    }
    RecordProperty("texts", static_cast<int>(texts.size()));
    RecordProperty("accepted", static_cast<int>(faults[Fault::kNone]));
    return faults;
  }

  void check(const std::string& text, const json::Verdict& verdict, const Judgement& judgement) {
    if (verdict.ok()) {
      EXPECT_EQ(judgement.refusal, "") << "accepted, but jsonb refuses it";
    } else if (judgement.taken()) {
      EXPECT_TRUE(is_stricter_on_purpose(verdict.fault, text, judge.server_version()))
          << "refused at byte " << verdict.offset << " (" << json::describe(verdict.fault) << "), but jsonb takes it";
    }
  }

  // Exactly, where nothing but a number is there.
  static void check_growth(const std::string& text, const json::Verdict& verdict, const Judgement& judgement) {
    if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) return;
    EXPECT_EQ(text.size() + verdict.growth, std::max(text.size(), judgement.jsonb.size()));
  }

  static void check_columns(const std::string& text, const Judgement& judgement) {
    EXPECT_EQ(judgement.json_refusal, "");
    EXPECT_TRUE(judgement.json == text) << "json gives back " << shown(judgement.json);
    EXPECT_TRUE(json_value(judgement.jsonb) == json_value(text)) << "jsonb gives back " << shown(judgement.jsonb);
  }

  JsonJudge judge;
};

TEST_F(JsonAcceptance, OfNumbers) {
  const Faults faults = compare(number_texts());
  EXPECT_TRUE(faults.contains(Fault::kNumberRange));
}

TEST_F(JsonAcceptance, OfEscapes) {
  const Faults faults = compare(escape_texts());
  EXPECT_TRUE(faults.contains(Fault::kNulCharacter) && faults.contains(Fault::kLoneSurrogate));
}

TEST_F(JsonAcceptance, OfUtf8) {
  const Faults faults = compare(utf8_texts());
  EXPECT_TRUE(faults.contains(Fault::kUtf8) && faults.contains(Fault::kBom) &&
              faults.contains(Fault::kControlCharacter));
}

TEST_F(JsonAcceptance, OfStructure) {
  const Faults faults = compare(structure_texts());
  EXPECT_TRUE(faults.contains(Fault::kEmpty) && faults.contains(Fault::kSyntax) &&
              faults.contains(Fault::kTrailingBytes));
}

TEST_F(JsonAcceptance, OfNesting) {
  EXPECT_TRUE(compare(nested_texts()).contains(Fault::kTooDeep));
}

TEST_F(JsonAcceptance, OfKeys) {
  EXPECT_TRUE(compare(key_texts()).contains(Fault::kDuplicateKey));
}

TEST_F(JsonAcceptance, OfWhatTheFuzzerFound) {
  EXPECT_TRUE(compare(fuzz_texts()).contains(Fault::kNone));
}

TEST_F(JsonAcceptance, OfRandomNumbersAtTheLimits) {
  SCOPED_TRACE("EVENTSOURCE_TEST_SEED=" + std::to_string(seed()));
  JsonMutation mutation(seed());
  Texts texts;
  for (int i = 0; i < 1000; ++i) texts.push_back(mutation.number_at_a_limit());
  Faults faults = compare(texts);
  EXPECT_GT(faults[Fault::kNone], 100U);
  EXPECT_GT(faults[Fault::kNumberRange], 100U);
}

TEST_F(JsonAcceptance, OfRandomObjectsAndOfThemSpoilt) {
  SCOPED_TRACE("EVENTSOURCE_TEST_SEED=" + std::to_string(seed()));
  JsonMutation mutation(seed());
  Texts texts;
  for (int i = 0; i < 10'000; ++i) {
    std::string text = mutation.object();
    EXPECT_TRUE(json::check_object(text).ok()) << shown(text);
    texts.push_back(text);
    // Each a step further from it.
    for (int step = 0; step < 4; ++step) texts.push_back(text = mutation.spoil(std::move(text)));
  }
  Faults faults = compare(texts);
  for (const Fault fault :
       {Fault::kNone, Fault::kSyntax, Fault::kControlCharacter, Fault::kUtf8, Fault::kTrailingBytes}) {
    EXPECT_GT(faults[fault], 1000U) << json::describe(fault);
  }
  for (const Fault fault : {Fault::kNulCharacter, Fault::kLoneSurrogate, Fault::kNumberRange, Fault::kDuplicateKey}) {
    EXPECT_GT(faults[fault], 10U) << json::describe(fault);
  }
}

}  // namespace
}  // namespace postgres_test
