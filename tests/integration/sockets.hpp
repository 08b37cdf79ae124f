#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace waggle::integration {

/// Whether somebody could listen there on loopback.
bool port_is_free(std::uint16_t port);

/// A plain TCP connection to loopback, as one who does not speak our protocol has it.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const noexcept { return fd_ >= 0; }
  /// False if the other side has closed.
  bool send(std::string_view bytes);
  /// All that comes until the other side closes or the time is over.
  std::string receive(std::chrono::milliseconds timeout);
  bool closed() const noexcept { return closed_; }  ///< The other side has, as receive() saw.

 private:
  int fd_ = -1;
  bool closed_ = false;
};

/// Holds a port on loopback.
class PortHolder {
 public:
  explicit PortHolder(std::uint16_t port);
  ~PortHolder();
  PortHolder(const PortHolder&) = delete;
  PortHolder& operator=(const PortHolder&) = delete;
  bool held() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

/// The body of http://127.0.0.1:port/path; empty if there is no good answer.
std::string http_get(std::uint16_t port, const std::string& path);

/// The sum of all samples of a metric in Prometheus' text format whose line holds `label`.
double metric(const std::string& text, const std::string& name, const std::string& label = "");

}  // namespace waggle::integration
