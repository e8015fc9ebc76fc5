// SPDX-License-Identifier: Apache-2.0
#include "pcie/codec.hpp"

#include "catch_shim.hpp"
#include "pcie/byte_enables.hpp"

namespace {

using namespace cw::pcie;

constexpr Bdf kRequester{.bus = 1, .device = 2, .function = 3};

std::vector<uint8_t> counting(size_t bytes) {
  std::vector<uint8_t> data(bytes);
  for (size_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(i + 1);
  return data;
}

std::string reason(const RawTlp& raw) {
  const Decoded decoded = decode(raw);
  const auto* malformed = std::get_if<Malformed>(&decoded);
  return malformed ? malformed->reason : "";
}

void round_trip(const Tlp& tlp) {
  const RawTlp raw = encode(tlp);
  INFO(to_text(raw));
  CHECK(std::get<Tlp>(decode(raw)) == tlp);
  CHECK(std::get<Tlp>(decode(to_dwords(raw))) == tlp);
}

}  // namespace

TEST_CASE("A memory read is the specification's dwords", "[model][codec][R03]") {
  CHECK(encode(MemRead{
            .requester = kRequester, .tag = {0x2a5}, .address = {0x1002}, .length_bytes = 7}) ==
        RawTlp{.hdr = {0x0080'0003, 0x0113'a51c, 0x0000'1000, 0}});
  CHECK(
      encode(MemRead{.requester = kRequester, .address = {0x12'3456'7000}, .length_bytes = 4096}) ==
      RawTlp{.hdr = {0x2000'0000, 0x0113'00ff, 0x0000'0012, 0x3456'7000}});
}

TEST_CASE("A memory write puts byte 0 of a dword in its low bits", "[model][codec]") {
  const RawTlp raw =
      encode(MemWrite{.requester = kRequester, .address = {0x1001}, .data = counting(5)});
  CHECK(raw.hdr[0] == 0x4000'0002);
  CHECK(raw.hdr[1] == 0x0113'003e);
  CHECK(raw.payload == std::vector<uint32_t>{0x0302'0100, 0x0000'0504});
}

TEST_CASE("A configuration write is the specification's dwords", "[model][codec]") {
  CHECK(encode(CfgWrite{.type = CfgType::Type1,
                        .requester = {},
                        .tag = {7},
                        .target = kRequester,
                        .offset = 0x104,
                        .first_be = 0x3,
                        .data = 0xdead'beef}) ==
        RawTlp{.hdr = {0x4500'0001, 0x0000'0703, 0x0113'0104, 0}, .payload = {0xdead'beef}});
}

TEST_CASE("A completion is the specification's dwords", "[model][codec]") {
  CHECK(encode(Completion{.completer = {.bus = 2},
                          .status = CplStatus::Ur,
                          .byte_count = 4096,
                          .requester = kRequester,
                          .tag = {9},
                          .lower_address = 0x44}) ==
        RawTlp{.hdr = {0x0a00'0000, 0x0200'2000, 0x0113'0944, 0}});
}

TEST_CASE("Every offset and length of a request survives the round trip", "[model][codec][R05]") {
  for (uint32_t offset = 0; offset < 8; ++offset) {
    for (uint32_t bytes = 0; bytes < 20; ++bytes) {
      const bool flush = bytes == 0;
      const Iova address{0x8'0000'0100u + (flush ? 0u : offset)};
      round_trip(MemRead{
          .requester = kRequester, .tag = {0x3ff}, .address = address, .length_bytes = bytes});
      if (!flush) {
        round_trip(MemWrite{.requester = kRequester, .address = address, .data = counting(bytes)});
      }
    }
  }
}

TEST_CASE("Every kind of TLP survives the round trip", "[model][codec]") {
  const Attributes all{.traffic_class = 5,
                       .relaxed_ordering = true,
                       .no_snoop = true,
                       .id_ordering = true,
                       .poisoned = true,
                       .address_type = 2};
  round_trip(MemRead{.address = {0x1000}, .length_bytes = 8, .locked = true, .attributes = all});
  round_trip(MemWrite{.address = {0x1000},
                      .data = counting(8),
                      .enables = ByteEnables{0x5, 0xa},
                      .attributes = all});
  round_trip(IoRead{.requester = kRequester, .address = 0x3f8, .first_be = 1});
  round_trip(IoWrite{.requester = kRequester, .address = 0x3f8, .data = 5, .poisoned = true});
  round_trip(CfgRead{.target = kRequester, .offset = 0xffc});
  round_trip(CfgWrite{.type = CfgType::Type1, .target = kRequester, .offset = 0x10, .data = 1});
  round_trip(Atomic{
      .kind = AtomicKind::CompareAndSwap, .address = {0x1'0000'0000}, .operands = {1, 2, 3, 4}});
  round_trip(Message{.requester = kRequester, .routing = 4, .code = 0x20, .dw3 = 3});
  round_trip(Message{.code = 0x7f, .payload = {1, 2}});
  round_trip(Completion{.completer = kRequester,
                        .byte_count = 64,
                        .tag = {0x155},
                        .lower_address = 0x7c,
                        .payload = {1, 2, 3},
                        .attributes = all});
  round_trip(Completion{.status = CplStatus::Ca, .byte_count = 1, .locked = true});
}

TEST_CASE("Bits that break a rule decode to the rule", "[model][codec][R36]") {
  const RawTlp write = encode(MemWrite{.address = {0xff8}, .data = counting(8)});
  RawTlp bad = write;
  SECTION("length") {
    bad.payload.push_back(0);
    CHECK(reason(bad) == "payload does not match Length");
  }
  SECTION("page") {
    bad.hdr[2] += 4;
    CHECK(reason(bad) == "crosses a 4 KiB boundary");
  }
  SECTION("byte enables") {
    bad.hdr[1] = 0x0000'000f;
    CHECK(reason(bad) == "illegal byte enables");
  }
  SECTION("digest") {
    bad.hdr[0] |= 0x8000;
    CHECK(reason(bad) == "TD and digest disagree");
  }
  SECTION("kind") {
    bad.hdr[0] |= 0x1f00'0000;
    CHECK(reason(bad) == "reserved Fmt and Type");
  }
  SECTION("given up") {
    bad.error = true;
    CHECK(reason(bad) == "given up by its sender");
  }
  SECTION("configuration") {
    bad = encode(CfgRead{});
    bad.hdr[0] += 1;
    CHECK(reason(bad) == "Length is not 1");
    bad = encode(CfgRead{});
    bad.hdr[0] |= 0x1000;
    CHECK(reason(bad) == "TC, Attr or AT is not 0");
  }
  SECTION("completion") {
    bad = encode(Completion{.status = CplStatus::Ur, .payload = {1}});
    CHECK(reason(bad) == "data with an unsuccessful completion");
  }
  SECTION("too short") {
    CHECK(std::holds_alternative<Malformed>(decode(std::vector<uint32_t>{0x2000'0001, 0, 0})));
  }
}

TEST_CASE("The digest covers all but the bits that may change", "[model][codec][R39]") {
  const RawTlp write = with_ecrc(encode(MemWrite{.address = {0x1'0000'0040}, .data = counting(8)}));
  CHECK(std::holds_alternative<Tlp>(decode(write)));
  CHECK(to_dwords(write).size() == 4 + 2 + 1);
  CHECK(std::get<RawTlp>(from_dwords(to_dwords(write))) == write);
  RawTlp other = write;
  other.hdr[0] ^= 1u << 24 | 1u << 14;  // Type[0] and EP
  CHECK(ecrc(other) == write.digest);
  for (unsigned bit = 0; bit < 4 * 32; ++bit) {
    if (bit == 14 || bit == 24) continue;
    other = write;
    other.hdr[bit / 32] ^= 1u << bit % 32;
    if (bit != 29) CHECK(ecrc(other) != write.digest);  // bit 29 makes the header one dword shorter
  }
  other = write;
  other.payload[1] ^= 0x8000'0000;
  CHECK(ecrc(other) != write.digest);
  other = write;
  other.prefix = 0x9100'0001;
  CHECK(ecrc(other) != write.digest);
}

TEST_CASE("Fmt and Type give the class of table 2-3", "[model][codec]") {
  const auto of = [](uint8_t kind) { return tlp_class(RawTlp{.hdr = {uint32_t{kind} << 24}}); };
  size_t posted = 0, non_posted = 0, completions = 0;
  for (unsigned value = 0; value < 256; ++value) {
    const TlpClass group = of(static_cast<uint8_t>(value));
    posted += group == TlpClass::Posted;
    non_posted += group == TlpClass::NonPosted;
    completions += group == TlpClass::Completion;
  }
  CHECK(posted == 2 + 16);             // MWr, and Msg and MsgD with eight routings
  CHECK(non_posted == 4 + 2 + 4 + 6);  // MRd and MRdLk, I/O, configuration, AtomicOps
  CHECK(completions == 4);
}

TEST_CASE("A completion holds the bytes from its lower address on", "[model][codec][R14]") {
  const Completion cpl{
      .byte_count = 5, .lower_address = 0x42, .payload = {0x0302'0100, 0x0706'0504, 0x0b0a'0908}};
  CHECK(enabled_bytes(cpl) == std::vector<uint8_t>{2, 3, 4, 5, 6});
}

TEST_CASE("A TLP reads as one line", "[model][codec]") {
  CHECK(to_text(encode(MemRead{
            .requester = {.bus = 1}, .tag = {7}, .address = {0xffc0}, .length_bytes = 64})) ==
        "MRd32 01:00.0 t07 0x0000ffc0 64B");
  CHECK(to_text(encode(Completion{.completer = {.bus = 1}, .status = CplStatus::Ur, .tag = {3}})) ==
        "Cpl 00:00.0 t03 UR bc=4 la=0x00 0DW from 01:00.0");
}
