#include "core/postgres/cancel.hpp"

#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "core/base/thread.hpp"

namespace eventsource::core::postgres {

void ask_to_cancel(PGconn* connection) noexcept {
  try {
    // It needs nothing of the connection, which may be closed meanwhile.
    const std::shared_ptr<PGcancel> cancel(PQgetCancel(connection), PQfreeCancel);
    if (cancel == nullptr) return;
    Result<std::thread> thread = start_thread("es-cancel", [cancel] {
      char reason[256];
      static_cast<void>(PQcancel(cancel.get(), &reason[0], sizeof reason));
    });
    if (thread.ok()) std::move(thread).value().detach();
  } catch (const std::bad_alloc&) {
    // The server's time to answer passes, and the connection is given up.
  }
}

}  // namespace eventsource::core::postgres
