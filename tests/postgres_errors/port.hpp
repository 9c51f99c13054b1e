// A port of this machine that is taken: nobody listens there, or connections are made and nothing is ever answered.
// Used by one thread.
#pragma once

#include <string_view>

namespace eventsource::test {

enum class Answer { kRefusal, kSilence };

class Port {
 public:
  // 0: any that is free.
  explicit Port(Answer answer, const char* address = "127.0.0.1", int number = 0);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] int number() const { return number_; }
  void await_connection() const;
  // How many connections came that were not asked for yet.
  [[nodiscard]] int take_connections() const;
  // The next connection, after what it asks, and hangs up.
  void answer(std::string_view text) const;

 private:
  int socket_;
  int number_ = 0;
};

}  // namespace eventsource::test
