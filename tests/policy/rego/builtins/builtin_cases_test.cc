// Every built-in against tables of calls: tests/policy/rego/builtins/cases/*.txt. A case is a call with constant
// arguments and, below it, what it answers:
//   concat(",", ["a", "b"])
//     = "a,b"
//   div(1, 0)
//     ! eval_builtin_error: div: divide by zero
//   max([])
//     -                      (undefined)
// Values are compared as terms, so `1.0` and `1` differ. `#` starts a comment. Where nothing is said otherwise, OPA
// gave the answers.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "policy/rego/builtin.h"
#include "policy/value/value.h"

namespace kubegate::rego {
namespace {

using policy::Member;

// Constant terms: JSON, sets as `{1, 2}` and `set()`, raw strings.
class TermReader {
 public:
  TermReader(ValueArena& arena, std::string_view text) : arena_(arena), rest_(text) {}

  Value read() {
    space();
    if (take("set()")) return Value::empty_set();
    if (rest_.starts_with('`')) {
      const std::size_t end = rest_.find('`', 1);
      const Value v = make_string(arena_, rest_.substr(1, end - 1));
      rest_.remove_prefix(end + 1);
      return v;
    }
    if (rest_.starts_with('[') || rest_.starts_with('{')) return collection();
    Value v;
    std::string error;
    std::size_t end = 0;
    if (!parse_json(arena_, rest_, v, error, &end)) {
      ADD_FAILURE() << error << " in " << rest_;
      end = rest_.size();
    }
    rest_.remove_prefix(end);
    return v;
  }

  std::vector<Value> arguments() {
    std::vector<Value> out;
    space();
    while (!rest_.starts_with(')') && !rest_.empty()) {
      out.push_back(read());
      space();
      take(",");
      space();
    }
    return out;
  }

 private:
  void space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }
  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  Value collection() {
    const bool array = rest_[0] == '[';
    rest_.remove_prefix(1);
    std::vector<Value> items;
    std::vector<Member> members;
    bool object = false;
    for (;;) {
      space();
      if (take(array ? "]" : "}")) break;
      const Value item = read();
      space();
      if (!array && take(":")) {
        object = true;
        members.push_back({item, read()});
        space();
      } else {
        items.push_back(item);
      }
      take(",");
      if (rest_.empty()) break;
    }
    if (array) return make_array(arena_, items);
    if (object || items.empty()) return make_object(arena_, members, policy::EqualKeys::kLast);
    return make_set(arena_, items);
  }

  ValueArena& arena_;
  std::string_view rest_;
};

struct Case {
  std::string place, call, want;
};

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  const std::filesystem::path folder = std::string(KUBEGATE_SOURCE_DIR) + "/tests/policy/rego/builtins/cases";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path());
    std::string line;
    for (int n = 1; std::getline(in, line); ++n) {
      if (line.empty() || line[0] == '#') continue;
      if (line[0] != ' ') {
        cases.push_back({entry.path().filename().string() + ":" + std::to_string(n), line, ""});
      } else if (!cases.empty()) {
        cases.back().want = line.substr(2);
      }
    }
  }
  return cases;
}

std::string answer(BuiltinContext& context, ValueArena& arena, std::string_view call) {
  const std::size_t open = call.find('(');
  const BuiltinDeclaration* builtin = find_builtin(call.substr(0, open));
  if (builtin == nullptr) return "no such built-in";
  TermReader reader(arena, call.substr(open + 1));
  const std::vector<Value> args = reader.arguments();
  if (args.size() != builtin->arity) return "takes " + std::to_string(builtin->arity) + " arguments";
  const Value result = call_builtin(*builtin, context, args);
  if (context.failed()) {
    std::string message = context.error().message;
    for (std::size_t i = message.find('\n'); i != std::string::npos; i = message.find('\n')) message.replace(i, 1, "\\n");
    return "! " + std::string(context.error().code) + ": " + message;
  }
  return result.defined() ? "= " + to_term(result) : "-";
}

TEST(Builtins, AnswerAsTheTablesSay) {
  const std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 100u);
  for (const Case& c : cases) {
    ValueArena arena;
    BuiltinContext context(arena);
    context.begin_query(1700000000123456789, 1);
    EXPECT_EQ(answer(context, arena, c.call), c.want) << c.place << ": " << c.call;
  }
}

TEST(Builtins, EveryFunctionHasACase) {
  std::map<std::string, int> calls;
  for (const Case& c : read_cases()) ++calls[c.call.substr(0, c.call.find('('))];
  // What answers differently from run to run, or tells others, has tests of its own below.
  for (const char* name : {"rand.intn", "uuid.rfc4122", "trace", "internal.print", "internal.test_case", "opa.runtime"}) {
    ++calls[name];
  }
  for (const BuiltinDeclaration& builtin : builtins()) {
    if (builtin.function == nullptr) continue;
    EXPECT_GT(calls[std::string(builtin.name)], 0) << builtin.name;
  }
}

}  // namespace
}  // namespace kubegate::rego
