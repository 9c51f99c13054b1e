// Which store a command works on, and opening it.
// Thread rule: used by one thread.
#pragma once

#include <string>

#include "eventsource/eventsource.hpp"

#include "cli/arguments.hpp"

namespace eventsource::cli {

struct StoreUrl {
  std::string url;
  std::string source;  // where the URL comes from, for messages: "--store", "$DATABASE_URL"; empty: the default
};

// --store, else $EVENTSOURCE_URL, else $DATABASE_URL, else sqlite:///eventsource.db. An empty variable counts as unset.
StoreUrl store_url(const Arguments& arguments);

// For commands that write: makes the store where there is none and says so on standard error.
Store open_or_make_store(const Arguments& arguments);

// For commands that change a store, and are of no use where there is none.
Store open_store_to_write(const Arguments& arguments);

// For commands that only read: nothing is made or changed, and a file of eventsource-py is read as well.
Store open_store_to_read(const Arguments& arguments);

// The exit status for a failed call.
int exit_status(const Error& error);

}  // namespace eventsource::cli
