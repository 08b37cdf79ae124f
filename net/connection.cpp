#include "net/connection.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/event_loop_impl.hpp"

namespace waggle::net {

using boost::system::error_code;

namespace {

constexpr std::size_t kReadBudget = 512 << 10;  // then the other connections have their turn
constexpr std::size_t kPlainMax = 16 << 10;     // one TLS record

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again;
}

/// What the other side did wrong when TLS failed; nothing if it was that side that gave up.
std::optional<Refusal> refusal_of(TlsSession::Failure failure) {
  if (failure == TlsSession::Failure::kAlert) return std::nullopt;
  return failure == TlsSession::Failure::kUnknownKey ? Refusal::kUnknownReplica
                                                     : Refusal::kMalformed;
}

/// Cuts what is written into TLS records as full as they can be, since a record costs more than
/// most of what is in it. What fills a record is encrypted from where it lies, without a copy.
class Gather {
 public:
  Gather(TlsSession& tls, Bytes& scratch) : tls_(tls), scratch_(scratch) { scratch_.clear(); }

  bool add(ByteView piece) {
    if (!scratch_.empty()) {
      piece = piece.subspan(keep(piece.first(std::min(piece.size(), kPlainMax - scratch_.size()))));
      if (scratch_.size() == kPlainMax && !end()) return false;
    }
    const std::size_t whole = piece.size() - piece.size() % kPlainMax;
    if (!tls_.write(piece.first(whole))) return false;
    keep(piece.subspan(whole));
    return true;
  }
  bool add(const Frame& frame) {
    bool added = add(frame.prefix()) && add(frame.header);
    for (const SharedBytes& segment : frame.segments) added = added && add(*segment);
    return added;
  }
  bool end() {
    const bool written = tls_.write(scratch_);
    scratch_.clear();
    return written;
  }

 private:
  std::size_t keep(ByteView piece) {
    scratch_.insert(scratch_.end(), piece.begin(), piece.end());
    return piece.size();
  }

  TlsSession& tls_;
  Bytes& scratch_;
};

}  // namespace

void tune(asio::ip::tcp::socket& socket) {
  // Best effort: a system that lacks one of them is slower to notice, no more.
  const auto set = [fd = socket.native_handle()](int level, int option, int value) {
    (void)::setsockopt(fd, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 5);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 2);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 15'000);
}

Connection::Connection(EventLoop& loop, asio::ip::tcp::socket socket,
                       std::unique_ptr<TlsSession> tls, const Limits& limits, CountersPtr counters)
    : loop_(loop),
      socket_(std::move(socket)),
      tls_(std::move(tls)),
      limits_(limits),
      counters_(std::move(counters)),
      reader_(limits.frame),
      queue_(limits.queue_bytes_max) {}

Connection::~Connection() { shut(false); }

void Connection::start(Events events) {
  events_ = std::move(events);
  error_code error;
  socket_.non_blocking(true, error);
  tune(socket_);
  ingest({});  // the side that dials speaks first
  if (state_ != State::kClosed) read();
}

// Reading.

void Connection::read() {
  socket_.async_read_some(asio::buffer(wake_buffer_),
                          [self = shared_from_this()](const error_code& error, std::size_t size) {
                            if (self->state_ == State::kClosed) return;
                            if (error) return self->close(std::nullopt, error.message());
                            self->on_readable(size);
                          });
}

void Connection::on_readable(std::size_t size) {
  ingest(ByteView(wake_buffer_).first(size));
  // A full buffer means that there may be more.
  Bytes& scratch = loop_.impl().read_scratch;
  bool more = size == wake_buffer_.size();
  for (std::size_t total = 0; more && state_ != State::kClosed && total < kReadBudget;) {
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(scratch), error);
    if (would_block(error)) break;
    if (error) return close(std::nullopt, error.message());
    ingest(ByteView(scratch).first(count));
    total += count;
    more = count == scratch.size();
  }
  if (state_ != State::kClosed) read();
}

void Connection::ingest(ByteView input) {
  Counters::add(counters_->bytes_in, input.size());
  tls_->feed(input);
  if (state_ == State::kHandshake) shake_hands();
  if (state_ == State::kOpen) read_frames();
  if (state_ != State::kClosed) flush();
}

void Connection::shake_hands() {
  switch (tls_->handshake()) {
    case TlsSession::Status::kOk:
      state_ = State::kOpen;
      started_ = Clock::now();
      Counters::add(counters_->connections);
      Counters::add(counters_->connections_opened);
      events_.on_open();
      return;
    case TlsSession::Status::kWantRead: return;
    case TlsSession::Status::kClosed: return close(std::nullopt, "closed during the TLS handshake");
    case TlsSession::Status::kFailed:
      const bool stranger = tls_->failure() == TlsSession::Failure::kUnknownKey;
      return close(stranger ? Refusal::kUnknownReplica : Refusal::kMalformed, tls_->failure_text());
  }
}

void Connection::read_frames() {
  while (state_ == State::kOpen) {
    const auto [status, size] = tls_->read(reader_.want());
    if (status == TlsSession::Status::kWantRead) return;
    if (status == TlsSession::Status::kFailed) {
      return close(refusal_of(tls_->failure()), tls_->failure_text());
    }
    if (status == TlsSession::Status::kClosed) {
      if (reader_.partial()) return close(Refusal::kMalformed, "ended within a frame");
      return close(std::nullopt, "closed by the other side");
    }
    const auto complete = reader_.advance(size);
    if (!complete) return close(complete.error(), "not a frame");
    if (!*complete) continue;
    ++frames_read_;
    Counters::add(counters_->frames_in);
    events_.on_frame(reader_.take());
  }
}

// Writing.

void Connection::queue(SharedFrame frame, Delivery delivery) {
  if (state_ != State::kOpen) return Counters::add(counters_->frames_dropped);
  if (!limits_.cut_off_when_full) {
    return Counters::add(counters_->frames_dropped, queue_.push(std::move(frame), delivery));
  }
  queue_.push_unbounded(std::move(frame));
  if (!queue_.over()) return;
  flush();  // it may only look slow because nothing was flushed yet
  if (queue_.over()) close(Refusal::kThrottled, "does not read what it is sent");
}

void Connection::flush() {
  if (awaits_writable_ || state_ == State::kClosed) return;
  Bytes& output = tls_->output();
  if (output.empty() && queue_.empty()) return;
  Bytes& scratch = loop_.impl().cipher_scratch;
  if (output.capacity() < scratch.capacity()) {  // borrow the loop's large buffer
    scratch.assign(output.begin(), output.end());
    output.swap(scratch);
    scratch.clear();
  }
  const bool written = encrypt() && write();
  if (state_ == State::kClosed) return;
  if (!written) return await_writable();
  output.clear();
  if (scratch.capacity() < output.capacity()) output.swap(scratch);  // and give it back
  if (queue_.empty()) return;
  asio::post(loop_.impl().context, [self = shared_from_this()] { self->flush(); });
}

/// Encrypts queued frames up to the size of one write. False when the connection was closed.
bool Connection::encrypt() {
  if (state_ != State::kOpen || queue_.empty()) return true;
  Gather gather(*tls_, loop_.impl().plain_scratch);
  bool ok = true;
  while (ok && !queue_.empty() && tls_->output().size() < limits_.write_bytes_max) {
    ok = gather.add(*queue_.pop());
    ++frames_written_;
    Counters::add(counters_->frames_out);
  }
  ok = ok && gather.end();
  if (!ok) close(std::nullopt, "TLS cannot write");
  return ok;
}

/// Hands the output to the socket. True when all of it was taken.
bool Connection::write() {
  const Bytes& output = tls_->output();
  while (written_ < output.size()) {
    error_code error;
    const std::size_t count =
        socket_.write_some(asio::buffer(output.data() + written_, output.size() - written_), error);
    if (would_block(error)) return false;
    if (error) return close(std::nullopt, error.message()), false;
    written_ += count;
    Counters::add(counters_->bytes_out, count);
  }
  written_ = 0;
  return true;
}

void Connection::await_writable() {
  awaits_writable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](const error_code& error) {
                       self->awaits_writable_ = false;
                       if (self->state_ == State::kClosed) return;
                       if (error) return self->close(std::nullopt, error.message());
                       // Only what is encrypted already; the rest follows when that has left.
                       if (!self->write()) {
                         if (self->state_ != State::kClosed) self->await_writable();
                         return;
                       }
                       Bytes().swap(self->tls_->output());
                       self->flush();
                     });
}

// The end.

void Connection::close(std::optional<Refusal> refusal, std::string why) {
  if (state_ == State::kClosed) return;
  const Closed closed{refusal, std::move(why), state_ == State::kOpen};
  if (refusal) counters_->refuse(*refusal);
  if (!closed.was_open) Counters::add(counters_->handshakes_failed);
  const auto self = shared_from_this();
  shut(true);
  events_.on_closed(closed);
}

void Connection::abandon() { shut(true); }

void Connection::shut(bool say_goodbye) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kOpen) {
    counters_->connections.fetch_sub(1, std::memory_order_relaxed);
    Counters::add(counters_->frames_dropped, queue_.size());
  }
  error_code ignored;
  if (say_goodbye && !awaits_writable_) {  // a TLS alert, such as "unknown key", or a goodbye
    tls_->shutdown();
    const Bytes& output = tls_->output();
    if (!output.empty()) socket_.write_some(asio::buffer(output), ignored);
  }
  state_ = State::kClosed;
  socket_.close(ignored);
  if (!say_goodbye) return;  // the destructor
  // One of the events may be running right now: they go when nothing of ours is on the stack.
  asio::post(loop_.impl().context, [self = shared_from_this()] { self->events_ = {}; });
}

void Connection::sweep(Clock::time_point now) {
  if (state_ == State::kClosed) return;
  const auto late = [now](Clock::time_point since, Duration limit) { return now - since > limit; };
  if (state_ == State::kHandshake) {
    if (late(started_, limits_.handshake_timeout)) {
      close(Refusal::kThrottled, "too slow in the TLS handshake");
    }
    return;
  }
  const bool partial = reader_.partial() || tls_->has_partial_input();
  if (!partial || frames_read_ != partial_mark_) {
    partial_mark_ = frames_read_;
    partial_since_ = now;
  } else if (late(partial_since_, limits_.frame_timeout)) {
    return close(Refusal::kThrottled, "too slow within a frame");
  }
  if (limits_.idle_timeout.count() == 0) return;
  const std::uint64_t activity = frames_read_ + frames_written_;
  if (activity != idle_mark_) {
    idle_mark_ = activity;
    idle_since_ = now;
  } else if (late(idle_since_, limits_.idle_timeout)) {
    close(std::nullopt, "idle for too long");
  }
}

}  // namespace waggle::net
