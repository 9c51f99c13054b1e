#include "core/postgres/destination.hpp"

#include <algorithm>
#include <charconv>
#include <list>
#include <memory>
#include <netdb.h>
#include <new>
#include <string>
#include <string_view>

#include "core/base/task.hpp"
#include "core/base/wait.hpp"
#include "core/postgres/conninfo.hpp"
#include "core/postgres/error.hpp"
#include "core/postgres/host_lookup.hpp"

namespace eventsource::core::postgres {
namespace {

// Unless the URL says otherwise: a server or a network that is gone without a word is noticed, also by PQcancel.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"tcp_user_timeout", "10000"}, {"keepalives_idle", "30"}, {"keepalives_interval", "10"}};

// How long a host may take to let us in, where nobody says connect_timeout.
constexpr std::int64_t kConnectSeconds = 10;

// How long names are waited for when there is a host that can be tried without them.
constexpr std::int64_t kOthersUs = 1'000'000;

struct Finish {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};

// A host of a list, as libpq splits it.
struct Host {
  std::string name;     // or the folder of a socket
  std::string address;  // as a number; may be empty
  std::string port;
  const HostLookup* lookup = nullptr;  // where the name has to be looked up
};

// What libpq makes of the parameters, the environment and its files. It tells of a connection alone: of one that it refuses to
// begin, too.
Conninfo effective_options(const std::vector<Parameter>& parameters) {
  std::vector<Parameter> refused = parameters;
  refused.push_back({"target_session_attrs", "none"});
  const std::unique_ptr<PGconn, Finish> connection(start_connecting(refused));
  Conninfo options(PQconninfo(connection.get()));
  if (options == nullptr) throw std::bad_alloc();
  return options;
}

std::string_view value_of(const Conninfo& options, std::string_view keyword) {
  const PQconninfoOption* const option = find_keyword(options, keyword);
  return option == nullptr || option->val == nullptr ? std::string_view() : option->val;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = std::min(list.find(','), list.size());
    parts.emplace_back(list.substr(0, end));
    if (end == list.size()) return parts;
    list.remove_prefix(end + 1);
  }
}

// An empty value takes nothing back: what libpq would take for one has to be said.
std::string usual_port(const Conninfo& options) {
  const PQconninfoOption* const option = find_keyword(options, "port");
  return option == nullptr || option->compiled == nullptr ? "" : option->compiled;
}

// None where libpq refuses the lists: it says why.
std::vector<Host> hosts_of(const Conninfo& options) {
  std::vector<std::string> names = split(value_of(options, "host"));
  const std::vector<std::string> addresses = split(value_of(options, "hostaddr"));
  const std::vector<std::string> ports = split(value_of(options, "port"));
  const bool has_addresses = !value_of(options, "hostaddr").empty();
  if (has_addresses && value_of(options, "host").empty()) names.resize(addresses.size());
  if (has_addresses && addresses.size() != names.size()) return {};
  if (ports.size() != 1 && ports.size() != names.size()) return {};
  std::vector<Host> hosts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& port = ports[ports.size() == 1 ? 0 : i];
    hosts.push_back({names[i], has_addresses ? addresses[i] : "", port.empty() ? usual_port(options) : port});
  }
  return hosts;
}

bool is_number(const std::string& name) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return false;
  freeaddrinfo(found);
  return true;
}

// Nothing and what begins with / or @ is a socket in the file system.
bool has_to_be_looked_up(const Host& host) {
  const bool is_socket = host.name.empty() || host.name.front() == '/' || host.name.front() == '@';
  return host.address.empty() && !is_socket && !is_number(host.name);
}

// As libpq counts it, connect_timeout is for each host, and without limit when it is 0.
std::int64_t connect_deadline(const Conninfo& options, std::size_t hosts, Environment& environment) {
  std::int64_t seconds = kConnectSeconds;
  const std::string_view value = value_of(options, "connect_timeout");
  std::from_chars(value.data(), value.data() + value.size(), seconds);
  constexpr std::int64_t kMostSeconds = 1'000'000;
  if (seconds <= 0) return Call::kNever;
  const auto times = static_cast<std::int64_t>(std::max<std::size_t>(hosts, 1));
  return environment.steady_us() + std::min(seconds, kMostSeconds) * times * 1'000'000;
}

bool can_be_tried(const Host& host) {
  return host.lookup == nullptr || (host.lookup->found() != nullptr && !host.lookup->found()->addresses.empty());
}

bool is_open(const Host& host) {
  return host.lookup != nullptr && host.lookup->found() == nullptr;
}

// Until it is known which hosts can be tried.
Task<Status> names_have_come(const std::vector<Host>& hosts, std::int64_t deadline_us, Wake& wake,
                             const std::string& shown, const Call& call) {
  std::int64_t others_us = Call::kNever;
  while (std::ranges::any_of(hosts, is_open)) {
    if (Status status = call.check(); !status.ok()) {
      const auto host = std::ranges::find_if(hosts, is_open);
      co_return std::move(status).take_error().in(shown + ": the look-up of host \"" + host->name + "\" has not ended");
    }
    const std::int64_t now_us = call.environment().steady_us();
    if (others_us == Call::kNever && std::ranges::any_of(hosts, can_be_tried)) others_us = now_us + kOthersUs;
    if (now_us >= others_us) co_return Status();
    if (now_us >= deadline_us) co_return connect_timeout(shown);
    const std::int64_t left_us = std::min(others_us, deadline_us) - now_us;
    co_await Wait(call, wake, std::min(left_us, std::max<std::int64_t>(call.time_left_us(), 1)));
  }
  co_return Status();
}

Error no_address(const std::vector<Host>& hosts, const std::string& shown) {
  std::string text = shown;
  for (const Host& host : hosts) {
    if (host.lookup->found()->is_out_of_memory) throw std::bad_alloc();
    text += ": could not translate host name \"" + host.name + "\" to address: " + host.lookup->found()->error;
  }
  return Error(ES_UNAVAILABLE, text + ". Check host and port, and that the server runs").retryable();
}

// A host with several addresses is one for each, in their order: so libpq tries them.
Status add_hosts(const std::vector<Host>& hosts, const std::string& shown, std::vector<Parameter>& parameters) {
  std::string names;
  std::string addresses;
  std::string ports;
  std::size_t count = 0;
  const auto add = [&](const Host& host, const std::string& address) {
    const char* const before = count++ == 0 ? "" : ",";
    names += before + host.name;
    addresses += before + address;
    ports += before + host.port;
  };
  for (const Host& host : hosts) {
    if (!can_be_tried(host)) continue;
    if (host.lookup == nullptr) {
      add(host, host.address);
    } else {
      for (const std::string& address : host.lookup->found()->addresses) add(host, address);
    }
  }
  if (count == 0) return no_address(hosts, shown);
  parameters.push_back({"host", names});
  parameters.push_back({"hostaddr", addresses});
  parameters.push_back({"port", ports});
  return {};
}

}  // namespace

Result<Destination> find_destination_now(const ConnectionUrl& url, const Call& call) {
  Destination destination{};
  for (const auto& [key, value] : kDefaults) destination.parameters.push_back({key, value});
  destination.parameters.insert(destination.parameters.end(), url.parameters.begin(), url.parameters.end());
  const Conninfo options = effective_options(destination.parameters);
  std::vector<Host> hosts = hosts_of(options);
  destination.deadline_us = connect_deadline(options, hosts.size(), call.environment());
  Wake wake;
  std::list<HostLookup> lookups;
  for (Host& host : hosts) {
    if (has_to_be_looked_up(host)) host.lookup = &lookups.emplace_back(host.name, wake);
  }
  if (lookups.empty()) return destination;
  RETURN_IF_ERROR(now(names_have_come(hosts, destination.deadline_us, wake, url.shown, call)));
  RETURN_IF_ERROR(add_hosts(hosts, url.shown, destination.parameters));
  return destination;
}

PGconn* start_connecting(const std::vector<Parameter>& parameters) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const Parameter& parameter : parameters) {
    keys.push_back(parameter.key.c_str());
    values.push_back(parameter.value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* const connection = PQconnectStartParams(keys.data(), values.data(), 0);
  if (connection == nullptr) throw std::bad_alloc();
  return connection;
}

}  // namespace eventsource::core::postgres
