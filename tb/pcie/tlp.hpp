// SPDX-License-Identifier: Apache-2.0
//
// Transactions as values, and their sum type.
// Spec: PCIe Base 2.2.7 (requests), 2.2.8 (messages), 2.2.9 (completions).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pcie/types.hpp"

namespace cw::pcie {

// What any TLP may carry in DW0 beside its kind and length.
struct Attributes {
  uint8_t traffic_class = 0;
  bool relaxed_ordering = false;
  bool no_snoop = false;
  bool id_ordering = false;
  bool poisoned = false;
  uint8_t address_type = 0;  // 0: untranslated

  bool operator==(const Attributes&) const = default;
};

// Byte enables that are not simply "these bytes in a row" (2.2.5).
struct ByteEnables {
  uint8_t first = 0;
  uint8_t last = 0;

  bool operator==(const ByteEnables&) const = default;
};

// `length_bytes` from any byte address; 0 is the zero-length read that flushes. With `enables`,
// address and length are whole dwords.
struct MemRead {
  Bdf requester{};
  Tag tag{};
  Iova address{};
  uint32_t length_bytes = 0;
  std::optional<ByteEnables> enables{};
  bool locked = false;
  Attributes attributes{};

  bool operator==(const MemRead&) const = default;
};

// With `enables`, address and data are whole dwords.
struct MemWrite {
  Bdf requester{};
  Tag tag{};
  Iova address{};
  std::vector<uint8_t> data{};
  std::optional<ByteEnables> enables{};
  Attributes attributes{};

  bool operator==(const MemWrite&) const = default;
};

struct IoRead {
  Bdf requester{};
  Tag tag{};
  uint32_t address = 0;
  uint8_t first_be = 0xf;

  bool operator==(const IoRead&) const = default;
};

struct IoWrite {
  Bdf requester{};
  Tag tag{};
  uint32_t address = 0;
  uint8_t first_be = 0xf;
  uint32_t data = 0;
  bool poisoned = false;

  bool operator==(const IoWrite&) const = default;
};

// Type 0 is for the function at the end of the link, type 1 goes on to another bus.
enum class CfgType : uint8_t { Type0 = 0, Type1 = 1 };

struct CfgRead {
  CfgType type = CfgType::Type0;
  Bdf requester{};
  Tag tag{};
  Bdf target{};
  uint16_t offset = 0;  // bytes, a multiple of 4
  uint8_t first_be = 0xf;

  bool operator==(const CfgRead&) const = default;
};

struct CfgWrite {
  CfgType type = CfgType::Type0;
  Bdf requester{};
  Tag tag{};
  Bdf target{};
  uint16_t offset = 0;
  uint8_t first_be = 0xf;
  uint32_t data = 0;
  bool poisoned = false;

  bool operator==(const CfgWrite&) const = default;
};

enum class AtomicKind : uint8_t { FetchAdd = 0, Swap = 1, CompareAndSwap = 2 };

struct Atomic {
  AtomicKind kind = AtomicKind::FetchAdd;
  Bdf requester{};
  Tag tag{};
  Iova address{};
  std::vector<uint32_t> operands{};
  Attributes attributes{};

  bool operator==(const Atomic&) const = default;
};

struct Message {
  Bdf requester{};
  Tag tag{};
  uint8_t routing = 0;  // table 2-20
  uint8_t code = 0;
  uint32_t dw2 = 0;
  uint32_t dw3 = 0;
  std::vector<uint32_t> payload{};  // MsgD, if not empty
  Attributes attributes{};

  bool operator==(const Message&) const = default;
};

enum class CplStatus : uint8_t { Sc = 0, Ur = 1, Rrs = 2, Ca = 4 };

struct Completion {
  Bdf completer{};
  CplStatus status = CplStatus::Sc;
  bool byte_count_modified = false;
  uint32_t byte_count = 4;  // still owed, with this TLP; 1 to 4096
  Bdf requester{};
  Tag tag{};
  uint8_t lower_address = 0;
  std::vector<uint32_t> payload{};  // CplD, if not empty
  bool locked = false;
  Attributes attributes{};

  bool operator==(const Completion&) const = default;
};

// The bytes of a completion of a memory read that answer it: from the lower address on.
std::vector<uint8_t> enabled_bytes(const Completion& completion);

using Tlp = std::variant<MemRead, MemWrite, IoRead, IoWrite, CfgRead, CfgWrite, Atomic, Message,
                         Completion>;

// Bits that are no TLP, and the first rule that they break.
struct Malformed {
  std::string reason;

  bool operator==(const Malformed&) const = default;
};

}  // namespace cw::pcie
