// SPDX-License-Identifier: Apache-2.0
//
// A queue of fixed capacity whose elements are reused, so that their own storage is not allocated
// again.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace cw::agent {

template <class T>
class Ring {
 public:
  explicit Ring(size_t capacity) : slots_(capacity) {}

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == slots_.size(); }
  size_t size() const { return size_; }

  // The next element, with what its last use left in it.
  T& push() {
    if (full()) throw std::logic_error("Ring::push(): full");
    T& slot = slots_[(head_ + size_) % slots_.size()];
    ++size_;
    return slot;
  }
  void pop() {
    head_ = (head_ + 1) % slots_.size();
    --size_;
  }
  // Takes out the element `index` behind the front.
  void erase(size_t index) {
    for (; index > 0; --index) std::swap((*this)[index], (*this)[index - 1]);
    pop();
  }
  T& operator[](size_t index) { return slots_[(head_ + index) % slots_.size()]; }
  T& front() { return slots_[head_]; }
  T& back() { return slots_[(head_ + size_ - 1) % slots_.size()]; }
  void clear() { size_ = 0; }

 private:
  std::vector<T> slots_;
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace cw::agent
