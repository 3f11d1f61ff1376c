#include "tests/policy/rego/naive_eval.h"

#include <algorithm>
#include <charconv>

namespace kubegate::rego {

using policy::Cursor;
using policy::EqualKeys;
using policy::Member;

NaiveEvaluator::NaiveEvaluator(const CompiledModules& modules, BuiltinContext& context, Value data, Value input,
                               bool strict)
    : modules_(modules), context_(context), arena_(context.arena()), strict_(strict) {
  world_.data = data.defined() ? data : Value::empty_object();
  world_.input = input;
}

void NaiveEvaluator::fail(std::string_view code, std::string message, const Location& location) {
  throw NaiveError{code, std::move(message), location};
}

Answer NaiveEvaluator::eval(const CompiledQuery& query) {
  Answer out;
  try {
    body(query.body, 0, [&] {
      Bindings result;
      for (const auto& [name, written] : query.variables) {
        if (const auto found = bindings_.find(name); found != bindings_.end()) result[written] = found->second;
      }
      out.results.push_back(std::move(result));
      return false;
    });
  } catch (const NaiveError& error) {
    out.failed = true;
    out.code = error.code;
    RegoError shown{error.code, error.message, error.location, modules_.ast.source(error.location.file).name, {}};
    out.error = shown.text();
  }
  return out;
}

Answer evaluate_naively(const CompiledModules& modules, const CompiledQuery& query, BuiltinContext& context, Value data,
                        Value input, bool strict) {
  return NaiveEvaluator(modules, context, data, input, strict).eval(query);
}

// ---- Bodies and expressions ----------------------------------------------------------------------------------------

bool NaiveEvaluator::body(const Body& all, std::size_t i, const Then& then) {
  if (i == all.size()) return then();
  return expression(all[i], [&] { return body(all, i + 1, then); });
}

bool NaiveEvaluator::holds(const Body& all) {
  return body(all, 0, [] { return true; });
}

bool NaiveEvaluator::expression(const Expr* expr, const Then& then) {
  if (expr->negated) {
    Expr positive = *expr;
    positive.negated = false;
    const bool found = expression(&positive, [] { return true; });
    return !found && then();
  }
  return expr->with.empty() ? without_modifiers(expr, then) : with_modifiers(expr, then);
}

// The expression in a changed world; what follows it is evaluated in the old one again.
bool NaiveEvaluator::with_modifiers(const Expr* expr, const Then& then) {
  World changed = world_;
  changed.known.clear();
  for (const With& with : expr->with) {
    const Ref& target = with.target->terms;
    const std::string& root = target[0]->text;
    const std::string name = to_string(target);
    const bool data_function = root == "data" && modules_.arity(target) >= 0;
    if ((root != "data" && root != "input") || data_function) {
      changed.mocks.erase(name);
      changed.mock_values.erase(name);
      if (with.value->is_ref() && modules_.arity(with.value->terms) >= 0) {
        changed.mocks[name] = with.value;
        continue;
      }
      Value value;
      term(with.value, [&](Value v) {
        value = v;
        return true;
      });
      if (!value.defined()) return false;
      changed.mock_values[name] = value;
      continue;
    }
    Value value;
    term(with.value, [&](Value v) {
      value = v;
      return true;
    });
    if (!value.defined()) return false;
    std::vector<Value> path;
    for (std::size_t i = 1; i < target.size(); ++i) {
      Value step;
      term(target[i], [&](Value v) {
        step = v;
        return true;
      });
      if (!step.defined()) return false;
      path.push_back(step);
    }
    if (root == "input") {
      changed.input = put(changed.input, path, 0, value);
    } else {
      changed.data = put(changed.data, path, 0, value);
      changed.hidden.push_back(path);
    }
  }
  std::swap(world_, changed);
  bool stopped;
  try {
    stopped = without_modifiers(expr, [&] {
      std::swap(world_, changed);
      const bool stop = then();
      std::swap(world_, changed);
      return stop;
    });
  } catch (...) {
    std::swap(world_, changed);
    throw;
  }
  std::swap(world_, changed);
  return stopped;
}

bool NaiveEvaluator::without_modifiers(const Expr* expr, const Then& then) {
  switch (expr->kind) {
    case ExprKind::kTerm: return term(expr->terms[0], [&](Value value) { return value.truthy() && then(); });
    case ExprKind::kCall: return call(expr, then);
    case ExprKind::kEvery: return every(expr) && then();
    case ExprKind::kAnd: return holds(expr->operands[0]) && holds(expr->operands[1]) && then();
    case ExprKind::kOr: return (holds(expr->operands[0]) || holds(expr->operands[1])) && then();
    case ExprKind::kBody: return holds(expr->body()) && then();
    case ExprKind::kSome: break;
  }
  return false;
}

bool NaiveEvaluator::every(const Expr* expr) {
  Value domain;
  term(expr->domain, [&](Value value) {
    domain = value;
    return true;
  });
  if (!domain.is_collection()) return false;
  for (Cursor at(domain); at.next();) {
    const Value key = at.key(), value = at.value();
    const auto holds_here = [&] { return match(expr->value, value, [&] { return holds(expr->body()); }); };
    const bool ok = expr->key == nullptr ? holds_here() : match(expr->key, key, holds_here);
    if (!ok) return false;
  }
  return true;
}

bool NaiveEvaluator::call(const Expr* expr, const Then& then) {
  if (expr->is_call_of("eq")) return unify({{expr->terms[1], expr->terms[2]}}, then);
  const Ref& op = expr->terms[0]->terms;
  const std::size_t arity = static_cast<std::size_t>(modules_.arity(op));
  const Term* output = expr->terms.size() > arity + 1 ? expr->terms.back() : nullptr;
  std::vector<Value> args;
  const std::function<bool(std::size_t)> next = [&](std::size_t i) {
    if (i <= arity) {
      return term(expr->terms[i], [&](Value value) {
        args.push_back(value);
        const bool stop = next(i + 1);
        args.pop_back();
        return stop;
      });
    }
    return call_value(op, args, expr->location, [&](Value value) {
      if (output != nullptr) return match(output, value, then);
      return value.truthy() && then();
    });
  };
  return next(1);
}

bool NaiveEvaluator::call_value(const Ref& op, const std::vector<Value>& args, const Location& place,
                                const Yield& yield) {
  const std::string name = to_string(op);
  if (const auto mock = world_.mock_values.find(name); mock != world_.mock_values.end()) return yield(mock->second);
  if (const auto mock = world_.mocks.find(name); mock != world_.mocks.end()) {
    // The replacement itself sees no replacements.
    auto mocks = std::move(world_.mocks);
    auto values = std::move(world_.mock_values);
    auto known = std::move(world_.known);
    world_.mocks.clear();
    world_.mock_values.clear();
    world_.known.clear();
    std::vector<Value> results;
    const auto restore = [&] {
      world_.mocks = std::move(mocks);
      world_.mock_values = std::move(values);
      world_.known = std::move(known);
    };
    try {
      call_value(mock->second->terms, args, place, [&](Value value) {
        results.push_back(value);
        return false;
      });
    } catch (...) {
      restore();
      throw;
    }
    restore();
    return std::any_of(results.begin(), results.end(), yield);
  }
  if (op[0]->text == "data") {
    const RuleNode* node = modules_.find(op);
    const Value result = node == nullptr ? Value() : function(*node, args);
    return result.defined() && yield(result);
  }
  const BuiltinDeclaration* builtin = find_builtin(name);
  const Value result = call_builtin(*builtin, context_, args);
  if (!result.defined()) {
    if (context_.failed() && (strict_ || context_.error().halts)) {
      fail(context_.error().code, context_.error().message, place);
    }
    return false;
  }
  if ((builtin->flags & BuiltinDeclaration::kRelation) == 0) return yield(result);
  for (Cursor at(result); at.next();) {
    if (yield(at.value())) return true;
  }
  return false;
}

Value NaiveEvaluator::function(const RuleNode& node, const std::vector<Value>& args) {
  Bindings outer;
  std::swap(outer, bindings_);
  Value result;
  const auto take = [&](const Rule* rule, Value value) {
    if (result.defined() && policy::compare(result, value) != 0) {
      fail(kEvalConflictError, "function " + to_string(rule->path) + " produced conflicting values for the same inputs",
           rule->location);
    }
    result = value;
    return false;
  };
  const auto apply = [&](const Rule* rule) {
    bool any = false;
    const std::function<bool(std::size_t)> next = [&](std::size_t i) {
      if (i < args.size()) return match(rule->head.args[i], args[i], [&] { return next(i + 1); });
      return rule_values(rule, [&](Value value) {
        any = true;
        return take(rule, value);
      });
    };
    next(0);
    return any;
  };
  try {
    for (const Rule* rule : node.rules) {
      if (rule->is_default) continue;
      for (const Rule* branch = rule; branch != nullptr && !apply(branch); branch = branch->otherwise) {}
    }
    if (!result.defined()) {
      for (const Rule* rule : node.rules) {
        if (rule->is_default) apply(rule);
      }
    }
  } catch (...) {
    std::swap(outer, bindings_);
    throw;
  }
  std::swap(outer, bindings_);
  return result;
}

// ---- Terms ---------------------------------------------------------------------------------------------------------

Value NaiveEvaluator::constant(const Term* term) {
  switch (term->kind) {
    case TermKind::kNull: return Value::null();
    case TermKind::kBool: return Value::boolean(term->boolean);
    case TermKind::kString: return Value::string(term->text);
    default: break;
  }
  // JSON's grammar wants a digit before the point.
  std::string text = term->text;
  if (text.starts_with('.')) text.insert(0, "0");
  if (text.starts_with("-.")) text.insert(1, "0");
  return policy::make_number(arena_, text);
}

bool NaiveEvaluator::ground(const Term* term) const {
  switch (term->kind) {
    case TermKind::kVar: return bindings_.count(term->text) != 0;
    case TermKind::kRef:
      if (term->terms[0]->is_var() && (term->terms[0]->text == "data" || term->terms[0]->text == "input")) {
        return std::all_of(term->terms.begin() + 1, term->terms.end(), [&](const Term* t) { return ground(t); });
      }
      break;
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: return true;
    default: break;
  }
  return std::all_of(term->terms.begin(), term->terms.end(), [&](const Term* t) { return ground(t); });
}

// The values of a term, with the variables that its references bind.
bool NaiveEvaluator::term(const Term* node, const Yield& yield) {
  switch (node->kind) {
    case TermKind::kVar: {
      const auto found = bindings_.find(node->text);
      if (found == bindings_.end()) fail(kEvalInternalError, "unbound variable " + node->text, node->location);
      return yield(Value(found->second));
    }
    case TermKind::kRef: return ref(node, yield);
    case TermKind::kArray:
    case TermKind::kObject:
    case TermKind::kSet: {
      std::vector<Value> values;
      return elements(node, 0, values, yield);
    }
    case TermKind::kArrayComprehension:
    case TermKind::kSetComprehension:
    case TermKind::kObjectComprehension: return yield(comprehension(node));
    case TermKind::kCall:
    case TermKind::kTemplateString: fail(kEvalInternalError, "unchecked term", node->location);
    default: return yield(constant(node));
  }
}

bool NaiveEvaluator::elements(const Term* node, std::size_t i, std::vector<Value>& values, const Yield& yield) {
  if (i < node->terms.size()) {
    return term(node->terms[i], [&](Value value) {
      values.push_back(value);
      const bool stop = elements(node, i + 1, values, yield);
      values.pop_back();
      return stop;
    });
  }
  if (node->kind == TermKind::kArray) return yield(policy::make_array(arena_, values));
  if (node->kind == TermKind::kSet) {
    std::vector<Value> copy = values;
    return yield(policy::make_set(arena_, copy));
  }
  std::vector<Member> members;
  for (std::size_t k = 0; k + 1 < values.size(); k += 2) members.push_back({values[k], values[k + 1]});
  return yield(policy::make_object(arena_, members, EqualKeys::kLast));
}

Value NaiveEvaluator::comprehension(const Term* node) {
  std::vector<Value> values;
  std::vector<Member> members;
  body(node->body, 0, [&] {
    term(node->terms[0], [&](Value first) {
      if (node->kind != TermKind::kObjectComprehension) {
        values.push_back(first);
        return false;
      }
      return term(node->terms[1], [&](Value second) {
        members.push_back({first, second});
        return false;
      });
    });
    return false;
  });
  if (node->kind == TermKind::kArrayComprehension) return policy::make_array(arena_, values);
  if (node->kind == TermKind::kSetComprehension) return policy::make_set(arena_, values);
  const Value object = policy::make_object(arena_, members, EqualKeys::kConflict);
  if (!object.defined()) fail(kEvalConflictError, "object keys must be unique", node->location);
  return object;
}

bool NaiveEvaluator::ref(const Term* node, const Yield& yield) {
  const Term* head = node->terms[0];
  if (head->is_var() && head->text == "data") {
    std::vector<Value> path;
    return documents(node, 1, &modules_.rules, world_.data, path, yield);
  }
  if (head->is_var() && head->text == "input") {
    return world_.input.defined() && steps(node, 1, world_.input, yield);
  }
  return term(head, [&](Value value) { return steps(node, 1, value, yield); });
}

bool NaiveEvaluator::steps(const Term* node, std::size_t i, Value value, const Yield& yield) {
  if (i == node->terms.size()) return yield(value);
  if (!value.is_collection()) return false;
  const Term* step = node->terms[i];
  if (ground(step)) {
    return term(step, [&](Value key) {
      const Value next = policy::lookup(value, key);
      return next.defined() && steps(node, i + 1, next, yield);
    });
  }
  for (Cursor at(value); at.next();) {
    const Value next = at.value();
    if (match(step, at.key(), [&] { return steps(node, i + 1, next, yield); })) return true;
  }
  return false;
}

// ---- Documents below data ------------------------------------------------------------------------------------------

namespace {

// The step of a storage path: its text picks a member of an object as well as an item of an array.
Value stored_member(Value base, Value key) {
  if (key.is_collection()) return {};
  const std::string text = key.is_string() ? std::string(key.text()) : policy::to_json(key);
  if (base.is_object()) return policy::lookup(base, text);
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (!base.is_array() || error != std::errc() || end != text.data() + text.size()) return {};
  return policy::lookup(base, Value::integer(index));
}

}  // namespace

bool NaiveEvaluator::is_hidden(const std::vector<Value>& path) const {
  return std::any_of(world_.hidden.begin(), world_.hidden.end(), [&](const std::vector<Value>& hidden) {
    return hidden.size() == path.size() && std::equal(path.begin(), path.end(), hidden.begin(), policy::equal);
  });
}

// Steps i… of a reference to data, at the place `path`: `node` has its rules (null: none), `base` its base document.
bool NaiveEvaluator::documents(const Term* reference, std::size_t i, const RuleNode* node, Value base,
                               std::vector<Value>& path, const Yield& yield) {
  if (!base.defined() && node == nullptr) return false;
  if (is_hidden(path)) return base.defined() && steps(reference, i, base, yield);
  if (node == nullptr) return stored(reference, i, base, yield);
  if (!node->rules.empty()) {
    const Value value = rules_extent(*node, path);
    return value.defined() && steps(reference, i, value, yield);
  }
  if (i == reference->terms.size()) {
    const Value value = extent(node, base, path);
    return value.defined() && yield(value);
  }
  const auto go = [&](Value key) {
    const RuleNode* child = nullptr;
    for (const auto& below : node->children) {
      if (policy::compare(constant(below->key), key) == 0) child = below.get();
    }
    path.push_back(key);
    const Value next = stored_member(base, key);
    const bool stop = documents(reference, i + 1, child, next, path, yield);
    path.pop_back();
    return stop;
  };
  const Term* step = reference->terms[i];
  if (ground(step)) return term(step, go);
  std::vector<Value> keys;
  for (const auto& child : node->children) keys.push_back(constant(child->key));
  for (Cursor at(base); at.next();) keys.push_back(at.key());
  const Value all = policy::make_set(arena_, keys);
  for (Cursor at(all); at.next();) {
    const Value key = at.value();
    if (match(step, key, [&] { return go(key); })) return true;
  }
  return false;
}

// Steps into a base document. Rule: storage.NewPathForRef and the in-memory store.
bool NaiveEvaluator::stored(const Term* reference, std::size_t i, Value base, const Yield& yield) {
  if (i == reference->terms.size()) return yield(base);
  const Term* step = reference->terms[i];
  if (!ground(step)) {
    for (Cursor at(base); at.next();) {
      const Value next = at.value();
      if (match(step, at.key(), [&] { return stored(reference, i + 1, next, yield); })) return true;
    }
    return false;
  }
  return term(step, [&](Value key) {
    const Value next = stored_member(base, key);
    return next.defined() && stored(reference, i + 1, next, yield);
  });
}

// What is in two documents: objects member by member; of all else the first counts. Rule: topdown's merge.
Value NaiveEvaluator::merge(Value a, Value b) {
  if (!a.defined() || !b.defined()) return a.defined() ? a : b;
  if (!a.is_object() || !b.is_object()) return a;
  std::vector<Member> members;
  for (Cursor at(a); at.next();) members.push_back({at.key(), merge(at.value(), policy::lookup(b, at.key()))});
  for (Cursor at(b); at.next();) {
    if (!policy::lookup(a, at.key()).defined()) members.push_back({at.key(), at.value()});
  }
  return policy::make_object(arena_, members, EqualKeys::kLast);
}

// A whole document: rules and the base document below them, which counts where the two conflict.
Value NaiveEvaluator::extent(const RuleNode* node, Value base, std::vector<Value>& path) {
  if (node == nullptr || is_hidden(path)) return base;
  if (!node->rules.empty()) return merge(base, rules_extent(*node, path));
  std::vector<Member> members;
  for (const auto& child : node->children) {
    const Value key = constant(child->key);
    if (path.empty() && key.text() == "system") continue;
    path.push_back(key);
    const Value value = extent(child.get(), base.is_object() ? policy::lookup(base, key) : Value(), path);
    path.pop_back();
    if (value.defined()) members.push_back({key, value});
  }
  return merge(base, policy::make_object(arena_, members, EqualKeys::kLast));
}

namespace {

// An object under construction, whose leaves may be sets under construction.
struct Tree {
  Value leaf;           // defined: a leaf
  bool is_set = false;  // a partial set
  std::vector<Value> members;
  std::vector<Value> keys;
  std::vector<Tree> children;  // beside keys

  Tree& at(Value key) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (policy::compare(keys[i], key) == 0) return children[i];
    }
    keys.push_back(key);
    return children.emplace_back();
  }
};

Value build(ValueArena& arena, Tree& tree) {
  if (tree.leaf.defined()) return tree.leaf;
  if (tree.is_set) return policy::make_set(arena, tree.members);
  std::vector<Member> members;
  for (std::size_t i = 0; i < tree.keys.size(); ++i) {
    members.push_back({tree.keys[i], build(arena, tree.children[i])});
  }
  return policy::make_object(arena, members, EqualKeys::kLast);
}

}  // namespace

Value NaiveEvaluator::rules_extent(const RuleNode& node, std::vector<Value>& path) {
  if (const auto known = world_.known.find(&node); known != world_.known.end()) return known->second;
  if (node.rules[0]->head.is_function) return {};
  Bindings outer;
  std::swap(outer, bindings_);
  Value result;
  try {
    const Rule* first = node.rules[0];
    if (is_ground(first->path) && !first->is_multi_value()) {
      result = complete(node);
    } else {
      Tree tree;
      const std::size_t depth = path.size() + 1;  // steps of a rule's path that lead here
      for (const Rule* rule : node.rules) {
        body(rule->body, 0, [&] {
          Tree* at = &tree;
          for (std::size_t i = depth; i < rule->path.size(); ++i) {
            Value key;
            term(rule->path[i], [&](Value value) {
              key = value;
              return true;
            });
            if (at->leaf.defined() || at->is_set) {
              fail(kEvalConflictError, "object keys must be unique", rule->location);
            }
            at = &at->at(key);
          }
          const Term* value_term = rule->is_multi_value() ? rule->head.key : rule->head.value;
          return term(value_term, [&](Value value) {
            if (rule->is_multi_value()) {
              if (at->leaf.defined() || !at->children.empty()) {
                fail(kEvalConflictError, "object keys must be unique", rule->location);
              }
              at->is_set = true;
              at->members.push_back(value);
              return false;
            }
            const bool other = at->leaf.defined() && policy::compare(at->leaf, value) != 0;
            if (other || at->is_set || !at->children.empty()) {
              fail(kEvalConflictError, "object keys must be unique", rule->location);
            }
            at->leaf = value;
            return false;
          });
        });
      }
      if (is_ground(first->path)) tree.is_set = true;  // an empty partial set
      // Rules of longer constant paths stand beside those with variables.
      for (const auto& child : node.children) {
        const Value key = constant(child->key);
        path.push_back(key);
        const Value value = extent(child.get(), Value(), path);
        path.pop_back();
        if (!value.defined()) continue;
        const std::function<void(Tree&, Value)> merge = [&](Tree& into, Value from) {
          if (from.is_object() && !into.leaf.defined() && !into.is_set) {
            for (Cursor at(from); at.next();) merge(into.at(at.key()), at.value());
            if (policy::count(from) == 0 && into.children.empty()) into.leaf = from;
            return;
          }
          if (into.is_set && from.is_set()) {
            for (Cursor at(from); at.next();) into.members.push_back(at.value());
            return;
          }
          if (!into.children.empty() || into.is_set || (into.leaf.defined() && policy::compare(into.leaf, from) != 0)) {
            fail(kEvalConflictError, "object keys must be unique", first->location);
          }
          into.leaf = from;
        };
        merge(tree.at(key), value);
      }
      result = build(arena_, tree);
    }
  } catch (...) {
    std::swap(outer, bindings_);
    throw;
  }
  std::swap(outer, bindings_);
  world_.known[&node] = result;
  return result;
}

// The solutions of a body, as values of its rule's head.
bool NaiveEvaluator::rule_values(const Rule* rule, const Yield& yield) {
  return body(rule->body, 0, [&] { return term(rule->head.value, yield); });
}

Value NaiveEvaluator::complete(const RuleNode& node) {
  Value result;
  for (const Rule* rule : node.rules) {
    if (rule->is_default) continue;
    for (const Rule* branch = rule; branch != nullptr; branch = branch->otherwise) {
      bool any = false;
      rule_values(branch, [&](Value value) {
        any = true;
        if (result.defined() && policy::compare(result, value) != 0) {
          fail(kEvalConflictError, "rule " + to_string(branch->path) + " produced conflicting values",
               branch->location);
        }
        result = value;
        return false;
      });
      if (any) break;
    }
  }
  if (result.defined()) return result;
  for (const Rule* rule : node.rules) {
    if (rule->is_default)
      rule_values(rule, [&](Value value) {
        result = value;
        return true;
      });
  }
  return result;
}

// A copy of `object` with `value` at the path; what stands in the way and is no object gives way.
Value NaiveEvaluator::put(Value object, const std::vector<Value>& path, std::size_t i, Value value) {
  if (i == path.size()) return value;
  std::vector<Member> members;
  if (object.is_object()) {
    for (Cursor at(object); at.next();) members.push_back({at.key(), at.value()});
  }
  const Value inner = object.is_object() ? policy::lookup(object, path[i]) : Value();
  members.push_back({path[i], put(inner, path, i + 1, value)});
  return policy::make_object(arena_, members, EqualKeys::kLast);
}

// ---- Unification ---------------------------------------------------------------------------------------------------

// All pairs at once: a pair whose two sides are unbound waits until others have bound one of them.
bool NaiveEvaluator::unify(Pairs pairs, const Then& then) {
  if (pairs.empty()) return then();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto [a, b] = pairs[i];
    Pairs rest = pairs;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const auto evaluates = [&](const Term* side) { return side->is_ref() || ground(side); };
    if (evaluates(a)) {
      return term(a, [&, b = b](Value value) { return match(b, value, [&] { return unify(rest, then); }); });
    }
    if (evaluates(b)) {
      return term(b, [&, a = a](Value value) { return match(a, value, [&] { return unify(rest, then); }); });
    }
    if (a->kind == b->kind && a->kind == TermKind::kArray) {
      if (a->terms.size() != b->terms.size()) return false;
      for (std::size_t k = 0; k < a->terms.size(); ++k) rest.emplace_back(a->terms[k], b->terms[k]);
      return unify(rest, then);
    }
    if (a->kind == b->kind && a->kind == TermKind::kObject) {
      if (a->terms.size() != b->terms.size()) return false;
      for (std::size_t k = 0; k + 1 < a->terms.size(); k += 2) {
        Value key;
        term(a->terms[k], [&](Value value) {
          key = value;
          return true;
        });
        bool found = false;
        for (std::size_t j = 0; j + 1 < b->terms.size() && !found; j += 2) {
          term(b->terms[j], [&](Value value) {
            found = policy::compare(key, value) == 0;
            return true;
          });
          if (found) rest.emplace_back(a->terms[k + 1], b->terms[j + 1]);
        }
        if (!found) return false;
      }
      return unify(rest, then);
    }
    if (!a->is_var() && !b->is_var()) return false;
  }
  fail(kEvalInternalError, "unification of unbound variables", pairs[0].first->location);
}

bool NaiveEvaluator::match(const Term* pattern, Value value, const Then& then) {
  switch (pattern->kind) {
    case TermKind::kVar: {
      const auto [entry, fresh] = bindings_.emplace(pattern->text, value);
      if (!fresh) return policy::compare(entry->second, value) == 0 && then();
      const std::string name = pattern->text;
      const bool stop = then();
      bindings_.erase(name);
      return stop;
    }
    case TermKind::kArray:
      if (!value.is_array() || policy::count(value) != pattern->terms.size()) return false;
      return match_elements(pattern, 0, value, then);
    case TermKind::kObject:
      if (!value.is_object() || policy::count(value) != pattern->terms.size() / 2) return false;
      return match_elements(pattern, 0, value, then);
    default: return term(pattern, [&](Value other) { return policy::compare(other, value) == 0 && then(); });
  }
}

bool NaiveEvaluator::match_elements(const Term* pattern, std::size_t i, Value value, const Then& then) {
  if (i == pattern->terms.size()) return then();
  if (pattern->kind == TermKind::kArray) {
    return match(pattern->terms[i], policy::element(value, static_cast<std::uint32_t>(i)),
                 [&] { return match_elements(pattern, i + 1, value, then); });
  }
  return term(pattern->terms[i], [&](Value key) {
    const Value member = policy::lookup(value, key);
    return member.defined() &&
           match(pattern->terms[i + 1], member, [&] { return match_elements(pattern, i + 2, value, then); });
  });
}

}  // namespace kubegate::rego
