#include "tests/postgres/proxy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <libpq-fe.h>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tests/support/postgres_place.hpp"

namespace postgres_test {
namespace {

constexpr int kPort = 5432;

using Conninfo = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Conninfo parse(const std::string& url) {
  Conninfo options(PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
  if (options == nullptr) throw std::runtime_error("no URL: " + url);
  return options;
}

std::string value_of(const Conninfo& options, std::string_view key) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == key && option->val != nullptr) return option->val;
  }
  return "";
}

std::string socket_file(const std::string& folder, const std::string& port) {
  return folder + "/.s.PGSQL." + port;
}

sockaddr_un address_of(const std::string& file) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (file.size() >= sizeof address.sun_path) throw std::runtime_error("too long for a socket: " + file);
  std::memcpy(address.sun_path, file.c_str(), file.size() + 1);
  return address;
}

int listen_at(const std::string& file) {
  const sockaddr_un address = address_of(file);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listener, 64) != 0) {
    throw std::runtime_error("cannot listen at " + file);
  }
  return listener;
}

int connect_to(const std::string& file) {
  const sockaddr_un address = address_of(file);
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return connection;
  close(connection);
  return -1;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Appends what has come; false at its end.
bool receive(int from, std::string& bytes) {
  char piece[1 << 16];
  const ssize_t got = recv(from, &piece[0], sizeof piece, 0);
  if (got <= 0) return false;
  bytes.append(&piece[0], static_cast<std::size_t>(got));
  return true;
}

std::uint32_t length_at(std::string_view bytes, std::size_t at) {
  std::uint32_t length = 0;
  for (const char byte : bytes.substr(at, 4)) length = length << 8U | static_cast<unsigned char>(byte);
  return length;
}

// The size of the message at the front, 0 when it has not come in full.
std::size_t message_size(std::string_view bytes, bool has_type) {
  const std::size_t type = has_type ? 1 : 0;
  if (bytes.size() < type + 4) return 0;
  const std::size_t size = type + length_at(bytes, type);
  return bytes.size() < size ? 0 : size;
}

bool writes(std::string_view exchange) {
  const auto has = [exchange](std::string_view word) { return exchange.find(word) != std::string_view::npos; };
  return has("es_append") || has("insert into events") || has("es_save_snapshot") || has("es_delete_snapshot") ||
         has("INSERT INTO") || has("DELETE FROM");
}

// Where the COMMIT of an exchange begins: it runs what was prepared, or prepares a statement without a name.
bool begins_commit(std::string_view message) {
  static constexpr std::string_view kUnnamed("\0COMMIT\0", 8);
  if (message[0] == 'P') return message.substr(5).starts_with(kUnnamed);
  return message[0] == 'B' && message.find("es_commit") != std::string_view::npos;
}

// Changes the process id that a server shows at the start of a session.
void change_process_id(std::string& answer) {
  static constexpr std::string_view kBackendKeyData("K\0\0\0\x0C", 5);
  const std::size_t at = answer.find(kBackendKeyData);
  if (at != std::string::npos && at + 13 <= answer.size()) answer[at + 8] = static_cast<char>(answer[at + 8] ^ '\1');
}

}  // namespace

// One client and its connection to the server, on a thread of their own.
class Proxy::Line {
 public:
  Line(Proxy& proxy, int client, int server) : proxy_(proxy), client_(client), server_(server) {}
  ~Line() {
    hang_up();
    close(server_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  void run() {
    for (;;) {
      pollfd ends[] = {{client_, POLLIN, 0}, {server_, POLLIN, 0}, {proxy_.stop_[0], POLLIN, 0}};
      poll(&ends[0], 3, -1);
      if (ends[2].revents != 0) return;
      if (ends[1].revents != 0 && !pass_answer()) return;
      if (ends[0].revents != 0 && (!receive(client_, incoming_) || !pass_messages())) return;
    }
  }

 private:
  // Once the client is cut off, it sees that the connection is closed.
  void hang_up() {
    if (client_ >= 0) close(client_);
    client_ = -1;
  }

  bool pass_answer() const {
    std::string bytes;
    if (!receive(server_, bytes)) return false;
    if (proxy_.disguises_) change_process_id(bytes);
    return send_all(client_, bytes);
  }

  // Messages go on exchange by exchange: up to a synchronisation, or a query by itself.
  bool pass_messages() {
    while (const std::size_t size = message_size(incoming_, is_started_)) {
      const std::string message = incoming_.substr(0, size);
      incoming_.erase(0, size);
      const bool starts = !std::exchange(is_started_, true);
      if (begins_commit(message) && commit_at_ == std::string::npos) commit_at_ = exchange_.size();
      exchange_ += message;
      if (!starts && message[0] != 'S' && message[0] != 'Q' && message[0] != 'p' && message[0] != 'X') continue;
      const std::string exchange = std::exchange(exchange_, {});
      const std::size_t commit_at = std::exchange(commit_at_, std::string::npos);
      if (!pass_exchange(exchange, std::min(commit_at, exchange.size()))) return false;
    }
    return true;
  }

  // False: the line has come to its end.
  bool pass_exchange(const std::string& exchange, std::size_t commit_at) {
    const Fault fault = writes(exchange) ? proxy_.take_fault() : Fault::kNone;
    if (fault == Fault::kNone) return send_all(server_, exchange);
    const bool holds = fault == Fault::kHoldAll || fault == Fault::kHoldCommit;
    const bool has_part = fault == Fault::kLoseCommit || fault == Fault::kHoldCommit;
    const bool has_all = fault == Fault::kLoseAnswer || fault == Fault::kLoseEnd || fault == Fault::kCutAtOnce;
    const std::string now = exchange.substr(0, has_all ? exchange.size() : has_part ? commit_at : 0);
    send_all(server_, now);
    // What comes before the COMMIT is answered only after a synchronisation, but it is carried out.
    if (fault == Fault::kLoseAnswer) wait_for_answer();
    if (fault == Fault::kLoseEnd) pass_answer_but_its_end();
    if (holds) proxy_.hold_begins();
    hang_up();
    if (holds && proxy_.wait_for_release()) {
      if (send_all(server_, std::string_view(exchange).substr(now.size()))) wait_for_answer();
      proxy_.hold_ends();
    }
    return false;
  }

  // Until the server is ready for the next query, or has closed the connection.
  void wait_for_answer() const {
    see_answer([](std::string_view) {});
  }
  void pass_answer_but_its_end() const {
    see_answer([this](std::string_view message) { send_all(client_, message); });
  }

  void see_answer(const std::function<void(std::string_view message)>& see) const {
    std::string bytes;
    for (;;) {
      while (const std::size_t size = message_size(bytes, true)) {
        if (bytes[0] == 'Z') return;
        see(std::string_view(bytes).substr(0, size));
        bytes.erase(0, size);
      }
      if (!receive(server_, bytes)) return;
    }
  }

  Proxy& proxy_;
  int client_;
  int server_;
  bool is_started_ = false;
  std::string incoming_;  // not yet a whole message
  std::string exchange_;
  std::size_t commit_at_ = std::string::npos;
};

Proxy::Proxy() : Proxy(test_support::test_server_url()) {}

Proxy::Proxy(const std::string& url) {
  const Conninfo server = parse(url);
  server_ = socket_file(value_of(server, "host"), value_of(server, "port"));
  char folder[] = "/tmp/es-proxy-XXXXXX";
  if (mkdtemp(&folder[0]) == nullptr || pipe(stop_) != 0) throw std::runtime_error("no folder for a proxy");
  folder_ = &folder[0];
  listener_ = listen_at(socket_file(folder_, std::to_string(kPort)));
  acceptor_ = std::thread([this] { accept_clients(); });
}

Proxy::~Proxy() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  close(stop_[1]);
  acceptor_.join();
  for (std::thread& line : lines_) line.join();
  close(stop_[0]);
  close(listener_);
  unlink(socket_file(folder_, std::to_string(kPort)).c_str());
  rmdir(folder_.c_str());
}

std::string Proxy::url(const std::string& url) const {
  const Conninfo options = parse(url);
  std::string proxied = "postgresql://" + value_of(options, "user") + "@/" + value_of(options, "dbname");
  proxied = test_support::with_parameter(proxied, "host", folder_);
  proxied = test_support::with_parameter(proxied, "port", std::to_string(kPort));
  return test_support::with_parameter(proxied, "options", value_of(options, "options"));
}

void Proxy::accept_clients() {
  for (;;) {
    pollfd ends[] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    poll(&ends[0], 2, -1);
    if (ends[1].revents != 0) return;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = client < 0 || refuses_ ? -1 : connect_to(server_);
    if (server < 0) {
      close(client);
      continue;
    }
    lines_.emplace_back([this, client, server] { Line(*this, client, server).run(); });
  }
}

void Proxy::set(Fault fault, int writes) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  writes_ = writes;
  released_ = false;
}

Fault Proxy::take_fault() {
  const std::lock_guard lock(mutex_);
  if (writes_ == 0) return Fault::kNone;
  --writes_;
  ++faults_;
  if (refuses_after_fault_) refuses_ = true;
  return fault_;
}

void Proxy::hold_begins() {
  const std::lock_guard lock(mutex_);
  ++held_;
}

bool Proxy::wait_for_release() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return released_ || closing_; });
  return !closing_;
}

void Proxy::hold_ends() {
  const std::lock_guard lock(mutex_);
  --held_;
  changed_.notify_all();
}

void Proxy::release() {
  std::unique_lock lock(mutex_);
  released_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return held_ == 0; });
}

}  // namespace postgres_test
