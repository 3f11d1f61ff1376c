// References: steps into input, base documents, virtual documents and values that are in registers; loops over their
// steps that are not bound. A step that is in a register already is not made again.
#include <algorithm>
#include <tuple>

#include "policy/rego/compile_program.h"

namespace kubegate::rego {
namespace {

// Steps of a constant path that are remembered for the whole evaluation; what is behind is stepped to.
constexpr std::size_t kPathSteps = 12;

bool is_root(const Term* head, std::string_view name) { return head->is_var() && head->text == name; }

}  // namespace

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

// The register of a step that was made before, where it holds here; kNoOperand when there is none.
Operand BlockBuilder::in_register(const Known& step) const {
  const auto found = scope_.values.find(step);
  return found != scope_.values.end() && program_.optimisations().reuse ? found->second : kNoOperand;
}

// The value at the constant steps that stand at the beginning of a reference to input (root 0) or to base documents
// (root 1); `i` moves behind them, but not past `last`.
Operand BlockBuilder::base_path(const Term* node, std::uint32_t root, std::size_t& i, bool soft, std::size_t last) {
  std::uint32_t path = root;
  last = std::min({node->terms.size(), last, kPathSteps + 1});
  i = 1;
  for (; i < last && node->terms[i]->is_string(); ++i) path = program_.path(path, node->terms[i]->text);
  const Known known = {Op::kPath, Operand{soft}, path};
  if (const Operand found = in_register(known); found != kNoOperand) return found;
  Instruction load;
  load.op = Op::kPath;
  load.imm = path;
  load.n = soft;
  load.fail = fail_for(depend(world_level_));
  load.dst = reg(world_level_);
  code_.push_back(load);
  scope_.values.set(known, load.dst);
  return load.dst;
}

Operand BlockBuilder::document(std::uint32_t number) {
  if (reads_ != nullptr) reads_->documents.insert(number);
  const Known known = {Op::kDocument, Operand{0}, number};
  if (const Operand found = in_register(known); found != kNoOperand) return found;
  Instruction load;
  load.op = Op::kDocument;
  load.imm = number;
  load.fail = fail_for(depend(world_level_));
  load.dst = reg(world_level_);
  code_.push_back(load);
  scope_.values.set(known, load.dst);
  return load.dst;
}

// A document at a key that is known.
Operand BlockBuilder::member_of(std::uint32_t number, const Term* key) {
  using Kind = VirtualDocument::Kind;
  const VirtualDocument& of = program_.program_->documents_[number];
  const bool whole = in_register({Op::kDocument, Operand{0}, number}) != kNoOperand;
  if (!program_.optimisations().members || whole ||
      (of.kind != Kind::kSet && of.kind != Kind::kObject && !of.grouped) || program_.options_.coverage) {
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
  if (program_.optimisations().folding && value < 0 && is_constant(key)) {
    const Value known = policy::lookup(program_.constant_of(value), program_.constant_value(key));
    return known.defined() ? program_.constant(known) : never();
  }
  Instruction next;
  next.a = value;
  next.n = stored;
  Known known;
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
  if (const Operand found = in_register(known); found != kNoOperand) return found;
  next.fail = fail_for(depends);
  next.dst = reg(depends);
  code_.push_back(next);
  scope_.values.set(known, next.dst);
  return next.dst;
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

}  // namespace kubegate::rego
