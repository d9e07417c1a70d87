// SPDX-License-Identifier: Apache-2.0
// The oracle sees what it is there to see: runs that break a line, told to it step by step, each beside one that does not. No program is needed for
// that, and none that was not verified could run.
//
// Steps: `f A 3 -> B` is a host call with its result (`f A ..` without a result yet, `.. B` gives it: a callback lies between); capital letters are
// blocks of host memory. `leave N` returns from the hook, `load A+4 2` and `write A+4 2` (`noload`, `nowrite`: not) ask, `store A+4 2 N` and `stack A
// 8` touch memory, `keep A 8 N` stores in private stack, `frame A 64` ends one, `back f A` and `done N` enclose a callback of f.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/host_oracle/host_oracle.hpp"

namespace tenon::engine {
namespace {

constexpr const char* kInterface = R"(
  struct in { a: u32 @0 rw, small: u32 in 0..7 @4 rw, b: u16 @8 r, c: u64 @16 w, n: &point @24 r, data..data_end: mem rw @32..40 };
  struct point { x: u32 @0 rw };
  type packet states {Raw, Seen} linear drop=packet_free;
  type socket rc drop=socket_put locks {lock: spin, side: spin};
  type table rc drop=table_put locks {low: spin rank 1, high: spin rank 2};
  type task rcu;
  type label plain as point;
  type cursor linear drop=cursor_end stack 16;
  type file rc drop=file_put;
  type pipe rc drop=pipe_put is file;
  type record linear drop=record_drop;
  mode atomic excludes {suspend, sleep};
  mode quiet excludes {atomic};
  mode reading;
  mode watching;
  iterator walk over label: new walk_begin, next walk_next, drop walk_end;
  hook main(ctx: &in) -> s32 in 0..4 default 0;
  hook give(p: own packet<'p>, lent: &socket<'s>) -> u64 default 0;
  hook inside(x: u64) -> u64 default 0 in reading;

  fn packet_new() -> ?own packet<'p @Raw>;
  fn packet_free(p: own packet<'p>);
  fn packet_see(p: &packet<'p @Raw => Seen>) -> s32   on ret<0 : p@Raw;
  fn packet_send(p: own packet<'p @Seen>) -> s32   on ret!=0 : keeps p;
  fn packet_offer(p: &packet<'p>) -> u32   on ret==1 : consumes p;
  fn packet_swap(a: own packet<'a>, b: &packet<'b>);
  fn packet_twice(a: &packet<'a>, b: &packet<'a>);
  fn packet_maybe(p: ?&packet<'p>);
  fn packet_bytes(p: &packet<'p>) -> mem(u8|4) rw;
  fn socket_of(p: &packet<'p>) -> ?own socket<'s of 'p>;
  fn socket_put(s: own socket<'s>);
  fn file_open() -> own file<'f>;
  fn file_put(f: own file<'f>);
  fn file_size(f: &file<'f>);
  fn pipe_open() -> own pipe<'p>;
  fn pipe_put(p: own pipe<'p>);
  fn socket_again(s: &socket<'s>) -> own socket<'s>;
  fn lock(s: &socket<'s>)   acquires lock('s.lock);
  fn unlock(s: &socket<'s>)   releases lock('s.lock);
  fn try_lock(s: &socket<'s>) -> s32   on ret==0 : acquires lock('s.lock);
  fn locked(s: &socket<'s>)   requires lock('s.lock);
  fn any_locked(p: &packet<'p>)   requires lock(socket<of 'p>.lock);
  fn belongs(s: &socket<'s of 'p>, p: &packet<'p>);
  fn table_get() -> own table<'t>;
  fn table_put(t: own table<'t>);
  fn lock_low(t: &table<'t>)   acquires lock('t.low);
  fn lock_high(t: &table<'t>)   acquires lock('t.high);
  fn unlock_low(t: &table<'t>)   releases lock('t.low);
  fn unlock_high(t: &table<'t>)   releases lock('t.high);
  fn enter_atomic() enters atomic;
  fn leave_atomic() exits atomic;
  fn enter_quiet() enters quiet;
  fn try_quiet() -> u8   on ret!=0 : enters quiet;
  fn leave_quiet() exits quiet;
  fn enter_reading() enters reading;
  fn leave_reading() exits reading;
  fn current() -> rcu task<'t in 'r>   in reading 'r;
  fn enter_watching() enters watching;
  fn watched() -> rcu task<'t in 'r>   in watching 'r;
  fn pid(t: &task<'t>);
  fn both(a: &task<'a in 'r>, b: &task<'b in 'r>);
  fn outside()   notin reading;
  fn wait()   may_suspend;
  fn sleep()   may_sleep;
  fn small(n: u8 in 1..9, whole: u64);
  fn only_main()   for main;
  fn find() -> ?&label<'l>;
  fn make(c: new cursor<'c>);
  fn use(c: &cursor<'c>);
  fn cursor_end(c: own cursor<'c>);
  fn walk_begin(s: &socket<'s>) -> own walk<'w>;
  fn walk_next(w: &walk<'w>) -> ?&label<'l of 'w>;
  fn walk_end(w: own walk<'w>);
  fn name(l: &label<'l>);
  fn each(p: ?&packet<'p>, f: fn(&label<'l>) -> s64 in 0..1);
  fn each_socket(f: fn(&socket<'s>) -> s64 in 0..1);
  fn record_new(n: u32 in 0..64) -> ?own record<'r> mem(u8|n) rw;
  fn record_drop(r: own record<'r>);
  fn grow(ctx: &in)   moves ctx;
  fn pass(ctx: &in);
  fn pass_any(ctx: &hook);
  fn words(n: u8, p: mem(u32|n*2+1) r) -> mem(u16|n*2+1) r;
  fn of_map(m: map point->u64);
  maps tables {hash, array};
  fn of_table(m: map<tables> K->V);
  fn go_on() -> s64 ends;
  fn say(what: text);
  mode locked excludes {calls};
  fn enter_locked() enters locked;
  fn leave_locked() exits locked;
  fn within() allowed_in locked;
  fn public(p: &packet<'p>) -> mem(u64) r   may_escape heap;
)";

struct Case {
  const char* name;
  const char* hook;
  const char* steps;
  const char* expected;  ///< part of the first violation; null: there is none
};

/// Steps that only ask whether memory may be touched.
struct Look {
  const char* word;
  bool write, allowed;
};
constexpr Look kLooks[] = {{"load", false, true}, {"noload", false, false}, {"write", true, true}, {"nowrite", true, false}};

class Script {
 public:
  Script() {
    auto parsed = interface::parse(kInterface, "t.tni");
    if (!parsed) ADD_FAILURE() << to_text(parsed.error());
    declarations_ = std::make_unique<interface::Declarations>(std::move(*parsed));
    oracle_ = std::make_unique<HostOracle>(*declarations_);
    oracle_->set_maps({{address('M'), 8, 8, "hash"}, {address('N'), 4, 8, "queue"}, {address('O'), 8, 4, "array"}});
  }

  std::vector<std::string> run(const Case& one) {
    // main: C is its context, D to E the memory, P behind its pointer. give: A is the packet, S the socket.
    put(address('C') + 24, address('P'));
    put(address('C') + 32, address('D'));
    put(address('C') + 40, address('D') + 16);
    const interface::Hook& hook = declarations_->at(*declarations_->find_hook(one.hook));
    const bool gives = hook.name == "give";
    oracle_->enter(hook, {gives ? address('A') : address('C'), address('S')});
    std::istringstream steps(one.steps);
    for (std::string step; std::getline(steps, step, ';');) perform(step);
    return oracle_->violations();
  }

  HostOracle& oracle() { return *oracle_; }

 private:
  std::uint64_t address(char letter) { return reinterpret_cast<std::uint64_t>(blocks_[static_cast<std::size_t>(letter - 'A')].data()); }
  static void put(std::uint64_t at, std::uint64_t value) { std::memcpy(reinterpret_cast<void*>(at), &value, sizeof value); }
  std::uint64_t value(const std::string& word) {
    if (word.empty()) return 0;
    if (word[0] < 'A' || word[0] > 'Z') return static_cast<std::uint64_t>(std::strtoll(word.c_str(), nullptr, 0));
    return address(word[0]) + (word.size() > 2 ? std::strtoull(word.c_str() + 2, nullptr, 0) : 0);
  }

  void perform(const std::string& step) {
    std::istringstream words(step);
    std::string verb;
    std::vector<std::string> rest;
    words >> verb;
    for (std::string word; words >> word;) rest.push_back(word);
    const auto at = [&](std::size_t i) { return i < rest.size() ? value(rest[i]) : 0; };
    if (verb == "leave") return oracle_->leave(at(0));
    for (const auto& [word, write, allowed] : kLooks) {
      if (verb != word) continue;
      EXPECT_EQ(oracle_->allows(at(0), at(1), write), allowed) << step;
      return;
    }
    if (verb == "store") return oracle_->touched(false, at(0), at(1), at(2));
    if (verb == "keep") return oracle_->touched(true, at(0), at(1), at(2));
    if (verb == "stack") return oracle_->touched(true, at(0), at(1), std::nullopt);
    if (verb == "frame") return oracle_->frame_ended(at(0), at(0) + at(1));
    if (verb == "place") return put(at(0), at(1));
    if (verb == "back") return oracle_->enter_callback(callback_of(rest.at(0)), {at(1)});
    if (verb == "done") return oracle_->leave_callback(callback_of("each"), at(0));
    if (verb == "..") return oracle_->after_call(at(0));
    HostOracle::Registers arguments{};
    std::size_t n = 0;
    while (n < rest.size() && rest[n] != "->" && rest[n] != "..") arguments[n] = at(n), ++n;
    const auto function = declarations_->find_function(verb);
    ASSERT_TRUE(function.has_value()) << verb;
    oracle_->before_call(*function, arguments);
    if (n < rest.size() && rest[n] == "..") return;
    oracle_->after_call(at(n + 1));
  }

  const interface::Callback& callback_of(const std::string& function) {
    for (const interface::Parameter& parameter : declarations_->at(*declarations_->find_function(function)).parameters) {
      if (const auto* reference = std::get_if<interface::CallbackRef>(&parameter.type)) return declarations_->at(reference->type);
    }
    throw std::invalid_argument(function);
  }

  std::unique_ptr<interface::Declarations> declarations_;
  std::unique_ptr<HostOracle> oracle_;
  alignas(16) std::array<std::array<std::byte, 128>, 26> blocks_{};
};

constexpr Case kCases[] = {
    // --- objects
    {"released", "main", "packet_new -> A; packet_free A; leave 0", nullptr},
    {"not_released", "main", "packet_new -> A; leave 0", "ends while it holds 1 'packet'"},
    {"null_is_not_held", "main", "packet_new -> 0; leave 0", nullptr},
    {"released_twice", "main", "packet_new -> A; packet_free A; packet_free A", "passes for 'p' what is no live 'packet'"},
    {"used_after_release", "main", "packet_new -> A; packet_free A; packet_offer A", "passes for 'p' what is no live 'packet'"},
    {"never_handed_out", "main", "packet_offer B", "passes for 'p' what is no live 'packet'"},
    {"of_another_type", "main", "packet_new -> A; socket_put A", "passes for 's' what is no live 'socket'"},
    {"one_that_is_another", "main", "pipe_open -> T; file_size T; file_put T; leave 0", nullptr},
    {"one_that_is_not_the_other", "main", "file_open -> F; pipe_put F", "passes for 'p' what is no live 'pipe'"},
    {"null_where_none_may_be", "main", "packet_free 0", "passes null for 'p'"},
    {"null_where_it_may_be", "main", "packet_maybe 0; leave 0", nullptr},
    {"two_references", "give", "socket_of A -> T; socket_again T -> T; socket_put T; socket_put T; packet_free A; leave 0", nullptr},
    {"two_references_one_released", "give", "socket_of A -> T; socket_again T -> T; socket_put T; packet_free A; leave 0",
     "ends while it holds 1 'socket'"},
    {"given_by_the_hook", "give", "leave 0", "ends while it holds 1 'packet'"},
    {"lent_by_the_hook", "give", "packet_free A; lock S; unlock S; leave 0", nullptr},
    {"lent_and_given_away", "give", "socket_put S", "gives away 's', which it does not own"},
    {"given_and_lent_at_once", "main", "packet_new -> A; packet_swap A A", "gives away and lends 'b' in one call"},
    {"given_and_another_lent", "main", "packet_new -> A; packet_new -> B; packet_swap A B; packet_free B; leave 0", nullptr},
    {"one_name_two_objects", "main", "packet_new -> A; packet_new -> B; packet_twice A B", "passes for 'b' another object than the one called 'a"},
    {"one_name_one_object", "main", "packet_new -> A; packet_twice A A; packet_free A; leave 0", nullptr},
    {"kept_after_refusal", "main", "packet_new -> A; packet_see A -> 0; packet_send A -> 1; packet_free A; leave 0", nullptr},
    {"kept_and_forgotten", "main", "packet_new -> A; packet_see A -> 0; packet_send A -> 1; leave 0", "ends while it holds 1 'packet'"},
    {"sent_and_freed", "main", "packet_new -> A; packet_see A -> 0; packet_send A -> 0; packet_free A", "what is no live 'packet'"},
    {"taken_on_that_result", "main", "packet_new -> A; packet_offer A -> 1; packet_free A", "what is no live 'packet'"},
    {"not_taken_on_another", "main", "packet_new -> A; packet_offer A -> 0; packet_free A; leave 0", nullptr},
    {"lent_may_not_be_taken", "main", "packet_new -> A; packet_offer A ..; packet_free A; .. 0", "gave away 'p' while the call still borrowed it"},
    {"taken_without_owning", "give", "packet_offer A -> 1; packet_offer A -> 1", "what is no live 'packet'"},
    // --- states and links
    {"right_state", "main", "packet_new -> A; packet_see A -> 0; packet_send A -> 0; leave 0", nullptr},
    {"wrong_state", "main", "packet_new -> A; packet_send A -> 0", "passes 'p' in state Raw, not Seen"},
    {"step_twice", "main", "packet_new -> A; packet_see A -> 0; packet_see A -> 0", "passes 'p' in state Seen, not Raw"},
    {"step_undone", "main", "packet_new -> A; packet_see A -> -1; packet_see A -> 0; packet_free A; leave 0", nullptr},
    {"belongs", "give", "socket_of A -> T; belongs T A; socket_put T; packet_free A; leave 0", nullptr},
    {"belongs_to_another", "give", "socket_of A -> T; packet_new -> B; belongs T B", "passes for 's' one that does not belong to 'p"},
    {"belongs_to_nobody", "give", "belongs S A", "passes for 's' one that does not belong to 'p"},
    // --- what is lent and until when
    {"bytes_live_with_their_object", "give", "packet_bytes A -> B; write B 4; packet_free A; noload B 1; leave 0", nullptr},
    {"bytes_end", "give", "packet_bytes A -> B; load B 4; noload B 5; packet_free A; leave 0", nullptr},
    {"own_bytes", "main", "record_new 10 -> R; write R 10; noload R 11; record_drop R; noload R 1; leave 0", nullptr},
    {"plain_lives_on", "main", "find -> L; write L 4; noload L 5; name L; leave 0", nullptr},
    {"element_until_the_next", "give", "walk_begin S -> W; walk_next W -> L; name L; walk_next W -> K; name L",
     "passes for 'l' what is no live 'label'"},
    {"element_bytes_until_the_next", "give",
     "packet_free A; walk_begin S -> W; walk_next W -> L; load L 4; walk_next W -> 0; noload L 4; walk_end W; leave 0", nullptr},
    {"element_until_the_end", "give", "walk_begin S -> W; walk_next W -> L; walk_end W; name L", "passes for 'l' what is no live 'label'"},
    {"iterator_not_ended", "give", "packet_free A; walk_begin S -> W; leave 0", "ends while it holds 1 'walk'"},
    {"in_its_region", "main", "enter_reading; current -> T; pid T; leave_reading; leave 0", nullptr},
    {"after_its_region", "main", "enter_reading; current -> T; leave_reading; pid T", "passes for 't' what is no live 'task'"},
    {"in_the_next_region", "main", "enter_reading; current -> T; leave_reading; enter_reading; pid T", "passes for 't' what is no live 'task'"},
    {"one_region", "main", "enter_reading; current -> T; current -> U; both T U; leave_reading; leave 0", nullptr},
    {"two_regions", "main", "enter_reading; enter_watching; current -> T; watched -> U; both T U", "mixes what is valid in different regions"},
    {"lent_to_a_callback", "main", "each 0 1 ..; back each L; name L; load L 4; done 0; ..; leave 0", nullptr},
    {"after_the_callback", "main", "each 0 1 ..; back each L; done 0; ..; noload L 4; name L", "passes for 'l' what is no live 'label'"},
    {"in_the_next_callback", "main", "each 0 1 ..; back each L; done 0; back each K; name L", "passes for 'l' what is no live 'label'"},
    {"lent_and_left_locked", "main", "each_socket 1 ..; back each_socket T; lock T; done 0", "leaves socket.lock held while its object is gone"},
    {"result_of_a_callback", "main", "each 0 1 ..; back each L; done 2", "returns 2 from its callback"},
    {"callback_takes_what_is_lent", "give", "each A 1 ..; back each L; packet_free A; done 0; ..", "gave away 'p' while the call still borrowed it"},
    {"lock_lost_in_a_callback", "give", "socket_of A -> T; lock T; each 0 1 ..; back each L; socket_put T; done 0",
     "leaves socket.lock held while its object is gone"},
    {"callback_leaks", "main", "each 0 1 ..; back each L; packet_new -> A; done 0; ..; leave 0", "ends while it holds 1 'packet'"},
    // --- locks
    {"locked", "give", "packet_free A; lock S; locked S; unlock S; leave 0", nullptr},
    {"not_locked", "give", "locked S", "calls it without lock"},
    {"another_locked", "give", "socket_of A -> T; lock S; locked T", "calls it without lock"},
    {"its_socket_locked", "give", "socket_of A -> T; lock T; any_locked A; unlock T; socket_put T; packet_free A; leave 0", nullptr},
    {"another_socket_locked", "give", "lock S; any_locked A", "calls it without lock"},
    {"locked_twice", "give", "lock S; lock S", "takes socket.lock, which it holds already"},
    {"unlocked_twice", "give", "lock S; unlock S; unlock S", "releases socket.lock, which it does not hold"},
    {"held_at_exit", "give", "packet_free A; lock S; leave 0", "ends while it holds socket.lock"},
    {"without_rank_beside_another", "give", "table_get -> T; lock_low T; lock S", "which has no rank, while it holds another lock"},
    {"ranks_upwards", "main", "table_get -> T; lock_low T; lock_high T; unlock_high T; unlock_low T; table_put T; leave 0", nullptr},
    {"ranks_downwards", "main", "table_get -> T; lock_high T; lock_low T", "takes table.low while it holds table.high, against their ranks"},
    {"equal_ranks", "main", "table_get -> T; table_get -> U; lock_low T; lock_low U", "against their ranks"},
    {"ranked_after_unranked", "give", "table_get -> T; lock S; lock_low T", "against their ranks"},
    {"taken_only_on_that_result", "give", "packet_free A; try_lock S -> 0; locked S; unlock S; try_lock S -> 1; leave 0", nullptr},
    {"not_taken_on_another_result", "give", "try_lock S -> 1; unlock S", "releases socket.lock, which it does not hold"},
    {"object_gone_while_locked", "give", "socket_of A -> T; lock T; socket_put T", "leaves socket.lock held while its object is gone"},
    // --- modes
    {"mode_left", "main", "enter_atomic; leave_atomic; leave 0", nullptr},
    {"mode_at_exit", "main", "enter_atomic; leave 0", "ends in mode atomic"},
    {"mode_left_twice", "main", "enter_atomic; leave_atomic; leave_atomic", "leaves mode atomic, in which it is not"},
    {"mode_excluded", "main", "enter_atomic; enter_quiet", "enters quiet in mode atomic"},
    {"mode_excluded_the_other_way", "main", "enter_quiet; enter_atomic", "enters atomic in mode quiet"},
    {"mode_excluded_by_result", "main", "enter_atomic; try_quiet -> 1", "enters quiet in mode atomic"},
    {"mode_not_entered_by_result", "main", "enter_atomic; try_quiet -> 0; leave_atomic; leave 0", nullptr},
    {"waits", "main", "enter_atomic; wait", "calls what may wait in mode atomic"},
    {"sleeps", "main", "enter_atomic; sleep", "calls what may wait in mode atomic"},
    {"waits_elsewhere", "main", "enter_reading; wait; sleep; leave_reading; leave 0", nullptr},
    {"outside_its_mode", "main", "current -> T", "calls it outside mode reading"},
    {"inside_a_forbidden_mode", "main", "enter_reading; outside", "calls it in mode reading"},
    {"hook_in_a_mode", "inside", "current -> T; pid T; leave 0", nullptr},
    {"hook_left_its_mode", "inside", "leave_reading; leave 0", "ends in mode reading"},
    // --- numbers
    {"in_range", "main", "small 9 0; leave 4", nullptr},
    {"above", "main", "small 10 0", "passes 10 for 'n', outside its range"},
    {"below", "main", "small 0 0", "passes 0 for 'n', outside its range"},
    {"only_its_width_counts", "main", "small 0x105 0; leave 0x100000004", nullptr},
    {"result_outside", "main", "leave 5", "returns 5, which is outside the range"},
    {"result_negative", "main", "leave -1", "returns -1, which is outside the range"},
    {"address_as_number", "give", "small 1 A", "passes a host address as the number 'whole'"},
    {"memory_address_as_number", "give", "packet_bytes A -> B; small 1 B+2", "passes a host address as the number 'whole'"},
    {"address_returned", "give", "packet_free A; leave A", "returns a host address"},
    {"address_stored", "give", "store Z 8 A", "stores the host address"},
    {"memory_address_stored", "give", "packet_bytes A -> B; store Z 8 B+3", "stores the host address"},
    {"address_kept_in_the_stack", "give", "keep Z 8 A; packet_free A; leave 0", nullptr},
    {"address_that_may_be_stored", "give", "public A -> B; store Z 8 B; packet_free A; leave 0", nullptr},
    {"number_stored", "main", "store Z 8 77; leave 0", nullptr},
    {"wrong_hook", "give", "only_main", "calls it from hook give"},
    {"right_hook", "main", "only_main; leave 0", nullptr},
    {"map", "main", "of_map M; leave 0", nullptr},
    {"no_map", "main", "of_map Z", "passes for 'm' what is no map"},
    {"map_with_other_keys", "main", "of_map N", "passes for 'm' a map with other keys"},
    {"map_of_the_kind", "main", "of_table M; of_table O; leave 0", nullptr},
    {"map_of_another_kind", "main", "of_table N", "passes for 'm' a map of the kind queue"},
    {"goes_on_with_nothing", "main", "go_on -> 0; leave 0", nullptr},
    {"goes_on_with_a_packet", "main", "packet_new -> A; go_on -> 0", "calls what may end it while it holds 1 'packet'"},
    {"goes_on_in_a_mode", "main", "enter_reading; go_on -> 0", "calls what may end it in mode reading"},
    {"text", "main", "packet_new -> A; say 77; packet_free A; leave 0", nullptr},
    {"text_of_the_host", "main", "packet_new -> A; say A", "passes for 'what' a host address, which is no text of its own"},
    {"called_in_a_mode_without_calls", "main", "enter_locked; wait", "calls anything in mode locked"},
    {"allowed_in_a_mode_without_calls", "main", "enter_locked; within; leave_locked; leave 0", nullptr},
    {"map_with_other_values", "main", "of_map O", "passes for 'm' a map with other values"},
    {"no_callback", "main", "each 0 0", "passes null for 'f'"},
    // --- contexts and memory
    {"fields", "main",
     "load C 4; write C 4; write C 8; load C+8 2; nowrite C+8 2; noload C+10 1; noload C+16 8; write C+16 8; load C 10; noload C 11; leave 0",
     nullptr},
    {"pointer_field", "main", "load C+24 8; noload C+24 4; noload C+28 4; nowrite C+24 8; write P 4; noload P 8; leave 0", nullptr},
    {"range", "main", "load C+32 16; nowrite C+32 8; write D 16; nowrite D 17; noload D+16 1; leave 0", nullptr},
    {"wraps", "main", "noload -4 8; leave 0", nullptr},
    {"range_moves", "main", "place C+32 E; place C+40 E+4; noload E 1; grow C; load E 4; noload E 5; noload D 1; leave 0", nullptr},
    {"field_in_range", "main", "store C+4 4 7; leave 0", nullptr},
    {"field_out_of_range", "main", "store C+4 4 8", "over a field"},
    {"field_out_of_range_with_its_neighbour", "main", "store C 8 0x800000001", "over a field"},
    {"field_out_of_range_in_part", "main", "store C+5 1 1", "over a field"},
    {"context_passed_on", "main", "pass C; leave 0", nullptr},
    {"whichever_context", "main", "pass_any C; leave 0", nullptr},
    {"no_context", "main", "pass_any P", "passes for 'ctx' what is no live 'in'"},
    {"another_struct_passed_on", "main", "pass P", "passes for 'ctx' what is no live 'in'"},
    {"inside_of_the_context_passed_on", "main", "pass C+8", "passes for 'ctx' what is no live 'in'"},
    {"length_by_argument", "main", "words 0x102 0 -> W; load W 10; noload W 11; leave 0", nullptr},
    // --- objects in the stack
    {"made_and_ended", "main", "make Y; use Y; cursor_end Y; stack Y 8; frame Y 64; leave 0", nullptr},
    {"made_at_an_odd_address", "main", "make Y+4", "at an address that is not aligned"},
    {"made_over_another", "main", "make Y; make Y+8", "made over an object that lives there"},
    {"made_beside_another", "main", "make Y; make Y+16; cursor_end Y+16; cursor_end Y; leave 0", nullptr},
    {"its_bytes_touched", "main", "make Y; stack Y+12 4", "touches the bytes of a 'cursor'"},
    {"beside_its_bytes", "main", "make Y; stack Y+16 8; cursor_end Y; leave 0", nullptr},
    {"its_frame_ends", "main", "make Y+8; frame Y 64", "leaves the function in whose stack a 'cursor' lives"},
    {"another_frame_ends", "main", "make Y; frame X 64; cursor_end Y; leave 0", nullptr},
    {"never_made", "main", "use Y", "passes for 'c' what is no live 'cursor'"},
};

class HostOracleSees : public ::testing::TestWithParam<Case> {};

TEST_P(HostOracleSees, It) {
  Script script;
  const auto violations = script.run(GetParam());
  if (GetParam().expected == nullptr) {
    EXPECT_THAT(violations, ::testing::IsEmpty());
  } else {
    ASSERT_THAT(violations, ::testing::Not(::testing::IsEmpty())) << "nothing was seen";
    EXPECT_THAT(violations.front(), ::testing::HasSubstr(GetParam().expected));
    EXPECT_THAT(violations.front(), ::testing::StartsWith("t.tni:"));
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, HostOracleSees, ::testing::ValuesIn(kCases), [](const auto& param) { return std::string(param.param.name); });

TEST(HostOracle, NamesTheLine) {
  Script script;
  const auto violations = script.run({"", "main", "packet_free 0", nullptr});
  ASSERT_FALSE(violations.empty());
  EXPECT_THAT(violations.front(), ::testing::HasSubstr("fn packet_free(p: own packet<'p>)"));
}

TEST(HostOracle, CountsWhatIsHeld) {
  Script script;
  static_cast<void>(script.run({"", "give", "socket_of A -> T; socket_again T -> T", nullptr}));
  EXPECT_EQ(script.oracle().held_by_type().at(0), 1u);
  EXPECT_EQ(script.oracle().held_by_type().at(1), 2u);
}

TEST(HostOracle, ForgetsTheInvocationBefore) {
  Script script;
  EXPECT_FALSE(script.run({"", "give", "leave 0", nullptr}).empty());
  EXPECT_TRUE(script.run({"", "main", "leave 0", nullptr}).empty());
}

}  // namespace
}  // namespace tenon::engine
