#include "tests/support/keeper_process.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace test_support {
namespace {

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return ends;
}

}  // namespace

KeeperProcess::KeeperProcess(std::vector<std::string> words) {
  const char* const sources = std::getenv("EVENTSOURCE_SOURCE_DIR");
  words.front() = std::string(sources == nullptr ? "." : sources) + "/tests/support/" + words.front();
  words.insert(words.begin(), "python3");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::array<int, 2> in = make_pipe();
  const std::array<int, 2> out = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  pid_t child = 0;
  const int status = posix_spawnp(&child, "python3", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  commands_ = fdopen(in[1], "w");
  answers_ = fdopen(out[0], "r");
  if (status != 0) {
    close();
    throw std::runtime_error("python3 cannot be run");
  }
  waitpid(child, nullptr, 0);  // it forks the process that stays, and ends
}

KeeperProcess::~KeeperProcess() {
  close();
}

std::string KeeperProcess::read() {
  std::string line;
  for (int c = 0; (c = std::getc(answers_)) != EOF && c != '\n';) line += static_cast<char>(c);
  if (line.empty()) throw std::runtime_error("a process that owns something of the test ended");
  return line;
}

void KeeperProcess::write(const std::string& line) {
  std::fputs((line + "\n").c_str(), commands_);
  std::fflush(commands_);
}

void KeeperProcess::close() {
  if (commands_ == nullptr) return;
  std::fclose(commands_);
  while (std::getc(answers_) != EOF) {  // it ends when all is cleaned up
  }
  std::fclose(answers_);
  commands_ = nullptr;
}

}  // namespace test_support
