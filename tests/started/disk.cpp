#include "tests/started/disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace started_test {
namespace {

// What a disk writes as a whole.
constexpr std::size_t kSector = 512;

std::string read_file(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace

Disk::Disk(std::uint32_t seed) : vfs_(*usual_), random_(seed) {
  instance_ = this;
  vfs_.zName = "disk";
  vfs_.xOpen = &open;
  vfs_.xDelete = &remove;
  sqlite3_vfs_register(&vfs_, 1);
}

Disk::~Disk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(usual_, 1);
  instance_ = nullptr;
}

void Disk::lie() {
  const std::lock_guard lock(mutex_);
  lies_ = true;
}

void Disk::cut_at(int moment, const std::string& to, std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  moments_ = moment;
  to_ = to;
  then_ = std::move(then);
}

int Disk::open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Disk& disk = *instance_;
  const std::lock_guard lock(disk.mutex_);
  const bool was_there = name != nullptr && std::filesystem::exists(name);
  const int code = usual_->xOpen(usual_, name, file, flags, out_flags);
  if (code != SQLITE_OK || name == nullptr || file->pMethods == nullptr) return code;
  Methods& methods = methods_[file->pMethods];
  methods = {*file->pMethods, file->pMethods};
  methods.own.xWrite = &write;
  methods.own.xTruncate = &truncate;
  methods.own.xSync = &sync;
  methods.own.xClose = &close;
  file->pMethods = &methods.own;
  disk.open_[file] = name;
  File& known = disk.files_[name];
  if (!was_there) {
    known = {};
  } else if (!known.is_known && known.changes.empty() && known.synced.empty()) {
    known = {read_file(name), {}, true, false};
  }
  return code;
}

int Disk::remove(sqlite3_vfs*, const char* name, int sync_folder) {
  {
    const std::lock_guard lock(instance_->mutex_);
    instance_->files_[name].is_deleted = true;
    if (sync_folder != 0) instance_->sync_folder();
    instance_->moment_passed();
  }
  return usual_->xDelete(usual_, name, sync_folder);
}

int Disk::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (instance_ != nullptr) {
    instance_->added(file,
                     {offset, size, std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
  }
  return usual(file)->xWrite(file, bytes, size, offset);
}

int Disk::truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (instance_ != nullptr) instance_->added(file, {kIsTruncate, size, {}});
  return usual(file)->xTruncate(file, size);
}

void Disk::added(sqlite3_file* file, Change change) {
  const std::lock_guard lock(mutex_);
  files_[open_[file]].changes.push_back(std::move(change));
  moment_passed();
}

int Disk::sync(sqlite3_file* file, int flags) {
  if (instance_ != nullptr) {
    Disk& disk = *instance_;
    const std::lock_guard lock(disk.mutex_);
    disk.moment_passed();
    File& known = disk.files_[disk.open_[file]];
    if (!disk.lies_) {
      for (const Change& change : std::exchange(known.changes, {})) apply(known.synced, change);
      // SQLite syncs the folder with a log or a journal that it has made.
      if (!known.is_known && !disk.open_[file].ends_with(".db")) disk.sync_folder();
    }
  }
  return usual(file)->xSync(file, flags);
}

void Disk::sync_folder() {
  std::erase_if(files_, [](const auto& file) { return file.second.is_deleted; });
  for (auto& [name, file] : files_) file.is_known = true;
}

int Disk::close(sqlite3_file* file) {
  const sqlite3_io_methods* const methods = usual(file);
  if (instance_ != nullptr) {
    const std::lock_guard lock(instance_->mutex_);
    instance_->open_.erase(file);
  }
  return methods->xClose(file);
}

void Disk::moment_passed() {
  if (moments_ == 0 || --moments_ > 0) return;
  leave(to_);
  then_();
}

void Disk::leave(const std::string& to) {
  std::filesystem::create_directories(to);
  for (const auto& [name, file] : files_) {
    if ((!file.is_known && random_() % 2 == 0) || (file.is_deleted && random_() % 2 == 0)) continue;
    std::ofstream(to + "/" + std::filesystem::path(name).filename().string(), std::ios::binary) << left_of(file);
  }
}

std::string Disk::left_of(const File& file) {
  std::string content = file.synced;
  // Now and then all of it was still on its way, or none.
  const std::uint32_t luck = static_cast<std::uint32_t>(random_()) % 4;
  if (luck == 0) return content;
  for (const Change& change : file.changes) survive(content, change, luck != 1);
  return content;
}

void Disk::survive(std::string& content, const Change& change, bool may_tear) {
  const std::uint32_t luck = may_tear ? static_cast<std::uint32_t>(random_()) % 4 : 3;
  if (luck == 0) return;
  if (change.offset == kIsTruncate || luck > 1) return apply(content, change);
  // Some of its sectors.
  for (std::size_t at = 0; at < change.bytes.size();) {
    const std::size_t offset = static_cast<std::size_t>(change.offset) + at;
    const std::size_t size = std::min(change.bytes.size() - at, kSector - offset % kSector);
    if (random_() % 2 == 0) {
      apply(content,
            {static_cast<std::int64_t>(offset), static_cast<std::int64_t>(size), change.bytes.substr(at, size)});
    }
    at += size;
  }
}

void Disk::apply(std::string& content, const Change& change) {
  if (change.offset == kIsTruncate) return content.resize(static_cast<std::size_t>(change.size));
  const auto offset = static_cast<std::size_t>(change.offset);
  if (content.size() < offset + change.bytes.size()) content.resize(offset + change.bytes.size());
  content.replace(offset, change.bytes.size(), change.bytes);
}

}  // namespace started_test
