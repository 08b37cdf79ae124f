#pragma once

#include <optional>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "consensus/core/bytes.hpp"
#include "net/event_loop.hpp"

namespace waggle::net {

namespace asio = boost::asio;

struct EventLoop::Impl {
  asio::io_context context{1};  // one thread runs it; others may post
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::optional<asio::signal_set> signals;
  std::function<void(int)> signal_function;

  // Buffers that the connections borrow within one call, so that an idle one holds none.
  Bytes read_scratch = Bytes(128 << 10);
  Bytes plain_scratch;
  Bytes cipher_scratch;

  void await_signal();
};

}  // namespace waggle::net
