// SPDX-License-Identifier: Apache-2.0
#include "dut/kernel.hpp"

#include "catch_shim.hpp"

namespace {

using namespace cw::dut;

struct Register : Clocked {
  Register(uint8_t& in, uint8_t& out) : d(in), q(out) {}
  void sample() override { next = d; }
  void commit() override { q = next; }
  uint8_t& d;
  uint8_t& q;
  uint8_t next = 0;
};

Task<uint64_t> wait_cycles(Kernel& kernel, uint64_t count) {
  co_await kernel.cycles(count);
  co_return kernel.now().value;
}

Task<> drive_at(Kernel& kernel, uint8_t& pin, uint64_t cycle, uint8_t value) {
  co_await kernel.cycles(cycle);
  kernel.drive(pin, value);
}

Task<> notify_after(Kernel& kernel, Event& event, uint64_t count) {
  co_await kernel.cycles(count);
  event.notify();
}

Task<bool> wait_within(Event& event, Cycles deadline) { co_return co_await event.within(deadline); }

Task<> wait_forever(Event& event) { co_await event; }

Task<> fail() {
  throw std::logic_error("planted");
  co_return;
}

}  // namespace

TEST_CASE("No step object sees what another drove in the same cycle", "[bench][kernel]") {
  Kernel kernel;
  uint8_t a = 0, b = 0, c = 0;
  Register first(a, b), second(b, c);
  kernel.add(first);
  kernel.add(second);
  a = 7;
  kernel.step();
  CHECK(b == 7);
  CHECK(c == 0);
  kernel.step();
  CHECK(c == 7);
}

TEST_CASE("What a task drives is on the pin only after the edge", "[bench][kernel]") {
  Kernel kernel;
  uint8_t pin = 0, seen = 0;
  Register monitor(pin, seen);
  kernel.add(monitor);
  kernel.spawn("driver", drive_at(kernel, pin, 2, 9));
  for (int i = 0; i < 3; ++i) kernel.step();
  CHECK(pin == 9);
  CHECK(seen == 0);
  kernel.step();
  CHECK(seen == 9);
}

TEST_CASE("A task waits exactly the cycles that it asks for", "[bench][kernel]") {
  Kernel kernel;
  CHECK(kernel.run(wait_cycles(kernel, 10)) == 10);
  CHECK(kernel.run(wait_cycles(kernel, 0)) == 11);
}

TEST_CASE("An event wakes its waiter in the cycle of the notification, or the deadline does",
          "[bench][kernel]") {
  Kernel kernel;
  Event event(kernel, "the doorbell");
  kernel.spawn("notifier", notify_after(kernel, event, 5));
  CHECK(kernel.run(wait_within(event, 50_cycles)));
  CHECK(kernel.now() == 6_cycles);
  CHECK_FALSE(kernel.run(wait_within(event, 50_cycles)));
  CHECK(kernel.now() == 57_cycles);
}

TEST_CASE("A blocking call that exceeds its budget names who waits for what", "[bench][kernel]") {
  Kernel kernel;
  Event event(kernel, "the doorbell");
  kernel.spawn("dma.driver", wait_forever(event));
  std::string message;
  try {
    kernel.run_until([] { return false; }, 20_cycles);
  } catch (const Timeout& timeout) {
    message = timeout.what();
  }
  CHECK(message.find("dma.driver waits for the doorbell since cycle 0") != std::string::npos);
}

TEST_CASE("The watchdog ends a simulation in which nothing moves", "[bench][kernel]") {
  Kernel kernel;
  Event event(kernel, "nothing");
  kernel.watchdog(100_cycles);
  kernel.spawn("idle", wait_forever(event));
  CHECK_THROWS_AS(kernel.run_until([] { return false; }, 1'000_cycles), Timeout);
  CHECK(kernel.now() < 200_cycles);
}

TEST_CASE("An exception in a task reaches the test", "[bench][kernel]") {
  Kernel kernel;
  kernel.spawn("broken", fail());
  CHECK_THROWS_AS(kernel.step(), std::logic_error);
  CHECK_THROWS_AS(kernel.run(fail()), std::logic_error);
}

TEST_CASE("A kernel that ends before its tasks leaves nothing behind", "[bench][kernel]") {
  auto kernel = std::make_unique<Kernel>();
  auto event = std::make_unique<Event>(*kernel);
  kernel->spawn("waiter", wait_forever(*event));
  auto later = kernel->start("delay", wait_cycles(*kernel, 1'000));
  kernel->step();
  event.reset();
  kernel.reset();
  CHECK_FALSE(later.done());
}
