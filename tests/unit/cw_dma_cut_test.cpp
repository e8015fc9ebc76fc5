// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_cut.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {
namespace {

struct Cut {
  uint64_t src = 0, dst = 0;
  uint32_t bytes = 0;
  unsigned lane = 0;
  bool operator==(const Cut&) const = default;
};

struct Cutter : dut::Module<Vcw_dma_cut> {
  explicit Cutter(Limits value = {}) : limits(value) {
    pins().payload_i = limits.payload;
    pins().read_i = limits.read;
    pins().smaller_i = std::min(limits.payload, limits.read);
  }

  CutChunk one(unsigned kind, const Job& job, const Rest& now) {
    pins().kind_i = kind;
    drive(pins().job_i, job);
    drive(pins().rest_i, now);
    step();
    return cut_chunk(pins().cut_o);
  }

  std::vector<Cut> cut(unsigned kind, const Job& job, Rest now) {
    std::vector<Cut> cuts;
    for (uint64_t src = now.src, dst = now.dst; cuts.size() < 5000;) {  // of the row
      const CutChunk c = one(kind, job, now);
      cuts.push_back({now.src, now.dst, c.bytes, c.lane});
      CHECK(c.row_over == (c.bytes == now.left));
      CHECK(c.over == (c.row_over && now.rows == 1));
      // To the next chunk of the row, or to the next row.
      const auto step = [&](uint64_t at, uint64_t row, uint32_t pitch) {
        return static_cast<int64_t>(c.row_over ? row + pitch - at : c.bytes);
      };
      CHECK(c.src_step == (job.imm ? 0 : step(now.src, src, job.src_pitch)));
      CHECK(c.dst_step == step(now.dst, dst, job.dst_pitch));
      if (c.over) break;
      now.left -= c.bytes;
      now.dst += c.bytes;
      if (!job.imm) now.src += c.bytes;
      now.begins = false;
      if (!c.row_over) continue;
      src += job.src_pitch;
      dst += job.dst_pitch;
      now = {.src = src, .dst = dst, .left = job.bytes, .rows = now.rows - 1};
    }
    return cuts;
  }
  std::vector<Cut> copy(unsigned kind, uint64_t src, uint64_t dst, uint32_t bytes) {
    return cut(kind, {.bytes = bytes}, {.src = src, .dst = dst, .left = bytes});
  }

  Limits limits;
};

TEST_CASE("four-k-split: DMA cut never lets a chunk cross a 4 KiB page", "[unit][dma][R01]") {
  Cutter cutter({.payload = 512, .read = 512});
  const std::vector<Cut> from_src{{0x1fc0, 7, 64}, {0x2000, 71, 64}};
  const std::vector<Cut> to_dst{{7, 0x1fc0, 64}, {71, 0x2000, 64}};
  CHECK(cutter.copy(H2c, 0x1fc0, 7, 128) == from_src);
  CHECK(cutter.copy(H2s, 0x1fc0, 7, 128) == from_src);
  CHECK(cutter.copy(H2h, 0x1fc0, 7, 128) == from_src);
  CHECK(cutter.copy(C2h, 7, 0x1fc0, 128) == to_dst);
  CHECK(cutter.copy(S2h, 7, 0x1fc0, 128) == to_dst);
  CHECK(cutter.copy(H2h, 7, 0x1fc0, 128) == to_dst);
  CHECK(cutter.copy(C2c, 0x1fc0, 7, 128) == from_src);
  CHECK(cutter.copy(C2c, 7, 0x1fc0, 128) == to_dst);
  CHECK(cutter.copy(H2c, 7, 0x1fc0, 128) == std::vector<Cut>{{7, 0x1fc0, 128}});
  CHECK(cutter.copy(C2h, 0x1fc0, 7, 128) == std::vector<Cut>{{0x1fc0, 7, 128}});
}

TEST_CASE("mrrs-4096: DMA cut takes a limit of 4 KiB as exactly 4096 bytes", "[unit][dma][R02]") {
  Cutter cutter({.payload = 128, .read = 4096});
  CHECK(cutter.copy(H2c, 0x7000, 0, 4096) == std::vector<Cut>{{0x7000, 0, 4096}});
  CHECK(cutter.copy(H2c, 0x7000, 3, 4097) ==
        std::vector<Cut>{{0x7000, 3, 4096}, {0x8000, 4099, 1}});
}

TEST_CASE("DMA cut holds reads to one limit, writes to the other, and both to the smaller",
          "[unit][dma][R02]") {
  for (const bool read_more : {false, true}) {
    const uint32_t payload = read_more ? 128 : 512, read = read_more ? 512 : 128;
    Cutter cutter({.payload = payload, .read = read});
    CHECK(cutter.copy(H2c, 0, 0, 1024).size() == 1024 / read);
    CHECK(cutter.copy(H2s, 0, 0, 1024).size() == 1024 / read);
    CHECK(cutter.copy(C2h, 0, 0, 1024).size() == 1024 / payload);
    CHECK(cutter.copy(S2h, 0, 0, 1024).size() == 1024 / payload);
    CHECK(cutter.copy(H2h, 0, 0, 1024).size() == 1024 / 128);
    CHECK(cutter.copy(C2c, 0, 0, 2048).size() == 4);
  }
}

TEST_CASE("DMA cut sends what fits as one request, counted in whole dwords", "[unit][dma][R02]") {
  Cutter cutter({.payload = 128, .read = 128});
  CHECK(cutter.copy(H2c, 0x1043, 1, 125) == std::vector<Cut>{{0x1043, 1, 125}});
  CHECK(cutter.copy(H2c, 0x1043, 1, 126) == std::vector<Cut>{{0x1043, 1, 61}, {0x1080, 62, 65}});
  CHECK(cutter.copy(C2h, 1, 0x1043, 125) == std::vector<Cut>{{1, 0x1043, 125}});
  CHECK(cutter.copy(H2h, 0x1000, 0x1043, 125) == std::vector<Cut>{{0x1000, 0x1043, 125}});
  CHECK(cutter.copy(H2h, 0x1000, 0x2043, 126) ==
        std::vector<Cut>{{0x1000, 0x2043, 61}, {0x103d, 0x2080, 65}});
}

TEST_CASE("DMA cut ends at 2^64 and carries into bit 32", "[unit][dma][R55][R04]") {
  Cutter cutter({.payload = 256, .read = 256});
  CHECK(cutter.copy(H2c, 0xffff'ffff'ffff'fff3, 8, 13) ==
        std::vector<Cut>{{0xffff'ffff'ffff'fff3, 8, 13}});
  CHECK(cutter.copy(C2h, 0, 0xffff'fff0, 32) ==
        std::vector<Cut>{{0, 0xffff'fff0, 16}, {16, 0x1'0000'0000, 16}});
}

TEST_CASE("DMA cut takes 2^32-1 bytes piece by piece", "[unit][dma][R55]") {
  Cutter cutter({.payload = 4096, .read = 4096});
  const Job job{.bytes = 0xffff'ffff};
  const auto on = [](uint32_t bytes) {
    return CutChunk{.src_step = bytes, .dst_step = bytes, .bytes = bytes};
  };
  CHECK(cutter.one(H2c, job, {.src = 1, .dst = 0, .left = 0xffff'ffff}) == on(4095));
  for (unsigned bit = 13; bit < 32; bit++) {  // a page and more, and one byte
    CHECK(cutter.one(H2c, job, {.src = 0, .dst = 0, .left = (1u << bit) + 1}) == on(4096));
  }
  CHECK(cutter.one(H2c, job, {.src = 0x1'0000'0000, .dst = 0, .left = 1}) ==
        CutChunk{.src_step = -0xffff'fffel,
                 .dst_step = -0xffff'fffel,
                 .bytes = 1,
                 .row_over = true,
                 .over = true});
}

TEST_CASE("DMA cut gives immediate data by lanes", "[unit][dma][R01]") {
  Cutter cutter;
  const uint64_t data = 0x1122'3344'5566'7fff;  // no address
  for (const unsigned kind : {C2h, H2h}) {
    CHECK(cutter.cut(kind, {.bytes = 8, .imm = true}, {.src = data, .dst = 0x1ffd, .left = 8}) ==
          std::vector<Cut>{{data, 0x1ffd, 3, 0}, {data, 0x2000, 5, 3}});
  }
  for (const unsigned kind : {H2c, H2s}) {
    CHECK(cutter.cut(kind, {.bytes = 8, .imm = true}, {.src = data, .dst = 0x1ffd, .left = 8}) ==
          std::vector<Cut>{{data, 0x1ffd, 8, 0}});
  }
}

TEST_CASE("DMA cut goes from row to row by the pitches", "[unit][dma]") {
  Cutter cutter({.payload = 256, .read = 128});
  CHECK(cutter.cut(H2c, {.bytes = 130, .dst_pitch = 0, .src_pitch = 0x1000},
                   {.src = 0x2000, .dst = 9, .left = 130, .rows = 2}) ==
        std::vector<Cut>{{0x2000, 9, 128}, {0x2080, 137, 2}, {0x3000, 9, 128}, {0x3080, 137, 2}});
  // Overlapping rows, and the widest pitch.
  CHECK(cutter.cut(C2h, {.bytes = 10, .dst_pitch = 0xff'ffff, .src_pitch = 3},
                   {.src = 0, .dst = 0, .left = 10, .rows = 3}) ==
        std::vector<Cut>{{0, 0, 10},
                         {3, 0xff'ffff, 1},
                         {4, 0x100'0000, 9},
                         {6, 0x1ff'fffe, 2},
                         {8, 0x200'0000, 8}});
}

TEST_CASE("DMA cut cuts any transfer of any kind as the rules do", "[unit][dma][R01][R02][R55]") {
  agent::Rng rng(11, "cut");
  for (const uint32_t payload : {128, 256, 512, 1024, 2048, 4096}) {
    for (const uint32_t read : {128, 512, 4096}) {
      Cutter cutter({.payload = payload, .read = read});
      DescSource source{.rng = rng.fork("descriptors"), .card = {}};
      for (int n = 0; n < 120; n++) {
        const unsigned kind = n % 5;  // S2h depends on its stream
        const Desc d = source.desc(kind, true);
        const auto rows = static_cast<unsigned>(d.kind == Rows ? d.arg >> 48 : 1);
        const bool imm = d.kind == Immediate;
        const Job job{.bytes = d.bytes,
                      .dst_pitch = static_cast<uint32_t>(d.arg >> 24 & 0xff'ffff),
                      .src_pitch = static_cast<uint32_t>(d.arg & 0xff'ffff),
                      .imm = imm};
        Planner planner(kind, 0, cutter.limits, {});
        std::vector<Cut> expected;
        StreamState stream;
        for (const Piece& p : planner.plan({{.desc = d}}, 0, stream).pieces) {
          expected.push_back({p.chunk.src, p.chunk.dst, p.chunk.bytes, p.chunk.lane});
        }
        auto cuts = cutter.cut(
            kind, job, {.src = imm ? d.arg : d.src, .dst = d.dst, .left = d.bytes, .rows = rows});
        if (kind == H2s) {  // the stream's address is not known here
          for (Cut& c : cuts) c.dst = 0;
          for (Cut& c : expected) c.dst = 0;
        }
        REQUIRE(cuts == expected);
      }
    }
  }
}

}  // namespace
}  // namespace cw::unit::dma
