#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "net/counters.hpp"
#include "net/event_loop.hpp"
#include "net/frame_reader.hpp"
#include "net/send_queue.hpp"
#include "net/tls_session.hpp"

namespace waggle::net {

using Clock = std::chrono::steady_clock;

/// Why a connection ended.
struct Closed {
  std::optional<Refusal> refusal;  ///< What the other side did wrong, if it did.
  std::string why;
  bool was_open = false;  ///< The handshake had succeeded.
};

/// One TCP connection with TLS and frames on it, the same for peers and clients, dialled or
/// accepted. Owns the socket; lives by shared pointer until its last handler has run. Only on the
/// loop's thread.
///
/// Reading: a small buffer of its own wakes it up, a large one of the loop drains the rest; what
/// is decrypted goes straight into the frame. Writing: flush() gathers what is queued, encrypts it
/// into one buffer and hands that to the socket at once; while the socket takes no more, frames
/// stay in the queue, where they may still be superseded.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Limits {
    FrameLimits frame;
    std::size_t queue_bytes_max;
    std::size_t write_bytes_max;
    Duration handshake_timeout;
    Duration frame_timeout;
    Duration idle_timeout{0};        ///< 0: may idle for ever.
    bool cut_off_when_full = false;  ///< A full queue ends the connection; otherwise it gives way.
  };
  /// on_closed is the last of them and comes exactly once, unless abandon() is called.
  struct Events {
    std::function<void()> on_open;
    std::function<void(Frame)> on_frame;
    std::function<void(const Closed&)> on_closed;
  };

  Connection(EventLoop& loop, boost::asio::ip::tcp::socket socket, std::unique_ptr<TlsSession> tls,
             const Limits& limits, CountersPtr counters);
  ~Connection();

  void start(Events events);
  /// Adds to the queue; flush() sends. Frames before the end of the handshake are dropped.
  void queue(SharedFrame frame, Delivery delivery);
  void flush();
  /// Ends the connection and says why: to the events, and to the counters if it is a refusal.
  void close(std::optional<Refusal> refusal, std::string why);
  /// Ends the connection without a word to the events.
  void abandon();
  /// Ends the connection if it has been too slow. To be called every now and then.
  void sweep(Clock::time_point now);

  bool open() const noexcept { return state_ == State::kOpen; }
  const TlsSession& tls() const noexcept { return *tls_; }

 private:
  enum class State { kHandshake, kOpen, kClosed };
  void read();
  void on_readable(std::size_t size);
  void ingest(ByteView input);
  void shake_hands();
  void read_frames();
  bool encrypt();
  bool write();
  void await_writable();
  void shut(bool say_goodbye);

  EventLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsSession> tls_;
  Limits limits_;
  CountersPtr counters_;
  Events events_;
  State state_ = State::kHandshake;
  FrameReader reader_;
  SendQueue queue_;
  std::array<std::uint8_t, 4096> wake_buffer_;
  std::size_t written_ = 0;  // of tls_->output()
  bool awaits_writable_ = false;

  // What sweep() compares: the state of some sweep ago.
  Clock::time_point started_ = Clock::now();
  std::uint64_t frames_read_ = 0;
  std::uint64_t frames_written_ = 0;
  std::uint64_t partial_mark_ = 0;
  Clock::time_point partial_since_ = started_;
  std::uint64_t idle_mark_ = 0;
  Clock::time_point idle_since_ = started_;
};

/// Small writes at once; a dead network is noticed within some seconds.
void tune(boost::asio::ip::tcp::socket& socket);

}  // namespace waggle::net
