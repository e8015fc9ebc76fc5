// SPDX-License-Identifier: Apache-2.0
#include "iommu/player.hpp"

#include <fmt/core.h>

#include <optional>
#include <stdexcept>

namespace cw::iommu {

namespace {

// One operation at a time; what does not come out as it must is kept.
class Player {
 public:
  explicit Player(Target& target) : target_(target) {}

  std::optional<Mismatch> operator()(const Reset& o) {
    target_.reset(o.capabilities);
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(const Fill& o) {
    target_.memory().poke(o.address, o.bytes);
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(const MarkRange& o) {
    target_.memory().mark(o.kind, o.address, o.length);
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(const RegisterWrite& o) {
    target_.write_register(o.offset, o.size, o.value);
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(const RegisterRead& o) {
    const uint64_t got = target_.read_register(o.offset, o.size);
    if (((got ^ o.value) & o.mask) == 0) return std::nullopt;
    const std::string where = fmt::format("register {:03x} of {} bytes", o.offset, o.size);
    return Mismatch{.expected = fmt::format("{} {:x} under {:x}", where, o.value, o.mask),
                    .got = fmt::format("{:x}", got)};
  }
  std::optional<Mismatch> operator()(const Settle&) {
    target_.settle();
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(const Translate& o) {
    const Outcome got = target_.translate(o);
    const bool status_fits = o.status ? got.status == *o.status : got.status != Status::Ok;
    if (status_fits && (!o.address || got.address == *o.address)) return std::nullopt;
    const std::string wanted = !o.status   ? "err"
                               : o.address ? text_of(Outcome{*o.status, *o.address})
                                           : text_of(*o.status);
    return Mismatch{
        .expected = fmt::format("{} of iova {:x} by {:06x}: {}", o.write ? "write" : "read", o.iova,
                                o.device_id, wanted),
        .got = text_of(got)};
  }
  std::optional<Mismatch> operator()(const MemoryIs& o) {
    const std::vector<uint8_t> got = target_.memory().peek(o.address, o.bytes.size());
    for (size_t n = 0; n < got.size(); ++n) {
      if (((got[n] ^ o.bytes[n]) & o.mask[n]) == 0) continue;
      return Mismatch{.expected = fmt::format("memory at {:x}: {} under {}", o.address,
                                              hex(o.bytes), hex(o.mask)),
                      .got = hex(got)};
    }
    return std::nullopt;
  }

 private:
  Target& target_;
};

}  // namespace

std::vector<Mismatch> play(const Trace& trace, Target& target) {
  std::vector<Mismatch> mismatches;
  Player player(target);
  for (const Line& line : trace) {
    try {
      if (auto mismatch = std::visit(player, line.operation)) {
        mismatch->line = line.number;
        mismatches.push_back(std::move(*mismatch));
      }
    } catch (const std::runtime_error& error) {
      mismatches.push_back({.line = line.number,
                            .expected = fmt::format("an end of '{}'", text_of(line.operation)),
                            .got = error.what()});
      return mismatches;
    }
  }
  return mismatches;
}

}  // namespace cw::iommu
