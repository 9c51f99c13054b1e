#include "tests/postgres_errors/port.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace eventsource::test {

Port::Port(Answer answer, const char* address, int number) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(number));
  EXPECT_EQ(inet_pton(AF_INET, address, &name.sin_addr), 1);
  socklen_t size = sizeof name;
  auto* const plain = reinterpret_cast<sockaddr*>(&name);
  EXPECT_EQ(bind(socket_, plain, size), 0);
  EXPECT_TRUE(answer == Answer::kRefusal || listen(socket_, 64) == 0);
  EXPECT_EQ(getsockname(socket_, plain, &size), 0);
  number_ = ntohs(name.sin_port);
}

Port::~Port() {
  close(socket_);
}

void Port::await_connection() const {
  pollfd waiting{socket_, POLLIN, 0};
  EXPECT_EQ(poll(&waiting, 1, 60'000), 1);
}

int Port::take_connections() const {
  int count = 0;
  pollfd waiting{socket_, POLLIN, 0};
  for (; poll(&waiting, 1, 0) == 1; ++count) close(accept(socket_, nullptr, nullptr));
  return count;
}

void Port::answer(std::string_view text) const {
  const int connection = accept(socket_, nullptr, nullptr);
  char request[1024];
  EXPECT_GT(read(connection, &request[0], sizeof request), 0);
  EXPECT_EQ(write(connection, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(connection);
}

}  // namespace eventsource::test
