// SPDX-License-Identifier: Apache-2.0
#include "iommu/trace.hpp"

#include <fmt/core.h>

#include <charconv>

namespace cw::iommu {

namespace {

constexpr unsigned kHex = 16, kDecimal = 10;
constexpr uint64_t kPageBytes = 4096, kRegisterBytes = 4096;
constexpr uint64_t kMemoryTop = uint64_t{1} << Memory::kAddressBits;

// What is wrong with a line; parse() knows its number.
struct Complaint {
  std::string reason;
};

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  for (;;) {
    const size_t begin = line.find_first_not_of(kBlank);
    if (begin == line.npos) return words;
    line.remove_prefix(begin);
    words.push_back(line.substr(0, line.find_first_of(kBlank)));
    line.remove_prefix(words.back().size());
  }
}

// The operands of one line, taken one after the other.
class Operands {
 public:
  explicit Operands(std::vector<std::string_view> words) : words_(std::move(words)) {}

  std::string_view word(const char* what) {
    if (next_ == words_.size()) throw Complaint{fmt::format("{} is missing", what)};
    return words_[next_++];
  }
  bool more() const { return next_ < words_.size(); }
  void end() const {
    if (more()) throw Complaint{fmt::format("'{}' is too much", words_[next_])};
  }

  uint64_t number(const char* what, uint64_t limit, unsigned base = kHex) {
    const std::string_view text = word(what);
    uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(base));
    if (end != text.data() + text.size() || error == std::errc::invalid_argument) {
      throw Complaint{fmt::format("{} '{}' is not a {} number", what, text,
                                  base == kHex ? "hexadecimal" : "decimal")};
    }
    if (error != std::errc{} || value > limit) {
      throw Complaint{fmt::format("{} '{}' is too large", what, text)};
    }
    return value;
  }

  std::vector<uint8_t> bytes(const char* what) {
    const std::string_view text = word(what);
    if (text.size() % 2 != 0) {
      throw Complaint{fmt::format("{} '{}' have an odd number of digits", what, text)};
    }
    std::vector<uint8_t> bytes(text.size() / 2);
    for (size_t n = 0; n < bytes.size(); ++n) {
      const char* digits = text.data() + 2 * n;
      const auto [end, error] = std::from_chars(digits, digits + 2, bytes[n], kHex);
      if (error != std::errc{} || end != digits + 2) {
        throw Complaint{fmt::format("{} '{}' are not hexadecimal", what, text)};
      }
    }
    return bytes;
  }

 private:
  std::vector<std::string_view> words_;
  size_t next_ = 0;
};

void inside_memory(uint64_t address, uint64_t length) {
  if (address >= kMemoryTop || length > kMemoryTop - address) {
    throw Complaint{fmt::format("{:x} and {:x} more bytes leave the {} address bits of memory",
                                address, length, Memory::kAddressBits)};
  }
}

Operation parse_reset(Operands& operands) {
  const uint64_t capabilities = operands.number("capabilities", ~uint64_t{0});
  if (const uint64_t bad = model::Iommu::unsupported(capabilities)) {
    throw Complaint{fmt::format("capabilities: the bits {:x} ask for what is not there", bad)};
  }
  return Reset{capabilities};
}

Operation parse_fill(Operands& operands) {
  Fill fill{.address = operands.number("address", ~uint64_t{0}), .bytes = operands.bytes("bytes")};
  inside_memory(fill.address, fill.bytes.size());
  return fill;
}

Operation parse_mark(Operands& operands, Memory::Mark kind) {
  MarkRange mark{.kind = kind,
                 .address = operands.number("address", ~uint64_t{0}),
                 .length = operands.number("length", ~uint64_t{0})};
  inside_memory(mark.address, mark.length);
  return mark;
}

// Offset and size of a register access.
std::pair<uint32_t, unsigned> parse_place(Operands& operands) {
  const auto offset = static_cast<uint32_t>(operands.number("offset", kRegisterBytes - 1));
  const auto size = static_cast<unsigned>(operands.number("size", 8, kDecimal));
  if (size != 4 && size != 8) throw Complaint{fmt::format("size {} is not 4 or 8", size)};
  if (offset % size != 0) {
    throw Complaint{fmt::format("offset {:x} is not a multiple of the size {}", offset, size)};
  }
  return {offset, size};
}

uint64_t all_ones(unsigned size) { return size == 8 ? ~uint64_t{0} : 0xffff'ffff; }

Operation parse_write(Operands& operands) {
  const auto [offset, size] = parse_place(operands);
  return RegisterWrite{
      .offset = offset, .size = size, .value = operands.number("value", all_ones(size))};
}

Operation parse_read(Operands& operands) {
  const auto [offset, size] = parse_place(operands);
  RegisterRead read{.offset = offset,
                    .size = size,
                    .value = operands.number("value", all_ones(size)),
                    .mask = all_ones(size)};
  if (operands.more()) read.mask = operands.number("mask", all_ones(size));
  return read;
}

bool parse_kind(Operands& operands) {
  const std::string_view kind = operands.word("kind");
  if (kind != "r" && kind != "w") throw Complaint{fmt::format("kind '{}' is not r or w", kind)};
  return kind == "w";
}

std::optional<Status> parse_status(Operands& operands) {
  const std::string_view status = operands.word("status");
  if (status == "ok") return Status::Ok;
  if (status == "ur") return Status::Ur;
  if (status == "ca") return Status::Ca;
  if (status == "err") return std::nullopt;
  throw Complaint{fmt::format("status '{}' is not ok, ur, ca or err", status)};
}

Operation parse_translate(Operands& operands) {
  constexpr uint64_t kDeviceIds = 1u << 24;
  Translate request;
  request.device_id = static_cast<uint32_t>(operands.number("device id", kDeviceIds - 1));
  request.write = parse_kind(operands);
  request.iova = operands.number("iova", ~uint64_t{0});
  request.length = static_cast<unsigned>(operands.number("length", kPageBytes, kDecimal));
  if (request.iova % kPageBytes + request.length > kPageBytes) {
    throw Complaint{fmt::format("{} bytes at {:x} cross 4 KiB", request.length, request.iova)};
  }
  request.status = parse_status(operands);
  if (request.status == Status::Ok && operands.more()) {
    request.address = operands.number("address", ~uint64_t{0});
  }
  return request;
}

Operation parse_expectation(Operands& operands) {
  MemoryIs is{.address = operands.number("address", ~uint64_t{0}),
              .bytes = operands.bytes("bytes"),
              .mask = {}};
  is.mask.assign(is.bytes.size(), 0xff);
  if (operands.more()) is.mask = operands.bytes("mask");
  if (is.mask.size() != is.bytes.size()) {
    throw Complaint{fmt::format("a mask of {} bytes for {}", is.mask.size(), is.bytes.size())};
  }
  inside_memory(is.address, is.bytes.size());
  return is;
}

Operation parse_operation(std::string_view letter, Operands& operands) {
  if (letter == "C") return parse_reset(operands);
  if (letter == "M") return parse_fill(operands);
  if (letter == "B") return parse_mark(operands, Memory::Mark::Fault);
  if (letter == "P") return parse_mark(operands, Memory::Mark::Poison);
  if (letter == "W") return parse_write(operands);
  if (letter == "R") return parse_read(operands);
  if (letter == "S") return Settle{};
  if (letter == "T") return parse_translate(operands);
  if (letter == "E") return parse_expectation(operands);
  throw Complaint{fmt::format("'{}' is no operation", letter)};
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

std::variant<Trace, BadLine> parse(std::string_view text) {
  Trace trace;
  unsigned number = 0;
  try {
    while (!text.empty()) {
      ++number;
      const size_t end = text.find('\n');
      std::vector<std::string_view> words = words_of(text.substr(0, end));
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
      if (words.empty()) continue;
      const std::string_view letter = words.front();
      words.erase(words.begin());
      Operands operands(std::move(words));
      Operation operation = parse_operation(letter, operands);
      operands.end();
      if (trace.empty() && !std::holds_alternative<Reset>(operation)) {
        throw Complaint{"a trace begins with C"};
      }
      trace.push_back({.number = number, .operation = std::move(operation)});
    }
    if (trace.empty()) throw Complaint{"a trace begins with C; this one is empty"};
  } catch (const Complaint& complaint) {
    return BadLine{.number = std::max(number, 1u), .reason = complaint.reason};
  }
  return trace;
}

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string text_of(Status status) {
  switch (status) {
    case Status::Ok:
      return "ok";
    case Status::Ur:
      return "ur";
    case Status::Ca:
      return "ca";
  }
  return "?";
}

std::string text_of(const Outcome& outcome) {
  if (outcome.status != Status::Ok) return text_of(outcome.status);
  return fmt::format("ok {:x}", outcome.address);
}

std::string text_of(const Operation& operation) {
  return std::visit(
      Overloaded{
          [](const Reset& o) { return fmt::format("C {:016x}", o.capabilities); },
          [](const Fill& o) { return fmt::format("M {:x} {}", o.address, hex(o.bytes)); },
          [](const MarkRange& o) {
            return fmt::format("{} {:x} {:x}", o.kind == Memory::Mark::Fault ? 'B' : 'P', o.address,
                               o.length);
          },
          [](const RegisterWrite& o) {
            return fmt::format("W {:03x} {} {:x}", o.offset, o.size, o.value);
          },
          [](const RegisterRead& o) {
            const std::string text = fmt::format("R {:03x} {} {:x}", o.offset, o.size, o.value);
            return o.mask == all_ones(o.size) ? text : fmt::format("{} {:x}", text, o.mask);
          },
          [](const Settle&) { return std::string("S"); },
          [](const Translate& o) {
            const std::string address = o.address ? fmt::format(" {:x}", *o.address) : "";
            return fmt::format("T {:06x} {} {:x} {} {}{}", o.device_id, o.write ? 'w' : 'r', o.iova,
                               o.length, o.status ? text_of(*o.status) : "err", address);
          },
          [](const MemoryIs& o) {
            const std::string text = fmt::format("E {:x} {}", o.address, hex(o.bytes));
            const bool all = o.mask == std::vector<uint8_t>(o.mask.size(), 0xff);
            return all ? text : fmt::format("{} {}", text, hex(o.mask));
          },
      },
      operation);
}

}  // namespace cw::iommu
