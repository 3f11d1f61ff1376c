// The grammar knows which variables are bound where it stands, which rules stand above, and of what kind they are; it
// forgets the first now and then, so that refusals occur too. Values come from small alphabets, so that references
// meet something, unifications succeed and sets have equal members.
#include "tests/policy/rego/generate.h"

#include <algorithm>
#include <functional>

#include "policy/rego/parser.h"
#include "policy/value/value.h"

namespace kubegate::testing {
namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) { state_ = random(); }

  GeneratedCase make() {
    GeneratedCase out;
    out.input = json(3);
    out.data =
        cat({R"({"base": )", json(3), R"(, "gen": {"stored": )", json(2), R"(}, "lib": {"table": )", json(2), "}}"});
    if (one_in(4)) out.version = rego::RegoVersion::kV0;
    const std::string head = out.version == rego::RegoVersion::kV0 ? "import rego.v1\n\n" : "";
    package_ = "lib";
    std::string lib = "package lib\n\n" + head;
    for (std::uint32_t i = 0, n = below(3) + 1; i < n; ++i) lib += rule() + "\n";
    package_ = "gen";
    std::string gen = "package gen\n\nimport data.lib\n" + head;
    for (std::uint32_t i = 0, n = below(6) + 2; i < n; ++i) gen += rule() + "\n";
    out.modules = {lib, gen};
    out.query = query();
    return out;
  }

 private:
  enum class Kind { kComplete, kSet, kObject, kFunction };
  struct Known {
    std::string package, name;
    Kind kind;
    std::uint32_t arity;
  };

  // splitmix64
  std::uint64_t random() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  std::string pick(std::initializer_list<const char*> choices) { return choices.begin()[below(choices.size())]; }

  // Made of parts in the order in which they are written, which `+` does not promise.
  static std::string cat(std::initializer_list<std::string> parts) {
    std::string out;
    for (const std::string& part : parts) out += part;
    return out;
  }

  std::string scalar() {
    return pick(
        {"0", "1", "2", "3", "1.5", "10", R"("a")", R"("b")", R"("c")", R"("a/b")", R"("")", "true", "false", "null"});
  }

  std::string json(int depth) {
    if (depth == 0 || one_in(6)) return one_in(12) ? "-1" : scalar();
    std::string out;
    const bool object = one_in(2);
    for (const char* key : {"a", "b", "c", "d"}) {
      if (one_in(3)) continue;
      if (!out.empty()) out += ", ";
      if (object) out += cat({"\"", std::string(key), "\": "});
      out += json(depth - 1);
    }
    return object ? "{" + out + "}" : "[" + out + "]";
  }

  // ---- Variables ---------------------------------------------------------------------------------------------------

  // `open`: the compiler cannot know its type, so that references into it are no errors.
  std::string fresh(bool open = false) {
    vars_.push_back("x" + std::to_string(next_var_++));
    if (open) open_.push_back(vars_.back());
    return vars_.back();
  }
  std::string bound() {
    if (vars_.empty()) return "input." + pick({"a", "b", "c", "d"});
    return vars_[below(static_cast<std::uint32_t>(vars_.size()))];
  }
  // What `inner` makes, with the variables that it binds forgotten.
  std::string scoped(const std::function<std::string()>& inner) {
    const std::size_t before = vars_.size(), open = open_.size();
    std::string out = inner();
    vars_.resize(before);
    open_.resize(open);
    return out;
  }

  // ---- Terms -------------------------------------------------------------------------------------------------------

  std::string ref_to(const Known& known) {
    if (known.package == package_ && !one_in(4)) return known.name;
    if (known.package == "lib" && package_ == "gen" && one_in(2)) return "lib." + known.name;
    return "data." + known.package + "." + known.name;
  }

  // A reference to input or a base document, whose type nobody knows.
  std::string stored() {
    std::string out = pick({"input", "input", "data.base", "data.gen.stored"});
    for (std::uint32_t i = 0, n = below(3); i < n; ++i) out += "." + pick({"a", "b", "c", "d"});
    return out;
  }

  // A reference. `open`: steps may be new variables, which become bound. The documents of rules get few steps, since the
  // compiler knows their types.
  std::string reference(bool open) {
    const auto step = [&] {
      const std::uint32_t choice = below(open ? 8 : 5);
      if (choice < 3) return cat({".", pick({"a", "b", "c", "d"})});
      if (choice < 4) return cat({"[", pick({"0", "1", R"("a")", R"("b")"}), "]"});
      if (choice < 5) return cat({"[", bound(), "]"});
      return cat({"[", (one_in(3) ? "_" : fresh()), "]"});
    };
    std::vector<const Known*> documents;
    for (const Known& known : rules_) {
      if (known.kind != Kind::kFunction) documents.push_back(&known);
    }
    if (!documents.empty() && one_in(3)) {
      const Known& known = *documents[below(static_cast<std::uint32_t>(documents.size()))];
      std::string out = ref_to(known);
      if (known.kind == Kind::kComplete || one_in(3)) return out;
      if (open) return cat({out, "[", (one_in(4) ? "_" : fresh()), "]"});
      return cat({out, (one_in(6) ? step() : "[" + bound() + "]")});
    }
    if (package_ == "gen" && one_in(8)) return cat({"data.lib.table", step()});
    std::string out = pick({"input", "input", "data.base", "data.gen.stored"});
    if (one_in(4) && !open_.empty()) out = open_[below(static_cast<std::uint32_t>(open_.size()))];
    for (std::uint32_t i = 0, n = below(3); i < n; ++i) out += step();
    return out;
  }

  std::string call(int depth) {
    std::vector<const Known*> functions;
    for (const Known& known : rules_) {
      if (known.kind == Kind::kFunction) functions.push_back(&known);
    }
    const auto arg = [&] { return term(depth - 1); };
    if (!functions.empty() && one_in(2)) {
      const Known& known = *functions[below(static_cast<std::uint32_t>(functions.size()))];
      std::string out = cat({ref_to(known), "(", arg()});
      for (std::uint32_t i = 1; i < known.arity; ++i) out += cat({", ", arg()});
      return out + ")";
    }
    switch (below(16)) {
      case 0: return cat({"count(", stored(), ")"});
      case 1: return cat({"sum(", stored(), ")"});
      case 2: return cat({"max(", stored(), ")"});
      case 3: return cat({"sort(", stored(), ")"});
      case 4: return cat({"type_name(", arg(), ")"});
      case 5: return cat({"sprintf(\"%v-%v\", [", arg(), ", ", arg(), "])"});
      case 6: return cat({"object.get(", stored(), ", ", pick({R"("a")", R"(["a", "b"])"}), ", ", arg(), ")"});
      case 7: return cat({"object.keys(", stored(), ")"});
      case 8: return cat({"array.concat([", arg(), "], [", arg(), "])"});
      case 9: return cat({"numbers.range(0, ", pick({"0", "2", "3"}), ")"});
      case 10: return cat({"json.marshal(", arg(), ")"});
      case 11: return cat({"to_number(", stored(), ")"});
      case 12: return cat({"concat(\"/\", ", stored(), ")"});
      case 13: return cat({"split(\"a/b/c\", ", pick({R"("/")", R"("b")"}), ")"});
      case 14: return cat({"(", stored(), " ", pick({"+", "-", "*", "/", "%", "&", "|"}), " ", stored(), ")"});
      default:
        return cat({"(", one_in(3) ? bound() : stored(), " ", pick({"+", "-", "*"}), " ", pick({"1", "2"}), ")"});
    }
  }

  std::string comprehension(int depth) {
    return scoped([&] {
      const std::string inner = body(depth - 1, 2, "; ");
      const std::string first = term(0);
      switch (below(3)) {
        case 0: return "[" + first + " | " + inner + "]";
        case 1: return "{" + first + " | " + inner + "}";
        default: return cat({"{", first, ": ", term(0), " | ", inner, "}"});
      }
    });
  }

  std::string term(int depth) {
    if (depth <= 0) return one_in(4) ? scalar() : bound();
    switch (below(12)) {
      case 0: return scalar();
      case 1:
      case 2:
      case 3: return bound();
      case 4:
      case 5:
      case 6: return reference(false);
      case 7: return cat({"[", term(depth - 1), ", ", term(depth - 1), "]"});
      case 8: return cat({"{", pick({R"("a")", R"("b")"}), ": ", term(depth - 1), ", \"c\": ", term(depth - 1), "}"});
      case 9: return cat({"{", term(depth - 1), ", ", term(depth - 1), "}"});
      case 10: return comprehension(depth);
      default: return one_in(6) ? cat({"$\"{", reference(false), "}-{", bound(), "}\""}) : call(depth);
    }
  }

  // What stands on the left of a unification; binds its variables.
  std::string pattern(int depth) {
    switch (below(depth > 0 ? 6 : 3)) {
      case 0: return one_in(3) ? bound() : scalar();
      case 1:
      case 2: return fresh();
      case 3: return cat({"[", pattern(depth - 1), ", ", pattern(depth - 1), "]"});
      case 4: return cat({"{\"a\": ", pattern(depth - 1), "}"});
      default: return cat({"{\"a\": ", pattern(depth - 1), ", \"b\": ", pattern(depth - 1), "}"});
    }
  }

  // An argument of a function: a pattern of constants and new variables.
  std::string argument(int depth) {
    if (one_in(4)) return scalar();
    if (depth == 0 || !one_in(4)) return fresh();
    return one_in(2) ? cat({"[", argument(0), ", ", argument(0), "]"}) : cat({"{\"a\": ", argument(0), "}"});
  }

  // ---- Bodies ------------------------------------------------------------------------------------------------------

  std::string with(int depth) {
    if (!one_in(10)) return "";
    std::vector<std::string> targets = {"input", "input.a", "input.b.c", "data.base", "data.base.a", "data.lib.table"};
    for (const Known& known : rules_) targets.push_back("data." + known.package + "." + known.name);
    targets.push_back("count");
    const std::string target = targets[below(static_cast<std::uint32_t>(targets.size()))];
    std::string out = cat({" with ", target, " as ", (one_in(3) ? json(2) : term(std::min(depth, 1)))});
    if (one_in(4)) out += cat({" with input.d as ", scalar()});
    return out;
  }

  std::string comparison(int depth) {
    return cat({one_in(2) ? bound() : stored(), " ", pick({"==", "!=", "<", "<=", ">", ">="}), " ", term(depth)});
  }

  // An expression that binds nothing outside.
  std::string test(int depth) {
    switch (below(8)) {
      case 0:
      case 1: return reference(false);
      case 2:
      case 3: return comparison(depth);
      case 4: return cat({bound(), " in ", reference(false)});
      case 5: return cat({"is_", pick({"string", "number", "object", "array", "set"}), "(", bound(), ")"});
      case 6: return cat({"startswith(", stored(), ", \"a\")"});
      default: return call(depth);
    }
  }

  std::string expression(int depth) {
    const std::string modifiers = with(depth);  // sees what is bound before the expression
    switch (below(14)) {
      case 0: {
        // The value does not see the variable that it is given to.
        const std::string value = term(depth);
        return cat({fresh(), " := ", value, modifiers});
      }
      case 1: {
        const std::string value = stored();
        return cat({fresh(true), " := ", value, modifiers});
      }
      case 2: {
        const std::string value = one_in(4) ? reference(false) : stored();
        return cat({pattern(2), " = ", value, modifiers});
      }
      case 3: {
        const std::string collection = one_in(3) ? reference(false) : stored();
        return cat({"some ", fresh(), " in ", collection, modifiers});
      }
      case 4: {
        const bool open = !one_in(3);
        const std::string collection = open ? stored() : term(depth);
        const std::string key = fresh(), value = fresh(open);
        return cat({"some ", key, ", ", value, " in ", collection, modifiers});
      }
      case 5: return cat({reference(true), modifiers});
      case 6: return cat({reference(true), " = ", pattern(1), modifiers});
      case 7: return cat({"not ", scoped([&] { return test(depth); }), modifiers});
      case 8:
        if (depth <= 0) return test(depth);
        return scoped([&] {
          const std::string collection = reference(false);
          // What `every` declares must be used.
          if (one_in(2)) {
            const std::string value = fresh();
            return cat({"every ", value, " in ", collection, " { ", body(depth - 1, 2, "; "), "; ", value,
                        pick({" != 1", " != \"a\"", " == input.a"}), " }"});
          }
          const std::string key = fresh(), value = fresh();
          return cat({"every ", key, ", ", value, " in ", collection, " { ", key, " != ", value, "; ",
                      body(depth - 1, 2, "; "), " }"});
        });
      case 9: {
        if (!one_in(3)) return cat({test(depth), modifiers});
        const std::string tree = reference(false);
        const std::string path = fresh(), value = fresh();
        return cat({"walk(", tree, ", [", path, ", ", value, "])"});
      }
      default: return cat({test(depth), modifiers});
    }
  }

  std::string body(int depth, std::uint32_t most, const std::string& separator) {
    std::string out;
    for (std::uint32_t i = 0, n = below(most) + 1; i < n; ++i) {
      if (i > 0) out += separator;
      out += expression(depth);
    }
    return out;
  }

  // ---- Rules -------------------------------------------------------------------------------------------------------

  std::string block(int depth) { return cat({" if {\n\t", body(depth, 3, "\n\t"), "\n}"}); }

  // `head` is asked behind the body, whose variables it reads.
  std::string clause(const std::function<std::string()>& head) {
    return scoped([&] {
      const std::string inner = block(2);
      return cat({head(), inner, "\n"});
    });
  }

  std::string rule() {
    vars_.clear();
    open_.clear();
    next_var_ = 0;
    const std::string name = cat({"r", std::to_string(rules_.size())});
    const auto kind = static_cast<Kind>(below(4));
    const std::uint32_t clauses = below(2) + 1;
    std::uint32_t arity = 0;
    std::string out;
    switch (kind) {
      case Kind::kComplete:
        if (one_in(3)) out += cat({"default ", name, " := ", scalar(), "\n\n"});
        out += clause([&] { return name + " := " + term(1); });
        for (; one_in(3);) {
          out.pop_back();
          out += clause([&] { return " else := " + term(1); });
        }
        break;
      case Kind::kSet:
        for (std::uint32_t i = 0; i < clauses; ++i) {
          out += clause([&] { return name + " contains " + term(1); });
        }
        break;
      case Kind::kObject: {
        const std::uint32_t form = below(5);
        for (std::uint32_t i = 0; i < clauses; ++i) {
          out += clause([&] {
            switch (form) {
              case 0: return cat({name, "[", bound(), "].a := ", term(0)});
              case 1: return cat({name, "[", bound(), "] contains ", term(1)});
              case 2: return cat({name, ".a[", bound(), "] := ", term(0)});
              default: return cat({name, "[", bound(), "] := ", term(0)});
            }
          });
        }
        break;
      }
      case Kind::kFunction:
        arity = below(2) + 1;
        if (one_in(4)) out += cat({"default ", name, (arity == 1 ? "(_)" : "(_, _)"), " := ", scalar(), "\n\n"});
        for (std::uint32_t i = 0; i < clauses; ++i) {
          out += scoped([&] {
            std::string head = cat({name, "(", argument(1)});
            if (arity == 2) head += cat({", ", argument(0)});
            const std::string inner = block(2);
            return cat({head, ") := ", term(1), inner, "\n"});
          });
        }
        break;
    }
    rules_.push_back({package_, name, kind, arity});
    return out;
  }

  std::string query() {
    vars_.clear();
    open_.clear();
    next_var_ = 0;
    package_ = "";
    switch (below(5)) {
      case 0: return "data.gen = x";
      case 1: return "data.lib = x";
      case 2: return "data = x";
      case 3: return body(2, 3, "; ");
      default: {
        const Known& known = rules_[below(static_cast<std::uint32_t>(rules_.size()))];
        if (known.kind == Kind::kFunction) return "data.gen = x";
        const std::string ref = "data." + known.package + "." + known.name;
        return cat({ref, pick({" = x", "[k] = x", "[k][j]", ".a = x"})});
      }
    }
  }

  std::uint64_t state_;
  std::string package_;
  std::vector<Known> rules_;
  std::vector<std::string> vars_, open_;
  std::uint32_t next_var_ = 0;
};

}  // namespace

std::string GeneratedCase::text() const {
  std::string out = version == rego::RegoVersion::kV0 ? "# v0\n" : "";
  for (const std::string& module : modules) out += module + "\n";
  return out + "# query: " + query + "\n# data: " + data + "\n# input: " + input + "\n";
}

GeneratedCase generate_case(std::uint64_t seed) { return Generator(seed).make(); }

CaseResult run_generated(const GeneratedCase& test, const rego::Evaluate& evaluate) {
  CaseResult out;
  rego::Ast ast;
  std::vector<rego::Module*> modules;
  for (std::size_t i = 0; i < test.modules.size(); ++i) {
    rego::Module* module =
        rego::parse_module(ast, "gen-" + std::to_string(i) + ".rego", test.modules[i], test.version, out.refused);
    if (module != nullptr) modules.push_back(module);
  }
  if (!out.refused.empty()) return out;
  const auto compiled = rego::compile_modules(ast, modules, {}, out.refused);
  if (compiled == nullptr) return out;
  rego::CompiledQuery query;
  rego::Body body = rego::parse_query(ast, test.query, test.version, out.refused);
  if (body.empty() || !rego::compile_query(*compiled, std::move(body), out.refused, query)) return out;
  policy::ValueArena arena(std::uint64_t{1} << 28);
  rego::BuiltinContext context(arena);
  context.begin_query(1700000000000000000, 1);
  policy::Value data, input;
  std::string error;
  policy::parse_json(arena, test.data, data, error);
  policy::parse_json(arena, test.input, input, error);
  out.answer = evaluate(*compiled, query, context, data, input, false);
  std::vector<std::string> lines;
  for (const auto& bindings : out.answer.results) {
    std::string line;
    for (const auto& [name, value] : bindings) line += name + " = " + policy::to_term(value) + "; ";
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  for (const std::string& line : lines) out.results += line + "\n";
  out.answer.results.clear();
  return out;
}

std::string difference(const GeneratedCase& test, const rego::Evaluate& a, const rego::Evaluate& b) {
  const CaseResult one = run_generated(test, a), other = run_generated(test, b);
  if (!one.refused.empty()) return "";
  const auto shown = [](const CaseResult& result) {
    return result.answer.failed ? result.answer.error + "\n" : result.results;
  };
  if (one.answer.failed != other.answer.failed) {
    const std::string& code = one.answer.failed ? one.answer.code : other.answer.code;
    if (code == rego::kEvalConflictError) return "";
  } else if (one.answer.failed ? one.answer.code == other.answer.code : one.results == other.results) {
    return "";
  }
  return test.text() + "--- one:\n" + shown(one) + "--- other:\n" + shown(other);
}

}  // namespace kubegate::testing
