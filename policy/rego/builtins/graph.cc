// walk, graph.reachable and graph.reachable_paths. Rules: topdown/walk.go, reachable.go.
#include <algorithm>
#include <set>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

struct Less {
  bool operator()(const Value& a, const Value& b) const { return compare(a, b) < 0; }
};

bool is_list(Value v) { return v.is_array() || v.is_set(); }

// Appends [path, value] of `v` and of all that is in it, in the order of the keys.
void walk(BuiltinContext& context, Value v, std::vector<Value>& path, std::vector<Value>& out) {
  const Value pair[] = {make_array(context.arena(), path), v};
  out.push_back(make_array(context.arena(), pair));
  for (Cursor c(v); c.next();) {
    path.push_back(c.key());
    walk(context, c.value(), path, out);
    path.pop_back();
  }
}

// The nodes that a graph function starts from.
bool starts(BuiltinContext& context, Args args, std::vector<Value>& out) {
  if (!check(context, args, 1, Type::kObject)) return false;
  if (!is_list(args[1])) {
    wrong_type(context, 2, args[1], {"{array, set}"});
    return false;
  }
  out = items_of(args[1]);
  return true;
}

// The neighbours that `edges` lists; none when it is neither array nor set.
std::vector<Value> neighbours(Value edges) { return is_list(edges) ? items_of(edges) : std::vector<Value>(); }

// Every way from `start` to a node without edges, to one that is not in the graph (which is left off), or to one that
// would close a cycle. The stack is the function's own: a way may be as long as the graph is large.
bool add_paths(BuiltinContext& context, Value graph, Value start, std::vector<Value>& out) {
  struct Frame {
    std::vector<Value> edges;
    std::size_t next = 0;
  };
  std::vector<Value> path{start};
  std::multiset<Value, Less> on_path{start};  // the start may stand there twice, see below
  std::vector<Frame> frames;
  const auto commit = [&] { out.push_back(make_array(context.arena(), path)); };

  frames.push_back({neighbours(lookup(graph, start))});
  if (frames.back().edges.empty()) {
    commit();
    return true;
  }
  for (std::uint64_t steps = 1; !frames.empty(); ++steps) {
    if (steps % 1024 == 0 && context.interrupted && context.interrupted()) return false;
    Frame& frame = frames.back();
    if (frame.next == frame.edges.size()) {
      frames.pop_back();
      on_path.erase(on_path.find(path.back()));
      path.pop_back();
      continue;
    }
    const Value neighbour = frame.edges[frame.next++];
    // As in OPA, a neighbour of the start is not asked whether it is the start.
    const bool cycle = frames.size() > 1 && on_path.contains(neighbour);
    const Value edges = cycle ? Value() : lookup(graph, neighbour);
    if (!edges.defined()) {
      commit();
      continue;
    }
    path.push_back(neighbour);
    std::vector<Value> further = neighbours(edges);
    if (further.empty()) {
      commit();
      path.pop_back();
      continue;
    }
    on_path.insert(neighbour);
    frames.push_back({std::move(further)});
  }
  return true;
}

}  // namespace

Value eval_walk(BuiltinContext& context, Args args) {
  std::vector<Value> path, out;
  walk(context, args[0], path, out);
  return make_array(context.arena(), out);
}

Value eval_graph_reachable(BuiltinContext& context, Args args) {
  std::vector<Value> queue;
  if (!starts(context, args, queue)) return Value();
  std::set<Value, Less> reached;
  while (!queue.empty()) {
    const Value node = queue.back();
    queue.pop_back();
    const Value edges = lookup(args[0], node);
    if (!edges.defined() || !reached.insert(node).second) continue;
    for (const Value neighbour : neighbours(edges)) {
      if (!reached.contains(neighbour)) queue.push_back(neighbour);
    }
  }
  const std::vector<Value> sorted(reached.begin(), reached.end());
  return Value::sorted_set(make_array(context.arena(), sorted).items());
}

Value eval_graph_reachable_paths(BuiltinContext& context, Args args) {
  std::vector<Value> queue, paths;
  if (!starts(context, args, queue)) return Value();
  for (const Value start : queue) {
    if (!lookup(args[0], start).defined()) continue;
    if (!add_paths(context, args[0], start, paths)) {
      return context.halt(kEvalCancelError, "graph.reachable_paths: timed out");
    }
  }
  return make_set(context.arena(), paths);
}

}  // namespace kubegate::rego
