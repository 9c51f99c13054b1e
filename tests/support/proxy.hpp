// Stands between a client and a server, or its pooler, and breaks connections: at a chosen byte of a write, or at any message.
// The object belongs to the test's thread; it has threads of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace test_support {

// What happens to an append, or a snapshot's save or delete, that is sent through the proxy. The client's connection is cut each time.
enum class Fault {
  kNone,
  kLoseAll,     // nothing of it reaches the server
  kLoseCommit,  // everything before its COMMIT reaches the server
  kLoseAnswer,  // all of it does, and is answered: the answer is lost
  kLoseEnd,     // only the end of the answer is: that the server is ready for more
  kCutAtOnce,   // all of it does, and nobody waits for the answer
  kCutLater,    // all of it does, and nobody waits any more at release(): the server's side is cut as well
  kHoldAll,     // nothing of it, until release(): the server's side of the connection stays
  kHoldCommit,  // everything before its COMMIT, and the rest at release()
};

enum class Direction { kToServer, kToClient };

// What happens at a message, whatever it is.
enum class Break {
  kCut,        // it does not arrive: both sides lose the connection
  kTear,       // the same after the first half of it
  kVanish,     // the client loses the connection; the server's end stays, and gets all that was sent, until release()
  kHalfClose,  // it arrives, and is the last that does; the other direction goes on
  kDelay,      // it and what follows arrive once a statement was cancelled, or at release()
  kHold,       // the same at release() alone
};

class Proxy {
 public:
  // Before the runner's server, or what listens where `url` leads to.
  Proxy();
  explicit Proxy(const std::string& url);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // `url`, a URL of that server, by way of this proxy.
  [[nodiscard]] std::string url(const std::string& url) const;

  // From now on clients are shown another process id than the server's, as a pooler does.
  void disguise() { disguises_ = true; }

  // For the next `writes` of these, whatever connections they come by.
  void set(Fault fault, int writes = 1);
  // From the next fault on nobody is let in any more, as if the server had gone.
  void refuse_after_fault() { refuses_after_fault_ = true; }
  void let_in() { refuses_ = false; }
  // From now on the messages in one direction are counted, on all connections together: the `message`-th (from 1) breaks,
  // then the one that is `further` after it (as many again when it is 0), and so on, `times` in all. 0 times: nothing breaks.
  void break_at(Break how, Direction direction, int message, int times = 1, int further = 0);
  // How many faults have happened, of both kinds.
  [[nodiscard]] int faults() const { return faults_; }
  // The kinds of the messages that broke, in order: the letter of each, '.' for one without (the first of a connection).
  [[nodiscard]] std::string broken() const;
  // The kinds of all messages in one direction since this was asked last.
  [[nodiscard]] std::string take_seen(Direction direction);
  // The most connections that were at a statement at one time, since this was asked last.
  [[nodiscard]] int take_most_at_work();
  // Delivers what was held, and returns when the server has answered it or closed the connection: whatever is told of a
  // connection that broke, the server does nothing more about it.
  void release();

 private:
  class Line;

  void accept_clients();
  [[nodiscard]] Fault take_fault();
  void saw(Direction direction, char kind);
  void work_begins();
  void work_ends();
  // What happens at the message that is passed on now.
  [[nodiscard]] std::optional<Break> take_break(Direction direction, char kind);
  void hold_begins();
  // False: the proxy is closed instead.
  [[nodiscard]] bool wait_for_release(bool or_cancel = false);
  void cancel_was_passed();
  void hold_ends();

  std::string folder_;
  std::string server_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  std::atomic<bool> disguises_ = false;
  std::atomic<bool> refuses_ = false;
  std::atomic<bool> refuses_after_fault_ = false;
  std::atomic<int> faults_ = 0;
  std::atomic<int> breaks_ = 0;  // that are still to come

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Fault fault_ = Fault::kNone;
  int writes_ = 0;
  Break break_ = Break::kCut;
  Direction direction_ = Direction::kToServer;
  int further_ = 0;
  int messages_ = 0;  // until the next break
  bool released_ = false;
  int cancels_ = 0;
  bool closing_ = false;
  int held_ = 0;
  std::string seen_[2];
  std::string broken_;
  int at_work_ = 0;
  int most_at_work_ = 0;
  std::list<std::thread> lines_;
  std::thread acceptor_;
};

}  // namespace test_support
