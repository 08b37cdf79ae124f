// Preloaded into a waggled: its wall clock is WAGGLE_SKEW_SECONDS ahead.
#include <cstdlib>
#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, now);
  const char* skew = std::getenv("WAGGLE_SKEW_SECONDS");
  if (result == 0 && clock == CLOCK_REALTIME && skew != nullptr) now->tv_sec += std::atol(skew);
  return static_cast<int>(result);
}
