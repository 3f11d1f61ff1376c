// What is computed when a program is made: constants, calls of pure built-ins on them, and comprehensions that depend on
// nothing else. A comprehension is planned as a program of its own and run; where that fails, in whatever way, it stays
// as it is and fails, or not, when it is evaluated.
#include <algorithm>

#include "policy/rego/compile_program.h"
#include "policy/rego/eval.h"

namespace kubegate::rego {

Value ProgramBuilder::constant_value(const Term* term) {
  policy::ValueArena& arena = program_->arena_;
  switch (term->kind) {
    case TermKind::kNull: return Value::null();
    case TermKind::kBool: return Value::boolean(term->boolean);
    case TermKind::kString: return policy::make_string(arena, term->text);
    case TermKind::kNumber: {
      // JSON's grammar wants a digit before the point.
      std::string text = term->text;
      if (text.starts_with('.')) text.insert(0, "0");
      if (text.starts_with("-.")) text.insert(1, "0");
      return policy::make_number(arena, text);
    }
    case TermKind::kArray:
    case TermKind::kSet: {
      std::vector<Value> items;
      for (const Term* item : term->terms) items.push_back(constant_value(item));
      return term->kind == TermKind::kArray ? policy::make_array(arena, items) : policy::make_set(arena, items);
    }
    case TermKind::kObject: {
      std::vector<policy::Member> members;
      for (std::size_t i = 0; i + 1 < term->terms.size(); i += 2) {
        members.push_back({constant_value(term->terms[i]), constant_value(term->terms[i + 1])});
      }
      return policy::make_object(arena, members, policy::EqualKeys::kLast);
    }
    default: unbound(term); return Value::null();
  }
}

Operand ProgramBuilder::unbound(const Term* term) {
  errors_.push_back({kCompileError,
                     "variable " + to_string(term) + " is not bound here",
                     term->location,
                     modules_.ast.source(term->location.file).name,
                     {}});
  return constant(Value::null());
}

Operand ProgramBuilder::fold(const BuiltinDeclaration& declaration, const std::vector<Value>& args) {
  program_->closed_ &= !has_outer_inputs(declaration);
  policy::ValueArena scratch(std::uint64_t{1} << 20);
  try {
    BuiltinContext context(scratch);
    const Value value = call_builtin(declaration, context, args);
    if (!value.defined() || context.failed()) return kNoOperand;
    return constant(policy::copy_value(program_->arena_, value));
  } catch (const std::exception&) {
    return kNoOperand;
  }
}

const Value* ProgramBuilder::constant_input(const Term* ref, std::size_t& i) const {
  for (const ConstantInput& part : constants_input_) {
    if (ref->terms.size() <= part.path.size()) continue;
    const bool here =
        std::equal(part.path.begin(), part.path.end(), ref->terms.begin() + 1,
                   [](const std::string& step, const Term* term) { return term->is_string() && term->text == step; });
    if (!here) continue;
    i = part.path.size() + 1;
    return &part.value;
  }
  return nullptr;
}

bool ProgramBuilder::is_closed(const Term* term, const BlockBuilder& block) {
  if (term == nullptr || term->is_scalar()) return true;
  if (term->is_var()) {
    const auto outer = block.scope_.vars.find(term->text);
    return outer == block.scope_.vars.end() || outer->second < 0;
  }
  if (term->kind == TermKind::kCall || term->kind == TermKind::kTemplateString) return false;
  std::size_t first = 0;
  if (term->is_ref() && term->terms[0]->is_var()) {
    const std::string& head = term->terms[0]->text;
    std::size_t i = 1;
    if (head == "data" || (head == "input" && constant_input(term, i) == nullptr)) return false;
    if (head == "input") first = i;
  }
  return std::all_of(term->terms.begin() + static_cast<std::ptrdiff_t>(first), term->terms.end(),
                     [&](const Term* part) { return is_closed(part, block); }) &&
         std::all_of(term->body.begin(), term->body.end(), [&](const Expr* expr) { return is_closed(expr, block); });
}

bool ProgramBuilder::is_closed(const Expr* expr, const BlockBuilder& block) {
  if (!expr->with.empty()) return false;
  std::size_t first = 0;
  if (expr->kind == ExprKind::kCall) {
    constexpr std::uint8_t kOpen = BuiltinDeclaration::kNondeterministic | BuiltinDeclaration::kSwitchedOff;
    first = 1;
    if (!expr->is_call_of("eq") &&
        (expr->builtin == nullptr || (expr->builtin->flags & kOpen) != 0 || expr->builtin->function == nullptr ||
         expr->builtin->name == "internal.print" || expr->builtin->name == "trace" || mock(expr->terms[0]) >= 0)) {
      return false;
    }
  }
  const auto closed_term = [&](const Term* part) { return is_closed(part, block); };
  const auto closed_expr = [&](const Expr* part) { return is_closed(part, block); };
  return std::all_of(expr->terms.begin() + static_cast<std::ptrdiff_t>(first), expr->terms.end(), closed_term) &&
         is_closed(expr->key, block) && is_closed(expr->value, block) && is_closed(expr->domain, block) &&
         std::all_of(expr->operands.begin(), expr->operands.end(),
                     [&](const Body& body) { return std::all_of(body.begin(), body.end(), closed_expr); });
}

Operand ProgramBuilder::closed(const Term* comprehension, const BlockBuilder& block) {
  if (!folds_ || !optimisations().folding || options_.coverage || !is_closed(comprehension, block)) return kNoOperand;
  RegoErrors errors;
  ProgramBuilder scratch(modules_, {}, errors);
  scratch.folds_ = false;
  scratch.constants_input_ = constants_input_;
  scratch.program_->paths_ = program_->paths_;
  scratch.program_->places_.push_back({});
  scratch.program_->nodes_.emplace_back();
  BlockBuilder builder(scratch, nullptr);
  scratch.program_->constants_ = program_->constants_;
  for (const auto& [name, operand] : block.scope_.vars) {
    if (operand < 0) builder.scope_.vars.set(name, operand);
  }
  builder.value(comprehension);
  scratch.program_->entrypoints_.push_back({"", builder.finish()});
  scratch.program_->files_.resize(modules_.ast.source_count());
  if (!errors.empty()) return kNoOperand;
  Evaluation evaluation(scratch.program_);
  evaluation.set_strict(true);
  evaluation.set_limits({.steps = 100000, .memory = std::uint64_t{16} << 20});
  const EvalAnswer answer = evaluation.eval(0, Value());
  if (answer.error != nullptr || !answer.value.defined()) return kNoOperand;
  return constant(policy::copy_value(program_->arena_, answer.value));
}

}  // namespace kubegate::rego
