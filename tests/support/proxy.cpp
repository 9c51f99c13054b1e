#include "tests/support/proxy.hpp"

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

namespace test_support {
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

bool is_cancel_request(std::string_view message) {
  constexpr std::uint32_t kCode = 80'877'102;
  return message.size() == 16 && length_at(message, 4) == kCode;
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

char kind_of(std::string_view message, bool has_type) {
  return has_type ? message[0] : '.';
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
    while (pass_on()) {
    }
    ends_work();
    if (is_broken_) end_with_server();
    if (is_cancel_) proxy_.cancel_was_passed();
  }

 private:
  // False: the line has come to its end.
  bool pass_on() {
    pollfd ends[] = {{client_, POLLIN, 0}, {server_, POLLIN, 0}, {proxy_.stop_[0], POLLIN, 0}};
    poll(&ends[0], 3, -1);
    if (ends[2].revents != 0) return false;
    if (ends[1].revents != 0 && !pass_answer()) return false;
    return ends[0].revents == 0 || (receive(client_, incoming_) && pass_messages());
  }

  void begins_work() {
    if (!std::exchange(is_at_work_, true)) proxy_.work_begins();
  }
  void ends_work() {
    if (std::exchange(is_at_work_, false)) proxy_.work_ends();
  }

  // Once the client is cut off, it sees that the connection is closed.
  void hang_up() {
    if (client_ >= 0) close(client_);
    client_ = -1;
  }

  // What the server has got it still carries out; then it closes its end.
  void end_with_server() {
    hang_up();
    shutdown(server_, SHUT_WR);
    for (std::string rest;; rest.clear()) {
      pollfd ends[] = {{server_, POLLIN, 0}, {proxy_.stop_[0], POLLIN, 0}};
      poll(&ends[0], 2, -1);
      if (ends[1].revents != 0 || !receive(server_, rest)) break;
    }
    proxy_.hold_ends();
  }

  bool pass_answer() {
    if (!receive(server_, outgoing_)) return false;
    std::string passed;
    while (const std::size_t size = message_size(outgoing_, true)) {
      std::string message = outgoing_.substr(0, size);
      outgoing_.erase(0, size);
      if (proxy_.disguises_) change_process_id(message);
      proxy_.saw(Direction::kToClient, message[0]);
      if (message[0] == 'Z') ends_work();
      const std::optional<Break> how = proxy_.take_break(Direction::kToClient, message[0]);
      if (!how) {
        passed += message;
      } else if (!send_to_client(std::exchange(passed, {})) || !break_line(*how, Direction::kToClient, message)) {
        return false;
      }
    }
    return send_to_client(passed);
  }

  bool send_to_client(std::string_view bytes) const { return client_is_deaf_ || send_all(client_, bytes); }
  bool send_to_server(std::string_view bytes) const { return server_is_deaf_ || send_all(server_, bytes); }

  // False: the line has come to its end.
  bool break_line(Break how, Direction direction, std::string_view message) {
    if (!std::exchange(is_broken_, true)) proxy_.hold_begins();
    const auto send = [&](std::string_view bytes) {
      return direction == Direction::kToServer ? send_to_server(bytes) : send_to_client(bytes);
    };
    switch (how) {
      case Break::kCut:
        return false;
      case Break::kTear:
        send(message.substr(0, message.size() / 2));
        return false;
      case Break::kVanish:
        vanish(direction == Direction::kToServer ? message : "");
        return false;
      case Break::kHalfClose:
        if (!send(message)) return false;
        shutdown(direction == Direction::kToServer ? server_ : client_, SHUT_WR);
        (direction == Direction::kToServer ? server_is_deaf_ : client_is_deaf_) = true;
        // A client whose query has ended need not notice before it asks again.
        if (direction == Direction::kToClient && message[0] == 'Z') mend();
        return true;
      case Break::kDelay:
      case Break::kHold:
        if (!proxy_.wait_for_release(how == Break::kDelay) || !send(message)) return false;
        if (client_waits()) mend();
        return true;
    }
    return false;
  }

  // Nobody need wait for the end of this line.
  void mend() {
    is_broken_ = false;
    proxy_.hold_ends();
  }

  // The server hears nothing of it, and at last gets what was sent by then.
  void vanish(std::string_view message) {
    pollfd end{client_, POLLIN, 0};
    while (poll(&end, 1, 0) == 1 && receive(client_, incoming_)) {
    }
    hang_up();
    if (!proxy_.wait_for_release()) return;
    send_to_server(message);
    send_to_server(incoming_);
  }

  // It has not given the connection up.
  [[nodiscard]] bool client_waits() const {
    pollfd end{client_, POLLRDHUP, 0};
    return poll(&end, 1, 0) == 0;
  }

  // Messages go on one by one while breaks are to come, otherwise exchange by exchange: up to a synchronisation, or a query
  // by itself.
  bool pass_messages() {
    while (const std::size_t size = message_size(incoming_, is_started_)) {
      const std::string message = incoming_.substr(0, size);
      incoming_.erase(0, size);
      const bool starts = !std::exchange(is_started_, true);
      if (starts && is_cancel_request(message)) is_cancel_ = true;
      const char kind = kind_of(message, !starts);
      proxy_.saw(Direction::kToServer, kind);
      if (kind == 'B' || kind == 'Q') begins_work();
      if (proxy_.breaks_ > 0 || server_is_deaf_) {
        if (!pass_message(message, kind)) return false;
        continue;
      }
      if (begins_commit(message) && commit_at_ == std::string::npos) commit_at_ = exchange_.size();
      exchange_ += message;
      if (!starts && message[0] != 'S' && message[0] != 'Q' && message[0] != 'p' && message[0] != 'X') continue;
      const std::string exchange = std::exchange(exchange_, {});
      const std::size_t commit_at = std::exchange(commit_at_, std::string::npos);
      if (!pass_exchange(exchange, std::min(commit_at, exchange.size()))) return false;
    }
    return true;
  }

  bool pass_message(const std::string& message, char kind) {
    if (!send_to_server(std::exchange(exchange_, {}))) return false;
    const std::optional<Break> how = proxy_.take_break(Direction::kToServer, kind);
    return how ? break_line(*how, Direction::kToServer, message) : send_to_server(message);
  }

  // False: the line has come to its end.
  bool pass_exchange(const std::string& exchange, std::size_t commit_at) {
    const Fault fault = writes(exchange) ? proxy_.take_fault() : Fault::kNone;
    if (fault == Fault::kNone) return send_all(server_, exchange);
    const bool holds = fault == Fault::kHoldAll || fault == Fault::kHoldCommit;
    const bool has_part = fault == Fault::kLoseCommit || fault == Fault::kHoldCommit;
    const bool has_all = fault == Fault::kLoseAnswer || fault == Fault::kLoseEnd || fault == Fault::kCutAtOnce ||
                         fault == Fault::kCutLater;
    const std::string now = exchange.substr(0, has_all ? exchange.size() : has_part ? commit_at : 0);
    send_all(server_, now);
    // What comes before the COMMIT is answered only after a synchronisation, but it is carried out.
    if (fault == Fault::kLoseAnswer) wait_for_answer();
    if (fault == Fault::kLoseEnd) pass_answer_but_its_end();
    if (fault == Fault::kCutLater) {
      proxy_.hold_begins();
      static_cast<void>(proxy_.wait_for_release());
      hang_up();
      proxy_.hold_ends();
      return false;
    }
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
  bool is_cancel_ = false;
  bool is_broken_ = false;
  bool is_at_work_ = false;
  bool server_is_deaf_ = false;
  bool client_is_deaf_ = false;
  std::string incoming_;  // from the client, not yet a whole message
  std::string outgoing_;  // from the server
  std::string exchange_;
  std::size_t commit_at_ = std::string::npos;
};

Proxy::Proxy() : Proxy(test_server_url()) {}

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
  proxied = with_parameter(proxied, "host", folder_);
  proxied = with_parameter(proxied, "port", std::to_string(kPort));
  return with_parameter(proxied, "options", value_of(options, "options"));
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

void Proxy::break_at(Break how, Direction direction, int message, int times, int further) {
  const std::lock_guard lock(mutex_);
  break_ = how;
  direction_ = direction;
  messages_ = message;
  further_ = further == 0 ? message : further;
  breaks_ = times;
  released_ = false;
}

std::string Proxy::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

std::string Proxy::take_seen(Direction direction) {
  const std::lock_guard lock(mutex_);
  return std::exchange(seen_[static_cast<int>(direction)], {});
}

int Proxy::take_most_at_work() {
  const std::lock_guard lock(mutex_);
  return std::exchange(most_at_work_, at_work_);
}

void Proxy::saw(Direction direction, char kind) {
  const std::lock_guard lock(mutex_);
  seen_[static_cast<int>(direction)] += kind;
}

void Proxy::work_begins() {
  const std::lock_guard lock(mutex_);
  most_at_work_ = std::max(most_at_work_, ++at_work_);
}

void Proxy::work_ends() {
  const std::lock_guard lock(mutex_);
  --at_work_;
}

std::optional<Break> Proxy::take_break(Direction direction, char kind) {
  const std::lock_guard lock(mutex_);
  if (breaks_ == 0 || direction != direction_ || --messages_ > 0) return std::nullopt;
  messages_ = further_;
  --breaks_;
  ++faults_;
  broken_ += kind;
  return break_;
}

void Proxy::hold_begins() {
  const std::lock_guard lock(mutex_);
  ++held_;
}

bool Proxy::wait_for_release(bool or_cancel) {
  std::unique_lock lock(mutex_);
  const int cancels = cancels_;
  changed_.wait(lock, [&] { return released_ || closing_ || (or_cancel && cancels_ != cancels); });
  return !closing_;
}

void Proxy::cancel_was_passed() {
  const std::lock_guard lock(mutex_);
  ++cancels_;
  changed_.notify_all();
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

}  // namespace test_support
