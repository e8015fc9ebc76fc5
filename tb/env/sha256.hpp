// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of bytes, as `sha256sum` prints it: how moved data are compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace cw::env {

std::string sha256(std::span<const uint8_t> bytes);

}  // namespace cw::env
