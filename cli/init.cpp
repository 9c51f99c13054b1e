// eventsource init: an empty store.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"

namespace eventsource::cli {
namespace {

int run(const Arguments& arguments) {
  const Store store = open_or_make_store(arguments);
  const std::string url(store.url());
  if (arguments.has("json")) {
    nlohmann::ordered_json json;
    json["url"] = url;
    json["backend"] = store.backend();
    json["id"] = store.id().value().to_string();
    json["schema_version"] = store.schema_version();
    json["created"] = store.was_created();
    Output out(STDOUT_FILENO, "standard output");
    out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    out.flush();
  } else if (!store.was_created()) {
    const bool is_ours = store.schema_version() > 0;
    say("eventsource: there is a store already, " + url + "; nothing was changed" +
        (is_ours ? "" : ". Its tables are another library's and have no identity: all.sql gives them one"));
  }
  return kExitOk;
}

}  // namespace

Command init_command() {
  return {
      .name = "init",
      .summary = "make an empty store; one that is there already stays as it is",
      .positionals = {},
      .options = {store_option(), json_option()},
      .text = "",
      .examples =
          "eventsource init --store sqlite:///events.db\n"
          "eventsource init --store postgresql://shop@db.example.org/orders",
      .run = run,
  };
}

}  // namespace eventsource::cli
