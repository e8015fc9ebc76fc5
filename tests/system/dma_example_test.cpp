// SPDX-License-Identifier: Apache-2.0
//
// The C example of docs/dma.md on the RTL: what a driver's author reads is what works.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "catch_shim.hpp"
#include "copy_to_card.h"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

// The table of functions that a driver gives to the library, here over the fabric.
class ExampleDriver {
 public:
  explicit ExampleDriver(Fabric& fabric)
      : fabric_(fabric),
        ring_(fabric.up.space.map(cw_dma_ring_bytes(COPY_RING_LOG2))),
        records_(fabric.up.space.map(cw_dma_record_bytes(COPY_RING_LOG2))) {
    job.ring_iova = ring_.iova.value;
    job.record_iova = records_.iova.value;
  }

  // What the example said, its result in front.
  std::string copy() {
    char* said = nullptr;
    size_t length = 0;
    FILE* log = open_memstream(&said, &length);
    const cw_dma_io table = io();
    const int result = copy_to_card(&table, &job, log);
    std::fclose(log);
    const std::string text = std::to_string(result) + ' ' + said;
    std::free(said);
    return text;
  }

  copy_job job{};

 private:
  static ExampleDriver& self(void* context) { return *static_cast<ExampleDriver*>(context); }
  const DmaSpace::Buffer& at(uint64_t iova) const {
    return iova - ring_.iova.value < ring_.bytes ? ring_ : records_;
  }
  cw_dma_io io() {
    return {.context = this,
            .reg_read = [](void* context,
                           uint32_t offset) { return self(context).fabric_.read_register(offset); },
            .reg_write =
                [](void* context, uint32_t offset, uint32_t value) {
                  // From the doorbell on only the device changes memory.
                  self(context).fabric_.model.memory().begin();
                  self(context).fabric_.write_register(offset, value);
                },
            .mem_read =
                [](void* context, uint64_t iova, void* to, size_t bytes) {
                  const DmaSpace::Buffer& buffer = self(context).at(iova);
                  self(context).fabric_.up.space.read(buffer, iova - buffer.iova.value,
                                                      {static_cast<uint8_t*>(to), bytes});
                },
            .mem_write =
                [](void* context, uint64_t iova, const void* from, size_t bytes) {
                  const DmaSpace::Buffer& buffer = self(context).at(iova);
                  self(context).fabric_.up.space.write(buffer, iova - buffer.iova.value,
                                                       {static_cast<const uint8_t*>(from), bytes});
                }};
  }

  Fabric& fabric_;
  DmaSpace::Buffer ring_, records_;
};

}  // namespace

TEST_CASE("The C example moves scattered pieces to the card, and says why it cannot",
          "[system][dma][R59]") {
  const Setup setup("dma.example", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  ExampleDriver driver(fabric);
  constexpr std::array<uint32_t, 3> kBytes = {5000, 1, 2048};
  constexpr uint64_t kCardAddr = 0x1003;
  std::vector<uint8_t> sent;
  for (const uint32_t bytes : kBytes) {
    const auto piece = fabric.buffer(bytes, static_cast<uint32_t>(fabric.rng.range(0, 4095)));
    driver.job.pieces[driver.job.count++] = {.iova = piece.iova.value, .bytes = bytes};
    const auto content = fabric.contents(piece);
    sent.insert(sent.end(), content.begin(), content.end());
  }
  driver.job.card_addr = kCardAddr;
  CHECK(driver.copy() == "0 copy_to_card: tag 7: 7049 bytes\n");
  CHECK(fabric.finish().empty());
  const auto& card = fabric.board.host().card();
  CHECK(std::equal(sent.begin(), sent.end(), card.begin() + kCardAddr));
  fabric.up.c2h.start();
  fabric.read_back_card();  // against what the scoreboard has of it

  driver.job.pieces[1].iova = fabric.up.space.unmapped().value;
  CHECK(driver.copy() ==
        "-1 copy_to_card: record: host memory refused a read (Unsupported Request)\n");
  CHECK(fabric.finish().size() == 1);
  driver.job.card_addr = fabric.up.card_bytes();
  CHECK(driver.copy() == "-1 copy_to_card: record: outside card memory\n");
  driver.job.count = 0;
  CHECK(driver.copy() ==
        "-1 copy_to_card: submit: an argument is missing, misaligned or outside its range\n");
  driver.job.ring_iova += 8;
  CHECK(driver.copy() ==
        "-1 copy_to_card: start: an argument is missing, misaligned or outside its range\n");
  fabric.finish();
}

}  // namespace cw::system_test
