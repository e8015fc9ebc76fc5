// SPDX-License-Identifier: Apache-2.0
//
// The text form of what happens to an IOMMU and of what must come of it: docs/iommu.md, "Traces".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "iommu/memory.hpp"

namespace cw::iommu {

// What came of a request.
enum class Status { Ok, Ur, Ca };
struct Outcome {
  Status status = Status::Ur;
  uint64_t address = 0;  // with Ok

  bool operator==(const Outcome&) const = default;
};

// Operations, by their letter.
struct Reset {  // C
  uint64_t capabilities = 0;
};
struct Fill {  // M
  uint64_t address = 0;
  std::vector<uint8_t> bytes;
};
struct MarkRange {  // B, P
  Memory::Mark kind{};
  uint64_t address = 0, length = 0;
};
struct RegisterWrite {  // W
  uint32_t offset = 0;
  unsigned size = 4;
  uint64_t value = 0;
};
struct RegisterRead {  // R
  uint32_t offset = 0;
  unsigned size = 4;
  uint64_t value = 0, mask = 0;
};
struct Settle {};   // S
struct Translate {  // T
  uint32_t device_id = 0;
  bool write = false;
  uint64_t iova = 0;
  unsigned length = 0;
  std::optional<Status> status{};  // none: refused in either way
  std::optional<uint64_t> address{};
};
struct MemoryIs {  // E
  uint64_t address = 0;
  std::vector<uint8_t> bytes, mask;
};

using Operation =
    std::variant<Reset, Fill, MarkRange, RegisterWrite, RegisterRead, Settle, Translate, MemoryIs>;
struct Line {
  unsigned number = 0;
  Operation operation;
};
using Trace = std::vector<Line>;

struct BadLine {
  unsigned number = 0;
  std::string reason;
};

std::variant<Trace, BadLine> parse(std::string_view text);
// The line that parse() reads back as this operation, without its end.
std::string text_of(const Operation& operation);

std::string hex(const std::vector<uint8_t>& bytes);
std::string text_of(Status status);
std::string text_of(const Outcome& outcome);

}  // namespace cw::iommu
