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
  Address address;
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

// An IP address in its usual form. Empty for what is none.
std::string number_of(const std::string& text) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (getaddrinfo(text.c_str(), nullptr, &wanted, &found) != 0) return "";
  char number[NI_MAXHOST] = "";
  static_cast<void>(
      getnameinfo(found->ai_addr, found->ai_addrlen, &number[0], sizeof number, nullptr, 0, NI_NUMERICHOST));
  freeaddrinfo(found);
  return &number[0];
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
    const std::string given = has_addresses ? addresses[i] : "";
    const std::string number = number_of(given.empty() ? names[i] : given);
    hosts.push_back({{names[i], number.empty() ? given : number, port.empty() ? usual_port(options) : port}});
  }
  return hosts;
}

// Nothing and what begins with / or @ is a socket in the file system.
bool has_to_be_looked_up(const Address& address) {
  const bool is_socket = address.host.empty() || address.host.front() == '/' || address.host.front() == '@';
  return address.number.empty() && !is_socket;
}

// As libpq counts it, connect_timeout is for each address, and without limit when it is 0.
std::int64_t connect_timeout_us(const Conninfo& options) {
  std::int64_t seconds = kConnectSeconds;
  const std::string_view value = value_of(options, "connect_timeout");
  std::from_chars(value.data(), value.data() + value.size(), seconds);
  constexpr std::int64_t kMostSeconds = 1'000'000;
  return seconds <= 0 ? Call::kNever : std::min(seconds, kMostSeconds) * 1'000'000;
}

// When to give up looking names up.
std::int64_t lookup_deadline(const Destination& destination, std::size_t hosts, Environment& environment) {
  if (destination.timeout_us == Call::kNever) return Call::kNever;
  return environment.steady_us() + destination.timeout_us * static_cast<std::int64_t>(hosts);
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
      co_return std::move(status).take_error().in(shown + ": the look-up of host \"" + host->address.host +
                                                  "\" has not ended");
    }
    const std::int64_t now_us = call.environment().steady_us();
    if (others_us == Call::kNever && std::ranges::any_of(hosts, can_be_tried)) others_us = now_us + kOthersUs;
    if (now_us >= others_us) co_return Status();
    if (now_us >= deadline_us) co_return connect_timeout(shown, "the server did not answer in time");
    const std::int64_t left_us = std::min(others_us, deadline_us) - now_us;
    co_await Wait(call, wake, std::min(left_us, std::max<std::int64_t>(call.time_left_us(), 1)));
  }
  co_return Status();
}

Error no_address(const std::vector<Host>& hosts, const std::string& shown) {
  std::string text = shown;
  for (const Host& host : hosts) {
    if (host.lookup->found()->is_out_of_memory) throw std::bad_alloc();
    text += ": could not translate host name \"" + host.address.host + "\" to address: " + host.lookup->found()->error;
  }
  return Error(ES_UNAVAILABLE, text + ". Check host and port, and that the server runs").retryable();
}

// A host with several addresses is one for each, in their order: so libpq tries them.
std::vector<Address> addresses_of(const std::vector<Host>& hosts) {
  std::vector<Address> addresses;
  for (const Host& host : hosts) {
    if (host.lookup == nullptr) addresses.push_back(host.address);
    if (host.lookup == nullptr || host.lookup->found() == nullptr) continue;
    for (const std::string& number : host.lookup->found()->addresses) {
      addresses.push_back({host.address.host, number, host.address.port});
    }
  }
  return addresses;
}

}  // namespace

Result<Destination> find_destination_now(const ConnectionUrl& url, const Call& call) {
  Destination destination;
  for (const auto& [key, value] : kDefaults) destination.parameters.push_back({key, value});
  destination.parameters.insert(destination.parameters.end(), url.parameters.begin(), url.parameters.end());
  const Conninfo options = effective_options(destination.parameters);
  std::vector<Host> hosts = hosts_of(options);
  destination.timeout_us = connect_timeout_us(options);
  Wake wake;
  std::list<HostLookup> lookups;
  for (Host& host : hosts) {
    if (has_to_be_looked_up(host.address)) host.lookup = &lookups.emplace_back(host.address.host, wake);
  }
  const std::int64_t deadline_us = lookup_deadline(destination, hosts.size(), call.environment());
  RETURN_IF_ERROR(now(names_have_come(hosts, deadline_us, wake, url.shown, call)));
  std::vector<Address> addresses = addresses_of(hosts);
  if (addresses.empty() && !hosts.empty()) return no_address(hosts, url.shown);
  if (lookups.empty()) {
    destination.addresses = std::move(addresses);
  } else {
    set_addresses(destination, std::move(addresses));
  }
  return destination;
}

void set_addresses(Destination& destination, std::vector<Address> addresses) {
  destination.addresses = std::move(addresses);
  std::string hosts;
  std::string numbers;
  std::string ports;
  const auto add = [&](const Address& address) {
    const char* const before = ports.empty() ? "" : ",";
    hosts += before + address.host;
    numbers += before + address.number;
    ports += before + address.port;
  };
  for (const Address& address : destination.addresses) add(address);
  // An empty value would take nothing back of what the URL or the environment says: a list of two empty ones does.
  if (hosts.empty() || numbers.empty()) add(destination.addresses.front());
  destination.parameters.push_back({"host", hosts});
  destination.parameters.push_back({"hostaddr", numbers});
  destination.parameters.push_back({"port", ports});
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
