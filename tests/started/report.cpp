#include "tests/started/report.hpp"

#include <csignal>
#include <exception>
#include <sched.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/started/caller.hpp"

namespace started_test {
namespace {

constexpr std::string_view kFile = "sqlite:///";

bool read_more(int from, Report& report) {
  char piece[4'096];
  const ssize_t got = read(from, &piece[0], sizeof piece);
  if (got <= 0) return false;
  report.read({&piece[0], static_cast<std::size_t>(got)});
  return true;
}

}  // namespace

void Report::read(std::string_view text) {
  rest_ += text;
  for (std::size_t end = 0; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1)) {
    read_line(rest_.substr(0, end));
  }
}

void Report::read_line(const std::string& line) {
  std::istringstream words(line);
  std::string what;
  std::string id;
  words >> what;
  if (what == "started") {
    started_.emplace_back();
    while (words >> id) started_.back().push_back(id);
  } else if (what != "stored") {
    ++words_[what];
  } else {
    test_support::Row row;
    while (words >> id >> row.version >> row.position) stored_[id] = row;
  }
}

void Report::tell(test_support::Comparison& comparison) const {
  for (const auto& [id, row] : stored_) comparison.see_stored(id, row);
  for (const auto& ids : started_) comparison.see_unknown(ids);
}

std::string defects(const std::string& url, const Report& report) {
  // It makes whole what was left.
  es_store* store = nullptr;
  es_error* error = nullptr;
  if (es_store_open(ES_ABI_VERSION, url.data(), url.size(), nullptr, nullptr, &store, &error) != ES_OK) {
    std::string why = es_error_message(error);
    es_error_close(&error);
    return why;
  }
  test_support::Comparison comparison;
  std::string wrong;
  if (url.starts_with(kFile)) {
    wrong = see_file(comparison, url.substr(kFile.size()));
  } else {
    comparison.see_table(url);
  }
  es_store_close(&store);
  report.tell(comparison);
  for (const std::string& defect : comparison.finish()) wrong += "\n" + defect;
  return wrong.substr(0, 1'000);
}

std::string kill_after(std::size_t more, const std::function<void(int report)>& work, Report& report,
                       std::mt19937& random) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    try {
      work(ends[1]);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    _exit(1);
  }
  close(ends[1]);
  const std::size_t moment = report.stored() + more;
  bool is_killed = false;
  while (read_more(ends[0], report)) {
    if (is_killed || report.stored() < moment) continue;
    for (auto pause = random() % 200; pause > 0; --pause) sched_yield();
    is_killed = kill(child, SIGKILL) == 0;
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return is_killed && WIFSIGNALED(status) ? "" : "the process ended before it was killed";
}

}  // namespace started_test
