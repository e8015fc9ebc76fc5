// SPDX-License-Identifier: Apache-2.0
//
// The endpoint of this project as its configuration space shows it: `cw_cfg_pkg` and
// `cw_completer_pkg`, for models.
#pragma once

#include <cstddef>

#include "cw/cw_regs.h"
#include "model/config_space.hpp"
#include "model/dma.hpp"

namespace cw::env {

inline constexpr unsigned kCardMemLog2 = 16;
inline constexpr uint32_t kMsixTableOffset = 0x2000, kMsixPbaOffset = 0x3000;
inline constexpr unsigned kMsixVectors = 8;

// One DMA channel of each kind.
inline constexpr unsigned kDmaChannels = 6;
constexpr model::DmaKind dma_kind(unsigned channel) {
  return static_cast<model::DmaKind>(channel % 6);
}
constexpr uint32_t dma_block(unsigned channel) {
  return static_cast<uint32_t>(offsetof(cw_regs_t, CHANNEL) + channel * sizeof(cw_dma_regs_t));
}

inline constexpr model::EndpointShape kEndpointShape{
    .vendor = 0xca5e,
    .device = 0xca05,
    .class_code = 0x120000,
    .revision = 1,
    .subsystem_vendor = 0xca5e,
    .subsystem = 1,
    .bars = {{{.kind = model::BarKind::Mem64, .size_log2 = 14},
              {},
              {.kind = model::BarKind::Mem64Prefetchable, .size_log2 = kCardMemLog2}}},
    .msix_vectors = kMsixVectors,
    .msix_table = kMsixTableOffset,
    .msix_pba = kMsixPbaOffset,
    .extended = {.serial_number = 0xca5e'00ff'fe00'0001, .build = {0, 0x0008'6008, 0x0002'0010}},
    .intx_pin = 1,
    .msi_vectors = 32,
    .vpd = {.name = "Causeway endpoint   ",
            .part_number = "CW-EP-DMA   ",
            .serial_number = "000000000001"}};

// The card as a device of one function, with its I/O BAR and the user's registers.
inline constexpr unsigned kIoBar = 4, kIoLog2 = 8, kCardUserBar = 5, kCardUserLog2 = 16;

constexpr model::EndpointShape only_function() {
  model::EndpointShape shape = kEndpointShape;
  shape.extended.build[1] |= 1 << 8;
  shape.bars[kIoBar] = {.kind = model::BarKind::Io, .size_log2 = kIoLog2};
  shape.bars[kCardUserBar] = {.kind = model::BarKind::Mem32, .size_log2 = kCardUserLog2};
  return shape;
}

// Functions of the endpoint in the system: the card, and one for a user's logic, behind whose buses
// there is nobody.
inline constexpr unsigned kSystemFunctions = 2;

inline constexpr unsigned kUserRegisterBar = 0, kUserRegisterLog2 = 12;
inline constexpr unsigned kUserMemoryBar = 2, kUserMemoryLog2 = 24;

constexpr model::EndpointShape system_function(unsigned function) {
  model::EndpointShape shape = kEndpointShape;
  shape.extended.function = function;
  shape.extended.functions = kSystemFunctions;
  shape.extended.build[1] |= kSystemFunctions << 8;
  shape.extended.build[2] = 0x0010'0010;  // 256 tags
  shape.rom_log2 = function == 0 ? 16 : 0;
  if (function == 0) return shape;
  shape.device = 0xca06;
  shape.class_code = 0x050000;
  shape.subsystem = static_cast<uint16_t>(function + 1);
  shape.bars = {};
  shape.bars[kUserRegisterBar] = {.kind = model::BarKind::Mem32, .size_log2 = kUserRegisterLog2};
  shape.bars[kUserMemoryBar] = {.kind = model::BarKind::Mem64Prefetchable,
                                .size_log2 = kUserMemoryLog2};
  shape.extended.resizable_log2[kUserMemoryBar] = kUserMemoryLog2;
  shape.extended.build = {0, kSystemFunctions << 8 | 8, 0};
  shape.msix_vectors = 0;
  shape.intx_pin = static_cast<uint8_t>(function + 1);
  shape.vpd = {};
  return shape;
}

}  // namespace cw::env
