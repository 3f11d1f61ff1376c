// The tables of a Program, and which documents are planned: those that entrypoints and the query reach, found as blocks
// mention them. What a `with` concerns is known when all are planned: the documents that read what it replaces, and
// those that read such documents.
#include "policy/rego/compile_program.h"

#include <algorithm>
#include <numeric>

#include "policy/rego/parser.h"
#include "policy/rego/visit.h"
#include "validate/base/hash.h"

namespace kubegate::rego {

Program::Program() = default;
Program::~Program() = default;

int Program::entrypoint(std::string_view path) const {
  for (std::size_t i = 0; i < entrypoints_.size(); ++i) {
    if (entrypoints_[i].path == path) return static_cast<int>(i);
  }
  return -1;
}

ProgramBuilder::ProgramBuilder(const CompiledModules& modules, const ProgramOptions& options, RegoErrors& errors)
    : modules_(modules), options_(options), errors_(errors), program_(std::make_shared<Program>()) {}

// ---- Tables --------------------------------------------------------------------------------------------------------

// Constants are one where they print alike, too: 1 and 1.0 are two.
bool ProgramBuilder::Less::operator()(Value a, Value b) const {
  if (a.rep() != b.rep()) return a.rep() < b.rep();
  if (a.is_string() || a.rep() == Value::Rep::kNumberText) return a.text() < b.text();
  return a.is_int() && a.int_value() < b.int_value();
}

Operand ProgramBuilder::constant(Value value) {
  std::vector<Value>& all = program_->constants_;
  const auto next = static_cast<Operand>(~static_cast<std::int32_t>(all.size()));
  if (!value.is_collection() && value.rep() != Value::Rep::kReal) {
    const auto [entry, fresh] = constants_.emplace(value, next);
    if (!fresh) return entry->second;
  }
  all.push_back(value);
  return next;
}

void ProgramBuilder::too_large() { errors_.push_back({kCompileError, "an expression has too many parts", {}, "", {}}); }

std::uint32_t ProgramBuilder::key(std::string_view text) {
  const auto next = static_cast<std::uint32_t>(program_->keys_.size());
  const auto [entry, fresh] = keys_.emplace(text, next);
  if (fresh) program_->keys_.push_back({program_->arena_.copy(text), hash_key(text)});
  return entry->second;
}

std::uint32_t ProgramBuilder::path(std::uint32_t parent, std::string_view text) {
  const std::uint32_t step = key(text);
  const auto next = static_cast<std::uint32_t>(program_->paths_.size());
  const auto [entry, fresh] = paths_.emplace(std::make_pair(parent, step), next);
  if (fresh) program_->paths_.push_back({parent, program_->keys_[step], program_->paths_[parent].data});
  return entry->second;
}

std::uint32_t ProgramBuilder::shape(Shape shape) {
  program_->shapes_.push_back(std::move(shape));
  return static_cast<std::uint32_t>(program_->shapes_.size() - 1);
}

std::uint32_t ProgramBuilder::builtin(const BuiltinDeclaration* declaration) {
  program_->closed_ &= !has_outer_inputs(*declaration);
  const auto next = static_cast<std::uint32_t>(program_->builtins_.size());
  const auto [entry, fresh] = builtins_.emplace(declaration, next);
  if (fresh) program_->builtins_.push_back(declaration);
  return entry->second;
}

std::uint32_t ProgramBuilder::place(const Location& location) {
  const auto next = static_cast<std::uint32_t>(program_->places_.size());
  const auto [entry, fresh] = places_.emplace(std::make_tuple(location.file, location.begin, location.length), next);
  if (fresh) program_->places_.push_back(location);
  return entry->second;
}

std::uint32_t ProgramBuilder::document(const RuleNode& node) {
  const auto next = static_cast<std::uint32_t>(program_->documents_.size());
  const auto [entry, fresh] = documents_.emplace(&node, next);
  if (!fresh) return entry->second;
  const Rule* first = node.rules[0];
  VirtualDocument out;
  using Kind = VirtualDocument::Kind;
  if (first->head.is_function) {
    out.kind = Kind::kFunction;
    out.arity = static_cast<std::uint16_t>(first->head.args.size());
  } else if (is_ground(first->path)) {
    out.kind = first->is_multi_value() ? Kind::kSet : Kind::kComplete;
  } else {
    const std::size_t length = ground_prefix(first->path) + 1;
    const auto flat = [&](bool sets) {
      return node.children.empty() && std::all_of(node.rules.begin(), node.rules.end(), [&](const Rule* rule) {
               return rule->path.size() == length && rule->is_multi_value() == sets;
             });
    };
    out.kind = flat(false) ? Kind::kObject : Kind::kPaths;
    out.grouped = flat(true);
  }
  out.path = to_string(first->path);
  out.place = place(first->location);
  out.node = node_number(node);
  program_->documents_.push_back(std::move(out));
  document_nodes_.push_back(&node);
  reads_.emplace_back();
  return next;
}

std::uint32_t ProgramBuilder::member(std::uint32_t number) {
  const auto next = static_cast<std::uint32_t>(program_->documents_.size());
  const auto [entry, fresh] = members_.emplace(number, next);
  if (!fresh) return entry->second;
  VirtualDocument out = program_->documents_[number];
  out.kind = VirtualDocument::Kind::kFunction;
  out.arity = 1;
  program_->documents_.push_back(std::move(out));
  document_nodes_.push_back(document_nodes_[number]);
  reads_.emplace_back();
  return next;
}

// One key alone is less than the whole document where some loop of the whole is a step for one key, or a join.
void ProgramBuilder::choose_members() {
  const auto loops = [&](std::uint32_t number) {
    const auto begin = program_->code_.begin();
    const std::uint32_t first = number == 0 ? program_->documents_[0].block.entry : ends_[number - 1];
    return std::accumulate(begin + first, begin + ends_[number], 0, [](int sum, const Instruction& in) {
      return sum + (in.op == Op::kScan ? 2 : in.op == Op::kScanWhere ? 1 : 0);
    });
  };
  for (const auto& [whole, alone] : members_) {
    if (loops(alone) < loops(whole)) program_->documents_[whole].member = alone + 1;
  }
}

void ProgramBuilder::require_below(const RuleNode& node, Reads* reads) {
  if (!node.rules.empty()) {
    const std::uint32_t number = document(node);
    if (reads != nullptr) reads->documents.insert(number);
    return;
  }
  for (const auto& child : node.children) require_below(*child, reads);
}

void ProgramBuilder::number_nodes(const RuleNode& node) {
  const auto number = static_cast<std::uint32_t>(program_->nodes_.size());
  node_numbers_[&node] = number;
  program_->nodes_.emplace_back();
  if (node.key != nullptr) program_->nodes_[number].key = constant_value(node.key);
  for (const auto& child : node.children) {
    program_->nodes_[number].children.push_back(static_cast<std::uint32_t>(program_->nodes_.size()));
    number_nodes(*child);
  }
}

// ---- with ----------------------------------------------------------------------------------------------------------

// What modifiers replace, anywhere: calls of functions that none replaces need not ask.
void ProgramBuilder::find_targets(const CompiledQuery* query) {
  Walk walk;
  walk.expr = [&](Expr* expr) {
    for (const With& with : expr->with) {
      const Ref& target = with.target->terms;
      const std::string& root = target[0]->text;
      const bool own = root == "data";
      if (own) data_targets_.push_back(target);
      input_targets_ = input_targets_ || root == "input";
      if (root == "input" || (own && modules_.arity(target) < 0)) continue;
      const auto [entry, fresh] = mocks_.emplace(to_string(target), static_cast<int>(mocks_.size()));
      if (!fresh) continue;
      Mock mock;
      mock.is_builtin = !own;
      mock.id = own ? document(*modules_.find(target)) : builtin(find_builtin(to_string(target)));
      program_->mocks_.push_back(mock);
    }
    return false;
  };
  for (const Module* module : modules_.modules) {
    for (Rule* rule : module->rules) {
      for (Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
        walk(branch->head);
        walk(branch->body);
      }
    }
  }
  if (query != nullptr) {
    Body body = query->body;
    walk(body);
  }
}

int ProgramBuilder::mock(const Term* op) {
  if (mocks_.empty()) return -1;
  const auto found = mocks_.find(to_string(op->terms));
  return found == mocks_.end() ? -1 : found->second;
}

namespace {

bool overlap(const Ref& a, const Ref& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!is_constant(a[i]) && i > 0) return true;
    if (!is_constant(b[i]) && i > 0) return true;
    if (!equal(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace

// Whether remembering a function's calls costs less than making them again: where there is a loop, or a built-in that
// is more than a comparison or a step, or a call of such a function.
bool ProgramBuilder::expensive(std::uint32_t number, std::vector<std::int8_t>& known) const {
  if (known[number] >= 0) return known[number] != 0;
  known[number] = 1;  // while it is looked at
  const std::vector<Instruction>& code = program_->code_;
  bool found = false;
  for (std::uint32_t i = program_->documents_[number].block.entry; !found && i < ends_[number]; ++i) {
    switch (code[i].op) {
      case Op::kScan:
      case Op::kScanWhere:
      case Op::kFormat:
      case Op::kCallBuiltin:
      case Op::kCallMocked:
      case Op::kEnter:
      case Op::kDataValue: found = true; break;
      case Op::kCallFunction: found = expensive(code[i].imm, known); break;
      default: break;
    }
  }
  known[number] = found;
  return found;
}

bool is_pure(const BuiltinDeclaration& builtin) {
  constexpr std::uint8_t kImpure = BuiltinDeclaration::kRelation | BuiltinDeclaration::kNondeterministic |
                                   BuiltinDeclaration::kSwitchedOff | BuiltinDeclaration::kLanguage;
  return (builtin.flags & kImpure) == 0 && builtin.function != nullptr && !builtin.name.starts_with("internal.") &&
         builtin.name != "trace";
}

// Whether a document or function depends on arguments and constants alone.
bool ProgramBuilder::pure(std::uint32_t number, std::vector<std::int8_t>& known) const {
  if (known[number] >= 0) return known[number] != 0;
  known[number] = 1;  // while it is looked at
  const Reads& reads = reads_[number];
  bool found = !reads.input && reads.base.empty() && reads.mocks.empty();
  for (std::uint32_t i = program_->documents_[number].block.entry; found && i < ends_[number]; ++i) {
    const Instruction& in = program_->code_[i];
    found = in.op != Op::kVisit && in.op != Op::kEnter && in.op != Op::kDataKeys && in.op != Op::kDataStep &&
            in.op != Op::kDataValue;
    if (in.op == Op::kCallBuiltin) found = is_pure(*program_->builtins_[in.imm]);
  }
  for (const std::uint32_t other : reads.documents) found = found && pure(other, known);
  known[number] = found;
  return found;
}

const Term* ProgramBuilder::alias(const RuleNode& node) {
  if (!optimisations().aliases) return nullptr;
  const auto [entry, fresh] = aliases_.emplace(&node, nullptr);
  if (!fresh) return entry->second;
  const Term* found = find_alias(node);
  return aliases_[&node] = found;
}

const Term* ProgramBuilder::find_alias(const RuleNode& node) {
  if (node.rules.size() != 1 || !node.children.empty() || options_.coverage) return nullptr;
  const Rule* rule = node.rules[0];
  if (rule->is_default || rule->otherwise != nullptr || rule->head.is_function || rule->is_multi_value() ||
      !is_ground(rule->path)) {
    return nullptr;
  }
  for (const Ref& target : data_targets_) {
    if (overlap(rule->path, target)) return nullptr;
  }
  // The body: nothing, or `value = …`, which the compiler has made of a reference in the head.
  const Term* value = rule->head.value;
  const Term* bound = nullptr;
  for (const Expr* expr : rule->body) {
    if (expr->negated || !expr->with.empty()) return nullptr;
    if (expr->kind == ExprKind::kTerm && expr->terms[0]->kind == TermKind::kBool && expr->terms[0]->boolean) continue;
    if (bound != nullptr || !expr->is_call_of("eq") || expr->terms.size() != 3) return nullptr;
    if (!value->is_var() || !expr->terms[1]->is_var() || expr->terms[1]->text != value->text) return nullptr;
    bound = expr->terms[2];
  }
  if (bound == nullptr) return is_constant(value) ? value : nullptr;
  if (is_constant(bound)) return bound;
  if (!bound->is_ref() || !bound->terms[0]->is_var()) return nullptr;
  if (!std::all_of(bound->terms.begin() + 1, bound->terms.end(), [](const Term* step) { return step->is_string(); })) {
    return nullptr;
  }
  if (bound->terms[0]->text == "input") return bound;
  if (bound->terms[0]->text != "data") return nullptr;
  const RuleNode* at = &modules_.rules;
  std::size_t i = 1;
  for (; i < bound->terms.size() && at != nullptr && at->rules.empty(); ++i) at = at->child(bound->terms[i]);
  const Term* inner = at != nullptr && !at->rules.empty() ? alias(*at) : nullptr;
  if (inner == nullptr || i == bound->terms.size()) return inner;
  if (!inner->is_ref()) return nullptr;
  Ref steps = inner->terms;
  steps.insert(steps.end(), bound->terms.begin() + static_cast<std::ptrdiff_t>(i), bound->terms.end());
  return modules_.ast.ref(std::move(steps), bound->location);
}

void ProgramBuilder::find_affected() {
  const std::size_t count = program_->documents_.size();
  std::vector<std::vector<std::uint32_t>> readers(count);
  for (std::uint32_t d = 0; d < count; ++d) {
    for (const std::uint32_t read : reads_[d].documents) readers[read].push_back(d);
  }
  for (std::size_t m = 0; m < program_->modifiers_.size(); ++m) {
    Modifiers& modifiers = program_->modifiers_[m];
    std::vector<bool> affected(count);
    std::vector<std::uint32_t> stack;
    for (std::uint32_t d = 0; d < count; ++d) {
      bool hit = modifiers.changes_input && reads_[d].input;
      for (const Modifier& modifier : modifiers.list) {
        if (modifier.kind == Modifier::Kind::kInput || modifier.kind == Modifier::Kind::kData) continue;
        hit = hit || reads_[d].mocks.count(modifier.target) != 0;
      }
      for (const With& with : with_exprs_[m]->with) {
        const Ref& target = with.target->terms;
        if (target[0]->text != "data") continue;
        const RuleNode* node = document_nodes_[d];
        hit = hit || overlap(node->rules[0]->path, target);
        for (const Ref& base : reads_[d].base) hit = hit || overlap(base, target);
      }
      if (!hit) continue;
      affected[d] = true;
      stack.push_back(d);
    }
    while (!stack.empty()) {
      const std::uint32_t d = stack.back();
      stack.pop_back();
      for (const std::uint32_t reader : readers[d]) {
        if (affected[reader]) continue;
        affected[reader] = true;
        stack.push_back(reader);
      }
    }
    for (std::uint32_t d = 0; d < count; ++d) {
      if (affected[d]) modifiers.affected.push_back(d);
    }
  }
}

// ---- All of it -----------------------------------------------------------------------------------------------------

void ProgramBuilder::plan(std::uint32_t number) {
  const RuleNode& node = *document_nodes_[number];
  Reads reads;
  BlockBuilder builder(*this, &reads);
  const VirtualDocument::Kind kind = program_->documents_[number].kind;
  if (kind == VirtualDocument::Kind::kFunction && !node.rules[0]->head.is_function) {
    builder.member(node, program_->documents_[documents_.at(&node)].kind);
  } else if (kind == VirtualDocument::Kind::kComplete || kind == VirtualDocument::Kind::kFunction) {
    builder.complete(node, number);
  } else {
    builder.partial(node, kind);
  }
  program_->documents_[number].block = builder.finish();
  ends_.push_back(static_cast<std::uint32_t>(program_->code_.size()));
  reads_[number] = std::move(reads);
}

void ProgramBuilder::plan_entrypoint(const std::string& path) {
  RegoErrors ignored;
  const Body body = parse_query(modules_.ast, path, RegoVersion::kV1, ignored);
  const bool sound = body.size() == 1 && body[0]->kind == ExprKind::kTerm && !body[0]->negated &&
                     body[0]->with.empty() && (body[0]->terms[0]->is_ref() || body[0]->terms[0]->is_var());
  Term* term = sound ? body[0]->terms[0] : nullptr;
  if (sound && term->is_var()) term = modules_.ast.ref({term}, term->location);
  if (!sound || term->terms[0]->text != "data" ||
      !std::all_of(term->terms.begin() + 1, term->terms.end(), [](const Term* step) { return is_constant(step); })) {
    errors_.push_back({kCompileError, "entrypoint " + path + " is no path of data", {}, "", {}});
    return;
  }
  BlockBuilder builder(*this, nullptr);
  builder.path(term);
  program_->entrypoints_.push_back({path, builder.finish()});
}

void ProgramBuilder::plan_query(const CompiledQuery& query) {
  BlockBuilder builder(*this, nullptr);
  const auto text = [&](const Expr* expr) { return std::string(modules_.ast.text(expr->location)); };
  builder.query(query, program_->query_variables_, text, program_->query_expressions_);
  program_->query_ = builder.finish();
}

std::shared_ptr<const Program> ProgramBuilder::build(const CompiledQuery* query,
                                                     const std::vector<std::string>& entrypoints) {
  const std::size_t before = errors_.size();
  program_->joined_items_ = optimisations().joined_items;
  program_->paths_ = {{0, {}, false}, {0, {}, true}};
  program_->places_.push_back({});
  number_nodes(modules_.rules);
  find_targets(query);
  if (!input_targets_ && optimisations().folding) {
    for (const ConstantInput& part : options_.constants) {
      constants_input_.push_back({part.path, policy::copy_value(program_->arena_, part.value)});
    }
  }
  for (const std::string& path : entrypoints) plan_entrypoint(path);
  if (query != nullptr) plan_query(*query);
  for (std::uint32_t d = 0; d < program_->documents_.size(); ++d) plan(d);
  find_affected();
  choose_members();
  std::vector<std::int8_t> known(program_->documents_.size(), -1), known_pure = known;
  for (std::uint32_t d = 0; d < program_->documents_.size(); ++d) {
    VirtualDocument& document = program_->documents_[d];
    const bool function = document.kind == VirtualDocument::Kind::kFunction;
    document.memoize = optimisations().memo && (!function || expensive(d, known));
    document.keep = function && document.memoize && optimisations().keeping && pure(d, known_pure);
  }
  for (const auto& [node, number] : documents_) program_->nodes_[node_numbers_[node]].document = number + 1;
  for (std::size_t i = 0; i < modules_.ast.source_count(); ++i) {
    program_->files_.push_back(modules_.ast.source(static_cast<std::uint32_t>(i)).name);
  }
  return errors_.size() > before ? nullptr : program_;
}

std::shared_ptr<const Program> compile_program(const CompiledModules& modules, const CompiledQuery* query,
                                               const std::vector<std::string>& entrypoints,
                                               const ProgramOptions& options, RegoErrors& errors) {
  return ProgramBuilder(modules, options, errors).build(query, entrypoints);
}

}  // namespace kubegate::rego
