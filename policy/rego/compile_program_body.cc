// The idea: a body is a search, and most of its failures are foreseeable at compile time.
//
// Loops (kScan, kNext) nest as they are opened: loop 1 is the outermost of a block. Each register has a level, the
// innermost loop that its value depends on; 0 is none. An instruction that fails can only come out otherwise by another
// choice in the innermost loop that its operands depend on, so that is where it jumps, past all loops opened since. For
// the same reason a loop that ends goes back not to the loop before it but to the innermost one that anything behind it
// depended on (Loop::used), and a solution goes on at the level of what it yielded: another turn of a deeper loop would
// yield the same again, which sets, objects, and rules do not see. Arrays and rows of queries do, and so do people who
// read what a policy prints: there, loops go back one by one.
//
// A region is a stretch of code with an own place for "no (more) solutions": the body of a rule, of a comprehension, of
// `every`, what is negated, what a `with` modifies. Loops opened in it are gone behind it, but for `with`, whose loops
// are re-entered through a stub that puts its world back.
//
// Tested in tests/policy/rego: against the naive evaluator, whose search tries everything.
#include <algorithm>

#include "policy/rego/compile_program.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {

// ---- Code, registers, levels ---------------------------------------------------------------------------------------

Instruction& BlockBuilder::emit(Op op) {
  code_.push_back({});
  code_.back().op = op;
  return code_.back();
}

Operand BlockBuilder::reg(std::uint32_t level) { return registers(1, level); }

Operand BlockBuilder::registers(std::uint32_t count, std::uint32_t level) {
  const auto first = static_cast<Operand>(levels_.size());
  levels_.insert(levels_.end(), count, level);
  return first;
}

std::uint32_t BlockBuilder::depend(std::uint32_t level) {
  for (Region& region : regions_) {
    if (level <= region.base) region.used = std::max(region.used, level);
  }
  for (std::size_t d = level; d < loops_.size(); ++d) loops_[d].used = std::max(loops_[d].used, level);
  return level;
}

BlockBuilder::Label BlockBuilder::label() {
  labels_.push_back(0);
  return static_cast<Label>(labels_.size() - 1);
}

BlockBuilder::Label BlockBuilder::last_choice() const {
  return loops_.size() > regions_.back().base ? loops_.back().next : regions_.back().fail;
}

BlockBuilder::Label BlockBuilder::fail_for(std::uint32_t level) const {
  if (chronological_) return last_choice();
  return level > regions_.back().base ? loops_[level - 1].next : regions_.back().fail;
}

void BlockBuilder::jump(Label to) { emit(Op::kJump).fail = to; }

void BlockBuilder::open_region(Label fail) { regions_.push_back({fail, static_cast<std::uint32_t>(loops_.size()), 0}); }

std::uint32_t BlockBuilder::close_region() {
  const Region& here = regions_.back();
  for (std::size_t d = here.base; d < loops_.size(); ++d) {
    const Loop& loop = loops_[d];
    if (loop.ordered) continue;
    code_[loop.instruction].fail = fail_for(loop.used);
    if (chronological_) code_[loop.instruction].fail = d > here.base ? loops_[d - 1].next : here.fail;
  }
  loops_.resize(here.base);
  const std::uint32_t used = here.used;
  regions_.pop_back();
  return used;
}

// Goes on after a solution whose value depends on loops up to `level`.
void BlockBuilder::solution(std::uint32_t level) { jump(fail_for(level)); }

void BlockBuilder::every_solution() {
  for (std::uint32_t d = region().base + 1; d < loops_.size(); ++d) depend(d);
  jump(last_choice());
}

void BlockBuilder::visit(const Location& location) {
  if (program_.options_.coverage && location.row != 0) emit(Op::kVisit).imm = program_.place(location);
}

// ---- Expressions ---------------------------------------------------------------------------------------------------

void BlockBuilder::body(const Body& body) {
  for (const Expr* expr : body) expression(expr);
}

void BlockBuilder::expression(const Expr* expr) {
  visit(expr->location);
  if (!expr->negated) return positive(expr);
  const std::size_t guard = begin_once();
  const Label holds = label(), fails = label();
  const auto outer = scope_.mark();
  open_region(holds);
  positive(expr);
  jump(fails);
  const std::uint32_t used = close_region();
  scope_.rewind(outer);
  // The jump to `fails` is a jump of the enclosing region.
  labels_jump(fails, fail_for(depend(used)));
  bind(holds);
  end_once(guard, used);
}

void BlockBuilder::positive(const Expr* expr) { expr->with.empty() ? plain(expr) : with(expr); }

void BlockBuilder::plain(const Expr* expr) {
  switch (expr->kind) {
    case ExprKind::kTerm: {
      const Operand value = term(expr->terms[0]);
      if (capture(expr, value)) return;
      if (value < 0 && program_.constant_of(value).truthy()) return;
      Instruction& check = emit(Op::kTruthy);
      check.a = value;
      check.fail = fail_for(depend_on(value));
      return;
    }
    case ExprKind::kCall: return call(expr);
    case ExprKind::kEvery: return every(expr);
    case ExprKind::kAnd:
    case ExprKind::kOr:
    case ExprKind::kBody: return holds_any(expr);
    case ExprKind::kSome: return;
  }
}

// The values of a query's expressions are part of its rows; none is filtered out for being false.
bool BlockBuilder::capture(const Expr* expr, Operand value) {
  if (expr != captured_) return false;
  captured_value_ = value;
  return true;
}

void BlockBuilder::every(const Expr* expr) {
  const Operand domain = term(expr->domain);
  Instruction& check = emit(Op::kIsCollection);
  check.a = domain;
  check.fail = fail_for(depend_on(domain));
  const std::size_t guard = begin_once();
  const Label fails = label(), holds = label();
  const auto outer = scope_.mark();
  open_region(holds);
  Operand key = kNoOperand;
  const bool keyed = expr->key != nullptr && var_counts_[expr->key->text] > 1;
  const Operand value = open_scan(domain, true, keyed ? &key : nullptr);
  open_region(fails);
  if (keyed) match(expr->key, key);
  match(expr->value, value);
  body(expr->body());
  jump(loops_[region().base - 1].next);
  close_region();
  const std::uint32_t used = close_region();
  scope_.rewind(outer);
  labels_jump(fails, fail_for(depend(used)));
  bind(holds);
  end_once(guard, used);
}

// kAnd, kOr, kBody: whether bodies have a solution.
void BlockBuilder::holds_any(const Expr* expr) {
  const auto outer = scope_.mark();
  const std::size_t guard = begin_once();
  const Label fails = label(), holds = label();
  std::uint32_t used = 0;
  for (std::size_t i = 0; i < expr->operands.size(); ++i) {
    const bool last = expr->kind != ExprKind::kOr || i + 1 == expr->operands.size();
    const Label next = last ? fails : label();
    open_region(next);
    body(expr->operands[i]);
    used = std::max(used, close_region());
    scope_.rewind(outer);
    if (expr->kind == ExprKind::kOr) jump(holds);
    if (next != fails) bind(next);
  }
  if (expr->kind != ExprKind::kOr) jump(holds);
  labels_jump(fails, fail_for(depend(used)));
  bind(holds);
  end_once(guard, used);
}

// A place of its own for a jump, so that its target may be known late.
void BlockBuilder::labels_jump(Label at, Label to) {
  bind(at);
  jump(to);
}

// ---- Calls ---------------------------------------------------------------------------------------------------------

namespace {

bool comparison(std::string_view name, Op& op) {
  static constexpr std::pair<std::string_view, Op> kOps[] = {
      {"equal", Op::kEqual},   {"neq", Op::kNotEqual}, {"lt", Op::kLess},
      {"lte", Op::kLessEqual}, {"gt", Op::kGreater},   {"gte", Op::kGreaterEqual},
  };
  for (const auto& [known, code] : kOps) {
    if (known == name) return op = code, true;
  }
  return false;
}

}  // namespace

namespace {

Op quick(std::string_view name) {
  static constexpr std::pair<std::string_view, Op> kQuick[] = {
      {"plus", Op::kPlus},   {"minus", Op::kMinus},           {"mul", Op::kTimes},
      {"count", Op::kCount}, {"startswith", Op::kStartsWith}, {"endswith", Op::kEndsWith},
  };
  for (const auto& [known, op] : kQuick) {
    if (known == name) return op;
  }
  return Op::kCallBuiltin;
}

bool type_test(std::string_view name, policy::Type& type) {
  static constexpr std::pair<std::string_view, policy::Type> kTests[] = {
      {"is_null", policy::Type::kNull},     {"is_boolean", policy::Type::kBoolean},
      {"is_number", policy::Type::kNumber}, {"is_string", policy::Type::kString},
      {"is_array", policy::Type::kArray},   {"is_object", policy::Type::kObject},
      {"is_set", policy::Type::kSet},
  };
  for (const auto& [known, what] : kTests) {
    if (known == name) return type = what, true;
  }
  return false;
}

}  // namespace

void BlockBuilder::call(const Expr* expr) {
  if (expr->is_call_of("eq")) return unify(expr->terms[1], expr->terms[2]);
  const auto arity = static_cast<std::size_t>(program_.modules_.arity(expr->terms[0]->terms));
  const Term* output = expr->terms.size() > arity + 1 ? expr->terms.back() : nullptr;
  Op op;
  if (output == nullptr && expr->builtin != nullptr && comparison(expr->builtin->name, op) &&
      program_.mock(expr->terms[0]) < 0 && expr != captured_) {
    const Operand a = term(expr->terms[1]);
    return check(op, a, term(expr->terms[2]));
  }
  const Operand value = call_value(expr, arity);
  if (expr->builtin != nullptr && (expr->builtin->flags & BuiltinDeclaration::kRelation) != 0) {
    const Operand row = open_scan(value, true, nullptr);
    if (output != nullptr) match(output, row);
    return;
  }
  if (output != nullptr) return match(output, value);
  if (capture(expr, value)) return;
  // The call itself asks whether its result is false, where the result is not kept.
  const bool kept = !insertions_.empty() && insertions_.back().second.dst == value;
  if (value >= 0 && !kept && value == code_.back().dst && code_.back().op >= Op::kCallBuiltin &&
      code_.back().op <= Op::kIsType) {
    code_.back().dst = kWantTrue;
    return;
  }
  Instruction& truthy = emit(Op::kTruthy);
  truthy.a = value;
  truthy.fail = fail_for(depend_on(value));
}

Operand BlockBuilder::call_value(const Expr* expr, std::size_t arity) {
  if (const Operand text = formatted(expr); text != kNoOperand) return text;
  const Term* op = expr->terms[0];
  std::vector<Operand> args;
  std::uint32_t depends = depend(world_level_);
  for (std::size_t i = 1; i <= arity; ++i) {
    args.push_back(term(expr->terms[i]));
    depends = std::max(depends, depend_on(args.back()));
  }
  if (expr->builtin != nullptr && (expr->builtin->flags & BuiltinDeclaration::kNondeterministic) != 0) {
    depends = static_cast<std::uint32_t>(loops_.size());
    program_.program_->needs_clock_ = true;
  }
  const int mock = program_.mock(op);
  if (const Operand known = mock < 0 ? fold(expr, args) : kNoOperand; known != kNoOperand) return known;
  if (expr->builtin != nullptr && arity > kMaxBuiltinArguments) program_.too_large();
  if (const RuleNode* node = expr->builtin == nullptr ? program_.modules_.find(op->terms) : nullptr;
      node != nullptr && !node->rules[0]->head.is_function) {
    return document(program_.document(*node));  // f() of a rule f() := …, which is a plain one
  }
  Instruction instruction = with_list(Op::kCallBuiltin, args);
  instruction.b = static_cast<Operand>(program_.place(expr->location));
  if (expr->builtin == nullptr) {
    const std::uint32_t function = program_.document(*program_.modules_.find(op->terms));
    instruction.op = Op::kCallFunction;
    instruction.imm = function;
    if (reads_ != nullptr) reads_->documents.insert(function);
  } else {
    instruction.op = quick(expr->builtin->name);
    instruction.imm = program_.builtin(expr->builtin);
    if (policy::Type type; mock < 0 && type_test(expr->builtin->name, type)) {
      instruction.op = Op::kIsType;
      instruction.a = args[0];
      instruction.imm = static_cast<std::uint32_t>(type);
    }
  }
  if (mock >= 0) {
    instruction.op = Op::kCallMocked;
    instruction.imm = static_cast<std::uint32_t>(mock);
    if (reads_ != nullptr) reads_->mocks.insert(instruction.imm);
  }
  instruction.fail = fail_for(depend(depends));
  instruction.dst = reg(depends);
  const std::size_t guard = begin_once();
  code_.push_back(instruction);
  end_once(guard, instruction.dst, depends);
  return instruction.dst;
}

// The result of a pure built-in of constants, where it has one.
Operand BlockBuilder::fold(const Expr* expr, const std::vector<Operand>& args) {
  if (!program_.optimisations().folding || expr->builtin == nullptr || args.empty() || !is_pure(*expr->builtin) ||
      expr->builtin->result.empty()) {
    return kNoOperand;
  }
  std::vector<Value> values;
  for (const Operand arg : args) {
    if (arg >= 0) return kNoOperand;
    values.push_back(program_.constant_of(arg));
  }
  return program_.fold(*expr->builtin, values);
}

// ---- with ----------------------------------------------------------------------------------------------------------

void BlockBuilder::with(const Expr* expr) {
  Modifiers modifiers;
  std::vector<Operand> operands;
  std::uint32_t depends = world_level_;
  for (const With& modifier : expr->with) {
    const Ref& target = modifier.target->terms;
    Modifier out;
    if (const int mock = program_.mock(modifier.target); mock >= 0) {
      out.target = static_cast<std::uint32_t>(mock);
      modifiers.mocks = true;
      if (modifier.value->is_ref() && program_.modules_.arity(modifier.value->terms) >= 0) {
        const Ref& function = modifier.value->terms;
        const bool own = function[0]->text == "data";
        out.kind = own ? Modifier::Kind::kMockFunction : Modifier::Kind::kMockBuiltin;
        out.replacement = own ? program_.document(*program_.modules_.find(function))
                              : program_.builtin(find_builtin(to_string(function)));
        modifiers.list.push_back(out);
        continue;
      }
      out.kind = Modifier::Kind::kMockValue;
    } else {
      const bool input = target[0]->text == "input";
      out.kind = input ? Modifier::Kind::kInput : Modifier::Kind::kData;
      (input ? modifiers.changes_input : modifiers.changes_data) = true;
      for (std::size_t i = 1; i < target.size(); ++i) operands.push_back(term(target[i]));
      out.steps = static_cast<std::uint32_t>(target.size() - 1);
    }
    operands.push_back(term(modifier.value));
    modifiers.list.push_back(out);
  }
  for (const Operand operand : operands) depends = std::max(depends, depend_on(operand));
  const std::uint32_t number = static_cast<std::uint32_t>(program_.program_->modifiers_.size());
  program_.program_->modifiers_.push_back(std::move(modifiers));
  program_.with_exprs_.push_back(expr);

  const Operand world = reg(0);
  Instruction enter = with_list(Op::kEnter, operands);
  enter.dst = world;
  enter.imm = number;
  code_.push_back(enter);

  const Label out = label(), behind = label();
  const auto outside = static_cast<std::uint32_t>(loops_.size());
  const std::uint32_t outer_level = world_level_;
  auto values = std::exchange(scope_.values, {});
  world_level_ = depends;
  open_region(out);
  plain(expr);
  const std::uint32_t used = std::max(region().used, depends);
  regions_.pop_back();
  world_level_ = outer_level;
  scope_.values = std::move(values);
  emit(Op::kLeave).a = world;
  jump(behind);

  // Stubs: back into loops of the modified expression, and out of it.
  std::vector<Label> inner;
  for (std::size_t d = outside; d < loops_.size(); ++d) inner.push_back(loops_[d].next);
  for (std::size_t d = outside; d < loops_.size(); ++d) {
    Loop& loop = loops_[d];
    if (!loop.ordered) code_[loop.instruction].fail = d == outside ? out : inner[d - outside - 1];
    loop.ordered = true;
    loop.next = label();
    bind(loop.next);
    emit(Op::kReenter).a = world;
    jump(inner[d - outside]);
  }
  bind(out);
  emit(Op::kLeave).a = world;
  const bool looped = loops_.size() > outside;
  const std::vector<Loop> opened(loops_.begin() + outside, loops_.end());
  loops_.resize(outside);
  jump(looped ? last_choice() : fail_for(depend(used)));
  loops_.insert(loops_.end(), opened.begin(), opened.end());
  bind(behind);
}

}  // namespace kubegate::rego
