// Ctrl-C and SIGTERM as a flag, so that an import can end between two batches.
// Thread rule: one Interrupt at a time; any thread may ask.
#pragma once

namespace eventsource::cli {

class Interrupt {
 public:
  // From here on the first SIGINT or SIGTERM sets the flag; a second one ends the program at once.
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // The signal that came, 0 when none did.
  [[nodiscard]] static int signal() noexcept;
};

}  // namespace eventsource::cli
