// SPDX-License-Identifier: Apache-2.0
#include "random/user_registers.hpp"

namespace cw::random {

namespace {

constexpr uint8_t kOkay = 0, kSlverr = 2, kDecerr = 3;

unsigned percent_of(agent::Stall stall) {
  switch (stall) {
    case agent::Stall::None:
      return 100;
    case agent::Stall::Slow:
      return 20;
    default:
      return 60;
  }
}

}  // namespace

UserRegisters::UserRegisters(EndpointDut& dut, agent::Rng rng, agent::Stall stall)
    : dut_(dut), rng_(std::move(rng)), ready_percent_(percent_of(stall)), bytes_(kUserBytes) {
  dut_.module().kernel().add(*this);
  UserRegisters::reset();
}

UserRegisters::~UserRegisters() { dut_.module().kernel().remove(*this); }

void UserRegisters::reset() {
  sense_ = {};
  write_address_.reset();
  write_data_.reset();
  read_address_.reset();
  dut_.answer_user(sense_);
}

uint8_t UserRegisters::response(uint32_t address) {
  return address >= kUserDecerrAt ? kDecerr : address >= kUserSlverrAt ? kSlverr : kOkay;
}

void UserRegisters::write(uint32_t address, uint32_t data, uint8_t strobes) {
  if (response(address) != kOkay) return;
  for (uint32_t n = 0; n < 4; ++n) {
    if (strobes >> n & 1) bytes_.at((address & ~3u) + n) = static_cast<uint8_t>(data >> 8 * n);
  }
}

uint32_t UserRegisters::read(uint32_t address) const {
  uint32_t data = 0;
  for (uint32_t n = 0; n < 4; ++n) data |= uint32_t{bytes_.at((address & ~3u) + n)} << 8 * n;
  return data;
}

void UserRegisters::sample() {
  const UserDrive drive = dut_.user();
  if (drive.aw_valid && sense_.aw_ready) write_address_ = drive.aw_address;
  if (drive.w_valid && sense_.w_ready) write_data_ = {drive.w_data, drive.w_strobes};
  if (drive.ar_valid && sense_.ar_ready) read_address_ = drive.ar_address;
  if (sense_.b_valid && drive.b_ready) sense_.b_valid = false;
  if (sense_.r_valid && drive.r_ready) sense_.r_valid = false;
  if (write_address_ && write_data_ && !sense_.b_valid && ready()) {
    write(*write_address_, write_data_->first, write_data_->second);
    sense_.b_valid = true;
    sense_.b_resp = response(*write_address_);
    write_address_.reset();
    write_data_.reset();
  }
  if (read_address_ && !sense_.r_valid && ready()) {
    sense_.r_valid = true;
    sense_.r_resp = response(*read_address_);
    sense_.r_data = sense_.r_resp == kOkay ? read(*read_address_) : rng_.u32();
    read_address_.reset();
  }
  sense_.aw_ready = !write_address_ && ready();
  sense_.w_ready = !write_data_ && ready();
  sense_.ar_ready = !read_address_ && ready();
}

}  // namespace cw::random
