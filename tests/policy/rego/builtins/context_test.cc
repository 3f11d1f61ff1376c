// The table of built-ins, their declared types, and the context they are called with.
#include <gtest/gtest.h>

#include <set>

#include "policy/rego/builtin.h"

namespace kubegate::rego {
namespace {

Value call(BuiltinContext& context, std::string_view name, std::vector<Value> args) {
  return call_builtin(*find_builtin(name), context, args);
}

TEST(Builtins, AreFoundByNameAndInfix) {
  std::set<std::string_view> names;
  for (const BuiltinDeclaration& builtin : builtins()) {
    EXPECT_TRUE(names.insert(builtin.name).second) << builtin.name;
    EXPECT_EQ(find_builtin(builtin.name), &builtin);
    const bool elsewhere = builtin.flags & (BuiltinDeclaration::kLanguage | BuiltinDeclaration::kMissing);
    EXPECT_TRUE(builtin.function != nullptr || elsewhere) << builtin.name;
  }
  EXPECT_EQ(find_infix("+")->name, "plus");
  EXPECT_EQ(find_infix("|")->name, "or");
  EXPECT_EQ(find_builtin("nothing"), nullptr);
  EXPECT_EQ(find_infix(""), nullptr);
}

TEST(Builtins, TypesAreRead) {
  for (const BuiltinDeclaration& builtin : builtins()) {
    EXPECT_EQ(argument_types(builtin).size(), builtin.arity) << builtin.name;
  }
  const DeclaredType patch = argument_types(*find_builtin("json.patch"))[1];
  ASSERT_EQ(patch.kind, DeclaredType::Kind::kArray);
  ASSERT_EQ(patch.dynamic.size(), 1u);
  EXPECT_EQ(patch.dynamic[0].kind, DeclaredType::Kind::kObject);
  EXPECT_EQ(patch.dynamic[0].keys, (std::vector<std::string>{"op", "path"}));
  EXPECT_TRUE(patch.dynamic[0].parts[1].is_any());
  ASSERT_EQ(patch.dynamic[0].dynamic.size(), 2u);
  const DeclaredType count = argument_types(*find_builtin("count"))[0];
  EXPECT_EQ(count.kind, DeclaredType::Kind::kUnion);
  EXPECT_EQ(count.parts.size(), 4u);
  EXPECT_EQ(result_type(*find_builtin("time.clock")).parts.size(), 3u);
}

TEST(Context, RandomAnswersAreStableInAQueryAndSeeded) {
  ValueArena arena;
  BuiltinContext context(arena);
  context.begin_query(1, 7);
  const Value a = call(context, "rand.intn", {Value::string("x"), Value::integer(1000000)});
  const Value b = call(context, "rand.intn", {Value::string("y"), Value::integer(1000000)});
  EXPECT_FALSE(equal(a, b));
  EXPECT_TRUE(equal(a, call(context, "rand.intn", {Value::string("x"), Value::integer(1000000)})));
  const std::string id(call(context, "uuid.rfc4122", {Value::string("k")}).text());
  ASSERT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_EQ(id, call(context, "uuid.rfc4122", {Value::string("k")}).text());
  context.begin_query(1, 7);
  EXPECT_TRUE(equal(a, call(context, "rand.intn", {Value::string("x"), Value::integer(1000000)})));
}

TEST(Context, PrintTellsEveryCombination) {
  ValueArena arena;
  BuiltinContext context(arena);
  std::vector<std::string> lines;
  context.print_hook = [&](std::string_view line) { lines.emplace_back(line); };
  Value numbers[] = {Value::integer(2), Value::integer(1)};
  const Value operands[] = {Value::string("a"), make_set(arena, numbers), Value::empty_set()};
  EXPECT_TRUE(call(context, "internal.print", {make_array(arena, operands)}).is_true());
  EXPECT_EQ(lines, (std::vector<std::string>{"a 1 <undefined>", "a 2 <undefined>"}));
}

TEST(Context, TraceIsHeardAndMissingFunctionsHalt) {
  ValueArena arena;
  BuiltinContext context(arena);
  std::string heard;
  context.trace_hook = [&](std::string_view note) { heard = note; };
  EXPECT_TRUE(call(context, "trace", {Value::string("here")}).is_true());
  EXPECT_EQ(heard, "here");
  EXPECT_FALSE(call(context, "graphql.parse_query", {Value::string("")}).defined());
  EXPECT_EQ(context.error().code, kEvalInternalError);
  EXPECT_EQ(context.error().message, "unsupported built-in: graphql.parse_query");
  EXPECT_TRUE(context.error().halts);
}

TEST(Context, LongLoopsCanBeInterruptedAndMemoryIsBounded) {
  ValueArena arena(std::uint64_t{1} << 20);
  BuiltinContext context(arena);
  const std::vector<Value> far = {Value::integer(1), Value::integer(100000000)};
  EXPECT_THROW(call(context, "numbers.range", far), policy::MemoryLimitReached);
  arena.set_limit(ValueArena::kDefaultLimit);
  context.interrupted = [] { return true; };
  EXPECT_FALSE(call(context, "numbers.range", {Value::integer(1), Value::integer(100000)}).defined());
  EXPECT_EQ(context.error().code, kEvalCancelError);
  EXPECT_FALSE(call(context, "net.cidr_expand", {Value::string("10.0.0.0/12")}).defined());
  EXPECT_EQ(context.error().message, "net.cidr_expand: timed out before generating all IP addresses");
}

}  // namespace
}  // namespace kubegate::rego
