// Policies that are made to be slow to compile: what compiling them takes grows as their text does. Measured is the
// memory that is asked for in all, which no machine's speed changes: twice the text may take up to three times as much.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "policy/rego/evaluate.h"
#include "policy/rego/parser.h"

namespace {

thread_local std::size_t asked_for = 0;

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  asked_for += size;
  return std::malloc(size);
}
void* operator new(std::size_t size) {
  void* const memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace kubegate::rego {
namespace {

struct Hostile {
  const char* name;
  const char* before;
  const char* each;  // `#` is the number of the piece, `+` the next one
  const char* between;
  const char* behind;
};

constexpr Hostile kHostile[] = {
    {"references_to_the_own_package", "", "p# if data.p[x]\n", "", ""},
    {"dynamic_references_of_one_body", "p if {\n", "data[x]\n", "", "}\n"},
    {"dynamic_references_of_many_rules", "", "p# if data[input.x#]\n", "", ""},
    {"rules_of_one_name", "", "p contains # if input.x == #\n", "", ""},
    {"rules_that_compare_many_paths", "", "p contains # if input.x#.y == #\n", "", ""},
    {"rules_half_of_which_compare", "", "p contains # if input.x == #\np contains # if input.y\n", "", ""},
    {"rules_of_a_function", "", "f(#) := #\n", "", "p := f(input.x)\n"},
    {"objects_that_differ", "", "p := {\"k#\": #} if input.x == #\n", "", ""},
    {"a_chain_of_rules", "", "p# := p+\n", "", "p1000000 := 1\n"},
    {"every", "p if {\n", "every x# in input.y { x# > 1 }\n", "", "}\n"},
    {"comprehensions", "p := [", "[x# | x# = input.a[_]]", ",", "]\n"},
    {"a_body_in_the_wrong_order", "p if {\n", "x# = x+ + 1\n", "", "x1000000 = 1\n}\n"},
    {"locals", "p if {\n", "x# := input.x\n", "", "}\n"},
    {"some_in", "p if {\n", "some x# in input.y\n", "", "}\n"},
    {"closures_that_are_not", "p if {\n", "not input.x#\n", "", "}\n"},
    {"unsafe_rules", "", "p# if x# > 1\n", "", ""},
    {"imports", "", "import data.a# as b#\n", "", "p := 1\n"},
};

std::string text_of(const Hostile& hostile, int pieces) {
  std::string out = "package p\n\n";
  out += hostile.before;
  for (int i = 0; i < pieces; ++i) {
    if (i > 0) out += hostile.between;
    for (const char* c = hostile.each; *c != '\0'; ++c) {
      if (*c == '#') {
        out += std::to_string(i);
      } else if (*c == '+' && c[-1] != ' ') {
        out += std::to_string(i + 1 == pieces ? 1000000 : i + 1);
      } else {
        out += *c;
      }
    }
  }
  return out + hostile.behind;
}

// The bytes that parsing, checking and planning ask for.
std::size_t work_of(const std::string& text) {
  const std::size_t before = asked_for;
  Ast ast;
  RegoErrors errors;
  Module* module = parse_module(ast, "a.rego", text, RegoVersion::kV1, errors, Annotations::kIgnored);
  if (module == nullptr) return 0;
  CompileOptions options;
  options.enable_print = true;
  if (const auto modules = compile_modules(ast, {module}, options, errors)) {
    EXPECT_NE(compile_program(*modules, nullptr, {"data.p"}, {}, errors), nullptr);
  }
  return asked_for - before;
}

TEST(Growth, OfCompilingIsThatOfTheText) {
  constexpr int kPieces = 1500;
  for (const Hostile& hostile : kHostile) {
    const std::size_t once = work_of(text_of(hostile, kPieces));
    EXPECT_GT(once, 0u) << hostile.name << " does not parse";
    EXPECT_LT(work_of(text_of(hostile, 2 * kPieces)), 3 * once) << hostile.name;
  }
}

}  // namespace
}  // namespace kubegate::rego
