// Tarjan's strongly connected components, with a stack of its own: the number of templates is the user's, and must not
// be the depth of a recursion. A component of more than one template is a cycle.
//
// Tested in tests/policy/gatekeeper/expansion_test.cc.
#include "policy/gatekeeper/expansion_cycle.h"

#include <algorithm>

namespace kubegate::gatekeeper {

std::vector<bool> find_cycles(const std::vector<ExpansionTemplate>& templates) {
  const std::size_t count = templates.size();
  const auto leads_to = [&](std::size_t from, std::size_t to) {
    return std::any_of(templates[to].apply_to.begin(), templates[to].apply_to.end(), [&](const ApplyTo& each) {
      return each.covers(templates[from].group, templates[from].version, templates[from].kind);
    });
  };
  struct Visit {
    std::size_t node, next;  // the neighbour that is looked at next
  };
  std::vector<bool> in_cycle(count), open(count);
  std::vector<std::size_t> number(count), lowest(count);  // in the order of visits, from 1; 0: not visited
  std::vector<std::size_t> members;                       // of components that are not closed
  std::vector<Visit> visits;
  std::size_t visited = 0;
  const auto enter = [&](std::size_t node) {
    number[node] = lowest[node] = ++visited;
    open[node] = true;
    members.push_back(node);
    visits.push_back({node, 0});
  };
  const auto close = [&](std::size_t node) {
    const auto first = std::find(members.begin(), members.end(), node);
    const bool is_cycle = members.end() - first > 1;
    for (auto member = first; member != members.end(); ++member) {
      open[*member] = false;
      in_cycle[*member] = is_cycle;
    }
    members.erase(first, members.end());
  };
  for (std::size_t start = 0; start < count; ++start) {
    if (number[start] == 0) enter(start);
    while (!visits.empty()) {
      const std::size_t node = visits.back().node;
      if (visits.back().next < count) {
        const std::size_t to = visits.back().next++;
        if ((number[to] != 0 && !open[to]) || !leads_to(node, to)) continue;
        if (number[to] == 0) {
          enter(to);
        } else {
          lowest[node] = std::min(lowest[node], number[to]);
        }
        continue;
      }
      visits.pop_back();
      if (!visits.empty()) {
        std::size_t& above = lowest[visits.back().node];
        above = std::min(above, lowest[node]);
      }
      if (lowest[node] == number[node]) close(node);
    }
  }
  return in_cycle;
}

}  // namespace kubegate::gatekeeper
