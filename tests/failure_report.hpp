// SPDX-License-Identifier: Apache-2.0
//
// What every test binary says of a test that failed, below what was wrong: the rules that it
// proves, and the one command that runs it again.
#pragma once

namespace cw {

// True once a check of the test that runs has failed.
bool test_has_failed();

}  // namespace cw
