// SPDX-License-Identifier: Apache-2.0
#include "model/host_cache.hpp"

#include <algorithm>

namespace cw::model {

using pcie::HostPhysAddr;

namespace {

// The parts of a range that lie in one line each: line, offset in it, offset in the range, bytes.
template <class F>
void for_each_part(HostPhysAddr at, uint64_t bytes, F&& part) {
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t where = at.value + done, offset = where % HostCache::kLineBytes;
    const uint64_t count = std::min(bytes - done, HostCache::kLineBytes - offset);
    part(where / HostCache::kLineBytes, offset, done, count);
    done += count;
  }
}

}  // namespace

HostCache::Line& HostCache::bring(uint64_t number) {
  const auto [place, fresh] = lines_.try_emplace(number);
  if (fresh) memory_.read({number * kLineBytes}, place->second.data);
  return place->second;
}

std::vector<uint8_t> HostCache::read(HostPhysAddr from, uint64_t bytes) {
  std::vector<uint8_t> out(bytes);
  for_each_part(from, bytes, [&](uint64_t line, uint64_t offset, uint64_t done, uint64_t count) {
    std::copy_n(bring(line).data.begin() + static_cast<ptrdiff_t>(offset), count,
                out.begin() + static_cast<ptrdiff_t>(done));
  });
  return out;
}

void HostCache::write(HostPhysAddr to, std::span<const uint8_t> data) {
  for_each_part(to, data.size(),
                [&](uint64_t line, uint64_t offset, uint64_t done, uint64_t count) {
                  Line& held = bring(line);
                  std::copy_n(data.begin() + static_cast<ptrdiff_t>(done), count,
                              held.data.begin() + static_cast<ptrdiff_t>(offset));
                  held.dirty = true;
                });
}

void HostCache::evict(HostPhysAddr at, uint64_t bytes, bool write_back) {
  for_each_part(at, bytes, [&](uint64_t line, uint64_t, uint64_t, uint64_t) {
    const auto place = lines_.find(line);
    if (place == lines_.end()) return;
    if (place->second.dirty && write_back) memory_.write({line * kLineBytes}, place->second.data);
    lines_.erase(place);
  });
}

void HostCache::snooped_read(HostPhysAddr from, std::span<uint8_t> out) const {
  memory_.read(from, out);
  for_each_part(from, out.size(),
                [&](uint64_t line, uint64_t offset, uint64_t done, uint64_t count) {
                  const auto place = lines_.find(line);
                  if (place == lines_.end()) return;
                  std::copy_n(place->second.data.begin() + static_cast<ptrdiff_t>(offset), count,
                              out.begin() + static_cast<ptrdiff_t>(done));
                });
}

void HostCache::snooped_write(HostPhysAddr to, std::span<const uint8_t> data, uint64_t strobe) {
  flush(to, data.size());
  memory_.write_strobed(to, data, strobe);
}

}  // namespace cw::model
