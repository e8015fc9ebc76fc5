// SPDX-License-Identifier: Apache-2.0
#include "catch_shim.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using env::IoPageTable;
using model::DmaError;
using pcie::HostPhysAddr;
using pcie::Iova;

constexpr uint16_t kNotValid = 258;  // the device's directory entry

}  // namespace

TEST_CASE("DMA goes through pages of 4 KiB, 64 KiB, 2 MiB and 1 GiB", "[system][iommu][dma]") {
  const Setup setup("translation.sizes", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  struct Mapping {
    IoPageTable::Size size;
    Iova iova;
    HostPhysAddr hpa;  // outside of what the page allocator hands out
    uint64_t bytes;
  };
  constexpr Mapping kMappings[] = {
      {IoPageTable::Size::Napot64K, {0xa'0001'0000}, {0x6'0003'0000}, uint64_t{1} << 16},
      {IoPageTable::Size::Mega2M, {0x9'0020'0000}, {0x5'0040'0000}, uint64_t{1} << 21},
      {IoPageTable::Size::Giga1G, {0x8'0000'0000}, {0x4'0000'0000}, uint64_t{1} << 30},
  };
  constexpr uint32_t kBytes = 9000;  // three or four pages of 4 KiB
  for (const Mapping& mapping : kMappings) {
    fabric.up.space.table().map(mapping.iova, mapping.hpa, mapping.size,
                                {.read = true, .write = true});
    const uint64_t from = fabric.rng.range(0, mapping.bytes - kBytes),
                   to = fabric.rng.range(0, mapping.bytes - kBytes);
    std::vector<uint8_t> data(kBytes);
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(fabric.rng.u32());
    fabric.system.memory().write(mapping.hpa + from, data);

    const DmaDriver::Segment down{.iova = mapping.iova + from, .card_addr = 1000, .bytes = kBytes},
        back{.iova = mapping.iova + to, .card_addr = 1000, .bytes = kBytes};
    fabric.up.h2c.submit({.segments = {down}});
    fabric.go(fabric.up.h2c);
    const auto read = fabric.up.h2c.take_record();
    CHECK(read.error == DmaError::Ok);
    fabric.up.c2h.submit({.segments = {back}});
    fabric.go(fabric.up.c2h);
    const auto written = fabric.up.c2h.take_record();
    CHECK(written.error == DmaError::Ok);
    CHECK(fabric.finish().empty());
    CHECK(fabric.system.memory().read(mapping.hpa + to, kBytes) == data);
  }
}

TEST_CASE("A device that is detached reaches nothing, attached again it goes on",
          "[system][iommu][dma][R59]") {
  const Setup setup("translation.detached", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  const pcie::Bdf card = fabric.up.endpoint.bdf;
  fabric.finish();
  const auto source = fabric.buffer(100);
  const uint64_t interrupts = fabric.system.interrupts().messages().size();

  fabric.up.iommu.detach(card);
  fabric.up.h2c.submit(fabric.entry(source, 0));
  fabric.go(fabric.up.h2c);
  fabric.system.run(3000_cycles);
  const auto faults = fabric.finish();  // the descriptor, the record and the interrupt
  CHECK(faults.size() == 3);
  for (const auto& fault : faults) CHECK(fault.cause == kNotValid);
  CHECK(!fabric.up.h2c.record_ready());
  CHECK(fabric.up.h2c.halted());
  CHECK(fabric.system.interrupts().messages().size() == interrupts);

  fabric.up.iommu.attach(card, fabric.up.space.table(), fabric.up.space.pscid());
  fabric.up.h2c.start();
  fabric.up.h2c.submit(fabric.entry(source, 0));
  fabric.go(fabric.up.h2c);
  const auto record = fabric.up.h2c.take_record();
  CHECK(record.error == DmaError::Ok);
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
