// An evaluator over the parser's tree. It goes as text/template goes: a pipeline hands its value on as the last argument
// of the next command, variables live to the end of the block that declares them, a mapping is ranged over by its sorted
// keys. Steps and output are counted, so that no template runs for long.
//
// Tested in tests/validate/gitops/go_template_test.cc, by a table whose right column text/template printed.
#include "validate/gitops/go_template.h"

#include <algorithm>

#include "validate/gitops/go_template_parts.h"

namespace kubegate::gitops {

namespace {

using go_template::Node;
using go_template::Operand;
using go_template::Pipe;

constexpr std::size_t kMaxSteps = 200'000;
constexpr std::size_t kMaxOutput = std::size_t{1} << 20;
constexpr int kMaxDepth = 200;

class Evaluator {
 public:
  Evaluator(const Value& parameters, bool strict, TemplateResult& out) : strict_(strict), out_(out) {
    variables_.push_back({"", parameters});
  }

  void run(const std::vector<Node>& nodes, const Value& dot) {
    for (const Node& node : nodes) {
      if (!step() || left_ != Left::kNothing) return;
      switch (node.kind) {
        case Node::Kind::kText: write(node.text); break;
        case Node::Kind::kAction: {
          const Value value = pipeline(node.pipe, dot);
          if (ok() && node.pipe.variables.empty()) write(value.is_nil() ? "<no value>" : printed(value));
          break;
        }
        case Node::Kind::kIf:
        case Node::Kind::kWith: branch(node, dot); break;
        case Node::Kind::kRange: range(node, dot); break;
        case Node::Kind::kBreak: left_ = Left::kLoop; break;
        case Node::Kind::kContinue: left_ = Left::kRound; break;
      }
    }
  }

 private:
  enum class Left { kNothing, kRound, kLoop };
  struct Variable {
    std::string name;
    Value value;
  };

  bool ok() const { return out_.error.empty(); }
  void fail(std::string message) {
    if (ok()) out_.error = std::move(message);
  }
  bool step() {
    if (++steps_ > kMaxSteps) fail("the template takes too many steps");
    return ok();
  }
  void write(std::string_view text) {
    out_.text += text;
    if (out_.text.size() > kMaxOutput) fail("the template writes too much");
  }

  void branch(const Node& node, const Value& dot) {
    const std::size_t before = variables_.size();
    const Value value = pipeline(node.pipe, dot);
    if (!ok()) return;
    const bool taken = !is_empty(value);
    run(taken ? node.body : node.otherwise, taken && node.kind == Node::Kind::kWith ? value : dot);
    variables_.resize(before);
  }

  void range(const Node& node, const Value& dot) {
    const std::size_t before = variables_.size();
    const Pipe& pipe = node.pipe;
    const Value over = commands(pipe, dot);
    if (!ok()) return;
    bool any = false;
    const auto round = [&](const Value& key, const Value& item) {
      any = true;
      const std::size_t inside = variables_.size();
      if (pipe.variables.size() == 1) set(pipe.variables[0], item, pipe.declares);
      if (pipe.variables.size() == 2) {
        set(pipe.variables[0], key, pipe.declares);
        set(pipe.variables[1], item, pipe.declares);
      }
      run(node.body, item);
      variables_.resize(inside);
      const bool leave = left_ == Left::kLoop;
      left_ = Left::kNothing;
      return ok() && !leave;
    };
    if (const List* list = over.as_list()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (!round(Value::integer(static_cast<std::int64_t>(i)), (*list)[i])) break;
      }
    } else if (const Mapping* map = over.as_map()) {
      const Mapping copy = *map;
      for (const auto& [name, member] : copy) {
        if (!round(Value::text(name), member)) break;
      }
    } else if (over.as_int() != nullptr) {
      fail("range can't iterate over " + printed(over));
    } else if (!over.is_nil()) {
      fail("range can't iterate over " + printed(over));
    }
    if (!any && ok()) run(node.otherwise, dot);
    variables_.resize(before);
  }

  void set(const std::string& name, const Value& value, bool declares) {
    if (declares) {
      variables_.push_back({name, value});
      return;
    }
    for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
      if (at->name != name) continue;
      at->value = value;
      return;
    }
    fail("undefined variable \"$" + name + "\"");
  }

  Value pipeline(const Pipe& pipe, const Value& dot) {
    Value value = commands(pipe, dot);
    if (ok() && !pipe.variables.empty()) set(pipe.variables[0], value, pipe.declares);
    return value;
  }

  Value commands(const Pipe& pipe, const Value& dot) {
    Value value;
    if (++depth_ > kMaxDepth) fail("the template is nested too deep");
    for (std::size_t i = 0; i < pipe.commands.size() && step(); ++i) {
      value = command(pipe.commands[i], dot, i > 0 ? &value : nullptr);
    }
    --depth_;
    return value;
  }

  Value command(const std::vector<Operand>& operands, const Value& dot, const Value* last) {
    const Operand& first = operands.front();
    if (first.kind != Operand::Kind::kFunction) {
      if (operands.size() > 1 || last != nullptr) return fail("can't give argument to non-function"), Value();
      if (first.kind == Operand::Kind::kNil) return fail("nil is not a command"), Value();
      return operand(first, dot);
    }
    // These two look at no more than they need.
    if (first.name == "and" || first.name == "or") {
      Value value;
      for (std::size_t i = 1; i <= operands.size() && ok(); ++i) {
        if (i == operands.size()) {
          if (last != nullptr) value = *last;
          if (last == nullptr && i == 1) fail("wrong number of args for " + first.name);
          break;
        }
        value = operand(operands[i], dot);
        if (is_empty(value) == (first.name == "and")) break;
      }
      return value;
    }
    std::vector<Value> arguments;
    for (std::size_t i = 1; i < operands.size() && ok(); ++i) arguments.push_back(operand(operands[i], dot));
    if (last != nullptr) arguments.push_back(*last);
    if (!ok()) return {};
    go_template::Call state;
    Value value = go_template::call(first.name, arguments, state);
    if (!state.error.empty()) {
      out_.unknown |= state.unknown;
      fail("error calling " + first.name + ": " + state.error);
      return {};
    }
    return fields(std::move(value), first.fields);
  }

  Value operand(const Operand& operand, const Value& dot) {
    switch (operand.kind) {
      case Operand::Kind::kDot: return fields(dot, operand.fields);
      case Operand::Kind::kNil: return {};
      case Operand::Kind::kLiteral: return operand.literal;
      case Operand::Kind::kPipe: return fields(pipeline(*operand.pipe, dot), operand.fields);
      case Operand::Kind::kFunction: return command({operand}, dot, nullptr);
      case Operand::Kind::kVariable: {
        const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                        [&](const Variable& variable) { return variable.name == operand.name; });
        if (found == variables_.rend()) return fail("undefined variable \"$" + operand.name + "\""), Value();
        return fields(found->value, operand.fields);
      }
    }
    return {};
  }

  // A member that is missing is nothing, and so are its members; those of what is no mapping are an error.
  Value fields(Value value, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size() && step(); ++i) {
      if (value.is_nil()) {
        if (strict_) fail("nil data; no entry for key \"" + names[i] + "\"");
        if (out_.missing.empty()) out_.missing = names[i];
      } else if (value.as_map() == nullptr) {
        fail("can't evaluate field " + names[i] + " in type " + std::string(kind_name(value)));
      } else if (const Value* member = value.find(names[i])) {
        value = Value(*member);
      } else {
        if (strict_) fail("map has no entry for key \"" + names[i] + "\"");
        if (out_.missing.empty()) out_.missing = names[i];
        value = Value();
      }
    }
    return ok() ? value : Value();
  }

  const bool strict_;
  TemplateResult& out_;
  std::vector<Variable> variables_;
  Left left_ = Left::kNothing;
  std::size_t steps_ = 0;
  int depth_ = 0;
};

}  // namespace

TemplateResult render_go_template(std::string_view text, const Value& parameters, bool strict) {
  TemplateResult out;
  if (text.find("{{") == text.npos) {
    out.text = text;
    return out;
  }
  const std::vector<Node> nodes = go_template::parse(text, out.error, out.unknown);
  if (out.error.empty()) Evaluator(parameters, strict, out).run(nodes, parameters);
  if (out.text.find("<no value>") == out.text.npos) out.missing.clear();
  return out;
}

TemplateResult render_fast_template(std::string_view text, const Value& parameters) {
  TemplateResult out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("{{", at);
    const std::size_t close = open == text.npos ? open : text.find("}}", open + 2);
    if (close == text.npos) {
      out.text += text.substr(at);
      break;
    }
    out.text += text.substr(at, open - at);
    std::string_view name = text.substr(open + 2, close - open - 2);
    const std::string_view whole = text.substr(open, close + 2 - open);
    name.remove_prefix(std::min(name.find_first_not_of(" \t\r\n"), name.size()));
    name = name.substr(0, name.find_last_not_of(" \t\r\n") + 1);
    const Value* found = parameters.find(name);
    if (found != nullptr && found->as_text() != nullptr) {
      out.text += *found->as_text();
    } else {
      out.text += whole;
      if (out.missing.empty()) out.missing = name;
    }
    if (out.text.size() > kMaxOutput) {
      out.error = "the template writes too much";
      break;
    }
    at = close + 2;
  }
  return out;
}

std::string normalized_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 253)) {
    const bool letter = c >= 'A' && c <= 'Z';
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // one dash a character
    out += letter ? static_cast<char>(c | 32) : kept ? c : '-';
  }
  const std::size_t first = out.find_first_not_of("-.");
  return first == out.npos ? "" : out.substr(first, out.find_last_not_of("-.") + 1 - first);
}

}  // namespace kubegate::gitops
