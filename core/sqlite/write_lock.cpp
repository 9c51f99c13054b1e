#include "core/sqlite/write_lock.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <memory>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "core/base/defect.hpp"
#include "core/base/fork.hpp"
#include "core/base/mutex.hpp"

namespace eventsource::core::sqlite {

// A descriptor of a -shm file. Never closed while the file has a name: closing it would drop the locks that it is there
// to look at, also those of other connections of this process.
struct WatchedFile {
  int descriptor = -1;
  off_t marked_byte = 0;
  dev_t device = 0;
  ino_t inode = 0;
  std::size_t users = 0;
  std::atomic<bool> was_marked = false;
  std::atomic<std::uint64_t> losses = 0;  // how often the mark was found gone
};

namespace {

// WAL_WRITE_LOCK in SQLite's wal-index (walformat.html, "WAL Locks").
constexpr off_t kWriteLockByte = 120;

// A lock of our own, which goes with all others of the process on the file and at no other time: far behind what SQLite locks, at
// a byte that chance gives, so that no other process has it too.
constexpr off_t kFirstMarkedByte = off_t{1} << 40;

bool set_mark(const WatchedFile& file) {
  struct flock lock{};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = file.marked_byte;
  lock.l_len = 1;
  return fcntl(file.descriptor, F_SETLK, &lock) == 0;
}

// Asked for a lock that belongs to the descriptor, the kernel names whoever is in the way: this process, if its lock is still
// there. A lock of another process says that ours is gone.
bool has_lock(const WatchedFile& file, off_t byte, short type) {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  if (fcntl(file.descriptor, F_OFD_GETLK, &lock) != 0) return false;
  return lock.l_type == type && lock.l_pid == getpid();
}

bool has_mark(const WatchedFile& file) {
  return has_lock(file, file.marked_byte, F_RDLCK);
}

bool is_file(const WatchedFile& file, const struct stat& status) {
  return file.device == status.st_dev && file.inode == status.st_ino;
}

// Every -shm file that this process looks at: one for the process, as its locks are. Any thread.
class Registry final : public ForkParticipant {
 public:
  // Never destroyed: a store may outlive the static objects of its host.
  static Registry& instance() {
    const NoFork no_fork;
    static Registry& registry = *new Registry;
    return registry;
  }

  // The file at `path`, or nullptr when it can't be opened.
  WatchedFile* acquire(const std::string& path) {
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    close_removed();
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return nullptr;
    for (const auto& file : files_) {
      if (is_file(*file, status)) {
        ++file->users;
        return file.get();
      }
    }
    // Everything that can fail comes first: the descriptor must not be closed, so it must not be lost either.
    files_.reserve(files_.size() + 1);
    auto file = std::make_unique<WatchedFile>();
    file->marked_byte = kFirstMarkedByte + static_cast<off_t>(std::random_device()());
    file->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file->descriptor < 0) return nullptr;
    // It may be another file by now, even one that is here already: it is kept all the same. One that the system can't
    // tell about is nobody's, and stays open.
    const bool is_known = fstat(file->descriptor, &status) == 0;
    if (is_known) {
      file->device = status.st_dev;
      file->inode = status.st_ino;
      file->users = 1;
    }
    files_.push_back(std::move(file));
    return is_known ? files_.back().get() : nullptr;
  }

  void release(WatchedFile* file) {
    const NoFork no_fork;
    const MutexLock lock(mutex_);
    --file->users;
    close_removed();
  }

  // Those who watch are the parent's; and as the child has no lock on any file yet, closing the descriptors drops none.
  void after_fork_in_child() noexcept override {
    const MutexLock lock(mutex_);
    for (const auto& file : files_) close(file->descriptor);
    files_.clear();
  }

 private:
  Registry() { take_part(); }

  // SQLite removes the file when the last connection of all processes closes. Nobody can come to it any more then.
  void close_removed() REQUIRES(mutex_) {
    std::erase_if(files_, [](const std::unique_ptr<WatchedFile>& file) {
      struct stat status{};
      if (file->users != 0 || fstat(file->descriptor, &status) != 0 || status.st_nlink != 0) return false;
      close(file->descriptor);
      return true;
    });
  }

  Mutex mutex_;
  std::vector<std::unique_ptr<WatchedFile>> files_ GUARDED_BY(mutex_);
};

}  // namespace

WriteLockWatch::WriteLockWatch(const std::string& path) : shm_path_(path + "-shm") {}

WriteLockWatch::~WriteLockWatch() {
  if (file_ != nullptr && born_ == fork_generation()) Registry::instance().release(file_);
}

bool WriteLockWatch::is_held() {
  if (ES_DEFECT(fork_loses_rows)) return true;
  // The file exists once a transaction was begun, not before: so it is opened here.
  if (file_ == nullptr) file_ = Registry::instance().acquire(shm_path_);
  if (file_ == nullptr || !is_in_place()) return false;
  // Before the lock is looked at: from then on nothing is lost unseen. Another store of this process may be about to ask for the
  // mark: that it was gone must not be hidden by setting it again.
  if (!has_mark(*file_)) {
    if (file_->was_marked) ++file_->losses;
    file_->was_marked = set_mark(*file_);
    if (!file_->was_marked) return false;
  }
  losses_ = file_->losses;
  return has_lock(*file_, kWriteLockByte, F_WRLCK);
}

bool WriteLockWatch::was_kept() const {
  if (ES_DEFECT(fork_loses_rows)) return true;
  // The count last: whoever sets the mark again has counted before.
  return is_in_place() && has_mark(*file_) && file_->losses == losses_;
}

bool WriteLockWatch::is_in_place() const {
  struct stat status{};
  return stat(shm_path_.c_str(), &status) == 0 && is_file(*file_, status);
}

}  // namespace eventsource::core::sqlite
