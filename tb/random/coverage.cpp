// SPDX-License-Identifier: Apache-2.0
#include "random/coverage.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cw::random {

namespace {

constexpr size_t kImpossible = ~size_t{0};

}  // namespace

void Point::hit(size_t place) {
  if (place >= size_) throw std::logic_error("a bin beyond its group");
  ++owner_->counts_[first_ + place];
}

void Point::hit(std::string_view bin) {
  for (size_t n = 0; n < size_; ++n) {
    const std::string& name = owner_->names_[first_ + n];
    if (name.size() > bin.size() && name.ends_with(bin) &&
        name[name.size() - bin.size() - 1] == '.') {
      ++owner_->counts_[first_ + n];
      return;
    }
  }
  throw std::logic_error("no bin is called " + std::string(bin));
}

void Cross::hit(size_t a, size_t b) {
  const size_t bin = bins_.at(a * width_ + b);
  if (bin != kImpossible) ++owner_->counts_[bin];
}

size_t Coverage::add(const std::string& name) {
  const auto [place, fresh] = index_.emplace(name, names_.size());
  if (!fresh) throw std::logic_error("two bins are called " + name);
  names_.push_back(name);
  counts_.push_back(0);
  return place->second;
}

Point Coverage::point(const std::string& group, const std::vector<std::string>& bins) {
  const size_t first = names_.size();
  for (const std::string& bin : bins) add(group + "." + bin);
  return Point(*this, first, bins.size());
}

Cross Coverage::cross(const std::string& group, const std::vector<std::string>& a,
                      const std::vector<std::string>& b, const std::vector<std::string>& never) {
  std::vector<size_t> bins;
  for (const std::string& left : a) {
    for (const std::string& right : b) {
      const std::string pair = left + "-" + right;
      const bool impossible = std::ranges::find(never, pair) != never.end();
      bins.push_back(impossible ? kImpossible : add(group + "." + pair));
    }
  }
  return Cross(*this, b.size(), std::move(bins));
}

size_t Coverage::covered() const {
  return counts_.size() - static_cast<size_t>(std::ranges::count(counts_, uint64_t{0}));
}

std::vector<std::string> Coverage::holes() const {
  std::vector<std::string> empty;
  for (size_t n = 0; n < names_.size(); ++n) {
    if (counts_[n] == 0) empty.push_back(names_[n]);
  }
  return empty;
}

uint64_t Coverage::count(const std::string& name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) throw std::logic_error("no bin is called " + name);
  return counts_[found->second];
}

void Coverage::merge(const Coverage& other) {
  for (size_t n = 0; n < other.names_.size(); ++n) {
    const auto found = index_.find(other.names_[n]);
    const size_t place = found == index_.end() ? add(other.names_[n]) : found->second;
    counts_[place] += other.counts_[n];
  }
}

void Coverage::merge_json(const std::string& text) {
  const auto whole = nlohmann::json::parse(text);
  for (const auto& [name, count] : whole.at("bins").items()) {
    const auto found = index_.find(name);
    const size_t place = found == index_.end() ? add(name) : found->second;
    counts_[place] += count.get<uint64_t>();
  }
}

std::string Coverage::json() const {
  nlohmann::ordered_json bins = nlohmann::ordered_json::object();
  for (size_t n = 0; n < names_.size(); ++n) bins[names_[n]] = counts_[n];
  return nlohmann::ordered_json{{"version", 1}, {"bins", bins}}.dump(1);
}

}  // namespace cw::random
