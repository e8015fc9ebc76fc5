// SPDX-License-Identifier: Apache-2.0
//
// Every fault of the malformed list is seen, on the beat that shows it, and nothing else is.
// cw-variant: W=64
// cw-variant: W=512
// cw-variant: FacesRoot=0
#include "Vcw_tlp_check.h"
#include "Vcw_tlp_check_facesroot0.h"
#include "Vcw_tlp_check_w512.h"
#include "Vcw_tlp_check_w64.h"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "port_traffic.hpp"

using namespace cw;
using namespace cw::dut::literals;

namespace {

constexpr uint8_t kMaxPayload256 = 1;

struct Verdict {
  bool dropped = false;    // on its last beat
  bool malformed = false;  // reported
  size_t clean_beats = 0;  // before drop_o rose

  bool operator==(const Verdict&) const = default;
};

template <class V>
struct Bench {
  explicit Bench(uint64_t seed = 1) : module(seed), p(module.pins()), rng(seed, "junk") {
    p.max_payload_i = kMaxPayload256;
    p.valid_i = p.ready_i = 0;
    module.reset();
  }

  // One beat, after a random number of clocks in which it is not taken.
  void beat(const dut::TlpCtl& ctl, Verdict& verdict) {
    const auto words = dut::pack(ctl);
    std::memcpy(&p.ctl_i, words.data(), sizeof words);
    p.valid_i = 1;
    for (p.ready_i = 0; rng.chance(30);) {
      module.settle();
      CHECK_FALSE(p.malformed_o);
      module.step();
    }
    p.ready_i = 1;
    module.settle();
    verdict.dropped = p.drop_o;
    verdict.malformed = p.malformed_o;
    if (!p.drop_o) ++verdict.clean_beats;
    hdr_seen = {p.hdr_o[3], p.hdr_o[2], p.hdr_o[1], p.hdr_o[0]};
    class_seen = p.class_o;
    module.step();
    p.valid_i = 0;
  }

  Verdict judge(const pcie::RawTlp& tlp) {
    Verdict verdict;
    for (size_t n = 0; n < test::beats(tlp, lanes); ++n) {
      beat(agent::beat_of(tlp, n * lanes, lanes, rng), verdict);
      CHECK(hdr_seen == tlp.hdr);
      CHECK(class_seen == static_cast<unsigned>(pcie::tlp_class(tlp)));
    }
    return verdict;
  }
  bool malformed(const pcie::RawTlp& tlp) {
    const Verdict verdict = judge(tlp);
    CHECK(verdict.dropped == verdict.malformed);
    return verdict.malformed;
  }

  static constexpr size_t lanes =
      std::is_same_v<V, Vcw_tlp_check> || std::is_same_v<V, Vcw_tlp_check_facesroot0> ? 8
      : std::is_same_v<V, Vcw_tlp_check_w64>                                          ? 2
                                                                                      : 16;
  dut::Module<V> module;
  V& p;
  agent::Rng rng;
  std::array<uint32_t, 4> hdr_seen{};
  unsigned class_seen = 0;
};

pcie::RawTlp with_dw0(pcie::RawTlp tlp, uint32_t set) {
  tlp.hdr[0] |= set;
  return tlp;
}

pcie::RawTlp write_at(uint64_t address, uint32_t bytes) {
  return pcie::encode(
      pcie::MemWrite{.address = {address}, .data = std::vector<uint8_t>(bytes, 0x11)});
}

pcie::RawTlp read_at(uint64_t address, uint32_t bytes) {
  return pcie::encode(pcie::MemRead{.address = {address}, .length_bytes = bytes});
}

pcie::RawTlp enables(uint32_t dw, uint64_t address, uint8_t first, uint8_t last) {
  pcie::RawTlp tlp = read_at(address, dw * 4);
  tlp.hdr[1] = (tlp.hdr[1] & ~0xffu) | uint32_t{last} << 4 | first;
  return tlp;
}

pcie::RawTlp atomic(pcie::AtomicKind kind, uint64_t address, size_t dw) {
  return pcie::encode(
      pcie::Atomic{.kind = kind, .address = {address}, .operands = std::vector<uint32_t>(dw, 7)});
}

constexpr uint32_t kRo = 1u << 13, kNoSnoop = 1u << 12, kTc1 = 1u << 20;

template <class V>
void random_good_and_bad() {
  Bench<V> bench(2);
  agent::Rng rng(2, "ops");
  for (int n = 0; n < 400; ++n) {
    pcie::RawTlp tlp = test::random_tlp(rng, static_cast<unsigned>(rng.range(0, 2)), 256);
    const size_t right = tlp.payload.size();
    const bool wrong = rng.chance(40);
    if (wrong) tlp.payload.resize(right && rng.chance(50) ? right - 1 : right + rng.range(1, 40));
    tlp.error = rng.chance(10);
    const Verdict verdict = bench.judge(tlp);
    CHECK(verdict.dropped == (wrong || tlp.error));
    CHECK(verdict.malformed == (wrong && !tlp.error));
    // What is stored before the fault shows never exceeds the length announced.
    CHECK(verdict.clean_beats <= std::max<size_t>(1, (right + bench.lanes - 1) / bench.lanes));
  }
}

}  // namespace

TEST_CASE("TLP check drops a TLP whose payload is not as long as its header says",
          "[unit][port][R36]") {
  random_good_and_bad<Vcw_tlp_check_w64>();
  random_good_and_bad<Vcw_tlp_check>();
  random_good_and_bad<Vcw_tlp_check_w512>();
}

TEST_CASE("TLP check wants strobes contiguous from lane 0 and full before the last beat",
          "[unit][port][R36]") {
  Bench<Vcw_tlp_check> bench;
  const pcie::RawTlp tlp = write_at(0x1000, 40);  // ten dwords: two beats
  const auto judge = [&](uint16_t first, uint16_t second) {
    Verdict verdict;
    bench.beat({.hdr = tlp.hdr, .strb = first, .sop = true}, verdict);
    bench.beat({.strb = second, .eop = true}, verdict);
    return verdict.malformed;
  };
  CHECK_FALSE(judge(0xff, 0x3));
  CHECK(judge(0xff, 0x5));
  CHECK(judge(0xff, 0x6));
  CHECK(judge(0x7f, 0x3));
  CHECK(judge(0x7f, 0x7));
  CHECK(judge(0x1ff, 0x3));
}

TEST_CASE("TLP check drops payloads over Max_Payload_Size of every class", "[unit][port][R36]") {
  Bench<Vcw_tlp_check> bench;
  CHECK_FALSE(bench.malformed(write_at(0x1000, 256)));
  CHECK(bench.judge(write_at(0x1000, 260)) ==
        Verdict{.dropped = true, .malformed = true, .clean_beats = 0});
  const auto completion = [](size_t dw) {
    return pcie::encode(
        pcie::Completion{.byte_count = 4096, .payload = std::vector<uint32_t>(dw, 1)});
  };
  CHECK_FALSE(bench.malformed(completion(64)));
  CHECK(bench.malformed(completion(65)));
  CHECK(bench.malformed(completion(1024)));
  CHECK_FALSE(bench.malformed(read_at(0x1000, 4096)));  // a read's length is no payload
  bench.p.max_payload_i = 5;
  CHECK_FALSE(bench.malformed(write_at(0x1000, 4096)));
  bench.p.max_payload_i = 0;
  CHECK_FALSE(bench.malformed(write_at(0x1000, 128)));
  CHECK(bench.malformed(write_at(0x1000, 132)));
}

TEST_CASE("TLP check drops memory requests that cross a 4 KiB page", "[unit][port][R01][R36]") {
  Bench<Vcw_tlp_check> bench;
  for (const uint64_t page : {0x1'0000ull, 0x12'3456'7000ull}) {
    CHECK_FALSE(bench.malformed(write_at(page + 0xfc0, 64)));
    CHECK(bench.malformed(write_at(page + 0xfc4, 64)));
    CHECK_FALSE(bench.malformed(read_at(page, 4096)));
    CHECK(bench.malformed(read_at(page + 4, 4096)));
    CHECK_FALSE(bench.malformed(read_at(page + 0xffc, 4)));
    CHECK(bench.malformed(read_at(page + 0xffc, 8)));
  }
}

TEST_CASE("TLP check holds memory requests to the byte-enable rules", "[unit][port][R05][R36]") {
  Bench<Vcw_tlp_check> bench;
  for (const uint32_t dw : {1u, 2u, 3u}) {
    for (const uint64_t address : {0x1000ull, 0x1004ull}) {
      for (unsigned be = 0; be < 256; ++be) {
        const auto first = static_cast<uint8_t>(be & 15), last = static_cast<uint8_t>(be >> 4);
        const bool legal = pcie::byte_enables_legal({first, last}, dw, address % 8 == 0);
        if (bench.malformed(enables(dw, address, first, last)) == legal) {
          FAIL_CHECK("dw " << dw << " address " << address << " enables " << be);
        }
      }
    }
  }
}

TEST_CASE("TLP check drops reserved kinds and prefixes that it does not know",
          "[unit][port][R36]") {
  Bench<Vcw_tlp_check> bench;
  unsigned known = 0;
  for (unsigned kind = 0; kind < 256; ++kind) {
    pcie::RawTlp tlp{.hdr = {kind << 24 | 2, 0xff, 0x1000, 0x1000}};
    if (kind >> 5 & 1) tlp.hdr[2] = 1;  // 4 DW: address above 4 GiB
    if (kind >> 6 & 1) tlp.payload = {1, 2};
    const bool unknown = pcie::tlp_class(tlp) == pcie::TlpClass::Unknown;
    known += !unknown;
    if (unknown) CHECK(bench.malformed(tlp));
  }
  CHECK(known == 22 + 2 * 8);  // with and without data, a message has eight routings
  CHECK_FALSE(bench.malformed(read_at(0x1000, 4)));
  pcie::RawTlp prefixed = read_at(0x1000, 4);
  for (unsigned prefix = 0; prefix < 256; ++prefix) {
    prefixed.prefix = prefix << 24 | 0x1234;
    CHECK(bench.malformed(prefixed) == (prefix != 0x91));  // PASID is understood
  }
}

TEST_CASE("A root port takes no prefix: a request of a process would be one of its device",
          "[unit][port][iommu][R11][R36]") {
  Bench<Vcw_tlp_check_facesroot0> bench;
  pcie::RawTlp prefixed = read_at(0x1000, 4);
  CHECK_FALSE(bench.malformed(prefixed));
  prefixed.prefix = 0x9100'1234;  // PASID
  CHECK(bench.malformed(prefixed));
}

TEST_CASE("TLP check holds I/O and configuration requests to one dword of TC 0",
          "[unit][port][R36]") {
  Bench<Vcw_tlp_check> bench;
  const pcie::RawTlp requests[] = {
      pcie::encode(pcie::IoRead{.address = 0x10}),
      pcie::encode(pcie::IoWrite{.address = 0x10, .data = 5}),
      pcie::encode(pcie::CfgRead{.offset = 4}),
      pcie::encode(pcie::CfgWrite{.type = pcie::CfgType::Type1, .offset = 4, .data = 5}),
  };
  for (const pcie::RawTlp& good : requests) {
    CHECK_FALSE(bench.malformed(good));
    CHECK(bench.malformed(with_dw0(good, kTc1)));
    CHECK(bench.malformed(with_dw0(good, kRo)));
    CHECK(bench.malformed(with_dw0(good, kNoSnoop)));
    pcie::RawTlp last_be = good;
    last_be.hdr[1] |= 0x10;
    CHECK(bench.malformed(last_be));
    pcie::RawTlp longer = with_dw0(good, 3);
    if (!longer.payload.empty()) longer.payload.resize(3);
    CHECK(bench.malformed(longer));
  }
}

TEST_CASE("TLP check lets messages of other traffic classes be vendors' only",
          "[unit][port][R36]") {
  Bench<Vcw_tlp_check> bench;
  const auto message = [](uint8_t code, uint8_t traffic_class) {
    return pcie::encode(
        pcie::Message{.routing = 4, .code = code, .attributes = {.traffic_class = traffic_class}});
  };
  CHECK_FALSE(bench.malformed(message(0x14, 0)));
  CHECK(bench.malformed(message(0x14, 1)));
  CHECK(bench.malformed(message(0x41, 7)));
  CHECK_FALSE(bench.malformed(message(0x7e, 3)));
  CHECK_FALSE(bench.malformed(message(0x7f, 7)));
}

// Table 2-20 to 2-31: how each message is routed, with how many dwords, and which way it goes.
struct MessageRule {
  uint8_t code;
  std::vector<uint8_t> routings;
  size_t dwords;
  bool up;
};
const MessageRule kMessageRules[] = {
    {0x00, {3}, 0, false}, {0x14, {4}, 0, false}, {0x19, {3}, 0, false}, {0x50, {4}, 1, false},
    {0x10, {4}, 0, true},  {0x18, {0}, 0, true},  {0x1b, {5}, 0, true},  {0x20, {4}, 0, true},
    {0x23, {4}, 0, true},  {0x24, {4}, 0, true},  {0x27, {4}, 0, true},  {0x30, {0}, 0, true},
    {0x31, {0}, 0, true},  {0x33, {0}, 0, true}};

template <class V>
void routings(bool from_root) {
  Bench<V> bench;
  for (const MessageRule& rule : kMessageRules) {
    for (uint8_t routing = 0; routing < 8; ++routing) {
      for (size_t dwords = 0; dwords < 3; ++dwords) {
        const bool legal = std::ranges::count(rule.routings, routing) != 0 &&
                           dwords == rule.dwords && !(from_root && rule.up);
        INFO("code " << +rule.code << " routing " << +routing << " dwords " << dwords);
        CHECK(bench.malformed(pcie::encode(
                  pcie::Message{.routing = routing,
                                .code = rule.code,
                                .payload = std::vector<uint32_t>(dwords, 5)})) == !legal);
      }
    }
  }
  for (const uint8_t vendor : {0x7e, 0x7f}) {
    for (uint8_t routing = 0; routing < 8; ++routing) {
      CHECK(bench.malformed(pcie::encode(pcie::Message{.routing = routing, .code = vendor})) ==
            (routing == 1 || routing > 4));
    }
  }
}

TEST_CASE("TLP check knows how each message is routed, and which never come from the root",
          "[unit][port][R36]") {
  routings<Vcw_tlp_check>(/*from_root=*/true);
  routings<Vcw_tlp_check_facesroot0>(/*from_root=*/false);
}

TEST_CASE("TLP check wants atomic operands of an architected size, aligned to it",
          "[unit][port][R36]") {
  Bench<Vcw_tlp_check> bench;
  using enum pcie::AtomicKind;
  for (const auto kind : {FetchAdd, Swap}) {
    CHECK_FALSE(bench.malformed(atomic(kind, 0x1004, 1)));
    CHECK_FALSE(bench.malformed(atomic(kind, 0x1'0000'1008, 2)));
    CHECK(bench.malformed(atomic(kind, 0x1004, 2)));
    CHECK(bench.malformed(atomic(kind, 0x1000, 4)));
  }
  CHECK_FALSE(bench.malformed(atomic(CompareAndSwap, 0x1004, 2)));
  CHECK_FALSE(bench.malformed(atomic(CompareAndSwap, 0x1008, 4)));
  CHECK_FALSE(bench.malformed(atomic(CompareAndSwap, 0x1010, 8)));
  CHECK(bench.malformed(atomic(CompareAndSwap, 0x1004, 4)));
  CHECK(bench.malformed(atomic(CompareAndSwap, 0x1008, 8)));
  CHECK(bench.malformed(atomic(CompareAndSwap, 0x1000, 1)));
}
