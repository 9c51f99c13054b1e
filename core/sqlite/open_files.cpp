#include "core/sqlite/open_files.hpp"

#include <algorithm>
#include <cstddef>
#include <new>

#include "core/base/defect.hpp"

namespace eventsource::core::sqlite {
namespace {

sqlite3_file* file_of(sqlite3* database, int which) {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(database, "main", which, static_cast<void*>(&file));
  return code == SQLITE_OK && file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

// Only the child's copies of the descriptors are closed, and only its own locks could go, of which it has none yet.
void let_go(sqlite3* database) {
  if (sqlite3_file* const log = file_of(database, SQLITE_FCNTL_JOURNAL_POINTER)) log->pMethods->xClose(log);
  sqlite3_file* const file = file_of(database, SQLITE_FCNTL_FILE_POINTER);
  if (file == nullptr) return;
  constexpr int kKeepFile = 0;
  if (file->pMethods->iVersion >= 2) file->pMethods->xShmUnmap(file, kKeepFile);
  file->pMethods->xClose(file);
}

}  // namespace

OpenFiles& OpenFiles::instance() {
  // Never destroyed: a store may outlive the static objects of its host. In a place of its own: it is needed to close what
  // found no memory.
  alignas(OpenFiles) static std::byte place[sizeof(OpenFiles)];
  static OpenFiles& files = *new (&place) OpenFiles;
  return files;
}

OpenFiles::OpenFiles()
    : files_mutex_(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS1)),
      memory_mutex_(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_MEM)) {
  take_part();
}

void OpenFiles::add(sqlite3* database) {
  const MutexLock lock(mutex_);
  databases_.push_back(database);
}

void OpenFiles::remove(sqlite3* database) noexcept {
  const MutexLock lock(mutex_);
  std::erase(databases_, database);
}

// In the order in which SQLite takes them.
void OpenFiles::before_fork() noexcept {
  if (ES_DEFECT(fork_open_gate)) return;
  sqlite3_mutex_enter(files_mutex_);
  sqlite3_mutex_enter(memory_mutex_);
}

void OpenFiles::after_fork_in_parent() noexcept {
  if (ES_DEFECT(fork_open_gate)) return;
  sqlite3_mutex_leave(memory_mutex_);
  sqlite3_mutex_leave(files_mutex_);
}

// Here and not when the child first opens a store: whoever else uses SQLite in the child would find the table as well.
void OpenFiles::after_fork_in_child() noexcept {
  after_fork_in_parent();
  const MutexLock lock(mutex_);
  if (!ES_DEFECT(fork_keeps_files) && !ES_DEFECT(fork_loses_rows)) std::ranges::for_each(databases_, let_go);
  databases_.clear();
}

}  // namespace eventsource::core::sqlite
