// What users have added to the table: triggers, checks, columns, rules. An append is stored as a whole or refused.
#include "tests/postgres_errors/trouble.hpp"

namespace eventsource::test {
namespace {

class Constraint : public StoreTest {
 protected:
  void SetUp() override { make_tables(); }

  // `body` of a function for each row before it is inserted.
  void add_trigger(const std::string& body) {
    sql().run("create function guard() returns trigger language plpgsql as $$begin " + body +
              " end$$; create trigger guard before insert on events for each row execute function guard()");
  }
  // Events 5 and 6, alone and among others, in one stream and in several.
  void expect_refused(const Expected& expected) {
    const Store store = Store::open(url()).value();
    ASSERT_TRUE(append_one(store, 1).ok());
    expect_failure(append_one(store, 5), expected);
    expect_failure(append_many(store, 5, 6, 1), expected);
    expect_failure(append_many(store, 2, 9, 1), expected);
    expect_failure(append_many(store, 2, 9, 4), expected);
    EXPECT_EQ(stored(), 1);
    EXPECT_TRUE(append_one(store, 2).ok());
    EXPECT_TRUE(append_many(store, 3, 4, 2).ok());
    EXPECT_EQ(stored(), 4);
  }

  const std::string is_bad_ = "(new.payload->>'n' in ('5', '6'))";
};

TEST_F(Constraint, ATriggerThatRaises) {
  add_trigger("if " + is_bad_ + " then raise exception 'not today'; end if; return new;");
  expect_refused({ES_CONSTRAINT, "P0001", false, Outcome::kNotApplied, {"not today", "trigger"}});
}

TEST_F(Constraint, ATriggerThatRaisesTheWordsOfTheEngine) {
  add_trigger("if " + is_bad_ + " then raise exception 'events were kept back'; end if; return new;");
  expect_refused({ES_CONSTRAINT, "P0001", false, Outcome::kNotApplied, {"events were kept back", "trigger"}});
}

TEST_F(Constraint, ATriggerThatKeepsBack) {
  add_trigger("if " + is_bad_ + " then return null; end if; return new;");
  expect_refused({ES_CONSTRAINT, "", false, Outcome::kNotApplied, {"keeps back", name() + ".events", "correct it"}});
}

TEST_F(Constraint, ATriggerThatKeepsBackFromAStreamThatIsThere) {
  add_trigger("if " + is_bad_ + " then return null; end if; return new;");
  const Store store = Store::open(url()).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  const Expected kept{ES_CONSTRAINT, "", false, Outcome::kNotApplied, {"keeps back"}};
  for (const auto expected : {ExpectedVersion::any(), ExpectedVersion::exact(1), ExpectedVersion::stream_exists()}) {
    Append append;
    append.stream("Thing", numbered(1), expected).event("Counted", R"({"n":5})").event_id(numbered(5));
    expect_failure(store.append(append), kept);
    append.event("Counted", R"({"n":7})").on_duplicate(OnDuplicate::kSkip);
    expect_failure(store.append(append), kept);
  }
  // A refusal of the engine's own is not mistaken for one of the table.
  Append conflict;
  conflict.stream("Thing", numbered(1), ExpectedVersion::exact(7)).event("Counted", R"({"n":5})");
  EXPECT_EQ(store.append(conflict).error().code(), ES_VERSION_CONFLICT);
  conflict.event("Counted", "{}");
  EXPECT_EQ(store.append(conflict).error().code(), ES_VERSION_CONFLICT);
  EXPECT_EQ(stored(), 1);
}

TEST_F(Constraint, ACheck) {
  sql().run("alter table events add constraint no_five check (payload->>'n' not in ('5', '6'))");
  expect_refused({ES_CONSTRAINT, "23514", false, Outcome::kNotApplied, {"no_five", "constraint"}});
}

TEST_F(Constraint, AColumnThatMustNotBeNull) {
  sql().run("alter table events add column region text not null");
  const Store store = Store::open(url()).value();
  const Expected expected{ES_CONSTRAINT, "23502", false, Outcome::kNotApplied, {"region", "not-null"}};
  expect_failure(append_one(store, 1), expected);
  expect_failure(append_many(store, 1, 9, 3), expected);
  EXPECT_EQ(stored(), 0);
  sql().run("alter table events alter column region set default 'here'");
  EXPECT_TRUE(append_one(store, 1).ok());
}

TEST_F(Constraint, AUniqueKeyOfTheUsers) {
  sql().run("create unique index one_a_type on events (event_type)");
  const Store store = Store::open(url()).value();
  ASSERT_TRUE(append_one(store, 1).ok());
  expect_failure(append_one(store, 2),
                 {ES_CONSTRAINT, "23505", false, Outcome::kNotApplied, {"one_a_type", "constraint"}});
  expect_failure(append_many(store, 3, 9, 3),
                 {ES_CONSTRAINT, "23505", false, Outcome::kNotApplied, {"one_a_type", "constraint"}});
  EXPECT_EQ(stored(), 1);
}

TEST_F(Constraint, AColumnThatIsTooShort) {
  sql().run("alter table events alter column event_type type varchar(4)");
  const Store store = Store::open(url()).value();
  expect_failure(append_one(store, 1), {ES_CONSTRAINT, "22001", false, Outcome::kNotApplied, {"too long", "column"}});
  EXPECT_EQ(stored(), 0);
}

TEST_F(Constraint, ARuleThatKeepsBack) {
  sql().run("create rule nothing as on insert to events do instead nothing");
  const Store store = Store::open(url()).value();
  const auto one = append_one(store, 1);
  const auto many = append_many(store, 1, 9, 3);
  ASSERT_FALSE(one.ok());
  ASSERT_FALSE(many.ok());
  EXPECT_NE(many.error().message().find("rule"), std::string_view::npos) << many.error().message();
  EXPECT_EQ(stored(), 0);
}

TEST_F(Constraint, ADeferredOneFailsAtTheCommit) {
  sql().run(
      "create function late() returns trigger language plpgsql as $$begin if new.payload->>'n' in ('5', '6') then "
      "raise exception 'too late'; end if; return null; end$$; "
      "create constraint trigger late after insert on events deferrable initially deferred for each row "
      "execute function late()");
  expect_refused({ES_CONSTRAINT, "P0001", false, Outcome::kNotApplied, {"too late", "trigger"}});
}

// REINDEX CONCURRENTLY makes the engine's keys the younger ones, so that the user's key is the first to be checked.
TEST_F(Constraint, ARepeatedBatchIsKnownWhicheverKeyIsCheckedFirst) {
  sql().run("create unique index once on events (aggregate_id, event_type, timestamp)");
  const Store store = Store::open(url()).value();
  sql().run("reindex index concurrently events_event_id_key");
  sql().run("reindex index concurrently uq_events_aggregate_version");
  sql().run("alter table events rename constraint events_event_id_key to another_name");
  Append append;
  append.stream("Thing", numbered(1), ExpectedVersion::any())
      .event("Counted", "{}")
      .event_id(numbered(1))
      .occurred_at(std::chrono::sys_days{std::chrono::year{2026} / 1 / 1});
  const auto first = store.append(append);
  ASSERT_TRUE(first.ok());
  const auto again = store.append(append);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again.value().last_position(), first.value().last_position());

  append.event_id(numbered(2));
  expect_failure(store.append(append), {ES_CONSTRAINT, "23505", false, Outcome::kNotApplied, {"once"}});
  EXPECT_EQ(stored(), 1);
}

}  // namespace
}  // namespace eventsource::test
