// SPDX-License-Identifier: Apache-2.0
#include "support/sandbox.hpp"

#include <sys/mman.h>

#include <cstring>
#include <stdexcept>

#include "support/assembler.hpp"

namespace tenon::test {
namespace {

constexpr std::uint64_t kWindow = abi::kWindow32Bytes;

std::uint64_t align_up(std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; }

}  // namespace

Sandbox::Sandbox(std::string_view interface_text, std::string_view file) {
  auto parsed = interface::parse(interface_text, file);
  if (!parsed) throw std::invalid_argument(to_text(parsed.error()));
  declarations_ = std::make_shared<const interface::Declarations>(std::move(*parsed));
  reservation_ = ::mmap(nullptr, 2 * kWindow, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reservation_ == MAP_FAILED) throw std::runtime_error("no address space for a heap window");
  base_ = align_up(reinterpret_cast<std::uint64_t>(reservation_), kWindow);
  ::mprotect(reinterpret_cast<void*>(globals()), kGrantedBytes + kStackBytes, PROT_READ | PROT_WRITE);
  environment_.heap_base = base_;
  environment_.globals_address = globals();
  environment_.heap_stack_limit = globals() + kGrantedBytes;
  environment_.heap_stack_top = environment_.heap_stack_limit + kStackBytes;
  environment_.granted = [this](std::uint64_t address, std::uint64_t bytes) { return granted(address, bytes); };
  environment_.host_memory = [this](std::uint64_t address, std::uint64_t bytes, bool write) { return host_memory(address, bytes, write); };
  environment_.call = [this](const abi::CallSite& site, const Arguments& arguments, const auto&) { return call(site, arguments); };
  environment_.max_instructions = 1'000'000;
}

Sandbox::~Sandbox() { ::munmap(reservation_, 2 * kWindow); }

std::uint64_t Sandbox::globals() const { return base_ + abi::kGlobalsOffset; }

std::uint64_t Sandbox::load(std::uint64_t address) const {
  std::uint64_t value;
  std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof value);
  return value;
}

void Sandbox::store(std::uint64_t address, std::uint64_t value) const { std::memcpy(reinterpret_cast<void*>(address), &value, sizeof value); }

bool Sandbox::granted(std::uint64_t address, std::uint64_t bytes) const {
  return address >= globals() && address + bytes <= globals() + kGrantedBytes + kStackBytes;
}

bool Sandbox::host_memory(std::uint64_t address, std::uint64_t bytes, bool write) const {
  for (const interp::Region& region : regions_) {
    const bool allowed = write ? region.writable : region.readable;
    if (allowed && address >= region.address && address + bytes <= region.address + region.bytes) return true;
  }
  return false;
}

interp::Environment::CallResult Sandbox::call(const abi::CallSite& site, const Arguments& arguments) {
  const std::string& name = declarations_->functions[site.host_function].name;
  calls_.push_back(name);
  const auto found = behaviours_.find(name);
  if (found == behaviours_.end()) throw std::invalid_argument("no behaviour for host function " + name);
  return found->second(arguments);
}

instrument::Guarded Sandbox::guard(ir::Program program, instrument::Reads reads) const {
  auto proof = verify::prove(std::move(program), declarations_);
  if (!proof) throw std::invalid_argument(to_text(proof.error()));
  return instrument::insert_guards(std::move(*proof), reads);
}

std::optional<instrument::Guarded> Sandbox::try_guard(ir::Program program, const verify::VerifyOptions& options) const {
  auto proof = verify::prove(std::move(program), declarations_, options);
  if (!proof) return std::nullopt;
  return instrument::insert_guards(std::move(*proof));
}

interp::Run Sandbox::run(const instrument::Guarded& guarded, const Arguments& arguments) {
  const auto& initial = guarded.program().globals()->initial;
  if (!initial.empty()) std::memcpy(reinterpret_cast<void*>(globals()), initial.data(), initial.size());
  return interp::run(guarded, arguments, environment_);
}

interp::Run Sandbox::run(std::string_view assembly, const Arguments& arguments) { return run(guard(assemble_program(assembly)), arguments); }

}  // namespace tenon::test
