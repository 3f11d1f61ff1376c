// A program as text: one instruction a line, registers as r1, constants as terms.
#include "policy/rego/program.h"

namespace kubegate::rego {
namespace {

constexpr std::string_view kOpNames[] = {
    "nop",           "jump",        "jump_if_defined", "return",        "visit",       "undefine",
    "move",          "path",        "step_text",       "step",          "element",     "scan",
    "scan_where",    "next",        "document",        "member",        "data_keys",   "data_step",
    "data_value",    "truthy",      "falsy",           "is_collection", "equal",       "not_equal",
    "less",          "less_equal",  "greater",         "greater_equal", "is_array",    "is_object",
    "array",         "set",         "object",          "shape",         "format",      "call_builtin",
    "plus",          "minus",       "times",           "count",         "starts_with", "ends_with",
    "call_function", "call_mocked", "is_type",         "begin",         "add",         "add_member",
    "add_path",      "set_result",  "end_array",       "end_set",       "end_object",  "end_paths",
    "enter",         "leave",       "reenter",         "switch",        "next_rule",
};
static_assert(std::size(kOpNames) == static_cast<std::size_t>(Op::kNextRule) + 1);

}  // namespace

std::string Program::disassemble() const {
  std::string out;
  const auto operand = [&](Operand x) {
    if (x == kNoOperand) return std::string("-");
    if (x == kWantTrue) return std::string("true?");
    if (x == kWantFalse) return std::string("false?");
    if (x >= 0) return "r" + std::to_string(x);
    const Value value = constants_[static_cast<std::size_t>(~x)];
    return value.defined() ? policy::to_term(value) : "undefined";
  };
  const auto describe = [&](const Instruction& in) -> std::string {
    switch (in.op) {
      case Op::kPath: {
        std::string path;
        for (std::uint32_t p = in.imm; p > 1; p = paths_[p].parent) path = "." + std::string(paths_[p].key.text) + path;
        return (paths_[in.imm].data ? "data" : "input") + path;
      }
      case Op::kScanWhere: {
        std::string part;
        for (const Value& step : joins_[in.imm].steps) part += "[" + policy::to_term(step) + "]";
        return part.empty() ? "item" : part;
      }
      case Op::kStepText: return std::string(keys_[in.imm].text);
      case Op::kFormat: return policy::to_term(formats_[in.imm].whole);
      case Op::kDocument:
      case Op::kMember:
      case Op::kCallFunction: return documents_[in.imm].path;
      case Op::kCallBuiltin:
      case Op::kPlus:
      case Op::kMinus:
      case Op::kTimes:
      case Op::kCount:
      case Op::kStartsWith:
      case Op::kEndsWith: return std::string(builtins_[in.imm]->name);
      default: return std::to_string(in.imm);
    }
  };
  const auto lists = [](Op op) {
    return (op >= Op::kArray && op <= Op::kCallMocked) || op == Op::kAddPath || op == Op::kEnter;
  };
  const auto list = [&](const Instruction& in) {
    std::string text = "(";
    for (std::uint16_t i = 0; i < in.n; ++i) {
      if (i > 0) text += ", ";
      text += operand(operands_[static_cast<std::size_t>(in.a) + i]);
    }
    return text + ")";
  };
  const auto block = [&](const std::string& name, const Block& from) {
    out += name + ": " + std::to_string(from.entry) + ", " + std::to_string(from.registers) + " registers\n";
  };
  for (const Entrypoint& entrypoint : entrypoints_) block("entrypoint " + entrypoint.path, entrypoint.block);
  for (const VirtualDocument& document : documents_) block(document.path, document.block);
  if (has_query()) block("query", query_);
  for (std::size_t i = 0; i < code_.size(); ++i) {
    const Instruction& in = code_[i];
    out += std::to_string(i) + " " + std::string(kOpNames[static_cast<std::size_t>(in.op)]) + " " + operand(in.dst) +
           " " + (lists(in.op) ? list(in) : operand(in.a)) + " " +
           ((in.op >= Op::kFormat && in.op <= Op::kCallMocked) || in.op == Op::kSetResult ? "-" : operand(in.b)) + " " +
           describe(in) + " n" + std::to_string(in.n) + " >" + std::to_string(in.fail) + "\n";
  }
  return out;
}

}  // namespace kubegate::rego
