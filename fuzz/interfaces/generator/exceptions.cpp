// SPDX-License-Identifier: Apache-2.0
// Throwing, catching, cleaning up.
#include <utility>

#include "generator/pieces.hpp"

namespace tenon::fuzz {

void Generator::throw_something() { return random_.percent(10) ? throw_where(1) : arithmetic(); }

/// Where the third global has this value.
void Generator::throw_where(std::uint64_t value) {
  const Body before = body_;
  const Code::Label after = code().label();
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 16});
  code().add(isa::Load{Width::w8, false, Reg::r1, Reg::r1, 0});
  code().branch(CmpOp::ne, true, Reg::r1, imm(value), after);
  host_call("bpf_throw");
  set_result();
  code().add(isa::Exit{});
  code().place(after);
  body_ = before;
}

const interface::Callback& Generator::callback_of(std::string_view builtin) const {
  const Function& function = declarations_.at(*declarations_.find_function(builtin));
  return declarations_.at(std::get<interface::CallbackRef>(function.parameters[0].type).type);
}

/// What is held here is held in the body as well, and afterwards, whichever way it ended.
void Generator::catch_something(unsigned depth) {
  if (functions_.size() > 5) return arithmetic();
  const std::uint32_t body = make_callback(callback_of("tn_try"), depth);
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::function, body});
  move(Reg::r2, Reg::r10);
  code().add(isa::Alu{AluOp::add, true, Reg::r2, Imm{-kFirstSlot}});
  host_call("tn_try");
  const Code::Label after = code().label();
  code().branch(CmpOp::eq, true, Reg::r0, Imm{0}, after);
  host_call("tn_cookie");
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::global, 24});
  code().add(isa::Store{Width::w8, Reg::r1, 0, Reg::r0});
  if (random_.percent(30)) throw_where(2);
  code().place(after);
}

void Generator::clean_up_later(unsigned depth) {
  if (functions_.size() > 5) return arithmetic();
  const bool has_scope = random_.percent(50);
  const std::uint32_t cleanup = make_callback(callback_of("tn_defer"), slip() ? depth : kMaxDepth);
  const auto load_subject = [&](Reg to) {
    move(to, Reg::r10);
    code().add(isa::Alu{AluOp::add, true, to, Imm{-kBuffer}});
  };
  code().add(isa::LoadImm{Reg::r1, isa::LoadImm::Kind::function, cleanup});
  if (!has_scope) {
    move(Reg::r2, imm(random_.below(8)));
    return host_call("tn_defer");
  }
  load_subject(Reg::r2);
  host_call("tn_scope_begin");
  if (depth < kMaxDepth) block(depth + 1);
  load_subject(Reg::r1);
  if (!slip()) host_call("tn_scope_end");
}

}  // namespace tenon::fuzz
