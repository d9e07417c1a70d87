// SPDX-License-Identifier: Apache-2.0
#include "promises/attack.hpp"

#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tenon::promises {

namespace {

Ticket* take(std::uint64_t number) {
  if (number == 0) return nullptr;
  Ticket* const ticket = &script.tickets[script.taken++ % script.tickets.size()];
  ticket->number = number;
  return ticket;
}
void give_back(Ticket* ticket) { script.given_back.push_back(ticket->number); }
std::uint64_t number_of(const Ticket* ticket) { return ticket->number; }
Ticket* badge_get() { return nullptr; }
void badge_put(Ticket*) {}
std::uint64_t each(std::uint32_t n, const Callback* f, void* context) {
  for (std::uint32_t i = 0; i < n; ++i) {
    if (!f->call(i, reinterpret_cast<std::uint64_t>(context))) ++script.refused;
  }
  ++script.finished;
  return n;
}
std::uint64_t call(std::uint64_t n) { return script.on_call ? script.on_call(n) : n; }
std::uint64_t small(std::uint64_t n) { return n; }
std::uint64_t share(std::uint8_t* p, std::uint64_t n) { return script.on_memory ? script.on_memory(p, n) : 0; }
std::uint64_t look(const std::uint8_t* p, std::uint64_t n) { return share(const_cast<std::uint8_t*>(p), n); }

void keep(const Callback* f) { script.kept = f->later(); }
void counter_begin(Counter* c, std::uint64_t n) { *c = {c, n}; }
std::uint64_t counter_next(Counter* c) {
  script.wrong_counters += c->self != c ? 1 : 0;
  return c->next++;
}
void counter_end(Counter* c) {
  script.wrong_counters += c->self != c ? 1 : 0;
  script.counted.push_back(c->next);
  c->self = nullptr;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(to_text(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace

const Interface& attack_interface() {
  static const Interface made = [] {
    Interface interface = must(Interface::parse(kInterface, "attack.tni"));
    must(interface.bind<&take>("take"));
    must(interface.bind<&give_back>("give_back"));
    must(interface.bind<&number_of>("number_of"));
    must(interface.bind<&badge_get>("badge_get"));
    must(interface.bind<&badge_put>("badge_put"));
    must(interface.bind<&call>("call"));
    must(interface.bind<&each>("each"));
    must(interface.bind<&call>("pause"));
    must(interface.bind<&small>("small"));
    must(interface.bind<&look>("look"));
    must(interface.bind<&share>("share"));
    must(interface.bind<&keep>("keep"));
    must(interface.bind<&counter_begin>("counter_begin"));
    must(interface.bind<&counter_next>("counter_next"));
    must(interface.bind<&counter_end>("counter_end"));
    return interface;
  }();
  return made;
}

Object::Object(std::string_view text, const Interface& interface) : interface_(interface), path_(scratch_.compile(interface, text)) {}

Extension Object::load(const LoadOptions& options) const { return must(try_load(options)); }

std::string Object::verdict(const std::string& program) const {
  LoadOptions options;
  options.programs = {program};
  options.backend = Backend::interpreter;  // the verifier is the same, and nothing is compiled
  const auto extension = try_load(options);
  return extension ? "accepted" : extension.error().front().code;
}

std::string Object::interface_path() const { return scratch_.write("attack.tni", kInterface).string(); }

Program load(const Object& object, const std::string& program, LoadOptions options) {
  options.programs = {program};
  return must(object.load(options).program(program));
}

Answer tenon_cli(const std::string& arguments) {
  Answer answer;
  FILE* const pipe = ::popen(fmt::format("{}/tenon {} 2>&1", TENON_BUILD_DIR, arguments).c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) answer.text.append(buffer.data(), n);
  const int status = ::pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

std::vector<Mapping> mappings() {
  std::vector<Mapping> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    std::istringstream fields(line);
    std::string offset, device, inode;
    char dash = 0;
    fields >> std::hex >> mapping.begin >> dash >> mapping.end >> mapping.access >> offset >> device >> inode >> mapping.name;
    found.push_back(mapping);
  }
  return found;
}

Canary::Canary(std::uint64_t address) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (address == 0 ? 0 : MAP_FIXED_NOREPLACE);
  void* const pages = ::mmap(reinterpret_cast<void*>(address), kBytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (pages == MAP_FAILED) return;
  address_ = reinterpret_cast<std::uint64_t>(pages);
  std::memset(pages, kByte, kBytes);
}

Canary::~Canary() {
  if (address_ != 0) ::munmap(reinterpret_cast<void*>(address_), kBytes);
}

bool Canary::untouched() const {
  if (address_ == 0) return true;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(address_), kBytes);
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == kByte; });
}

Mapping reservation_around(std::uint64_t inside) {
  const std::vector<Mapping> all = mappings();
  const auto is_ours = [](const Mapping& m) { return m.access.starts_with("---") || m.name.find("tenon-heap") != std::string::npos; };
  auto first = std::ranges::find_if(all, [&](const Mapping& m) { return m.begin <= inside && inside < m.end; });
  if (first == all.end()) throw std::runtime_error("no mapping there");
  auto last = first;
  while (first != all.begin() && std::prev(first)->end == first->begin && is_ours(*std::prev(first))) --first;
  while (std::next(last) != all.end() && std::next(last)->begin == last->end && is_ours(*std::next(last))) ++last;
  return {first->begin, last->end, "", ""};
}

std::uint64_t thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace tenon::promises
