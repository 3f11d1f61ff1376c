// Terms, references, and unification.
//
// The checked tree is in an order in which every variable is bound before it is read, so which variables are bound at a
// point of a body is known here, and unification is taken apart: a side that is known is compared, one that is not is
// bound (a variable then simply is the register), a pattern is matched part by part. A value that is in a register
// already is not computed again.
#include <algorithm>
#include <tuple>

#include "policy/rego/compile_program.h"
#include "policy/rego/visit.h"
#include "validate/base/hash.h"

namespace kubegate::rego {
namespace {

// Steps of a constant path that are remembered for the whole evaluation; what is behind is stepped to.
constexpr std::size_t kPathSteps = 12;

bool is_root(const Term* head, std::string_view name) { return head->is_var() && head->text == name; }

}  // namespace

// Whether all variables in a term are bound here.
bool BlockBuilder::ground(const Term* term) const {
  switch (term->kind) {
    case TermKind::kVar: return scope_.vars.find(term->text) != scope_.vars.end();
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: return true;
    case TermKind::kRef:
      if (is_root(term->terms[0], "data") || is_root(term->terms[0], "input")) {
        return std::all_of(term->terms.begin() + 1, term->terms.end(), [&](const Term* t) { return ground(t); });
      }
      break;
    default: break;
  }
  return std::all_of(term->terms.begin(), term->terms.end(), [&](const Term* t) { return ground(t); });
}

Operand BlockBuilder::term(const Term* node) {
  switch (node->kind) {
    case TermKind::kVar: {
      if (const auto found = scope_.vars.find(node->text); found != scope_.vars.end()) return found->second;
      if (node->text == "input" || node->text == "data") break;
      return unbound(node);
    }
    case TermKind::kRef: return reference(node);
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet: return collection(node);
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: return comprehension(node);
    case TermKind::kCall:
    case TermKind::kTemplateString: return unbound(node);
    default: break;
  }
  return program_.constant(program_.constant_value(node));
}

// An instruction over a list of operands.
Instruction BlockBuilder::with_list(Op op, const std::vector<Operand>& parts) {
  std::vector<Operand>& lists = program_.program_->operands_;
  Instruction out;
  out.op = op;
  out.a = static_cast<Operand>(lists.size());
  out.n = static_cast<std::uint16_t>(parts.size());
  if (parts.size() > UINT16_MAX) program_.too_large();
  lists.insert(lists.end(), parts.begin(), parts.end());
  for (const Operand part : parts) depend_on(part);
  return out;
}

// Two registers behind one another.
Operand BlockBuilder::pair(Operand first, Operand second) {
  const Operand out = registers(2, 0);
  const Operand parts[] = {first, second};
  for (int i = 0; i < 2; ++i) {
    Instruction& move = emit(Op::kMove);
    move.dst = out + i;
    move.a = parts[i];
    levels_[static_cast<std::size_t>(move.dst)] = depend_on(parts[i]);
  }
  return out;
}

Operand BlockBuilder::collection(const Term* node) {
  if (is_constant(node)) return program_.constant(program_.constant_value(node));
  const bool object = node->kind == TermKind::kObject;
  const bool shaped = object && std::all_of(node->terms.begin(), node->terms.end(), [&, i = 0](const Term* t) mutable {
                        return i++ % 2 == 1 || is_constant(t);
                      });
  std::vector<Operand> parts;
  Shape shape;
  std::uint32_t depends = 0;
  for (std::size_t i = 0; i < node->terms.size(); ++i) {
    if (shaped && i % 2 == 0) {
      shape.keys.push_back(program_.constant_value(node->terms[i]));
      continue;
    }
    parts.push_back(term(node->terms[i]));
    depends = std::max(depends, level(parts.back()));
  }
  Instruction make;
  if (shaped) {
    std::vector<std::size_t> order(shape.keys.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return policy::compare(shape.keys[a], shape.keys[b]) < 0; });
    Shape sorted;
    std::vector<Operand> values;
    for (const std::size_t i : order) {
      // Of equal keys the last counts.
      if (!sorted.keys.empty() && policy::equal(sorted.keys.back(), shape.keys[i])) {
        values.back() = parts[i];
        continue;
      }
      sorted.keys.push_back(shape.keys[i]);
      values.push_back(parts[i]);
    }
    make = with_list(Op::kShape, values);
    make.imm = program_.shape(std::move(sorted));
  } else {
    make = with_list(object ? Op::kObject : node->kind == TermKind::kArray ? Op::kArray : Op::kSet, parts);
  }
  make.dst = reg(depends);
  code_.push_back(make);
  return make.dst;
}

Operand BlockBuilder::comprehension(const Term* node) {
  if (const Operand known = program_.closed(node, *this); known != kNoOperand) return known;
  const Operand begin = reg(0);
  emit(Op::kBegin).dst = begin;
  const Scope outer = scope_;
  const Label end = label();
  open_region(end);
  body(node->body);
  Operand parts[2];
  std::uint32_t depends = 0;
  for (std::size_t i = 0; i < node->terms.size(); ++i) {
    parts[i] = term(node->terms[i]);
    depends = std::max(depends, depend_on(parts[i]));
  }
  const bool object = node->kind == TermKind::kObjectComprehension;
  Instruction& add = emit(object ? Op::kAddMember : Op::kAdd);
  add.a = parts[0];
  if (object) add.b = parts[1];
  if (node->kind == TermKind::kArrayComprehension) {
    every_solution();
  } else {
    solution(depends);
  }
  const std::uint32_t used = close_region();
  bind(end);
  scope_ = outer;
  const Operand out = reg(depend(used));
  Instruction& done = emit(object                                      ? Op::kEndObject
                           : node->kind == TermKind::kSetComprehension ? Op::kEndSet
                                                                       : Op::kEndArray);
  done.a = begin;
  done.dst = out;
  if (object) done.imm = program_.place(node->location);
  return out;
}

// ---- References ----------------------------------------------------------------------------------------------------

Operand BlockBuilder::reference(const Term* node) {
  const Term* head = node->terms[0];
  if (scope_.vars.find(head->text) == scope_.vars.end()) {
    if (is_root(head, "data")) return data(node);
    if (is_root(head, "input")) {
      std::size_t i = 1;
      if (const Value* known = program_.constant_input(node, i)) return steps(node, i, program_.constant(*known));
      if (reads_ != nullptr) reads_->input = true;
      const Operand value = base_path(node, 0, i, false);
      return steps(node, i, value);
    }
  }
  return steps(node, 1, term(head));
}

// The value at the constant steps that stand at the beginning of a reference to input (root 0) or to base documents
// (root 1); `i` moves behind them, but not past `last`.
Operand BlockBuilder::base_path(const Term* node, std::uint32_t root, std::size_t& i, bool soft, std::size_t last) {
  std::uint32_t path = root;
  last = std::min({node->terms.size(), last, kPathSteps + 1});
  i = 1;
  for (; i < last && node->terms[i]->is_string(); ++i) path = program_.path(path, node->terms[i]->text);
  const auto known = std::make_tuple(Op::kPath, Operand{soft}, path);
  if (const auto found = scope_.values.find(known); found != scope_.values.end()) return found->second;
  Instruction load;
  load.op = Op::kPath;
  load.imm = path;
  load.n = soft;
  load.fail = fail_for(depend(world_level_));
  load.dst = reg(world_level_);
  code_.push_back(load);
  return scope_.values[known] = load.dst;
}

Operand BlockBuilder::document(std::uint32_t number) {
  if (reads_ != nullptr) reads_->documents.insert(number);
  const auto known = std::make_tuple(Op::kDocument, Operand{0}, number);
  if (const auto found = scope_.values.find(known); found != scope_.values.end()) return found->second;
  Instruction load;
  load.op = Op::kDocument;
  load.imm = number;
  load.fail = fail_for(depend(world_level_));
  load.dst = reg(world_level_);
  code_.push_back(load);
  return scope_.values[known] = load.dst;
}

// A document at a key that is known.
Operand BlockBuilder::member_of(std::uint32_t number, const Term* key) {
  using Kind = VirtualDocument::Kind;
  const Kind kind = program_.program_->documents_[number].kind;
  const bool whole = scope_.values.count(std::make_tuple(Op::kDocument, Operand{0}, number)) != 0;
  if (whole || (kind != Kind::kSet && kind != Kind::kObject) || program_.options_.coverage) {
    return step(document(number), key);
  }
  const std::uint32_t alone = program_.member(number);
  if (reads_ != nullptr) {
    reads_->documents.insert(number);
    reads_->documents.insert(alone);
  }
  Instruction load;
  load.op = Op::kMember;
  load.a = term(key);
  load.imm = number;
  const std::uint32_t depends = std::max(depend_on(load.a), depend(world_level_));
  load.fail = fail_for(depends);
  load.dst = reg(depends);
  code_.push_back(load);
  return load.dst;
}

Operand BlockBuilder::data(const Term* node) {
  const Ref& terms = node->terms;
  const RuleNode* at = &program_.modules_.rules;
  std::size_t i = 1;
  while (i < terms.size() && is_constant(terms[i]) && at->rules.empty()) {
    const RuleNode* child = at->child(terms[i]);
    if (child == nullptr) {
      at = nullptr;
      break;
    }
    at = child;
    ++i;
  }
  if (at != nullptr && !at->rules.empty()) {
    if (at->rules[0]->head.is_function) return never();
    if (const Term* alias = program_.alias(*at)) {
      if (!alias->is_ref()) return steps(node, i, program_.constant(program_.constant_value(alias)));
      // One path of both, so that each of its steps is made once in an evaluation.
      Ref path = alias->terms;
      path.insert(path.end(), terms.begin() + static_cast<std::ptrdiff_t>(i), terms.end());
      return reference(program_.modules_.ast.ref(std::move(path), node->location));
    }
    const std::uint32_t number = program_.document(*at);
    if (i == terms.size() || !ground(terms[i])) return steps(node, i, document(number));
    return steps(node, i + 1, member_of(number, terms[i]));
  }
  if (reads_ != nullptr) reads_->base.emplace_back(terms.begin(), terms.begin() + static_cast<std::ptrdiff_t>(i));
  if (at == nullptr) {
    const Operand value = base_path(node, 1, i, false);
    return steps(node, i, value, true);
  }
  // A package, or a step below one that is not known ahead: base and virtual documents side by side.
  program_.require_below(*at, reads_);
  std::size_t behind = i;
  Operand base = base_path(node, 1, behind, true, i);
  for (; behind < i; ++behind) {
    // A path so long, or of steps that are no texts, that it is walked: nothing may be there.
    base = soft_step(base, terms[behind]);
  }
  return data_dynamic(node, *at, base, i);
}

Operand BlockBuilder::data_dynamic(const Term* node, const RuleNode& at, Operand base, std::size_t i) {
  Operand place = pair(program_.constant(Value::integer(program_.node_number(at))), base);
  for (; i < node->terms.size(); ++i) {
    const Term* step = node->terms[i];
    Operand key = kNoOperand;
    if (ground(step)) {
      key = term(step);
    } else {
      Instruction keys;
      keys.op = Op::kDataKeys;
      keys.a = place;
      keys.dst = reg(level(place + 1));
      code_.push_back(keys);
      open_scan(keys.dst, false, &key);
      match(step, key);
    }
    Instruction next;
    next.op = Op::kDataStep;
    next.a = place;
    next.b = key;
    const std::uint32_t depends = std::max({depend_on(place + 1), depend_on(key), depend(world_level_)});
    next.fail = fail_for(depends);
    next.dst = registers(2, depends);
    code_.push_back(next);
    place = next.dst;
  }
  Instruction value;
  value.op = Op::kDataValue;
  value.a = place;
  const std::uint32_t depends = std::max(depend_on(place + 1), depend(world_level_));
  value.fail = fail_for(depends);
  value.dst = reg(depends);
  code_.push_back(value);
  return value.dst;
}

// What stands behind never() is not reached, and may read what is not bound.
Operand BlockBuilder::unbound(const Term* term) {
  return never_ ? program_.constant(Value::null()) : program_.unbound(term);
}

Operand BlockBuilder::never() {
  never_ = true;
  emit(Op::kJump).fail = fail_for(0);
  return program_.constant(Value::null());
}

Operand BlockBuilder::soft_step(Operand value, const Term* key) {
  Instruction next;
  next.op = Op::kDataStep;
  next.a = pair(program_.constant(Value()), value);
  next.b = term(key);
  next.n = 1;
  next.dst = registers(2, level(value));
  code_.push_back(next);
  return next.dst + 1;
}

Operand BlockBuilder::steps(const Term* node, std::size_t i, Operand value, bool stored) {
  for (; i < node->terms.size(); ++i) {
    value = ground(node->terms[i]) ? step(value, node->terms[i], stored) : scan(value, node->terms[i]);
  }
  return value;
}

Operand BlockBuilder::step(Operand value, const Term* key, bool stored) {
  if (value < 0 && is_constant(key)) {
    const Value known = policy::lookup(program_.constant_of(value), program_.constant_value(key));
    return known.defined() ? program_.constant(known) : never();
  }
  Instruction next;
  next.a = value;
  next.n = stored;
  std::tuple<Op, Operand, std::uint32_t> known;
  std::uint32_t depends = depend_on(value);
  if (key->is_string()) {
    next.op = Op::kStepText;
    next.imm = program_.key(key->text);
    known = {Op::kStepText, value, next.imm << 1 | next.n};
  } else {
    next.op = Op::kStep;
    next.b = term(key);
    depends = std::max(depends, depend_on(next.b));
    known = {Op::kStep, value, static_cast<std::uint32_t>(next.b) << 1 | next.n};
  }
  if (const auto found = scope_.values.find(known); found != scope_.values.end()) return found->second;
  next.fail = fail_for(depends);
  next.dst = reg(depends);
  code_.push_back(next);
  return scope_.values[known] = next.dst;
}

Operand BlockBuilder::scan(Operand value, const Term* pattern) {
  Operand key = kNoOperand;
  const bool unread = pattern->is_var() && var_counts_[pattern->text] <= 1;
  const Operand item = open_scan(value, true, unread ? nullptr : &key);
  if (!unread) match(pattern, key);
  return item;
}

// Opens a loop; gives the register of its values, and in `key` that of its keys.
Operand BlockBuilder::open_scan(Operand collection, bool with_value, Operand* key) {
  const std::uint32_t depends = depend_on(collection);
  emit(Op::kNop);  // room for what a join wants to know before it
  const Operand state = registers(kScanRegisters, 0);
  Instruction& open = emit(Op::kScan);
  open.dst = state;
  open.a = collection;
  open.fail = fail_for(depends);
  const Label next = label();
  bind(next);
  Loop loop;
  loop.next = next;
  loop.instruction = code_.size();
  loop.used = depends;
  loops_.push_back(loop);
  const auto own = static_cast<std::uint32_t>(loops_.size());
  Instruction advance;
  advance.op = Op::kNext;
  advance.a = state;
  if (with_value) advance.dst = reg(own);
  if (key != nullptr) advance.b = *key = reg(own);
  code_.push_back(advance);
  return advance.dst;
}

// ---- Unification ---------------------------------------------------------------------------------------------------

void BlockBuilder::check(Op op, Operand a, Operand b) {
  if (a < 0 && b < 0) {
    const int order = policy::compare(program_.constant_of(a), program_.constant_of(b));
    const bool holds = op == Op::kEqual       ? order == 0
                       : op == Op::kNotEqual  ? order != 0
                       : op == Op::kLess      ? order < 0
                       : op == Op::kLessEqual ? order <= 0
                       : op == Op::kGreater   ? order > 0
                                              : order >= 0;
    if (!holds) never();
    return;
  }
  if (op == Op::kEqual && !narrow_scan(a, b)) narrow_scan(b, a);
  Instruction& out = emit(op);
  out.a = a;
  out.b = b;
  out.fail = fail_for(std::max(depend_on(a), depend_on(b)));
}

// All pairs at once: a pair whose two sides are unbound waits until others have bound one of them.
void BlockBuilder::unify(const Term* left, const Term* right) {
  std::vector<std::pair<const Term*, const Term*>> pairs = {{left, right}};
  const auto evaluates = [&](const Term* side) { return side->is_ref() || ground(side); };
  bool moved = true;
  while (moved && !pairs.empty()) {
    moved = false;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto [a, b] = pairs[i];
      std::vector<std::pair<const Term*, const Term*>> parts;
      if (evaluates(a) && evaluates(b)) {
        const Operand value = term(a);
        check(Op::kEqual, value, term(b));
      } else if (evaluates(a)) {
        match(b, term(a));
      } else if (evaluates(b)) {
        match(a, term(b));
      } else if (a->kind == b->kind && a->kind == TermKind::kArray) {
        if (a->terms.size() != b->terms.size()) return static_cast<void>(never());
        for (std::size_t k = 0; k < a->terms.size(); ++k) parts.emplace_back(a->terms[k], b->terms[k]);
      } else if (a->kind == b->kind && a->kind == TermKind::kObject) {
        if (a->terms.size() != b->terms.size()) return static_cast<void>(never());
        for (std::size_t k = 0; k + 1 < a->terms.size(); k += 2) {
          bool found = false;
          for (std::size_t j = 0; j + 1 < b->terms.size() && !found; j += 2) {
            found = equal(a->terms[k], b->terms[j]);
            if (found) parts.emplace_back(a->terms[k + 1], b->terms[j + 1]);
          }
          if (!found) return static_cast<void>(never());
        }
      } else if (!a->is_var() && !b->is_var()) {
        return static_cast<void>(never());
      } else {
        continue;
      }
      moved = true;
      pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(i));
      pairs.insert(pairs.begin() + static_cast<std::ptrdiff_t>(i), parts.begin(), parts.end());
      break;
    }
  }
  // What is left: a variable that nothing binds, which the order of the body rules out, or one that stands alone.
  for (const auto& [a, b] : pairs) unbound(a->is_var() ? a : b);
}

void BlockBuilder::match(const Term* pattern, Operand value) {
  switch (pattern->kind) {
    case TermKind::kVar: {
      if (const auto found = scope_.vars.find(pattern->text); found != scope_.vars.end()) {
        return check(Op::kEqual, found->second, value);
      }
      scope_.vars[pattern->text] = value;
      return;
    }
    case TermKind::kArray:
    case TermKind::kObject: {
      if (ground(pattern)) break;
      const bool object = pattern->kind == TermKind::kObject;
      Instruction& shape = emit(object ? Op::kIsObject : Op::kIsArray);
      shape.a = value;
      shape.imm = static_cast<std::uint32_t>(object ? pattern->terms.size() / 2 : pattern->terms.size());
      shape.fail = fail_for(depend_on(value));
      if (object) {
        for (std::size_t i = 0; i + 1 < pattern->terms.size(); i += 2) {
          match(pattern->terms[i + 1], step(value, pattern->terms[i]));
        }
        return;
      }
      for (std::size_t i = 0; i < pattern->terms.size(); ++i) {
        const Term* item = pattern->terms[i];
        if (item->is_var() && var_counts_[item->text] <= 1) continue;
        Instruction& element = emit(Op::kElement);
        element.a = value;
        element.imm = static_cast<std::uint32_t>(i);
        element.dst = reg(level(value));
        match(item, element.dst);
      }
      return;
    }
    default: break;
  }
  check(Op::kEqual, value, term(pattern));
}

}  // namespace kubegate::rego
