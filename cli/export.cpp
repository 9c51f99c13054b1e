// eventsource export: the log as NDJSON.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/event_check.hpp"
#include "cli/event_line.hpp"
#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/open_store.hpp"
#include "cli/output.hpp"

namespace eventsource::cli {
namespace {

// The file that an export goes to. A regular file appears under its name when it is complete: an export that failed or
// was interrupted leaves what was there before, and nothing beside it.
class Target {
 public:
  Target(const std::optional<std::string>& path, bool overwrite) : name_(path.value_or("standard output")) {
    if (!path || *path == "-") return;
    struct stat status = {};
    const bool is_there = ::stat(path->c_str(), &status) == 0;
    if (is_there && S_ISREG(status.st_mode) && !overwrite) {
      throw Failure(kExitUnavailable, name_ + " is there already: give another name, or --overwrite to replace it");
    }
    // What a link names is replaced, and not the link.
    if (is_there) follow_links();
    if (is_there && S_ISDIR(status.st_mode)) throw Failure(kExitUnavailable, name_ + " is a directory, not a file");
    if (is_there && !S_ISREG(status.st_mode)) {
      descriptor_ = ::open(path->c_str(), O_WRONLY | O_CLOEXEC);
      if (descriptor_ < 0) refuse("made");
    } else {
      open_part(is_there ? status.st_mode & 0777 : 0666 & ~file_mask());
    }
  }
  ~Target() {
    if (descriptor_ != STDOUT_FILENO) ::close(descriptor_);
    if (!part_.empty()) std::remove(part_.c_str());
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  void complete() {
    if (part_.empty()) return;
    if (::fsync(descriptor_) != 0 || std::rename(part_.c_str(), name_.c_str()) != 0) refuse("written");
    part_.clear();
  }

 private:
  void follow_links() {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(name_.c_str(), nullptr), &std::free);
    if (resolved != nullptr) name_ = resolved.get();
  }

  static mode_t file_mask() {
    // It can only be read by setting it; a file that another thread makes meanwhile is closed to others at worst.
    const mode_t mask = ::umask(S_IRWXG | S_IRWXO);
    ::umask(mask);
    return mask;
  }

  // A new file in the same folder, so that it can be renamed; no file of the user has its name.
  void open_part(mode_t mode) {
    interrupt_.emplace();
    std::string part = name_ + ".part-XXXXXX";
    descriptor_ = ::mkostemp(part.data(), O_CLOEXEC);
    if (descriptor_ < 0) refuse("made");
    if (::fchmod(descriptor_, mode) != 0) {
      const int error = errno;
      ::close(descriptor_);
      std::remove(part.c_str());
      errno = error;
      refuse("made");
    }
    part_ = std::move(part);
  }

  [[noreturn]] void refuse(const char* what) const {
    throw Failure(kExitUnavailable, name_ + " can't be " + what + ": " + std::strerror(errno));
  }

  std::string name_;
  std::string part_;  // what is written to until it is complete; empty: the target itself
  std::optional<Interrupt> interrupt_;
  int descriptor_ = STDOUT_FILENO;
};

void check(const Event& event) {
  constexpr const char* kVerify = "; run `eventsource verify` to see all that is damaged";
  std::string what;
  if ((event.flags() & ES_RECORD_FOREIGN_TENANT) != 0) {
    what = "has a tenant that is no UUID, which a line can't hold; the export ends before it";
  } else if ((event.flags() & ES_RECORD_BROKEN_DOCUMENT) != 0) {
    what = std::string("has a broken document, which a line can't hold; the export ends before it") + kVerify;
  } else if (const std::vector<std::string> problems = check_json(event); !problems.empty()) {
    what = "is damaged, " + problems.front() + "; the export ends before it" + kVerify;
  }
  if (what.empty()) return;
  const std::string place = "event " + event.id().to_string() + " at position " + std::to_string(event.position());
  throw Failure(kExitRefused, place + " " + what);
}

// Whoever replaces the file under an open store loses it.
void refuse_the_store_itself(const Store& store, const std::optional<std::string>& path) {
  constexpr std::string_view kSqlite = "sqlite:///";
  if (!path || !store.url().starts_with(kSqlite)) return;
  struct stat target = {};
  struct stat file = {};
  const std::string store_path(store.url().substr(kSqlite.size()));
  if (::stat(path->c_str(), &target) != 0 || ::stat(store_path.c_str(), &file) != 0) return;
  if (target.st_dev == file.st_dev && target.st_ino == file.st_ino) {
    throw Failure(kExitUsage, *path + " is the store itself: give the export another name");
  }
}

int run(const Arguments& arguments) {
  const bool full = arguments.has("full");
  const Store store = open_store_to_read(arguments);
  refuse_the_store_itself(store, arguments.positional(0));
  const std::int64_t head = store.head().value();
  Target target(arguments.positional(0), arguments.has("overwrite"));
  Output out(target.descriptor(), target.name());
  EventRange events = store.log({.content = Content::kEnvelope | Content::kData, .through = head});
  while (head > 0 && !events.done()) {
    if (const int signal = Interrupt::signal(); signal != 0) {
      throw Failure(128 + signal, "interrupted; " + target.name() + " is as it was");
    }
    const Page page = events.next_page().value();
    for (const Event& event : page) {
      try {
        check(event);
      } catch (const Failure&) {
        out.flush();
        throw;
      }
      append_event_line(out.buffer(), event, full);
      out.poll();
    }
  }
  out.flush();
  target.complete();
  return kExitOk;
}

}  // namespace

Command export_command() {
  return {
      .name = "export",
      .summary = "the log as NDJSON, which `eventsource import` takes",
      .positionals = {{.name = "FILE", .required = false, .is_file = true}},
      .options = {store_option(),
                  {.name = "full", .value = "", .meaning = "add version, global_position and stored_at"},
                  {.name = "overwrite", .value = "", .meaning = "replace FILE if it is there already"}},
      .text =
          "Up to the newest event at its start, in the order of positions; to standard output without a FILE.\n"
          "A FILE gets its name when it is complete.",
      .examples =
          "eventsource export events.ndjson\n"
          "eventsource export | gzip > events.ndjson.gz\n"
          "eventsource export | eventsource import - --store sqlite:///copy.db",
      .run = run,
  };
}

}  // namespace eventsource::cli
