// Blocks: what a document, a function, the query, and a path of data are made of.
//
// Each rule is a region: its body, then what it does with a solution. Rules stand behind one another; where one has no
// (more) solutions, the next begins. Of a rule whose value depends on no loop, one solution is enough.
#include <algorithm>
#include <functional>

#include "policy/rego/compile_program.h"
#include "policy/rego/visit.h"

namespace kubegate::rego {
namespace {

// Whether evaluation of a rule tells of itself, so that its solutions must be tried one by one.
bool tells(Body& body) {
  bool found = false;
  Walk walk;
  walk.expr = [&](Expr* expr) {
    found = found ||
            (expr->builtin != nullptr && (expr->builtin->name == "internal.print" || expr->builtin->name == "trace"));
    return found;
  };
  walk(body);
  return found;
}

// The steps that lead to a rule's node: `data` and the constants behind it.
std::size_t steps_to(const Rule* rule) { return ground_prefix(rule->path); }

}  // namespace

void BlockBuilder::count_vars(const Term* term) {
  if (term == nullptr) return;
  if (term->is_var()) ++var_counts_[term->text];
  for (const Term* child : term->terms) count_vars(child);
  for (const Expr* expr : term->body) count_vars(expr);
}

void BlockBuilder::count_vars(const Expr* expr) {
  for (const Term* term : expr->terms) count_vars(term);
  for (const With& with : expr->with) {
    count_vars(with.target);
    count_vars(with.value);
  }
  for (const Body& body : expr->operands) {
    for (const Expr* inner : body) count_vars(inner);
  }
  count_vars(expr->key);
  count_vars(expr->value);
  count_vars(expr->domain);
}

void BlockBuilder::begin_rule(const Rule* rule) {
  scope_ = {};
  loops_.clear();
  var_counts_.clear();
  never_ = false;
  for (const Term* arg : rule->head.args) count_vars(arg);
  for (const Term* step : rule->path) count_vars(step);
  count_vars(rule->head.key);
  count_vars(rule->head.value);
  for (const Expr* expr : rule->body) count_vars(expr);
  chronological_ = !program_.optimisations().backjumping || tells(const_cast<Rule*>(rule)->body);
}

// ---- Complete rules and functions ----------------------------------------------------------------------------------

// One rule and its else branches. `result` takes the value, or, with `returns`, the first value ends the block; so it
// does where this is the `only` rule and its value depends on no loop.
void BlockBuilder::chain(const Rule* rule, std::uint32_t document, Operand result, bool returns, bool only) {
  const Label done = label();
  for (const Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
    const Label next = label();
    begin_rule(branch);
    Operand found = kNoOperand;
    const std::size_t undefine = code_.size();
    if (branch->otherwise != nullptr && !returns) emit(Op::kUndefine).dst = found = reg(0);
    open_region(next);
    for (std::size_t i = 0; i < branch->head.args.size(); ++i) {
      match(branch->head.args[i], static_cast<Operand>(i));
    }
    body(branch->body);
    visit(branch->head.location);
    const Operand value = term(branch->head.value);
    const std::uint32_t depends = depend_on(value);
    if (returns || (only && depends == 0 && !chronological_)) {
      emit(Op::kReturn).a = value;
      close_region();
      bind(next);
      if (found != kNoOperand) code_[undefine].op = Op::kNop;
      continue;
    }
    Instruction& set = emit(Op::kSetResult);
    set.dst = result;
    set.a = value;
    set.b = static_cast<Operand>(document);
    set.imm = program_.place(branch->location);
    if (depends == 0 && !chronological_) {
      jump(done);
      // Nothing comes back after a solution.
      if (found != kNoOperand) code_[undefine].op = Op::kNop;
      found = kNoOperand;
    } else {
      if (found != kNoOperand) {
        Instruction& move = emit(Op::kMove);
        move.dst = found;
        move.a = value;
      }
      solution(depends);
    }
    close_region();
    bind(next);
    if (found != kNoOperand) {
      Instruction& skip = emit(Op::kJumpIfDefined);
      skip.a = found;
      skip.fail = done;
    }
  }
  bind(done);
}

namespace {

// Whether the first value that some rule of a node gives is the only one: all give the same constant.
bool one_value(const RuleNode& node) {
  const Term* value = nullptr;
  for (const Rule* rule : node.rules) {
    if (rule->is_default) continue;
    for (const Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
      if (!branch->head.value->is_scalar()) return false;
      if (value != nullptr && !equal(value, branch->head.value)) return false;
      value = branch->head.value;
    }
  }
  return true;
}

}  // namespace

void BlockBuilder::complete(const RuleNode& node, std::uint32_t document) {
  const std::size_t arity = node.rules[0]->head.is_function ? node.rules[0]->head.args.size() : 0;
  registers(static_cast<std::uint32_t>(arity), 0);
  const bool returns = one_value(node);
  Operand result = kNoOperand;
  if (!returns) emit(Op::kUndefine).dst = result = reg(0);
  std::vector<const Rule*> rules;
  for (const Rule* rule : node.rules) {
    if (!rule->is_default) rules.push_back(rule);
  }
  const bool indexed = index_rules(rules);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (indexed) bind(rule_entries_[i]);
    chain(rules[i], document, result, returns, rules.size() == 1);
    if (indexed) next_rule(i);
  }
  for (const Rule* rule : node.rules) {
    if (!rule->is_default) continue;
    const Label defined = label();
    if (result != kNoOperand) {
      Instruction& skip = emit(Op::kJumpIfDefined);
      skip.a = result;
      skip.fail = defined;
    }
    chain(rule, document, kNoOperand, true, true);
    bind(defined);
  }
  emit(Op::kReturn).a = result;
}

// ---- Partial rules -------------------------------------------------------------------------------------------------

void BlockBuilder::partial_rule(const Rule* rule, std::size_t depth, VirtualDocument::Kind kind) {
  const Label next = label();
  begin_rule(rule);
  open_region(next);
  body(rule->body);
  visit(rule->head.location);
  if (kind == VirtualDocument::Kind::kSet) {
    const Operand key = term(rule->head.key);
    const std::uint32_t depends = depend_on(key);
    emit(Op::kAdd).a = key;
    solution(depends);
  } else {
    std::vector<Operand> parts;
    std::uint32_t depends = 0;
    for (std::size_t i = depth; i < rule->path.size(); ++i) parts.push_back(term(rule->path[i]));
    parts.push_back(term(rule->is_multi_value() ? rule->head.key : rule->head.value));
    for (const Operand part : parts) depends = std::max(depends, depend_on(part));
    if (kind == VirtualDocument::Kind::kObject) {
      Instruction& add = emit(Op::kAddMember);
      add.a = parts[0];
      add.b = parts[1];
    } else {
      add_path(parts, rule->is_multi_value() ? PathLeaf::kMember : PathLeaf::kValue);
    }
    solution(depends);
  }
  close_region();
  bind(next);
}

void BlockBuilder::add_path(const std::vector<Operand>& parts, PathLeaf leaf) {
  Instruction add = with_list(Op::kAddPath, parts);
  add.imm = static_cast<std::uint32_t>(leaf);
  code_.push_back(add);
}

// Rules of longer constant paths below a node whose own rules have variables: all make one document.
void BlockBuilder::partial_below(const RuleNode& node, std::vector<const Term*>& keys, std::size_t depth) {
  for (const auto& child : node.children) {
    keys.push_back(child->key);
    if (!child->rules.empty() && !child->rules[0]->head.is_function) {
      const Rule* first = child->rules[0];
      if (is_ground(first->path)) {
        const Label next = label();
        begin_rule(first);
        open_region(next);
        std::vector<Operand> parts;
        for (const Term* key : keys) parts.push_back(program_.constant(program_.constant_value(key)));
        parts.push_back(document(program_.document(*child)));
        add_path(parts, first->is_multi_value() ? PathLeaf::kMembers : PathLeaf::kValue);
        close_region();
        bind(next);
      } else {
        for (const Rule* rule : child->rules) partial_rule(rule, depth, VirtualDocument::Kind::kPaths);
      }
    }
    partial_below(*child, keys, depth);
    keys.pop_back();
  }
}

void BlockBuilder::partial(const RuleNode& node, VirtualDocument::Kind kind) {
  const Operand begin = reg(0);
  emit(Op::kBegin).dst = begin;
  const std::size_t depth = steps_to(node.rules[0]);
  const std::vector<const Rule*> rules(node.rules.begin(), node.rules.end());
  const bool indexed = index_rules(rules);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (indexed) bind(rule_entries_[i]);
    partial_rule(rules[i], depth, kind);
    if (indexed) next_rule(i);
  }
  if (kind == VirtualDocument::Kind::kPaths) {
    std::vector<const Term*> keys;
    partial_below(node, keys, depth);
  }
  const Operand out = reg(0);
  Instruction& end = emit(kind == VirtualDocument::Kind::kSet      ? Op::kEndSet
                          : kind == VirtualDocument::Kind::kObject ? Op::kEndObject
                                                                   : Op::kEndPaths);
  end.a = begin;
  end.dst = out;
  end.imm = program_.place(node.rules[0]->location);
  emit(Op::kReturn).a = out;
}

namespace {

// Whether a head's key can be matched before its variables are bound: sets cannot.
bool is_pattern(const Term* term) {
  if (term->is_scalar() || term->is_var() || is_constant(term)) return true;
  if (term->kind != TermKind::kArray && term->kind != TermKind::kObject) return false;
  for (std::size_t i = 0; i < term->terms.size(); ++i) {
    const bool key = term->kind == TermKind::kObject && i % 2 == 0;
    if (key ? !is_constant(term->terms[i]) : !is_pattern(term->terms[i])) return false;
  }
  return true;
}

}  // namespace

// The value of one key alone, which is in register 0: the head is matched before the body, so that what the body would
// search for is known. Rule: topdown's evaluation of partial rules by one key.
void BlockBuilder::member(const RuleNode& node, VirtualDocument::Kind kind) {
  registers(1, 0);
  const bool set = kind == VirtualDocument::Kind::kSet, grouped = kind == VirtualDocument::Kind::kPaths;
  const Operand result = reg(0), begin = reg(0);
  if (grouped) {
    emit(Op::kBegin).dst = begin;
  } else if (!set) {
    emit(Op::kUndefine).dst = result;
  }
  const std::size_t depth = steps_to(node.rules[0]);
  for (const Rule* rule : node.rules) {
    const Label next = label();
    begin_rule(rule);
    open_region(next);
    const Term* key = set ? rule->head.key : rule->path[depth];
    const bool early = is_pattern(key);
    if (early) match(key, 0);
    body(rule->body);
    if (!early) match(key, 0);
    if (set) {
      emit(Op::kReturn).a = 0;
    } else if (grouped) {
      const Operand value = term(rule->head.key);
      const std::uint32_t depends = depend_on(value);
      emit(Op::kAdd).a = value;
      solution(depends);
    } else {
      const Operand value = term(rule->head.value);
      const std::uint32_t depends = depend_on(value);
      Instruction& found = emit(Op::kSetResult);
      found.dst = result;
      found.a = value;
      found.n = 1;
      found.imm = program_.place(rule->location);
      solution(depends);
    }
    close_region();
    bind(next);
  }
  if (grouped) {
    // A key that no rule gives has no set.
    const Label empty = label();
    Instruction& end = emit(Op::kEndSet);
    end.a = begin;
    end.dst = result;
    Instruction& some = emit(Op::kNotEqual);
    some.a = result;
    some.b = program_.constant(Value::empty_set());
    some.fail = empty;
    emit(Op::kReturn).a = result;
    bind(empty);
    emit(Op::kReturn).a = kNoOperand;
    return;
  }
  emit(Op::kReturn).a = set ? kNoOperand : result;
}

// ---- Roots ---------------------------------------------------------------------------------------------------------

// The rows of a query, one behind the other: its variables, then its expressions, then a filler, so that each row has
// something.
void BlockBuilder::query(const CompiledQuery& query, std::vector<std::string>& variables,
                         const std::function<std::string(const Expr*)>& text,
                         std::vector<QueryExpression>& expressions) {
  for (const Expr* expr : query.body) {
    count_vars(expr);
    chronological_ = true;  // rows come in the order of OPA
  }
  for (const auto& [name, written] : query.variables) ++var_counts_[name];
  const Operand begin = reg(0), out = reg(0);
  emit(Op::kBegin).dst = begin;
  const Label end = label();
  open_region(end);
  std::vector<std::pair<const Expr*, Operand>> values;
  const bool captures = program_.options_.expression_values;
  for (const Expr* expr : query.body) {
    captured_ = captures && !expr->generated && !expr->negated ? expr : nullptr;
    captured_value_ = program_.constant(Value::boolean(true));
    expression(expr);
    if (captures && !expr->generated) values.emplace_back(expr, captured_value_);
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return a.first->index < b.first->index; });
  for (const auto& [name, written] : query.variables) {
    const auto found = scope_.vars.find(name);
    if (found == scope_.vars.end()) continue;
    variables.push_back(written);
    emit(Op::kAdd).a = found->second;
  }
  for (const auto& [expr, value] : values) {
    expressions.push_back({text(expr), expr->location});
    emit(Op::kAdd).a = value;
  }
  emit(Op::kAdd).a = program_.constant(Value::boolean(true));
  every_solution();
  close_region();
  bind(end);
  Instruction& rows = emit(Op::kEndArray);
  rows.a = begin;
  rows.dst = out;
  emit(Op::kReturn).a = out;
}

void BlockBuilder::value(const Term* closed) {
  count_vars(closed);
  const Label undefined = label();
  open_region(undefined);
  const Operand out = term(closed);
  emit(Op::kReturn).a = out;
  close_region();
  bind(undefined);
  emit(Op::kReturn);
}

void BlockBuilder::path(const Term* path) {
  count_vars(path);
  const Label undefined = label();
  open_region(undefined);
  const Operand value = reference(path);
  emit(Op::kReturn).a = value;
  close_region();
  bind(undefined);
  emit(Op::kReturn);
}

}  // namespace kubegate::rego
