// An operator new that fails when a test wants it to. Its source replaces operator new in the whole program.
// arm, stop and Pause: one thread. What fails may be the allocation of any thread.
#pragma once

namespace failing_new {

// After `successes` allocations one fails, and with `all` every one after it until stop().
void arm(long successes, bool all = false);
// Nothing fails any more; whether something has since arm().
bool stop();

// While one lives nothing fails, and nothing is counted.
class Pause {
 public:
  Pause();
  ~Pause();
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  long successes_;
};

}  // namespace failing_new
