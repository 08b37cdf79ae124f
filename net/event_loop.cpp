#include "net/event_loop.hpp"

#include <chrono>
#include <csignal>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/event_loop_impl.hpp"

namespace waggle::net {
namespace {

sigset_t stop_signals() noexcept {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

struct Timer::Impl {
  explicit Impl(asio::io_context& context) : timer(context) {}
  asio::steady_timer timer;
  std::uint64_t generation = 0;  // a wait that completes under another one was cancelled
};

Timer::Timer(EventLoop& loop) : impl_(std::make_shared<Impl>(loop.impl().context)) {}
Timer::~Timer() {
  if (impl_) cancel();
}
Timer::Timer(Timer&&) noexcept = default;

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    if (impl_) cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

void Timer::start(Duration after, std::function<void()> run) {
  const std::uint64_t generation = ++impl_->generation;
  impl_->timer.expires_after(after);
  impl_->timer.async_wait([weak = std::weak_ptr<Impl>(impl_), generation,
                           run = std::move(run)](const boost::system::error_code& error) {
    const auto impl = weak.lock();
    if (!error && impl && impl->generation == generation) run();
  });
}

void Timer::cancel() {
  ++impl_->generation;
  impl_->timer.cancel();
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
  impl_->context.restart();
  impl_->context.run();
}

void EventLoop::stop() noexcept {
  // Posted, so that it also ends a run() that is about to begin.
  asio::post(impl_->context, [this] { impl_->context.stop(); });
}

bool EventLoop::run_until(const std::function<bool()>& done, Duration at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    impl_->context.restart();
    impl_->context.run_one_until(deadline);
  }
  return true;
}

void EventLoop::post(std::function<void()> function) {
  asio::post(impl_->context, std::move(function));
}

Timer EventLoop::run_after(Duration after, std::function<void()> function) {
  Timer timer(*this);
  timer.start(after, std::move(function));
  return timer;
}

void EventLoop::hold_signals() noexcept {
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void EventLoop::on_signal(std::function<void(int)> function) {
  impl_->signal_function = std::move(function);
  impl_->signals.emplace(impl_->context, SIGTERM, SIGINT);
  impl_->await_signal();
  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void EventLoop::Impl::await_signal() {
  signals->async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    await_signal();
    signal_function(signal);
  });
}

}  // namespace waggle::net
