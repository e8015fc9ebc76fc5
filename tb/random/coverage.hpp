// SPDX-License-Identifier: Apache-2.0
//
// Functional coverage: named bins in groups, counted, and merged with other runs by name.
//
// A bin is named `group.bin`, as in `completer.kind.MRd32`. All bins are declared before the first
// is hit, so that a hole is a bin which is there and empty.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cw::random {

class Coverage;

// One dimension: a group of bins, hit by name or by place.
class Point {
 public:
  size_t size() const { return size_; }
  void hit(size_t place);
  void hit(std::string_view bin);  // a bin that was not declared is a mistake of the bench

 private:
  friend class Coverage;
  Point(Coverage& owner, size_t first, size_t size) : owner_(&owner), first_(first), size_(size) {}
  Coverage* owner_;
  size_t first_;
  size_t size_;
};

// Two dimensions: every pair has a bin `group.a-b`, but for those declared impossible.
class Cross {
 public:
  void hit(size_t a, size_t b);

 private:
  friend class Coverage;
  Cross(Coverage& owner, size_t width, std::vector<size_t> bins)
      : owner_(&owner), width_(width), bins_(std::move(bins)) {}
  Coverage* owner_;
  size_t width_;
  std::vector<size_t> bins_;  // by place; none for an impossible pair
};

class Coverage {
 public:
  Coverage() = default;
  Coverage(const Coverage&) = delete;
  Coverage& operator=(const Coverage&) = delete;

  Point point(const std::string& group, const std::vector<std::string>& bins);
  // `never` names pairs as `a-b`.
  Cross cross(const std::string& group, const std::vector<std::string>& a,
              const std::vector<std::string>& b, const std::vector<std::string>& never = {});

  size_t declared() const { return names_.size(); }
  size_t covered() const;
  std::vector<std::string> holes() const;
  const std::vector<std::string>& names() const { return names_; }
  uint64_t count(const std::string& name) const;

  void merge(const Coverage& other);
  void merge_json(const std::string& text);
  std::string json() const;

 private:
  friend class Point;
  friend class Cross;
  size_t add(const std::string& name);

  std::vector<std::string> names_;
  std::vector<uint64_t> counts_;
  std::map<std::string, size_t, std::less<>> index_;
};

}  // namespace cw::random
