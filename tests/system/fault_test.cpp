// SPDX-License-Identifier: Apache-2.0
#include "catch_shim.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using env::IoPageTable;
using model::DmaError;

constexpr uint16_t kReadPageFault = 13, kWritePageFault = 15;
constexpr uint64_t kPage = pcie::kPageBytes;

// Takes one page of a buffer away, as an operating system does.
void unmap_page(Fabric& fabric, const DmaSpace::Buffer& buffer, uint64_t page) {
  const pcie::Iova iova{(buffer.iova.value / kPage + page) * kPage};
  fabric.up.space.table().unmap(iova);
  fabric.up.iommu.invalidate(fabric.up.space.pscid(), iova);
}

// One entry of one descriptor, alone; a channel that halted is restarted.
model::DmaRecord transfer(Fabric& fabric, DmaDriver& channel, pcie::Iova iova, uint32_t bytes,
                          uint64_t card_addr = 512) {
  if (channel.halted()) channel.start();
  channel.submit({.segments = {{.iova = iova, .card_addr = card_addr, .bytes = bytes}}});
  fabric.go(channel);
  return channel.take_record();
}

}  // namespace

TEST_CASE("A page fault on a read ends its entry with DmaReadUr and one fault record",
          "[system][iommu][dma][R17][R59]") {
  const Setup setup("fault.read", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  const auto nowhere = fabric.up.space.unmapped();
  const auto record = transfer(fabric, fabric.up.h2c, nowhere, 64);
  CHECK(record.error == DmaError::ReadUr);
  CHECK(record.bytes_done == 0);
  CHECK(fabric.up.h2c.halted());
  CHECK(!fabric.up.c2h.halted());
  const auto faults = fabric.finish();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].cause == kReadPageFault);
  CHECK(faults[0].iova == nowhere);
  CHECK(faults[0].device_id == fabric.up.endpoint.bdf.id());

  // A hole in the middle: what came before it landed; restarted, the channel goes on.
  const auto buffer = fabric.buffer(3 * kPage, 100);
  unmap_page(fabric, buffer, 1);
  const auto partial = transfer(fabric, fabric.up.h2c, buffer.iova, 3 * kPage);
  CHECK(partial.error == DmaError::ReadUr);
  CHECK(partial.bytes_done >= kPage - 100);
  CHECK(partial.bytes_done < 3 * kPage);
  const auto good = fabric.buffer(700, 3);
  const auto after = transfer(fabric, fabric.up.h2c, good.iova, 700, 40000);
  CHECK(after.error == DmaError::Ok);
  fabric.finish();
  fabric.read_back_card();
  fabric.finish();
}

TEST_CASE("A page fault on a write drops it: no page beside the buffer changes",
          "[system][iommu][dma][R59]") {
  const Setup setup("fault.write", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  const auto target = fabric.buffer(3 * kPage, 200), before = fabric.buffer(64),
             readable = fabric.buffer(256, 0, IoPageTable::Access{.read = true, .write = false});
  const auto kept = fabric.contents(target), fixed = fabric.contents(readable);
  unmap_page(fabric, target, 1);
  const auto record = transfer(fabric, fabric.up.c2h, target.iova, 3 * kPage);
  CHECK(record.error == DmaError::Ok);  // nobody tells the writer
  const auto faults = fabric.finish();  // compares every page of host memory
  CHECK(faults.size() >= kPage / 512);
  for (const auto& fault : faults) CHECK(fault.cause == kWritePageFault);
  const auto now = fabric.contents(target);
  const uint64_t hole = kPage - 200;
  CHECK(std::equal(now.begin() + hole, now.begin() + hole + kPage, kept.begin() + hole));
  CHECK(!std::equal(now.begin(), now.begin() + hole, kept.begin()));

  // No permission is as no mapping.
  const auto denied = transfer(fabric, fabric.up.c2h, readable.iova, 256);
  CHECK(denied.error == DmaError::Ok);
  for (const auto& fault : fabric.finish()) CHECK(fault.cause == kWritePageFault);
  CHECK(fabric.contents(readable) == fixed);
  CHECK(before.bytes == 64);
}

TEST_CASE("After the fence of an invalidation the old translation is used no more",
          "[system][iommu]") {
  const Setup setup("invalidation", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const auto source = fabric.buffer(2048), target = fabric.buffer(2048);
  CHECK(transfer(fabric, fabric.up.h2c, source.iova, 2048).error == DmaError::Ok);
  CHECK(transfer(fabric, fabric.up.c2h, target.iova, 2048).error == DmaError::Ok);
  CHECK(fabric.finish().empty());

  // Moved to another page: the new one is used.
  const auto fresh = fabric.system.pages().page();
  const auto content = fabric.contents(target);
  fabric.system.memory().fill(fresh, kPage, 0);
  fabric.up.space.table().map(target.iova, fresh);
  fabric.up.iommu.invalidate(fabric.up.space.pscid(), target.iova);
  CHECK(transfer(fabric, fabric.up.c2h, target.iova, 2048).error == DmaError::Ok);
  CHECK(fabric.finish().empty());
  CHECK(fabric.system.memory().read(fresh, 2048) == content);

  // Taken away: both directions fault.
  unmap_page(fabric, source, 0);
  unmap_page(fabric, target, 0);
  CHECK(transfer(fabric, fabric.up.h2c, source.iova, 2048).error == DmaError::ReadUr);
  CHECK(transfer(fabric, fabric.up.c2h, target.iova, 2048).error == DmaError::Ok);
  CHECK(fabric.finish().size() >= 2);
}

TEST_CASE("An error of host memory ends a read with DmaReadCa and drops a write",
          "[system][root][dma][R17][R20]") {
  const Setup setup("fault.memory", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  const auto refuse = [&](pcie::HostPhysAddr at, uint64_t bytes, agent::AxiResp resp) {
    fabric.system.memory_port().add_error_range({.base = at, .bytes = bytes, .resp = resp});
    fabric.model.memory_refuses({.base = at, .bytes = bytes});
  };
  const auto source = fabric.buffer(2 * kPage), target = fabric.buffer(kPage);
  refuse(source.pages[1] + 256, 64, agent::AxiResp::SlvErr);
  refuse(target.pages[0], kPage, agent::AxiResp::DecErr);
  const auto kept = fabric.contents(target);

  const auto record = transfer(fabric, fabric.up.h2c, source.iova, 2 * kPage);
  CHECK(record.error == DmaError::ReadCa);
  CHECK(record.bytes_done < 2 * kPage);
  CHECK(transfer(fabric, fabric.up.h2c, source.iova, kPage).error == DmaError::Ok);
  CHECK(transfer(fabric, fabric.up.c2h, target.iova, kPage).error == DmaError::Ok);
  CHECK(fabric.finish().empty());
  CHECK(fabric.contents(target) == kept);
}

}  // namespace cw::system_test
