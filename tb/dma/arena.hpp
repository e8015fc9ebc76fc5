// SPDX-License-Identifier: Apache-2.0
//
// A range of addresses given out piece by piece, round and round: no piece twice before the entry
// that it was given to is over.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace cw::dma {

class Arena {
 public:
  Arena(uint64_t base, uint64_t bytes) : base_(base), bytes_(bytes) {}

  uint64_t base() const { return base_; }
  uint64_t bytes() const { return bytes_; }

  // `bytes` bytes after a gap; with `at_end` the last ones of the range, if the way there is free.
  std::optional<uint64_t> take(uint64_t entry, uint64_t bytes, uint64_t gap, bool at_end = false) {
    uint64_t skip = gap;
    if (at_end && next_ + bytes <= bytes_) skip = bytes_ - next_ - bytes;
    if (next_ + skip + bytes > bytes_) skip = bytes_ - next_ + gap;  // round again
    if (gap + bytes > bytes_ || used_ + skip + bytes > bytes_) return std::nullopt;
    next_ = (next_ + skip) % bytes_;
    const uint64_t at = base_ + next_;
    next_ += bytes;
    used_ += skip + bytes;
    given_.push_back({entry, skip + bytes});
    return at;
  }
  // All entries before this one are over.
  void free(uint64_t entry) {
    while (!given_.empty() && given_.front().entry < entry) {
      used_ -= given_.front().bytes;
      given_.pop_front();
    }
  }
  void free_all() {
    given_.clear();
    used_ = 0;
  }

 private:
  struct Given {
    uint64_t entry;
    uint64_t bytes;
  };

  uint64_t base_, bytes_;
  uint64_t next_ = 0;
  uint64_t used_ = 0;
  std::deque<Given> given_;
};

}  // namespace cw::dma
