// The tree of rules by their paths, what depends on what, and what must not be: conflicts and recursion.
#include <algorithm>
#include <unordered_set>

#include "policy/rego/builtin.h"
#include "policy/rego/compile_state.h"
#include "policy/rego/type_check.h"

namespace kubegate::rego {
namespace {

std::string place_text(const Ast& ast, const Location& location) {
  const std::string& name = ast.source(location.file).name;
  if (name.empty()) return std::to_string(location.row) + ":" + std::to_string(location.column);
  return name + ":" + std::to_string(location.row);
}

void insert_below(const RuleNode& node, std::vector<Rule*>& out) {
  out.insert(out.end(), node.rules.begin(), node.rules.end());
  for (const auto& child : node.children) insert_below(*child, out);
}

// Numbers the nodes from `next` on.
void number_nodes(RuleNode& node, std::uint32_t& next) {
  node.number = next++;
  for (const auto& child : node.children) {
    number_nodes(*child, next);
    node.flat = node.flat && child->children.empty();
  }
}

// The rules that references of one rule may read: at their places, on the way there, and below their ends, each once, in
// the order in which they are met. Rule: GetRulesDynamic.
//
// References with variables read all there is somewhere, and a policy may have thousands of them: all that lies below a
// node is one dependency, of the node, which brings what it stands for once; and what a reference of the same rule has
// brought is marked in the tree, so that the next passes it over in one step.
class ReadRules {
 public:
  ReadRules(const RuleNode& root, std::uint32_t nodes) : root_(root), marks_(nodes) {}

  // Starts with another rule.
  void begin() {
    ++round_;
    found_.clear();
  }
  void add(const Ref& ref) {
    if (ref.empty() || !ref[0]->is_var() || ref[0]->text != "data") return;
    std::size_t end = ref.size();
    while (end > 1 && !is_constant(ref[end - 1])) --end;
    add(root_, ref, 1, end);
  }
  const std::vector<Dependency>& found() const { return found_; }

 private:
  // The rounds in which something was taken last.
  struct Marks {
    std::uint32_t own = 0, below = 0;
  };

  // `end`: behind the last constant step; what follows it reads all there is.
  void add(const RuleNode& node, const Ref& ref, std::size_t i, std::size_t end) {
    if (++steps_ > kMaxSteps) throw TooManyNodes();
    if (i >= end) return end == ref.size() ? below(node) : below_children(node);
    if (is_constant(ref[i])) {
      const RuleNode* child = node.child(ref[i]);
      if (child == nullptr) return;
      own(*child);
      return add(*child, ref, i + 1, end);
    }
    if (node.flat) return below_children(node);
    for (const auto& child : node.children) {
      own(*child);
      if (!child->children.empty()) add(*child, ref, i + 1, end);
    }
  }

  void own(const RuleNode& node) {
    std::uint32_t& mark = marks_[node.number].own;
    if (mark == round_) return;
    mark = round_;
    for (Rule* rule : node.rules) {
      for (; rule != nullptr; rule = rule->otherwise) found_.push_back({rule, nullptr});
    }
  }

  void below_children(const RuleNode& node) {
    std::uint32_t& mark = marks_[node.number].below;
    if (mark == round_) return;
    mark = round_;
    if (!node.children.empty()) found_.push_back({nullptr, &node});
  }

  void below(const RuleNode& node) {
    own(node);
    below_children(node);
  }

  static constexpr std::uint64_t kMaxSteps = std::uint64_t{1} << 26;

  const RuleNode& root_;
  std::vector<Marks> marks_;
  std::uint32_t round_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<Dependency> found_;
};

}  // namespace

RuleNode* RuleNode::child(const Term* step) const {
  const auto found = std::lower_bound(children.begin(), children.end(), step, [](const auto& node, const Term* other) {
    return compare(node->key, other) < 0;
  });
  return found != children.end() && equal((*found)->key, step) ? found->get() : nullptr;
}

RuleNode& RuleNode::add(const Term* step) {
  const auto place = std::lower_bound(children.begin(), children.end(), step, [](const auto& node, const Term* other) {
    return compare(node->key, other) < 0;
  });
  if (place != children.end() && equal((*place)->key, step)) return **place;
  auto node = std::make_unique<RuleNode>();
  node->key = step;
  return **children.insert(place, std::move(node));
}

bool RuleNode::has_rules() const {
  return !rules.empty() ||
         std::any_of(children.begin(), children.end(), [](const auto& child) { return child->has_rules(); });
}

CompiledModules::CompiledModules(Ast& nodes) : ast(nodes) {}
CompiledModules::~CompiledModules() = default;

const RuleNode* CompiledModules::find(const Ref& path) const {
  if (path.empty() || !path[0]->is_var() || path[0]->text != "data") return nullptr;
  const RuleNode* node = &rules;
  for (std::size_t i = 1; i < path.size() && node != nullptr; ++i) node = node->child(path[i]);
  return node;
}

int CompiledModules::arity(const Ref& ref) const {
  if (ref[0]->is_var() && ref[0]->text == "data") {
    const RuleNode* node = find(ref);
    if (node == nullptr || node->rules.empty()) return -1;
    const Rule* rule = node->rules[0];
    return rule->head.is_function ? static_cast<int>(rule->head.args.size()) : -1;
  }
  const BuiltinDeclaration* builtin = find_builtin(to_string(ref));
  return builtin == nullptr ? -1 : builtin->arity;
}

Ref path_of(Ast& ast, const Rule& rule) {
  Ref out = rule.module->package;
  const Term* name = rule.head.reference[0];
  out.push_back(ast.string(name->text, name->location));
  out.insert(out.end(), rule.head.reference.begin() + 1, rule.head.reference.end());
  return out;
}

void Compiler::set_rule_tree() {
  for (Module* module : out_.modules) {
    RuleNode* package = &out_.rules;
    for (std::size_t i = 1; i < module->package.size(); ++i) package = &package->add(module->package[i]);
    for (Rule* rule : module->rules) {
      const Ref path = path_of(ast_, *rule);
      RuleNode* node = &out_.rules;
      const std::size_t end = ground_prefix(path);
      for (std::size_t i = 1; i < end; ++i) node = &node->add(path[i]);
      node->rules.push_back(rule);
    }
  }
}

void Compiler::set_graph() {
  constexpr std::size_t kMaxEdges = std::size_t{1} << 21;
  std::size_t edges = 0;
  std::uint32_t nodes = 0;
  number_nodes(out_.rules, nodes);
  ReadRules reads(out_.rules, nodes);
  for_each_rule([&](Rule* rule) {
    reads.begin();
    Walk walk;
    walk.term = [&](Term* term) {
      if (term->is_ref()) reads.add(term->terms);
      return false;
    };
    walk(rule->head);
    walk(rule->body);
    edges += reads.found().size();
    if (edges > kMaxEdges) throw TooManyNodes();
    if (!reads.found().empty()) out_.dependencies[rule] = reads.found();
  });
}

// Where a rule depends on itself, the way there and back. Tarjan's search finds the components of the graph, with its own
// stack since graphs may be long chains; messages want paths, and only rules of a component with a cycle pay for the
// search for theirs. A node that stands for all rules below it is a vertex like a rule, but for what is told.
void Compiler::check_recursion() {
  static const std::vector<Dependency> kNone;
  std::unordered_map<const RuleNode*, std::vector<Dependency>> below;
  const auto edges = [&](const Dependency& from) -> const std::vector<Dependency>& {
    if (from.rule != nullptr) {
      const auto found = out_.dependencies.find(from.rule);
      return found == out_.dependencies.end() ? kNone : found->second;
    }
    const auto [entry, fresh] = below.try_emplace(from.below);
    if (!fresh) return entry->second;
    for (const auto& child : from.below->children) {
      for (Rule* rule : child->rules) {
        for (; rule != nullptr; rule = rule->otherwise) entry->second.push_back({rule, nullptr});
      }
      if (!child->children.empty()) entry->second.push_back({nullptr, child.get()});
    }
    return entry->second;
  };
  struct Mark {
    std::size_t index, low;
    bool open = true;  // its component is not complete
    bool cyclic = false;
  };
  struct Frame {
    Dependency at;
    const std::vector<Dependency>* to;
    std::size_t next = 0;
  };
  std::unordered_map<const void*, Mark> marks;
  std::vector<const void*> open;
  bool cyclic = false;
  for_each_rule([&](Rule* root) {
    if (marks.count(root) != 0) return;
    std::vector<Frame> stack;
    const auto enter = [&](const Dependency& vertex) {
      marks.emplace(vertex.id(), Mark{marks.size(), marks.size()});
      open.push_back(vertex.id());
      stack.push_back({vertex, &edges(vertex)});
    };
    enter({root, nullptr});
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const void* const id = frame.at.id();
      Mark& mark = marks.at(id);
      if (frame.next < frame.to->size()) {
        const Dependency& next = (*frame.to)[frame.next++];
        const auto found = marks.find(next.id());
        if (found == marks.end()) {
          enter(next);
        } else if (found->second.open) {
          mark.low = std::min(mark.low, found->second.index);
          if (next.id() == id) mark.cyclic = cyclic = true;
        }
        continue;
      }
      if (frame.at.rule != nullptr) out_.sorted.push_back(frame.at.rule);
      stack.pop_back();
      if (!stack.empty()) {
        Mark& parent = marks.at(stack.back().at.id());
        parent.low = std::min(parent.low, mark.low);
      }
      if (mark.low != mark.index) continue;
      const bool alone = open.back() == id;
      while (true) {
        Mark& member = marks.at(open.back());
        member.open = false;
        if (!alone) member.cyclic = cyclic = true;
        const bool last = open.back() == id;
        open.pop_back();
        if (last) break;
      }
    }
  });
  if (!cyclic) return;
  for_each_rule([&](Rule* root) {
    const std::size_t most = out_.options.max_errors;
    if (!marks.at(root).cyclic || (most != 0 && errors_.size() - first_error_ >= most)) return;
    std::unordered_set<const void*> visited;
    std::vector<Frame> stack = {{{root, nullptr}, &edges({root, nullptr})}};
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next == frame.to->size()) {
        stack.pop_back();
        continue;
      }
      const Dependency& next = (*frame.to)[frame.next++];
      if (next.rule == root) {
        const std::string name = to_string(path_of(ast_, *root));
        std::string way;
        for (const Frame& step : stack) {
          if (step.at.rule != nullptr) way += to_string(path_of(ast_, *step.at.rule)) + " -> ";
        }
        return error(kRecursionError, root->location, "rule " + name + " is recursive: " + way + name);
      }
      if (visited.insert(next.id()).second) stack.push_back({next, &edges(next)});
    }
  });
}

void Compiler::check_rule_conflicts() {
  const std::function<void(const RuleNode&)> visit = [&](const RuleNode& node) {
    if (!node.rules.empty()) {
      bool single = false, multiple = false;
      int complete = 0, partial = 0;
      std::set<std::size_t> arities;
      std::vector<const Rule*> defaults;
      std::string name;
      std::vector<std::pair<Ref, const Rule*>> conflicts;
      for (const Rule* rule : node.rules) {
        const Ref path = path_of(ast_, *rule);
        name = to_string(written(path));
        (rule->is_multi_value() ? multiple : single) = true;
        arities.insert(rule->head.args.size());
        if (rule->is_default) defaults.push_back(rule);
        const bool ground = is_ground(path);
        if (ground && conflicts.empty()) {
          for (const auto& child : node.children) {
            std::vector<Rule*> below;
            insert_below(*child, below);
            for (const Rule* other : below) conflicts.emplace_back(path_of(ast_, *other), other);
          }
        }
        ++(ground && !rule->is_multi_value() ? complete : partial);
      }
      const Location& place = node.rules[0]->location;
      if (!conflicts.empty()) {
        std::stable_sort(conflicts.begin(), conflicts.end(),
                         [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
        // Of a path and its continuations the path stands for all.
        std::string list;
        const Ref* last = nullptr;
        for (const auto& [path, other] : conflicts) {
          if (last != nullptr && has_prefix(path, *last)) continue;
          list += "\n  rule " + to_string(path) + " at " + place_text(ast_, other->location);
          last = &path;
        }
        error(kTypeError, place, "rule " + name + " conflicts with:" + list);
      } else if ((single && multiple) || arities.size() > 1 || (complete > 0 && partial > 0)) {
        error(kTypeError, place, "conflicting rules " + name + " found");
      } else if (defaults.size() > 1) {
        std::string places;
        for (const Rule* rule : defaults) {
          places += (places.empty() ? "" : ", ") + place_text(ast_, rule->location);
        }
        error(kTypeError, defaults[0]->module->package_location,
              "multiple default rules " + name + " found at " + places);
      }
    }
    for (const auto& child : node.children) visit(*child);
  };
  visit(out_.rules);

  if (out_.options.path_exists) {
    std::vector<std::string> path;
    const std::function<void(const RuleNode&)> overlap = [&](const RuleNode& node) {
      if (node.key != nullptr) path.push_back(node.key->text);
      if (!node.rules.empty() && out_.options.path_exists(path)) {
        std::string text;
        for (const std::string& step : path) text += (text.empty() ? "" : "/") + step;
        error(kCompileError, node.rules[0]->location, "conflicting rule for data path " + text + " found");
      } else {
        for (const auto& child : node.children) overlap(*child);
      }
      if (node.key != nullptr) path.pop_back();
    };
    overlap(out_.rules);
  }

  for (const Module* module : out_.modules) {
    for (const Rule* rule : module->rules) {
      const Ref path = path_of(ast_, *rule);
      if (!is_ground(path)) continue;
      for (const Module* other : out_.modules) {
        if (other == module || compare(other->package, path) != 0) continue;
        const Ref below(other->package.begin() + 1, other->package.end());
        error(kTypeError, module->package_location,
              "package " + below[0]->text + to_string(below).substr(to_string(below[0]).size()) +
                  " conflicts with rule " + to_string(rule->head.reference) + " defined at " +
                  place_text(ast_, rule->location));
      }
    }
  }
}

}  // namespace kubegate::rego
