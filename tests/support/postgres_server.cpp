#include "tests/support/postgres_server.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace test_support {
namespace {

std::vector<std::string> command_line(const PostgresOptions& options) {
  std::vector<std::string> words = {"postgres.py", "serve"};
  for (const std::string& line : options.conf) words.insert(words.end(), {"--conf", line});
  for (const std::string& line : options.hba) words.insert(words.end(), {"--hba", line});
  return words;
}

}  // namespace

PostgresServer::PostgresServer(const PostgresOptions& options) : keeper_(command_line(options)) {
  read_answer();
  if (options.start) start();
}

void PostgresServer::read_answer() {
  const auto answer = nlohmann::json::parse(keeper_.read());
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
  keeper_.write(line);
  read_answer();
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

void PostgresServer::freeze() {
  command("freeze");
}

void PostgresServer::thaw() {
  command("thaw");
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
