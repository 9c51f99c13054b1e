#include "tests/postgres/race.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "tests/support/comparison.hpp"

namespace postgres_test {
namespace {

using eventsource::core::AppendInput;
using eventsource::core::EventInput;

AppendInput input_of(const Batch& batch) {
  AppendInput input;
  input.skip_duplicates = batch.skips;
  std::map<std::uint64_t, std::uint32_t> indexes;
  for (const BatchEvent& event : batch.events) {
    const auto [at, is_new] = indexes.emplace(event.stream, static_cast<std::uint32_t>(input.streams.size()));
    if (is_new) {
      const auto exact = batch.exact.find(event.stream);
      input.streams.push_back({stream_of(event.stream), exact == batch.exact.end() ? batch.expected : exact->second});
    }
    EventInput& made = input.events.emplace_back();
    made.stream = at->second;
    made.event_type = "Raced";
    made.data = R"({"amount": 1.10})";
    made.event_id = event.id;
    made.occurred_at = 1'700'000'000'000'000;
    made.tenant_id = event.tenant_id;
  }
  return input;
}

}  // namespace

Uuid uuid_of(std::uint64_t kind, std::uint64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(kind >> (56 - 8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  }
  return id;
}

StreamName stream_of(std::uint64_t number) {
  return {"Account", uuid_of(0xACC0, number)};
}

std::shared_ptr<Store> open_store(const std::string& url) {
  eventsource::core::Settings settings;
  // A machine that is busy with something else loses no race.
  settings.busy_timeout_ms = 60'000;
  auto store = Store::open(url, settings, {}, eventsource::core::system_environment());
  if (!store.ok()) throw std::runtime_error(store.error().message());
  return store.value();
}

Result<AppendResult> append(Store& store, const Batch& batch, const CallOptions& options) {
  return now(store.append(input_of(batch), options));
}

std::int64_t version_of(Store& store, std::uint64_t stream) {
  const auto version = now(store.stream_version(stream_of(stream), {}));
  if (!version.ok()) throw std::runtime_error(version.error().message());
  return version.value();
}

std::string detail(const Error& error, std::string_view key) {
  for (const Error::Detail& detail : error.details()) {
    if (detail.key == key) return detail.value;
  }
  return "";
}

Barrier::Barrier(unsigned members) {
  void* const shared = mmap(nullptr, sizeof *barrier_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("no shared memory");
  barrier_ = static_cast<pthread_barrier_t*>(shared);
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(barrier_, &attributes, members);
}

Barrier::~Barrier() {
  munmap(barrier_, sizeof *barrier_);
}

Log::Log() : file_(memfd_create("log", MFD_CLOEXEC)) {
  // Several threads and processes add to it, each line as a whole.
  if (file_ < 0 || fcntl(file_, F_SETFL, O_APPEND) != 0) throw std::runtime_error("no memory for a log");
}

Log::~Log() {
  close(file_);
}

void Log::say(const std::string& line) const {
  const std::string text = line + "\n";
  if (write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

void Log::acknowledge(const Batch& batch, const AppendResult& result) const {
  const auto& outcome = result.outcome;
  std::string lines;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    if (i > 0) lines += '\n';
    lines += "told " + format_uuid(batch.events[i].id) + ' ' + std::to_string(outcome.versions[i]) + ' ' +
             std::to_string(outcome.positions[i]) + " known=" + std::to_string(outcome.known[i]);
    if (outcome.known[i] != 0) continue;
    if (outcome.positions[i] <= last) complain("positions do not follow the order of the append");
    last = outcome.positions[i];
  }
  say(lines);
}

std::vector<std::string> Log::lines() const {
  std::string text(static_cast<std::size_t>(lseek(file_, 0, SEEK_END)), '\0');
  if (pread(file_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) std::abort();
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

pid_t start_process(int process, const Work& work, const Log& log) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    work(process, log);
  } catch (const std::exception& error) {
    log.complain(error.what());
  }
  _exit(0);
}

std::vector<std::vector<std::string>> run_processes(int processes, const Work& work) {
  std::vector<std::unique_ptr<Log>> logs;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    logs.push_back(std::make_unique<Log>());
    children.push_back(start_process(i, work, *logs.back()));
  }
  std::vector<std::vector<std::string>> said;
  for (int i = 0; i < processes; ++i) {
    int status = 0;
    waitpid(children[static_cast<std::size_t>(i)], &status, 0);
    EXPECT_EQ(status, 0) << "process " << i;
    said.push_back(logs[static_cast<std::size_t>(i)]->lines());
    int complaints = 0;
    for (const std::string& line : said.back()) {
      if (line.starts_with("! ") && ++complaints <= 5) ADD_FAILURE() << "process " << i << ": " << line.substr(2);
    }
  }
  return said;
}

void run_threads(int threads, const std::function<void(int thread)>& work) {
  std::vector<std::thread> running;
  running.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : running) thread.join();
}

std::int64_t number_in(const std::string& line, const std::string& key) {
  const std::size_t at = line.find(" " + key + "=");
  return at == std::string::npos ? -9 : std::atoll(line.c_str() + at + key.size() + 2);
}

std::vector<std::string> defects(const std::string& url, const std::string& table,
                                 const std::vector<std::vector<std::string>>& logs) {
  test_support::Comparison comparison;
  comparison.see_table(url, table);
  for (const auto& log : logs) {
    for (const std::string& line : log) {
      if (!line.starts_with("told ")) continue;
      std::istringstream words(line.substr(5));
      std::string id;
      test_support::Row told;
      words >> id >> told.version >> told.position;
      comparison.see_stored(id, told);
    }
  }
  return comparison.finish();
}

}  // namespace postgres_test
