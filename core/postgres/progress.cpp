#include "core/postgres/progress.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

#include "core/base/call.hpp"
#include "core/postgres/conninfo.hpp"
#include "core/postgres/error.hpp"

namespace eventsource::core::postgres {
namespace {

std::string text_of(const char* value) {
  return value == nullptr ? "" : value;
}

Address address_of(const PGconn* connection) {
  return {text_of(PQhost(connection)), text_of(PQhostaddr(connection)), text_of(PQport(connection))};
}

bool is_same(const Address& a, const Address& b) {
  return a.host == b.host && a.number == b.number && a.port == b.port;
}

// libpq shows a host without a name as its address or the usual folder, and no zone of an address.
bool is_shown_as(const Address& listed, const Address& shown) {
  const std::string_view number = std::string_view(listed.number).substr(0, listed.number.find('%'));
  return number == shown.number && listed.port == shown.port && (listed.host.empty() || listed.host == shown.host);
}

// It looks for a standby first, and comes back to those that are none.
bool comes_back(PGconn* connection) {
  const Conninfo options(PQconninfo(connection));
  if (options == nullptr) throw std::bad_alloc();
  const PQconninfoOption* const option = find_keyword(options, "target_session_attrs");
  return option != nullptr && option->val != nullptr && std::string_view(option->val) == "prefer-standby";
}

}  // namespace

Progress::Progress(const Destination& destination, PGconn* connection, Environment& environment)
    : destination_(destination), connection_(connection), environment_(environment) {
  begin_address(address_of(connection));
}

void Progress::look() {
  Address address = address_of(connection_);
  if (is_same(address, at_)) return;
  passed_.push_back(std::move(at_));
  begin_address(std::move(address));
}

void Progress::begin_address(Address address) {
  at_ = std::move(address);
  const bool has_limit = destination_.timeout_us != Call::kNever;
  until_us_ = has_limit ? environment_.steady_us() + destination_.timeout_us : Call::kNever;
}

bool Progress::is_over() const {
  return until_us_ != Call::kNever && environment_.steady_us() >= until_us_;
}

std::vector<Address> Progress::left() const {
  const bool keeps_passed = comes_back(connection_);
  const auto is_gone = [&](const Address& listed) {
    const auto is_it = [&](const Address& shown) { return is_shown_as(listed, shown); };
    return is_it(at_) || (!keeps_passed && std::ranges::any_of(passed_, is_it));
  };
  std::vector<Address> left;
  std::ranges::remove_copy_if(destination_.addresses, std::back_inserter(left), is_gone);
  if (left.size() == destination_.addresses.size()) left.clear();
  return left;
}

std::string Progress::text() const {
  std::string text = failures_so_far(connection_);
  if (!text.empty()) text += "; ";
  text += "host \"" + at_.host + "\"";
  if (!at_.number.empty() && at_.number != at_.host) text += " (" + at_.number + ")";
  return text + ", port " + at_.port + " did not answer in time";
}

}  // namespace eventsource::core::postgres
