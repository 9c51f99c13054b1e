// Opening, and what to do when there is nothing to open.
#include "cli/open_store.hpp"

#include <cstdlib>

#include "cli/failure.hpp"
#include "cli/output.hpp"

namespace eventsource::cli {
namespace {

constexpr const char* kDefaultUrl = "sqlite:///eventsource.db";

[[noreturn]] void refuse(const StoreUrl& from, const Error& error) {
  // Another URL may hold a password; the error does not, and says what to do on a server.
  if (error.code() == ES_STORE_NOT_FOUND && from.url.starts_with("sqlite:")) {
    throw Failure(kExitUnavailable, "there is no store at " + from.url + "; `eventsource init --store " + from.url +
                                        "` makes an empty one, `eventsource import FILE --store " + from.url +
                                        "` one with events");
  }
  // Without a SQLSTATE the server found database and schema, but no tables in them.
  if (error.code() == ES_STORE_NOT_FOUND && error.sqlstate().empty()) {
    throw Failure(kExitUnavailable,
                  std::string(error.message()) + "; `eventsource init` with the same --store makes the tables");
  }
  if (error.code() != ES_INVALID_URL) throw Failure(exit_status(error), std::string(error.message()));
  // An application's own database is no event store.
  const std::string other = from.source == "$DATABASE_URL"
                                ? ". $EVENTSOURCE_URL or --store go before it, as --store sqlite:///eventsource.db"
                                : "";
  throw Failure(exit_status(error), from.source + ": " + std::string(error.message()) + other);
}

}  // namespace

StoreUrl store_url(const Arguments& arguments) {
  if (const auto url = arguments.value("store")) return {*url, "--store"};
  for (const char* const name : {"EVENTSOURCE_URL", "DATABASE_URL"}) {
    const char* const url = std::getenv(name);
    if (url != nullptr && *url != '\0') return {url, std::string("$") + name};
  }
  return {kDefaultUrl, ""};
}

Store open_or_make_store(const Arguments& arguments) {
  const StoreUrl from = store_url(arguments);
  Result<Store> store = Store::open(from.url);
  if (!store) refuse(from, store.error());
  if (store->was_created()) say("eventsource: made a new store, " + std::string(store->url()));
  return *std::move(store);
}

Store open_store_to_write(const Arguments& arguments) {
  const StoreUrl from = store_url(arguments);
  Result<Store> store = Store::open(from.url, Options().create(false));
  if (!store) refuse(from, store.error());
  return *std::move(store);
}

Store open_store_to_read(const Arguments& arguments) {
  const StoreUrl from = store_url(arguments);
  Result<Store> store = Store::open(from.url, Options().create(false).read_only(true));
  if (!store) refuse(from, store.error());
  return *std::move(store);
}

int exit_status(const Error& error) {
  switch (error.code()) {
    case ES_OK:
      return kExitOk;
    case ES_INVALID_URL:
      return kExitUsage;
    case ES_STORE_NOT_FOUND:
    case ES_OUT_OF_MEMORY:
      return kExitUnavailable;
    case ES_INTERNAL:
      return kExitInternal;
    default:
      break;
  }
  constexpr es_status kUnavailable = -500;
  constexpr es_status kEnded = -600;
  const bool unavailable = error.kind() == kUnavailable || error.kind() == kEnded;
  return unavailable ? kExitUnavailable : kExitRefused;
}

}  // namespace eventsource::cli
