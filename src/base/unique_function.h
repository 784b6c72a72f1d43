// A callable that is moved, not copied, and held without the heap when small.
//
// std::function wants copyable targets and spills past 16 octets; completions
// that cross shards are move-only and about 40. Calling an empty one is undefined.
// Not thread-safe; a moved-from one is empty.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace missive::base {

template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}

  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
           std::is_invocable_r_v<R, std::decay_t<F>&, Args...>) UniqueFunction(F&& target) {
    using Target = std::decay_t<F>;
    if constexpr (fits<Target>) {
      new (&storage_) Target(std::forward<F>(target));
      table_ = &inline_table<Target>;
    } else {
      new (&storage_) Target*(new Target(std::forward<F>(target)));
      table_ = &heap_table<Target>;
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~UniqueFunction() { reset(); }

  explicit operator bool() const { return table_ != nullptr; }
  R operator()(Args... args) { return table_->call(&storage_, std::forward<Args>(args)...); }

  void reset() {
    if (table_ != nullptr) table_->destroy(&storage_);
    table_ = nullptr;
  }

 private:
  static constexpr std::size_t capacity = 48;
  struct Table {
    R (*call)(void*, Args&&...);
    void (*move)(void* from, void* to);  // and ends `from`
    void (*destroy)(void*);
  };

  template <class T>
  static constexpr bool fits =
      sizeof(T) <= capacity &&
      alignof(T) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<T>;

  template <class T>
  static constexpr Table inline_table{
      [](void* self, Args&&... args) -> R {
        return (*std::launder(static_cast<T*>(self)))(std::forward<Args>(args)...);
      },
      [](void* from, void* to) {
        auto* source = std::launder(static_cast<T*>(from));
        new (to) T(std::move(*source));
        source->~T();
      },
      [](void* self) { std::launder(static_cast<T*>(self))->~T(); }};

  template <class T>
  static constexpr Table heap_table{
      [](void* self, Args&&... args) -> R {
        return (**static_cast<T**>(self))(std::forward<Args>(args)...);
      },
      [](void* from, void* to) { new (to) T*(*static_cast<T**>(from)); },
      [](void* self) { delete *static_cast<T**>(self); }};

  void take(UniqueFunction& other) {
    if (other.table_ == nullptr) return;
    other.table_->move(&other.storage_, &storage_);
    table_ = std::exchange(other.table_, nullptr);
  }

  alignas(std::max_align_t) std::byte storage_[capacity];
  const Table* table_ = nullptr;
};

}  // namespace missive::base
