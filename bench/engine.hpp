// The work that the engine does on every kind of store. One thread.
#pragma once

#include <cstddef>
#include <eventsource/eventsource.hpp>
#include <limits>
#include <vector>

// The source's first `count` events, in pages that stay in memory: what is measured is the append, not the read.
std::vector<eventsource::Page> load(const eventsource::Store& store,
                                    std::size_t count = std::numeric_limits<std::size_t>::max());

// The event again, in the stream that `append` has chosen.
void add(eventsource::Append& append, const eventsource::Event& event);

// Each of the first `count` events by itself, in its own stream.
void write_singles(const eventsource::Store& store, const std::vector<eventsource::Page>& pages, std::size_t count);

void read_all(const eventsource::Store& store);
