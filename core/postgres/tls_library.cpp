#include "core/postgres/tls_library.hpp"

#include <cstdint>
#include <dlfcn.h>

namespace eventsource::core::postgres {
namespace {

// OPENSSL_INIT_NO_ATEXIT of <openssl/crypto.h>, from OpenSSL 1.1.1b on.
constexpr std::uint64_t kNoAtExit = 0x00080000;

}  // namespace

// By its name: what libpq was built with is libpq's to choose.
void keep_tls_library() noexcept {
  using Initialise = int (*)(std::uint64_t, const void*);
  if (void* const found = dlsym(RTLD_DEFAULT, "OPENSSL_init_crypto")) {
    reinterpret_cast<Initialise>(found)(kNoAtExit, nullptr);
  }
}

}  // namespace eventsource::core::postgres
