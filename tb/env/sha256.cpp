// SPDX-License-Identifier: Apache-2.0
#include "env/sha256.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace cw::env {

std::string sha256(std::span<const uint8_t> bytes) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes.data(), bytes.size(), digest.data());
  std::string text;
  for (const uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace cw::env
