#pragma once

#include <functional>
#include <string>
#include <vector>

namespace waggle::sim {

/// Work in a process of its own, so that a core which stops itself (ENSURE) is not the end of
/// everything. Not thread-safe.
class ApartTask {
 public:
  /// Starts it. `work` sees the caller's memory as it is now; what it changes there is lost, and
  /// what it returns is handed over. Not finished is what throws or aborts.
  explicit ApartTask(const std::function<std::string()>& work);
  ApartTask(const ApartTask&) = delete;
  ApartTask& operator=(const ApartTask&) = delete;
  /// Ends the process if it still runs.
  ~ApartTask();

  /// Readable (poll) when the work is over.
  int handle() const noexcept { return result_; }

  struct End {
    bool finished = false;
    std::string text;  ///< What the work returned; what the process said last, if it died.
  };
  /// Waits for the end. To be called once.
  End finish();

 private:
  int result_ = -1;
  int words_ = -1;
  int child_ = -1;
};

/// Waits until at least one of the handles is readable. Their places in the list, the last first,
/// so that what is there can be erased as they come.
std::vector<std::size_t> wait_for_any(const std::vector<int>& handles);

}  // namespace waggle::sim
