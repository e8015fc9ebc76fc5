// SPDX-License-Identifier: Apache-2.0
#include "model/host_cache.hpp"

#include <numeric>

#include "catch_shim.hpp"

namespace {

using cw::model::HostCache;
using cw::model::HostMemory;
using Bytes = std::vector<uint8_t>;

struct Host {
  HostMemory memory;
  HostCache cache{memory};
  Host() { memory.fill({0x1000}, 0x1000, 1); }
  Bytes snooped(uint64_t at, uint64_t bytes) const {
    Bytes out(bytes);
    cache.snooped_read({at}, out);
    return out;
  }
  Bytes in_memory(uint64_t at, uint64_t bytes) const { return memory.read({at}, bytes); }
};

}  // namespace

TEST_CASE("What the CPU wrote is seen by a snooped read and not by memory", "[model][cache]") {
  Host host;
  Bytes data(100);
  std::iota(data.begin(), data.end(), uint8_t{10});
  host.cache.write({0x1030}, data);
  CHECK(host.cache.lines() == 3);
  CHECK(host.snooped(0x1030, 100) == data);
  CHECK(host.snooped(0x102f, 1) == Bytes{1});
  CHECK(host.snooped(0x1094, 1) == Bytes{1});
  CHECK(host.in_memory(0x1030, 100) == Bytes(100, 1));
  host.cache.flush({0x1030}, 100);
  CHECK(host.in_memory(0x1030, 100) == data);
  CHECK(host.cache.lines() == 0);
}

TEST_CASE("A snooped write reaches the CPU, one past the cache does not until the line is dropped",
          "[model][cache]") {
  Host host;
  host.cache.write({0x1040}, Bytes{5, 6, 7, 8});
  host.cache.snooped_write({0x1042}, Bytes{20, 21}, 0b01);
  CHECK(host.cache.read({0x1040}, 4) == Bytes{5, 6, 20, 8});
  host.memory.write({0x1040}, Bytes{30});  // No Snoop
  CHECK(host.cache.read({0x1040}, 1) == Bytes{5});
  CHECK(host.snooped(0x1040, 1) == Bytes{5});
  host.cache.drop({0x1040}, 1);
  CHECK(host.cache.read({0x1040}, 4) == Bytes{30, 6, 20, 8});
}

TEST_CASE("A dirty line written back covers what was written past it", "[model][cache]") {
  Host host;
  host.cache.write({0x1080}, Bytes{9});
  host.memory.write({0x1081}, Bytes{40});
  host.cache.flush({0x1080}, 1);
  CHECK(host.in_memory(0x1080, 2) == Bytes{9, 1});
  host.cache.read({0x1080}, 1);
  host.memory.write({0x1081}, Bytes{41});
  host.cache.flush({0x1080}, 1);  // clean: nothing to write back
  CHECK(host.in_memory(0x1080, 2) == Bytes{9, 41});
}
