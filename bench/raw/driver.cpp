#include "bench/raw/driver.hpp"

#include "bench/raw/postgres_statements.hpp"

Driver::Driver(std::vector<Link>& links, std::function<Batch(std::size_t)> next)
    : links_(links), next_(std::move(next)), at_work_(links.size()), sockets_(links.size()) {}

void Driver::run(std::size_t seconds) {
  Measure measure(seconds);
  for (std::size_t i = 0; i < links_.size(); ++i) send(i, measure);
  while (working_ > 0) {
    poll(sockets_.data(), sockets_.size(), -1);
    for (std::size_t i = 0; i < links_.size(); ++i) {
      if (sockets_[i].revents != 0 && links_[i].receive()) finish(i, measure);
    }
  }
  measure.report(done_);
}

void Driver::send(std::size_t link, const Measure& measure) {
  const auto began = Clock::now();
  const Batch batch = measure.is_over() ? Batch{} : next_(link);
  // poll passes over a negative descriptor.
  sockets_[link] = {batch.events == 0 ? -1 : links_[link].socket(), POLLIN, 0};
  at_work_[link] = {began, batch.events};
  if (batch.events == 0) return;
  links_[link].send(batch.statement, batch.values);
  ++working_;
}

void Driver::finish(std::size_t link, Measure& measure) {
  --working_;
  const Work work = at_work_[link];
  check_appended(links_[link].rows(), work.events);
  done_ += work.events;
  const auto ended = Clock::now();
  for (std::size_t i = 0; i < work.events; ++i) measure.call(work.began, ended);
  send(link, measure);
}
