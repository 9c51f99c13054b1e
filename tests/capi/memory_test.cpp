// Every function of the C ABI that allocates, with each of its allocations failing once: no crash, ES_OUT_OF_MEMORY means
// that nothing was written, and the same call made again succeeds. One thread.
#include <array>
#include <cstring>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <unistd.h>

#include "eventsource/eventsource.h"

#include "tests/failing_new/failing_new.hpp"
#include "tests/support/temp_folder.hpp"

namespace {

constexpr std::array<uint8_t, 16> kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr long kMostAllocations = 10'000;

void no_preparation() {}

// Makes a call with its first, second, … allocation failing, until it needs no more. `before` prepares each try, `after`
// takes away what a try made.
void fail_each_allocation(const char* what, es_status expected, const std::function<void()>& before,
                          const std::function<es_status(es_error**)>& call, const std::function<void()>& after,
                          const std::function<int64_t()>& written) {
  for (long n = 0; n < kMostAllocations; ++n) {
    SCOPED_TRACE(std::string(what) + ", allocation " + std::to_string(n));
    before();
    const int64_t before_call = written();
    es_error* error = nullptr;
    failing_new::arm(n);
    const es_status status = call(&error);
    const bool failed = failing_new::stop();
    if (status == ES_OUT_OF_MEMORY) {
      EXPECT_TRUE(failed);
      EXPECT_EQ(es_error_code(error), ES_OUT_OF_MEMORY);
      EXPECT_EQ(es_error_outcome(error), ES_OUTCOME_NOT_APPLIED);
      EXPECT_STRNE(es_error_message(error), "");
      EXPECT_EQ(written(), before_call) << "out of memory, but something was written";
      es_error_close(&error);
      EXPECT_EQ(call(&error), expected) << "again: " << es_error_message(error);
    } else {
      EXPECT_EQ(status, expected) << es_error_message(error);
    }
    es_error_close(&error);
    after();
    if (!failed || testing::Test::HasFailure()) return;
  }
  FAIL() << what << " never had enough memory";
}

void fail_each_allocation(const char* what, es_status expected, const std::function<es_status(es_error**)>& call,
                          const std::function<void()>& after = no_preparation) {
  fail_each_allocation(what, expected, no_preparation, call, after, [] { return int64_t{0}; });
}

TEST(OutOfMemory, HandlesAndTheirSetters) {
  es_options* options = nullptr;
  fail_each_allocation(
      "options_new", ES_OK, [&](es_error** err) { return es_options_new(&options, err); },
      [&] { es_options_close(&options); });
  ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
  const auto set = [&](std::string_view key, std::string_view value, es_error** err) {
    return es_options_set(options, key.data(), key.size(), value.data(), value.size(), err);
  };
  fail_each_allocation("options_set", ES_OK, [&](es_error** err) { return set("create", "true", err); });
  fail_each_allocation("unknown option", ES_UNKNOWN_OPTION, [&](es_error** err) { return set("creat", "true", err); });
  fail_each_allocation("option out of bounds", ES_LIMIT_EXCEEDED,
                       [&](es_error** err) { return set("page_bytes", "1", err); });
  es_options_close(&options);

  es_cancel* cancel = nullptr;
  fail_each_allocation(
      "cancel_new", ES_OK, [&](es_error** err) { return es_cancel_new(&cancel, err); },
      [&] { es_cancel_close(&cancel); });
  es_call* call = nullptr;
  fail_each_allocation(
      "call_new", ES_OK, [&](es_error** err) { return es_call_new(&call, err); }, [&] { es_call_close(&call); });
  ASSERT_EQ(es_call_new(&call, nullptr), ES_OK);
  const std::string token = "es1." + std::string(32, 'a') + ".5";
  fail_each_allocation("call_set_token", ES_OK,
                       [&](es_error** err) { return es_call_set_token(call, token.data(), token.size(), err); });
  fail_each_allocation("call_set_token, malformed", ES_INVALID_TOKEN,
                       [&](es_error** err) { return es_call_set_token(call, "x", 1, err); });
  es_call_close(&call);
}

TEST(OutOfMemory, FilterAndRead) {
  es_filter* filter = nullptr;
  fail_each_allocation(
      "filter_new", ES_OK, [&](es_error** err) { return es_filter_new(&filter, err); },
      [&] { es_filter_close(&filter); });
  const std::string name(40, 'n');  // too long for a string's own place
  const auto make = [&] { ASSERT_EQ(es_filter_new(&filter, nullptr), ES_OK); };
  const auto drop = [&] { es_filter_close(&filter); };
  const auto nothing = [] { return int64_t{0}; };
  fail_each_allocation(
      "filter_add_event_type", ES_OK, make,
      [&](es_error** err) { return es_filter_add_event_type(filter, name.data(), name.size(), err); }, drop, nothing);
  fail_each_allocation(
      "filter_add_aggregate_type", ES_OK, make,
      [&](es_error** err) { return es_filter_add_aggregate_type(filter, name.data(), name.size(), err); }, drop,
      nothing);
  es_read* read = nullptr;
  fail_each_allocation(
      "read_new", ES_OK, [&](es_error** err) { return es_read_new(&read, err); }, [&] { es_read_close(&read); });
  make();
  ASSERT_EQ(es_filter_add_event_type(filter, name.data(), name.size(), nullptr), ES_OK);
  ASSERT_EQ(es_read_new(&read, nullptr), ES_OK);
  fail_each_allocation("read_set_filter", ES_OK, [&](es_error** err) { return es_read_set_filter(read, filter, err); });
  es_read_close(&read);
  drop();
}

// The read keeps the filter that it had.
TEST(OutOfMemory, AFilterThatCouldNotBeSetLeavesTheOldOne) {
  es_store* store = nullptr;
  ASSERT_EQ(es_store_open(ES_ABI_VERSION, "memory:", 7, nullptr, nullptr, &store, nullptr), ES_OK);
  es_filter* filter = nullptr;
  const std::string name(40, 'n');
  ASSERT_EQ(es_filter_new(&filter, nullptr), ES_OK);
  ASSERT_EQ(es_filter_add_event_type(filter, name.data(), name.size(), nullptr), ES_OK);
  es_read* read = nullptr;
  ASSERT_EQ(es_read_new(&read, nullptr), ES_OK);
  ASSERT_EQ(es_read_set_filter(read, filter, nullptr), ES_OK);
  failing_new::arm(0);
  EXPECT_EQ(es_read_set_filter(read, filter, nullptr), ES_OUT_OF_MEMORY);
  failing_new::stop();
  // A read of a stream tells whether there is a filter: it takes none.
  es_page* page = nullptr;
  EXPECT_EQ(es_store_read_stream(store, "Order", 5, kId.data(), read, nullptr, &page, nullptr), ES_INVALID_ARGUMENT);
  es_read_close(&read);
  es_filter_close(&filter);
  es_store_close(&store);
}

// Setters of plain values: they need memory for an error at most.
TEST(OutOfMemory, SettersOfValues) {
  es_call* a_call = nullptr;
  es_filter* a_filter = nullptr;
  es_read* a_read = nullptr;
  es_append* an_append = nullptr;
  ASSERT_EQ(es_call_new(&a_call, nullptr), ES_OK);
  ASSERT_EQ(es_filter_new(&a_filter, nullptr), ES_OK);
  ASSERT_EQ(es_read_new(&a_read, nullptr), ES_OK);
  ASSERT_EQ(es_append_new(&an_append, nullptr), ES_OK);
  ASSERT_EQ(es_append_stream(an_append, "Order", 5, kId.data(), ES_ANY, nullptr), ES_OK);
  ASSERT_EQ(es_append_event(an_append, "Placed", 6, "{}", 2, nullptr), ES_OK);
  for (const bool is_refused : {false, true}) {
    es_call* const call = is_refused ? nullptr : a_call;
    es_filter* const filter = is_refused ? nullptr : a_filter;
    es_read* const read = is_refused ? nullptr : a_read;
    es_append* const append = is_refused ? nullptr : an_append;
    const std::pair<const char*, std::function<es_status(es_error**)>> setters[] = {
        {"call_set_timeout", [&](es_error** err) { return es_call_set_timeout(call, 5, err); }},
        {"call_set_cancel", [&](es_error** err) { return es_call_set_cancel(call, nullptr, err); }},
        {"filter_set_occurred", [&](es_error** err) { return es_filter_set_occurred(filter, 1, 2, err); }},
        {"filter_set_partition", [&](es_error** err) { return es_filter_set_partition(filter, 0, 2, err); }},
        {"filter_set_tenant_id", [&](es_error** err) { return es_filter_set_tenant_id(filter, kId.data(), err); }},
        {"read_set_after", [&](es_error** err) { return es_read_set_after(read, 1, err); }},
        {"read_set_through", [&](es_error** err) { return es_read_set_through(read, 9, err); }},
        {"read_set_versions", [&](es_error** err) { return es_read_set_versions(read, 1, 9, err); }},
        {"read_set_direction", [&](es_error** err) { return es_read_set_direction(read, ES_FORWARD, err); }},
        {"read_set_content", [&](es_error** err) { return es_read_set_content(read, ES_CONTENT_DATA, err); }},
        {"read_set_page_events", [&](es_error** err) { return es_read_set_page_events(read, 10, err); }},
        {"read_set_page_bytes", [&](es_error** err) { return es_read_set_page_bytes(read, 1 << 20, err); }},
        {"append_set_causation_id",
         [&](es_error** err) { return es_append_set_causation_id(append, kId.data(), err); }},
        {"append_set_correlation_id",
         [&](es_error** err) { return es_append_set_correlation_id(append, kId.data(), err); }},
        {"append_set_tenant_id", [&](es_error** err) { return es_append_set_tenant_id(append, kId.data(), err); }},
        {"append_set_event_version", [&](es_error** err) { return es_append_set_event_version(append, 2, err); }},
        {"append_set_occurred_at", [&](es_error** err) { return es_append_set_occurred_at(append, 1, err); }},
        {"append_set_on_duplicate",
         [&](es_error** err) { return es_append_set_on_duplicate(append, ES_ON_DUPLICATE_SKIP, err); }},
    };
    for (const auto& [what, set] : setters) fail_each_allocation(what, is_refused ? ES_INVALID_ARGUMENT : ES_OK, set);
  }
  es_append_close(&an_append);
  es_read_close(&a_read);
  es_filter_close(&a_filter);
  es_call_close(&a_call);
}

void add_three(es_append* append) {
  ASSERT_EQ(es_append_stream(append, "Order", 5, kId.data(), ES_ANY, nullptr), ES_OK);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(es_append_event(append, "Placed", 6, "{\"x\":1}", 7, nullptr), ES_OK);
    ASSERT_EQ(es_append_set_actor_id(append, "ann, with a name of some length", 31, nullptr), ES_OK);
  }
}

TEST(OutOfMemory, TheBuilder) {
  es_append* append = nullptr;
  fail_each_allocation(
      "append_new", ES_OK, [&](es_error** err) { return es_append_new(&append, err); },
      [&] { es_append_close(&append); });
  es_store* store = nullptr;
  ASSERT_EQ(es_store_open(ES_ABI_VERSION, "memory:", 7, nullptr, nullptr, &store, nullptr), ES_OK);
  const auto make = [&] { ASSERT_EQ(es_append_new(&append, nullptr), ES_OK); };
  const auto choose = [&](es_error** err) { return es_append_stream(append, "Order", 5, kId.data(), ES_ANY, err); };
  const auto with_stream = [&] {
    make();
    ASSERT_EQ(choose(nullptr), ES_OK);
  };
  const auto add = [&](es_error** err) { return es_append_event(append, "Placed", 6, "{}", 2, err); };
  const auto with_event = [&] {
    with_stream();
    ASSERT_EQ(add(nullptr), ES_OK);
  };
  // What was built in spite of the failure can be appended.
  const auto append_it = [&] {
    if (es_append_count(append) == 0) {
      ASSERT_EQ(add(nullptr), ES_OK);
    }
    es_error* error = nullptr;
    EXPECT_EQ(es_store_append(store, append, nullptr, nullptr, &error), ES_OK) << es_error_message(error);
    es_error_close(&error);
    es_append_close(&append);
  };
  const auto count = [&] { return static_cast<int64_t>(es_append_count(append)); };
  fail_each_allocation("append_stream", ES_OK, make, choose, append_it, count);
  fail_each_allocation("append_event", ES_OK, with_stream, add, append_it, count);
  fail_each_allocation(
      "append_set_actor_id", ES_OK, with_event,
      [&](es_error** err) { return es_append_set_actor_id(append, "ann", 3, err); }, append_it, count);
  const std::string metadata = "{\"m\":\"" + std::string(100'000, 'm') + "\"}";
  fail_each_allocation(
      "append_set_metadata", ES_OK, with_event,
      [&](es_error** err) { return es_append_set_metadata(append, metadata.data(), metadata.size(), err); }, append_it,
      count);
  es_store_close(&store);
}

TEST(OutOfMemory, LogsAndTheirRecords) {
  es_log* log = nullptr;
  fail_each_allocation(
      "log_new", ES_OK, [&](es_error** err) { return es_log_new(ES_LOG_INFO, 8, &log, err); },
      [&] { es_log_close(&log); });
  ASSERT_EQ(es_log_new(ES_LOG_INFO, 8, &log, nullptr), ES_OK);
  es_options* options = nullptr;
  ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
  fail_each_allocation("options_set_log", ES_OK, [&](es_error** err) { return es_options_set_log(options, log, err); });
  fail_each_allocation("log_set_level", ES_INVALID_ARGUMENT,
                       [&](es_error** err) { return es_log_set_level(log, 77, err); });
  fail_each_allocation("log_wait", ES_TIMEOUT, [&](es_error** err) { return es_log_wait(log, 0, err); });

  std::array<es_log_record*, 8> records{};
  size_t count = 0;
  const auto write_two = [&] {
    es_store* store = nullptr;
    ASSERT_EQ(es_store_open(ES_ABI_VERSION, "memory:", 7, options, nullptr, &store, nullptr), ES_OK);
    ASSERT_EQ(es_store_shutdown(store, -1, nullptr), ES_OK);
    es_store_close(&store);
  };
  const auto close_two = [&] {
    EXPECT_EQ(count, 2U);
    for (size_t i = 0; i < count; ++i) es_log_record_close(&records[i]);
    EXPECT_EQ(es_log_dropped(log), 0);
  };
  fail_each_allocation(
      "log_take", ES_OK, write_two,
      [&](es_error** err) { return es_log_take(log, records.data(), records.size(), &count, err); }, close_two,
      [] { return int64_t{0}; });
  es_options_close(&options);
  es_log_close(&log);
}

// What tells of a call does not fail it: a record that there is no memory for is counted.
TEST(OutOfMemory, ARecordThatCouldNotBeWritten) {
  bool failed = true;
  bool was_dropped = false;
  for (long n = 0; failed; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, kMostAllocations);
    es_log* log = nullptr;
    ASSERT_EQ(es_log_new(ES_LOG_INFO, 8, &log, nullptr), ES_OK);
    es_options* options = nullptr;
    ASSERT_EQ(es_options_new(&options, nullptr), ES_OK);
    ASSERT_EQ(es_options_set_log(options, log, nullptr), ES_OK);
    es_store* store = nullptr;
    failing_new::arm(n);
    const es_status opened = es_store_open(ES_ABI_VERSION, "memory:", 7, options, nullptr, &store, nullptr);
    failed = failing_new::stop();
    es_log_record* record = nullptr;
    size_t count = 0;
    EXPECT_EQ(es_log_take(log, &record, 1, &count, nullptr), ES_OK);
    EXPECT_TRUE(opened != ES_OK || static_cast<int64_t>(count) + es_log_dropped(log) == 1);
    was_dropped |= opened == ES_OK && es_log_dropped(log) == 1;
    es_log_record_close(&record);
    es_store_close(&store);
    es_options_close(&options);
    es_log_close(&log);
  }
  EXPECT_TRUE(was_dropped);
}

TEST(OutOfMemory, Metrics) {
  es_store* store = nullptr;
  ASSERT_EQ(es_store_open(ES_ABI_VERSION, "memory:", 7, nullptr, nullptr, &store, nullptr), ES_OK);
  es_metrics* metrics = nullptr;
  fail_each_allocation(
      "store_metrics", ES_OK, [&](es_error** err) { return es_store_metrics(store, &metrics, err); },
      [&] { es_metrics_close(&metrics); });
  es_store_close(&store);
}

TEST(OutOfMemory, JsonUuidsAndTimes) {
  fail_each_allocation("json_check_data", ES_INVALID_JSON,
                       [](es_error** err) { return es_json_check_data("[]", 2, err); });
  uint8_t id[16];
  fail_each_allocation("uuid_parse", ES_INVALID_ID, [&](es_error** err) { return es_uuid_parse("x", 1, id, err); });
  int64_t time = 0;
  fail_each_allocation("time_parse", ES_INVALID_TIME,
                       [&](es_error** err) { return es_time_parse("x", 1, &time, err); });
  // json.h: no allocation beyond an error.
  char text[ES_TIME_TEXT_BYTES];
  failing_new::arm(0);
  const es_status formatted = es_time_format(0, text, nullptr);
  const es_status drawn = es_uuid_new(id, nullptr);
  const bool schema = es_schema_sql("postgresql") != nullptr;
  EXPECT_FALSE(failing_new::stop());
  EXPECT_EQ(formatted, ES_OK);
  EXPECT_EQ(drawn, ES_OK);
  EXPECT_TRUE(schema);
}

// A store of each backend.
class OutOfMemoryIn : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string_view(GetParam()) == "memory") return;
    const std::filesystem::path memory = "/dev/shm";
    const std::filesystem::path root =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    folder_.emplace(root);
  }
  void TearDown() override { es_store_close(&store); }

  [[nodiscard]] const std::string& url() const { return url_; }
  // A new store each time.
  void next_url() { url_ = folder_ ? "sqlite:///" + folder_->file(std::to_string(++files_) + ".db") : "memory:"; }
  es_status open(es_error** err) {
    return es_store_open(ES_ABI_VERSION, url_.data(), url_.size(), nullptr, nullptr, &store, err);
  }
  void open_empty() {
    es_store_close(&store);
    next_url();
    ASSERT_EQ(open(nullptr), ES_OK);
  }
  void open_filled() {
    open_empty();
    append_three();
    ASSERT_EQ(es_store_save_snapshot(store, "Order", 5, kId.data(), 1, 1, kState.data(), kState.size(), nullptr,
                                     nullptr, nullptr),
              ES_OK);
  }
  void append_three() {
    es_append* append = nullptr;
    ASSERT_EQ(es_append_new(&append, nullptr), ES_OK);
    add_three(append);
    ASSERT_EQ(es_append_set_event_id(append, kId.data(), nullptr), ES_OK);
    ASSERT_EQ(es_store_append(store, append, nullptr, nullptr, nullptr), ES_OK);
    es_append_close(&append);
  }
  // Everything that a write can change, as one number that differs after any change.
  int64_t state() {
    int64_t head = -1;
    int64_t version = -1;
    int64_t count = -1;
    EXPECT_EQ(es_store_head(store, nullptr, &head, nullptr), ES_OK);
    EXPECT_EQ(es_store_stream_version(store, "Order", 5, kId.data(), nullptr, &version, nullptr), ES_OK);
    EXPECT_EQ(es_store_count(store, nullptr, nullptr, &count, nullptr), ES_OK);
    es_snapshot* snapshot = nullptr;
    const bool has_snapshot =
        es_store_load_snapshot(store, "Order", 5, kId.data(), nullptr, &snapshot, nullptr) == ES_OK;
    const int64_t saved = has_snapshot ? es_snapshot_version(snapshot) : 0;
    if (has_snapshot) {
      size_t length = 0;
      const char* const text = es_snapshot_state(snapshot, &length);
      EXPECT_EQ(std::string(text, length), saved == 1 ? kState : kLaterState);
    }
    es_snapshot_close(&snapshot);
    return ((head * 1000 + version) * 1000 + count) * 1000 + saved;
  }
  void each(const char* what, es_status expected, bool filled, const std::function<es_status(es_error**)>& call,
            const std::function<void()>& after = no_preparation) {
    fail_each_allocation(
        what, expected, [&, filled] { filled ? open_filled() : open_empty(); }, call, after, [&] { return state(); });
  }

  const std::string kState = "{\"state\":\"" + std::string(40, 's') + "\"}";
  const std::string kLaterState = "{\"later\":\"" + std::string(80, 't') + "\"}";
  es_store* store = nullptr;

 private:
  std::optional<test_support::TempFolder> folder_;
  std::string url_;
  int files_ = 0;

 protected:
  void each_open() {
    fail_each_allocation(
        "store_open", ES_OK, [&] { next_url(); }, [&](es_error** err) { return open(err); },
        [&] { es_store_close(&store); }, [] { return int64_t{0}; });
  }
};

TEST_P(OutOfMemoryIn, Open) {
  each_open();
  es_store* none = nullptr;
  fail_each_allocation("store_open of no URL", ES_INVALID_URL, [&](es_error** err) {
    return es_store_open(ES_ABI_VERSION, "x", 1, nullptr, nullptr, &none, err);
  });
}

TEST_P(OutOfMemoryIn, Append) {
  for (const bool filled : {false, true}) {
    es_append* append = nullptr;
    es_append_result* result = nullptr;
    const auto prepare = [&] {
      filled ? open_filled() : open_empty();
      ASSERT_EQ(es_append_new(&append, nullptr), ES_OK);
      add_three(append);
      ASSERT_EQ(es_append_stream(append, "Customer", 8, kId.data(), ES_ANY, nullptr), ES_OK);
      ASSERT_EQ(es_append_event(append, "Moved", 5, "{}", 2, nullptr), ES_OK);
    };
    const auto check = [&] {
      EXPECT_EQ(es_append_result_count(result), 4U);
      EXPECT_EQ(es_append_result_known_count(result), 0U);
      es_append_result_close(&result);
      es_append_close(&append);
      int64_t head = 0;
      EXPECT_EQ(es_store_head(store, nullptr, &head, nullptr), ES_OK);
      EXPECT_EQ(head, filled ? 7 : 4) << "appended once";
    };
    fail_each_allocation(
        "store_append", ES_OK, prepare,
        [&](es_error** err) { return es_store_append(store, append, nullptr, &result, err); }, check,
        [&] { return state(); });
  }
}

TEST_P(OutOfMemoryIn, AnAppendThatIsRefused) {
  es_append* append = nullptr;
  ASSERT_EQ(es_append_new(&append, nullptr), ES_OK);
  ASSERT_EQ(es_append_stream(append, "Order", 5, kId.data(), 9, nullptr), ES_OK);
  ASSERT_EQ(es_append_event(append, "Placed", 6, "{}", 2, nullptr), ES_OK);
  each("a conflict", ES_VERSION_CONFLICT, true,
       [&](es_error** err) { return es_store_append(store, append, nullptr, nullptr, err); });
  es_append_close(&append);
}

TEST_P(OutOfMemoryIn, AppendPacked) {
  constexpr uint32_t kNames = ES_PAGE_HEADER_SIZE + ES_PAGE_RECORD_STRIDE;
  constexpr uint32_t kTexts = kNames + 2 * sizeof(es_span);
  constexpr std::string_view kText = "OrderPlaced{\"a\":1}";
  std::array<unsigned char, kTexts + kText.size()> bytes{};
  es_page_header header{};
  header.magic = ES_PACK_MAGIC;
  header.layout_version = ES_PAGE_LAYOUT;
  header.header_size = ES_PAGE_HEADER_SIZE;
  header.record_stride = ES_PAGE_RECORD_STRIDE;
  header.count = 1;
  header.total_bytes = static_cast<uint32_t>(bytes.size());
  header.name_count = 2;
  header.names_offset = kNames;
  es_record record{};
  record.version = ES_ANY;
  record.event_type = 1;
  std::memcpy(record.aggregate_id, kId.data(), kId.size());
  record.data = {kTexts + 11, 7};
  const es_span names[2] = {{kTexts, 5}, {kTexts + 5, 6}};
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &record, sizeof record);
  std::memcpy(bytes.data() + kNames, names, sizeof names);
  std::memcpy(bytes.data() + kTexts, kText.data(), kText.size());
  each("append_packed", ES_OK, true, [&](es_error** err) {
    return es_store_append_packed(store, bytes.data(), bytes.size(), nullptr, nullptr, err);
  });
}

TEST_P(OutOfMemoryIn, Reads) {
  es_page* page = nullptr;
  const auto close = [&] {
    EXPECT_GT(es_page_count(page), 0U);
    es_page_close(&page);
  };
  each(
      "read_stream", ES_OK, true,
      [&](es_error** err) { return es_store_read_stream(store, "Order", 5, kId.data(), nullptr, nullptr, &page, err); },
      close);
  each(
      "read_log", ES_OK, true, [&](es_error** err) { return es_store_read_log(store, nullptr, nullptr, &page, err); },
      close);
  const uint32_t all = ES_CONTENT_DOCUMENT | ES_CONTENT_ENVELOPE | ES_CONTENT_DATA;
  each(
      "read_event", ES_OK, true,
      [&](es_error** err) { return es_store_read_event(store, kId.data(), all, nullptr, &page, err); }, close);
  std::array<uint8_t, 16> other = kId;
  other[0] = 9;
  each("read_event of none", ES_EVENT_NOT_FOUND, true,
       [&](es_error** err) { return es_store_read_event(store, other.data(), all, nullptr, &page, err); });
  int64_t number = 0;
  each("head", ES_OK, true, [&](es_error** err) { return es_store_head(store, nullptr, &number, err); });
  each("stream_version", ES_OK, true,
       [&](es_error** err) { return es_store_stream_version(store, "Order", 5, kId.data(), nullptr, &number, err); });
  each("count", ES_OK, true, [&](es_error** err) { return es_store_count(store, nullptr, nullptr, &number, err); });
  std::array<uint8_t, 16> id{};
  each("id", ES_OK, true, [&](es_error** err) { return es_store_id(store, id.data(), err); });
  es_indexes* indexes = nullptr;
  each("index_list", ES_INVALID_ARGUMENT, true,
       [&](es_error** err) { return es_store_index_list(store, nullptr, &indexes, err); });
  each("index_add", ES_INVALID_ARGUMENT, true,
       [&](es_error** err) { return es_store_index_add(store, "x", 1, nullptr, nullptr, err); });
  es_inspection* inspection = nullptr;
  each(
      "inspect", ES_OK, true, [&](es_error** err) { return es_store_inspect(store, nullptr, &inspection, err); },
      [&] { es_inspection_close(&inspection); });
  open_filled();
  ASSERT_EQ(es_store_read_log(store, nullptr, nullptr, &page, nullptr), ES_OK);
  size_t size = 0;
  const void* const bytes = es_page_bytes(page, &size);
  es_page* copy = nullptr;
  fail_each_allocation(
      "page_from_bytes", ES_OK, [&](es_error** err) { return es_page_from_bytes(bytes, size, &copy, err); },
      [&] { es_page_close(&copy); });
  close();
}

TEST_P(OutOfMemoryIn, Snapshots) {
  for (const bool filled : {false, true}) {
    each("save_snapshot", ES_OK, filled, [&](es_error** err) {
      return es_store_save_snapshot(store, "Order", 5, kId.data(), 2, 1, kLaterState.data(), kLaterState.size(),
                                    nullptr, nullptr, err);
    });
  }
  es_snapshot* snapshot = nullptr;
  each(
      "load_snapshot", ES_OK, true,
      [&](es_error** err) { return es_store_load_snapshot(store, "Order", 5, kId.data(), nullptr, &snapshot, err); },
      [&] { es_snapshot_close(&snapshot); });
  each("load_snapshot of none", ES_SNAPSHOT_NOT_FOUND, false,
       [&](es_error** err) { return es_store_load_snapshot(store, "Order", 5, kId.data(), nullptr, &snapshot, err); });
  each("delete_snapshot", ES_OK, true,
       [&](es_error** err) { return es_store_delete_snapshot(store, "Order", 5, kId.data(), nullptr, nullptr, err); });
}

TEST_P(OutOfMemoryIn, Shutdown) {
  fail_each_allocation(
      "shutdown", ES_OK, [&] { open_filled(); }, [&](es_error** err) { return es_store_shutdown(store, -1, err); },
      no_preparation, [] { return int64_t{0}; });
}

// A call that is started, to its end: what the start refused, or what came with the completion.
class OutOfMemoryOfStarted : public OutOfMemoryIn {
 protected:
  void SetUp() override {
    OutOfMemoryIn::SetUp();
    ASSERT_EQ(es_queue_new(&queue, nullptr), ES_OK);
  }
  void TearDown() override {
    es_queue_close(&queue);
    OutOfMemoryIn::TearDown();
  }

  using Start = std::function<es_status(es_error**)>;

  void each_started(const char* what, es_status expected, const Start& start) {
    each(what, expected, true, [&](es_error** err) { return to_its_end(start, err); });
  }

  es_status to_its_end(const Start& start, es_error** err) {
    if (const es_status refused = start(err)) return refused;
    EXPECT_EQ(es_queue_wait(queue, -1, nullptr), ES_OK);
    es_completion* done = nullptr;
    size_t count = 0;
    EXPECT_EQ(es_queue_take(queue, &done, 1, &count, nullptr), ES_OK);
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(es_completion_tag(done), 5);
    const es_status status = es_completion_status(done);
    EXPECT_EQ(es_error_code(es_completion_error(done)), status);
    *err = es_completion_take_error(done);
    if (es_completion_kind(done) == ES_CALL_OPEN) {
      es_store_close(&store);
      store = es_completion_take_store(done);
    }
    es_completion_close(&done);
    return status;
  }

  es_queue* queue = nullptr;
};

TEST_P(OutOfMemoryOfStarted, Calls) {
  es_append* append = nullptr;
  ASSERT_EQ(es_append_new(&append, nullptr), ES_OK);
  add_three(append);
  each_started("start_append", ES_OK,
               [&](es_error** err) { return es_store_start_append(store, append, nullptr, queue, 5, err); });
  es_append_close(&append);
  each_started("start_append_packed of no buffer", ES_INVALID_BUFFER,
               [&](es_error** err) { return es_store_start_append_packed(store, "x", 1, nullptr, queue, 5, err); });
  each_started("start_read_stream", ES_OK, [&](es_error** err) {
    return es_store_start_read_stream(store, "Order", 5, kId.data(), nullptr, nullptr, queue, 5, err);
  });
  each_started("start_read_log", ES_OK,
               [&](es_error** err) { return es_store_start_read_log(store, nullptr, nullptr, queue, 5, err); });
  each_started("start_read_event", ES_OK, [&](es_error** err) {
    return es_store_start_read_event(store, kId.data(), ES_CONTENT_DOCUMENT, nullptr, queue, 5, err);
  });
  each_started("start_head", ES_OK, [&](es_error** err) { return es_store_start_head(store, nullptr, queue, 5, err); });
  each_started("start_stream_version", ES_OK, [&](es_error** err) {
    return es_store_start_stream_version(store, "Order", 5, kId.data(), nullptr, queue, 5, err);
  });
  each_started("start_count", ES_OK,
               [&](es_error** err) { return es_store_start_count(store, nullptr, nullptr, queue, 5, err); });
  each_started("start_save_snapshot", ES_OK, [&](es_error** err) {
    return es_store_start_save_snapshot(store, "Order", 5, kId.data(), 2, 1, kLaterState.data(), kLaterState.size(),
                                        nullptr, queue, 5, err);
  });
  each_started("start_load_snapshot", ES_OK, [&](es_error** err) {
    return es_store_start_load_snapshot(store, "Order", 5, kId.data(), nullptr, queue, 5, err);
  });
  each_started("start_delete_snapshot", ES_OK, [&](es_error** err) {
    return es_store_start_delete_snapshot(store, "Order", 5, kId.data(), nullptr, queue, 5, err);
  });
  each_started("start_inspect", ES_OK,
               [&](es_error** err) { return es_store_start_inspect(store, nullptr, queue, 5, err); });
  each_started("start_index_list", ES_INVALID_ARGUMENT,
               [&](es_error** err) { return es_store_start_index_list(store, nullptr, queue, 5, err); });
  each_started("start_index_add", ES_INVALID_ARGUMENT,
               [&](es_error** err) { return es_store_start_index_add(store, "x", 1, nullptr, queue, 5, err); });
}

TEST_P(OutOfMemoryOfStarted, OpenAndShutdown) {
  const auto nothing = [] { return int64_t{0}; };
  fail_each_allocation(
      "start_open", ES_OK, [&] { next_url(); },
      [&](es_error** err) {
        const auto start = [&](es_error** refused) {
          return es_store_start_open(ES_ABI_VERSION, url().data(), url().size(), nullptr, nullptr, queue, 5, refused);
        };
        return to_its_end(start, err);
      },
      [&] { es_store_close(&store); }, nothing);
  fail_each_allocation(
      "start_shutdown", ES_OK, [&] { open_filled(); },
      [&](es_error** err) {
        return to_its_end([&](es_error** refused) { return es_store_start_shutdown(store, -1, queue, 5, refused); },
                          err);
      },
      no_preparation, nothing);
}

TEST(OutOfMemory, TheQueue) {
  es_queue* queue = nullptr;
  fail_each_allocation(
      "queue_new", ES_OK, [&](es_error** err) { return es_queue_new(&queue, err); }, [&] { es_queue_close(&queue); });
  ASSERT_EQ(es_queue_new(&queue, nullptr), ES_OK);
  fail_each_allocation("queue_wait for nothing", ES_TIMEOUT,
                       [&](es_error** err) { return es_queue_wait(queue, 0, err); });
  es_queue_close(&queue);
}

INSTANTIATE_TEST_SUITE_P(Backends, OutOfMemoryOfStarted, testing::Values("memory", "sqlite"),
                         [](const auto& backend) { return std::string(backend.param); });
INSTANTIATE_TEST_SUITE_P(Backends, OutOfMemoryIn, testing::Values("memory", "sqlite"),
                         [](const auto& backend) { return std::string(backend.param); });

}  // namespace
