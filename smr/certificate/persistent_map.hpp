#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace waggle::certificate {

/// An ordered map whose copies share all they have in common: a copy takes O(1), a change O(log n)
/// and leaves every copy as it was. A tree balanced by weight (Adams, "Efficient sets", 1993, with
/// the parameters of Hirai and Yamamoto, 2011). One object is not thread-safe; copies are
/// independent of each other, also between threads.
template <class Key, class Value>
class PersistentMap {
 public:
  struct Entry {
    Key key;
    Value value;
  };

  std::size_t size() const noexcept { return size_of(root_); }
  bool empty() const noexcept { return root_ == nullptr; }
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// Null if there is none; valid until this map changes.
  const Value* find(const Key& key) const {
    const Node* node = root_.get();
    while (node != nullptr) {
      if (key < node->entry.key) {
        node = node->left.get();
      } else if (node->entry.key < key) {
        node = node->right.get();
      } else {
        return &node->entry.value;
      }
    }
    return nullptr;
  }
  /// The lowest and the highest; the map must not be empty.
  const Entry& front() const { return lowest(root_.get())->entry; }
  const Entry& back() const {
    const Node* node = root_.get();
    while (node->right != nullptr) node = node->right.get();
    return node->entry;
  }
  /// In rising order of keys.
  template <class F>
  void for_each(F f) const {
    visit(root_.get(), f);
  }

  /// Inserts, or replaces what is there.
  void set(const Key& key, Value value) { root_ = with(root_, Entry{key, std::move(value)}); }
  /// Nothing happens if there is none.
  void erase(const Key& key) {
    if (contains(key)) root_ = without(root_, key);
  }

 private:
  struct Node;
  using Ptr = std::shared_ptr<const Node>;
  struct Node {
    Entry entry;
    Ptr left, right;
    std::size_t size;
  };
  static constexpr std::size_t kDelta = 3;
  static constexpr std::size_t kGamma = 2;

  static std::size_t size_of(const Ptr& node) noexcept { return node ? node->size : 0; }
  static std::size_t weight(const Ptr& node) noexcept { return size_of(node) + 1; }

  static Ptr join(const Entry& entry, Ptr left, Ptr right) {
    const std::size_t size = size_of(left) + size_of(right) + 1;
    return std::make_shared<const Node>(Node{entry, std::move(left), std::move(right), size});
  }

  /// Of two trees that were balanced before one of them gained or lost one.
  static Ptr balance(const Entry& entry, Ptr left, Ptr right) {
    if (weight(right) > kDelta * weight(left)) {
      const bool single = weight(right->left) < kGamma * weight(right->right);
      return single
                 ? rotate_left(entry, left, right)
                 : rotate_left(entry, left, rotate_right(right->entry, right->left, right->right));
    }
    if (weight(left) > kDelta * weight(right)) {
      const bool single = weight(left->right) < kGamma * weight(left->left);
      return single ? rotate_right(entry, left, right)
                    : rotate_right(entry, rotate_left(left->entry, left->left, left->right), right);
    }
    return join(entry, std::move(left), std::move(right));
  }
  static Ptr rotate_left(const Entry& entry, const Ptr& left, const Ptr& right) {
    return join(right->entry, join(entry, left, right->left), right->right);
  }
  static Ptr rotate_right(const Entry& entry, const Ptr& left, const Ptr& right) {
    return join(left->entry, left->left, join(entry, left->right, right));
  }

  static Ptr with(const Ptr& node, Entry entry) {
    if (!node) return join(entry, nullptr, nullptr);
    const Entry& here = node->entry;
    if (entry.key < here.key) return balance(here, with(node->left, std::move(entry)), node->right);
    if (here.key < entry.key) return balance(here, node->left, with(node->right, std::move(entry)));
    return join(entry, node->left, node->right);
  }

  static Ptr without(const Ptr& node, const Key& key) {
    const Entry& here = node->entry;
    if (key < here.key) return balance(here, without(node->left, key), node->right);
    if (here.key < key) return balance(here, node->left, without(node->right, key));
    if (!node->left) return node->right;
    if (!node->right) return node->left;
    const Entry next = lowest(node->right.get())->entry;
    return balance(next, node->left, without(node->right, next.key));
  }

  static const Node* lowest(const Node* node) {
    while (node->left != nullptr) node = node->left.get();
    return node;
  }

  template <class F>
  static void visit(const Node* node, F& f) {
    if (node == nullptr) return;
    visit(node->left.get(), f);
    f(node->entry.key, node->entry.value);
    visit(node->right.get(), f);
  }

  Ptr root_;
};

}  // namespace waggle::certificate
