// SPDX-License-Identifier: Apache-2.0
#include "torture/programs.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

namespace tenon::torture {

const std::vector<Source>& written() {
  static const std::vector<Source> all{
      {"list", R"(
struct node { struct node *next; u64 id; };
struct node nodes[4];
SEC("t") u64 f(u64 a)
{
	u64 sum = 0;
	for (int i = 0; i < 4; i++) {
		nodes[i].id = i + a;
		nodes[i].next = i < 3 ? &nodes[i + 1] : 0;
	}
	for (struct node *n = nodes; n; n = n->next) {
		struct thing *t = thing_get(n->id);
		if (!t)
			continue;
		sum += work(n->id);
		thing_put(t);
	}
	return sum;
})"},
      {"held in frames", R"(
static __attribute__((noinline)) u64 inner(u64 n)
{
	struct thing *t = thing_get(n);
	if (!t)
		return 1;
	u64 r = work(n);
	thing_put(t);
	return r;
}
static __attribute__((noinline)) u64 middle(u64 n)
{
	struct job *j = job_new(n);
	u64 r = inner(n) + inner(n + 1);
	if (job_prepare(j, n) < 0 || job_submit(j, n + 1) < 0)
		job_done(j);
	return r;
}
SEC("t") u64 f(u64 a)
{
	struct thing *t = thing_get(5);
	u64 r = middle(a) + middle(a + 1);
	if (t)
		thing_put(t);
	return r;
})"},
      {"locks and modes", R"(
SEC("t") u64 f(u64 a)
{
	struct thing *t = thing_get(a + 1), *u = thing_get(a + 1);
	u64 r = 0;
	if (t) {
		thing_lock(t);
		quiet_enter();
		r = work(a);
		quiet_leave();
		thing_unlock(t);
	}
	quiet_enter();
	r += work(a);
	if (u)
		thing_put(u);
	quiet_leave();
	if (t)
		thing_put(t);
	return r;
})"},
      {"callbacks", R"(
struct sum { u64 total; };
static u64 innermost(u64 i, void *c)
{
	struct thing *t = thing_get(i + 1);
	if (t)
		thing_put(t);
	return i;
}
static u64 outer(u64 i, void *c)
{
	struct job *j = job_new(i);
	((struct sum *)c)->total += each(2, innermost, c);
	job_done(j);
	return i;
}
SEC("t") u64 f(u64 a)
{
	struct sum s = {0};
	struct thing *t = thing_get(9);
	each(2, outer, &s);
	if (t)
		thing_put(t);
	return s.total;
})"},
      {"catch five deep", R"(
#define LEVEL(n, next)                              \
	static void level##n(void *arg)             \
	{                                           \
		struct thing *t = thing_get(n);     \
		struct job *j = job_new(n);         \
		point(n);                           \
		next;                               \
		point(n);                           \
		job_done(j);                        \
		point(n);                           \
		if (t)                              \
			thing_put(t);               \
	}
LEVEL(5, work(1))
LEVEL(4, if (tn_try(level5, arg)) bpf_throw(tn_cookie() + 1))
LEVEL(3, if (tn_try(level4, arg)) bpf_throw(tn_cookie() + 1))
LEVEL(2, if (tn_try(level3, arg)) bpf_throw(tn_cookie() + 1))
LEVEL(1, if (tn_try(level2, arg)) bpf_throw(tn_cookie() + 1))
SEC("t") u64 f(u64 a)
{
	struct thing *t = thing_get(7);
	u64 r = tn_try(level1, 0) ? tn_cookie() : 1;
	if (t)
		thing_put(t);
	return r;
})"},
      {"scopes", R"(
struct tn_dropped_by(slot_drop) slot { u64 *state; };
u64 states[4], twice;
tn_destructor static void slot_drop(struct slot *s)
{
	if (!*s->state)
		twice = 1;
	*s->state = 0;
	work(1);
}
static u64 *begun(u64 n) { states[n] = 1; return &states[n]; }
static __attribute__((noinline)) u64 inner(u64 n)
{
	tn_scoped(struct slot, s, {begun(2)});
	struct thing *t = thing_get(n);
	point(n);
	if (t)
		thing_put(t);
	return work(n);
}
static void body(void *arg)
{
	tn_scoped(struct slot, s, {begun(1)});
	inner(1);
	tn_scoped(struct slot, last, {begun(3)});
	point(2);
}
SEC("t") u64 f(u64 a)
{
	u64 wrong = twice;
	tn_scoped(struct slot, s, {begun(0)});
	struct job *j = job_new(1);
	u64 r = tn_try(body, 0);
	job_done(j);
	return wrong ? 12345 : r;
})"},
      {"cleanups", R"(
u64 cleaned;
static void clean(u64 n) { cleaned += work(n); }
static void body(void *arg)
{
	tn_defer(clean, 1);
	struct thing *t = thing_get(3);
	tn_defer(clean, 2);
	point(1);
	if (t)
		thing_put(t);
}
u64 give_up(u64 cookie) { return cookie + work(cookie); }
SEC("t") __exception_cb(give_up) u64 f(u64 a)
{
	tn_defer(clean, 3);
	struct job *j = job_new(1);
	u64 r = tn_try(body, 0);
	point(2);
	job_done(j);
	return r;
})"},
      {"given away", R"(
SEC("given") u64 f(struct job *j, u64 a)
{
	u64 r = work(a);
	if (job_prepare(j, a) < 0 || job_submit(j, a) < 0)
		job_done(j);
	return r;
})", "given"},
      {"kernel loops", R"(
static long each_thing(u64 i, void *c)
{
	struct thing *t = thing_get(i + 1);
	point(i);
	if (t)
		thing_put(t);
	return i == 2;
}
SEC("t") u64 f(u64 a)
{
	struct job *j = job_new(a);
	u64 r = bpf_loop(5, each_thing, 0, 0);
	int i;
	bpf_for(i, 0, 2)
		r += work(i);
	job_done(j);
	return r;
})"},
  };
  return all;
}

namespace {

/// Statements are indented by nothing: clang does not mind, and who reads them runs clang-format.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string run() {
    const std::string body = block(4);
    return fmt::format("u64 cell[8];\n{}SEC(\"t\") u64 f(u64 a)\n{{\nu64 n = a;\n{}return n;\n}}\n", functions_, body);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::string block(int depth) {
    std::string text;
    for (std::uint64_t statements = 1 + below(3); statements > 0; --statements) text += statement(depth);
    return text;
  }

  std::string statement(int depth) {
    const std::uint64_t id = ++last_;
    if (depth == 0) {
      switch (below(3)) {
        case 0: return fmt::format("n += work({});\n", below(100));
        case 1: return fmt::format("point({});\n", below(100));
        default: return fmt::format("cell[{}] += n;\n", below(8));
      }
    }
    switch (below(9)) {
      case 0:
        return fmt::format("struct thing *t{0} = thing_get({1});\nif (t{0}) {{\n{2}thing_put(t{0});\n}}\n", id, 1 + below(60), block(depth - 1));
      case 1:
        return fmt::format("struct job *j{0} = job_new({1});\n{2}job_done(j{0});\n", id, below(60), block(depth - 1));
      case 2:
        return fmt::format("struct job *j{0} = job_new({1});\n{2}if (job_prepare(j{0}, n) < 0 || job_submit(j{0}, {1}) < 0)\njob_done(j{0});\n", id, below(60),
                           block(depth - 1));
      case 3:
        return fmt::format("for (u64 i{0} = 0; i{0} < {1}; i{0}++) {{\n{2}}}\n", id, 1 + below(3), block(depth - 1));
      case 4:
        if (quiet_) return block(depth - 1);
        quiet_ = true;
        return leave(fmt::format("quiet_enter();\n{}quiet_leave();\n", block(depth - 1)));
      case 5:
        return fmt::format("if (tn_try(body{}, 0))\nn += tn_cookie();\n", function("static void body{}(void *arg)\n{{\nu64 n = 1;\n{}cell[1] += n;\n}}\n", depth));
      case 6:
        return fmt::format("n += each({}, each{}, 0);\n", 1 + below(2),
                           function("static u64 each{}(u64 i, void *arg)\n{{\nu64 n = i;\n{}return n;\n}}\n", depth));
      case 7:
        return fmt::format("n += call{}(n);\n", function("static __attribute__((noinline)) u64 call{}(u64 n)\n{{\n{}return n;\n}}\n", depth));
      default:
        return fmt::format("if (n % {} == 1)\nbpf_throw(n);\n", 3 + below(30));
    }
  }

  std::string leave(std::string text) {
    quiet_ = false;
    return text;
  }

  /// Defines a function around a block; its number.
  std::uint64_t function(fmt::format_string<const std::uint64_t&, const std::string&> shape, int depth) {
    const bool outer = std::exchange(quiet_, true);  // a function that is judged for all its callers must not care
    const std::string body = block(depth - 1);
    quiet_ = outer;
    const std::uint64_t id = ++last_;
    functions_ += fmt::format(shape, id, body);
    return id;
  }

  std::mt19937_64 random_;
  std::string functions_;
  std::uint64_t last_ = 0;
  bool quiet_ = false;
};

}  // namespace

Source generated(std::uint64_t seed) { return {fmt::format("generated {}", seed), Generator(seed).run()}; }

}  // namespace tenon::torture
