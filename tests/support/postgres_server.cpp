#include "tests/support/postgres_server.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test_support {
namespace {

std::vector<std::string> command_line(const PostgresOptions& options) {
  const char* const sources = std::getenv("EVENTSOURCE_SOURCE_DIR");
  std::vector<std::string> words = {
      "python3", std::string(sources == nullptr ? "." : sources) + "/tests/support/postgres.py", "serve"};
  for (const std::string& line : options.conf) words.insert(words.end(), {"--conf", line});
  for (const std::string& line : options.hba) words.insert(words.end(), {"--hba", line});
  return words;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return ends;
}

}  // namespace

PostgresServer::PostgresServer(const PostgresOptions& options) {
  spawn(options);
  try {
    read_answer();
    if (options.start) start();
  } catch (...) {
    close();
    throw;
  }
}

PostgresServer::~PostgresServer() {
  close();
}

void PostgresServer::spawn(const PostgresOptions& options) {
  std::vector<std::string> words = command_line(options);
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
  waitpid(child, nullptr, 0);  // it forks the process that owns the server, and ends
}

void PostgresServer::read_answer() {
  std::string line;
  for (int c = 0; (c = std::getc(answers_)) != EOF && c != '\n';) line += static_cast<char>(c);
  if (line.empty()) throw std::runtime_error("the process that owns the server ended");
  const auto answer = nlohmann::json::parse(line);
  if (answer.contains("error")) throw std::runtime_error(answer.at("error").get<std::string>());
  pid_ = answer.at("pid").get<pid_t>();
  port_ = answer.at("port").get<int>();
  uid_ = answer.at("uid").get<uid_t>();
  gid_ = answer.at("gid").get<gid_t>();
  password_ = answer.at("password").get<std::string>();
  folder_ = answer.at("folder").get<std::string>();
  data_ = answer.at("data").get<std::string>();
  log_ = answer.at("log").get<std::string>();
}

void PostgresServer::command(const std::string& line) {
  std::fputs((line + "\n").c_str(), commands_);
  std::fflush(commands_);
  read_answer();
}

void PostgresServer::close() {
  if (commands_ == nullptr) return;
  std::fclose(commands_);
  while (std::getc(answers_) != EOF) {  // it ends when all is cleaned up
  }
  std::fclose(answers_);
  commands_ = nullptr;
}

void PostgresServer::start() {
  command("start");
}

void PostgresServer::start_without_waiting() {
  command("start nowait");
}

void PostgresServer::stop(const std::string& mode) {
  command("stop " + mode);
}

void PostgresServer::restart(const std::string& mode) {
  stop(mode);
  start();
}

void PostgresServer::kill() {
  command("kill");
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
  return "postgresql://" + user + "@/" + database + "?host=" + folder_ + "&port=" + std::to_string(port_);
}

std::string PostgresServer::tcp_url(const std::string& password, const std::string& database,
                                    const std::string& user) const {
  return "postgresql://" + user + ":" + password + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PostgresServer::log_text() const {
  std::ostringstream text;
  text << std::ifstream(log_).rdbuf();
  return text.str();
}

void PostgresServer::write_file(const std::string& name, const std::string& content) const {
  const std::string path = data_ + "/" + name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  if (!file || chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || chown(path.c_str(), uid_, gid_) != 0) {
    throw std::runtime_error(path + " cannot be written");
  }
}

}  // namespace test_support
