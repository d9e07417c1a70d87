// SPDX-License-Identifier: Apache-2.0
// A malformed line of an interface is a compile error that shows line, column and reason.
// ERROR: MalformedInterface<3, 11, tenon::FixedText<26>{"\':\' expected before \'u64\'"}>
#include <tenon/host_interface.hpp>

#ifdef MISUSE
using Lines = tenon::HostInterface<R"(
interface lines;
fn take(n u64);
hook h(n: u64) -> u64 default 0;
)">;
#else
using Lines = tenon::HostInterface<R"(
interface lines;
fn take(n: u64);
hook h(n: u64) -> u64 default 0;
)">;
#endif

Lines lines;
