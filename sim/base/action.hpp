#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace waggle::sim {

/// Something to be done once, later. As std::function<void()>, but movable only and without the
/// heap for captures of up to kInline bytes: a run goes through millions.
class Action {
 public:
  static constexpr std::size_t kInline = 64;

  Action() = default;
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Action>) Action(
      F&& call) {  // NOLINT(google-explicit-constructor): made from a lambda where it is asked for
    using Call = std::remove_cvref_t<F>;
    if constexpr (sizeof(Call) <= kInline && alignof(Call) <= alignof(std::max_align_t) &&
                  std::is_nothrow_move_constructible_v<Call>) {
      new (storage_) Call(std::forward<F>(call));
      table_ = &kTable<Call>;
    } else {
      const auto boxed = std::make_shared<Call>(std::forward<F>(call));
      auto open = [boxed] { (*boxed)(); };
      new (storage_) decltype(open)(std::move(open));
      table_ = &kTable<decltype(open)>;
    }
  }
  Action(Action&& other) noexcept { take(other); }
  Action& operator=(Action&& other) noexcept {
    if (this != &other) {
      clear();
      take(other);
    }
    return *this;
  }
  ~Action() { clear(); }

  explicit operator bool() const noexcept { return table_ != nullptr; }
  void operator()() { table_->call(storage_); }

 private:
  struct Table {
    void (*call)(void* self);
    void (*move)(void* from, void* to) noexcept;  ///< And destroys `from`.
    void (*destroy)(void* self) noexcept;
  };
  template <class Call>
  static constexpr Table kTable = {[](void* self) { (*static_cast<Call*>(self))(); },
                                   [](void* from, void* to) noexcept {
                                     new (to) Call(std::move(*static_cast<Call*>(from)));
                                     static_cast<Call*>(from)->~Call();
                                   },
                                   [](void* self) noexcept { static_cast<Call*>(self)->~Call(); }};

  void take(Action& other) noexcept {
    table_ = std::exchange(other.table_, nullptr);
    if (table_ != nullptr) table_->move(other.storage_, storage_);
  }
  void clear() noexcept {
    if (const Table* table = std::exchange(table_, nullptr)) table->destroy(storage_);
  }

  alignas(std::max_align_t) std::byte storage_[kInline];
  const Table* table_ = nullptr;
};

}  // namespace waggle::sim
