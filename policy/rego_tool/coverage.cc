// Coverage in parts. A part is the head of a rule or an expression, from its first character to its last; OPA reports
// each by rows and columns, and counts rows: those that a part that was reached touches, and those that a part touches
// which lies in none that was reached. A row can be both.
//
// OPA does not reach rules that its index of rules leaves out; here no rule is left out while it is counted, so that the
// first expression of such a rule counts as reached. Compared with recorded reports by tests/policy/cases/test.txt.
#include "policy/rego_tool/coverage.h"

#include <algorithm>
#include <utility>

#include "policy/rego/visit.h"
#include "policy/rego_tool/present.h"

namespace kubegate::rego_tool {

double Coverage::Lines::percent() const {
  return covered + missed == 0 ? 0 : 100.0 * static_cast<double>(covered) / static_cast<double>(covered + missed);
}

Coverage::Range Coverage::range_of(const rego::Location& location) const {
  const Position start{location.row, location.column};
  Position end = start;
  for (const char c : ast_.text(location)) {
    if (c == '\n') {
      end = {end.row + 1, 1};
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {  // a column is a character, not a byte
      ++end.column;
    }
  }
  return {start, end};
}

Coverage::Range Coverage::File::as_told(const Range& part) const {
  auto branch = branches.upper_bound({part.start, {UINT32_MAX, 0}});
  if (branch == branches.begin()) return part;
  --branch;
  return part.end <= branch->first.end ? branch->second : part;
}

void Coverage::add_branch(File& file, const rego::Rule& branch) const {
  const rego::Location& head = branch.head.location;
  if (!branch.is_else || !branch.head.has_if || branch.body.size() != 1) return;
  const rego::Location& body = branch.body[0]->location;
  const std::size_t end = head.begin + head.length;
  const std::string_view between = std::string_view(ast_.source(head.file).text).substr(end, body.begin - end);
  if (between.find('{') == between.npos) file.branches.emplace(range_of(body), range_of(branch.location));
}

Coverage::Coverage(const rego::Ast& ast, const std::vector<rego::Module*>& modules) : ast_(ast) {
  for (rego::Module* module : modules) {
    File& file = files_[ast.source(module->file).name];
    rego::Walk walk;
    walk.expr = [&](rego::Expr* expr) {
      if (expr->kind != rego::ExprKind::kSome && expr->location.row != 0) {
        file.parts.insert(file.as_told(range_of(expr->location)));
      }
      return false;
    };
    for (rego::Rule* rule : module->rules) {
      for (; rule != nullptr; rule = rule->otherwise) {
        add_branch(file, *rule);
        file.parts.insert(range_of(rule->head.location));
        walk(rule->head);
        walk(rule->body);
      }
    }
  }
}

void Coverage::add(const rego::Machine& machine) {
  const auto counts = machine.coverage();
  const auto places = machine.program().places();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (counts[i] == 0 || places[i].row == 0) continue;
    const auto file = files_.find(std::string(machine.program().file_name(places[i].file)));
    if (file != files_.end()) file->second.reached.insert(file->second.as_told(range_of(places[i])));
  }
}

Coverage::Ranges Coverage::missed(const File& file) {
  Ranges out;
  Position furthest;  // of the parts that were reached and do not begin behind this one
  auto reached = file.reached.begin();
  for (const Range& part : file.parts) {
    for (; reached != file.reached.end() && reached->start <= part.start; ++reached) {
      furthest = std::max(furthest, reached->end);
    }
    if (furthest < part.end) out.insert(part);
  }
  return out;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> Coverage::rows(const Ranges& ranges) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  for (const auto& [start, end] : ranges) {
    if (out.empty() || out.back().second + 1 < start.row) out.emplace_back(start.row, end.row);
    out.back().second = std::max(out.back().second, end.row);
  }
  return out;
}

std::size_t Coverage::count_rows(const Ranges& ranges) {
  std::size_t count = 0;
  for (const auto& [begin, end] : rows(ranges)) count += end - begin + 1;
  return count;
}

Coverage::Lines Coverage::lines(const File& file) { return {count_rows(file.reached), count_rows(missed(file))}; }

void Coverage::append(std::string& out, const char* name, const Ranges& ranges, const std::string& prefix) {
  if (ranges.empty()) return;
  const auto position = [&](const char* which, const Position& at) {
    return prefix + "          \"" + which + "\": {\n" + prefix + "            \"row\": " + std::to_string(at.row) +
           ",\n" + prefix + "            \"col\": " + std::to_string(at.column) + "\n" + prefix + "          }";
  };
  out += prefix + "      \"" + name + "\": [\n";
  for (const auto& [start, end] : ranges) {
    out += prefix + "        {\n" + position("start", start) + ",\n" + position("end", end) + "\n" + prefix +
           "        },\n";
  }
  out.erase(out.size() - 2, 1);
  out += prefix + "      ],\n";
}

double Coverage::percent() const {
  Lines all;
  for (const auto& [name, file] : files_) {
    const Lines here = lines(file);
    all.covered += here.covered;
    all.missed += here.missed;
  }
  return all.percent();
}

std::string Coverage::json(const std::string& prefix) const {
  std::string out = "{\n" + prefix + "  \"files\": {";
  Lines all;
  bool first = true;
  for (const auto& [name, file] : files_) {
    const Lines here = lines(file);
    all.covered += here.covered;
    all.missed += here.missed;
    std::string body;
    append(body, "covered", file.reached, prefix);
    append(body, "not_covered", missed(file), prefix);
    const auto figure = [&](const char* what, const std::string& number) {
      body += prefix + "      \"" + what + "\": " + number + ",\n";
    };
    if (here.covered > 0) figure("covered_lines", std::to_string(here.covered));
    if (here.missed > 0) figure("not_covered_lines", std::to_string(here.missed));
    if (here.covered > 0) figure("coverage", json_number(here.percent()));
    if (!body.empty()) body.erase(body.size() - 2, 1);
    out += (first ? "\n" : ",\n") + prefix + "    " + json_text(name) + ": {";
    out += body.empty() ? "}" : "\n" + body + prefix + "    }";
    first = false;
  }
  out += first ? "},\n" : "\n" + prefix + "  },\n";
  out += prefix + "  \"covered_lines\": " + std::to_string(all.covered) + ",\n" + prefix +
         "  \"not_covered_lines\": " + std::to_string(all.missed) + ",\n" + prefix +
         "  \"coverage\": " + json_number(all.percent()) + "\n" + prefix + "}";
  return prefix.empty() ? out + "\n" : out;
}

std::string Coverage::missed() const {
  std::string out;
  for (const auto& [name, file] : files_) {
    for (const auto& [begin, end] : rows(missed(file))) {
      out += "\n\t" + name + ":" + std::to_string(begin);
      if (end != begin) out += "-" + std::to_string(end);
    }
  }
  return out;
}

}  // namespace kubegate::rego_tool
