#include "policy/rego_tool/coverage.h"

#include <utility>

#include "policy/rego/visit.h"
#include "policy/rego_tool/present.h"

namespace kubegate::rego_tool {
namespace {

using Lines = std::set<std::uint32_t>;
using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

Ranges ranges(const Lines& lines) {
  Ranges out;
  for (const std::uint32_t line : lines) {
    if (out.empty() || out.back().second + 1 != line) out.emplace_back(line, line);
    out.back().second = line;
  }
  return out;
}

Lines without(const Lines& lines, const Lines& reached) {
  Lines out;
  for (const std::uint32_t line : lines) {
    if (reached.count(line) == 0) out.insert(line);
  }
  return out;
}

void append_ranges(std::string& out, std::string_view name, const Lines& lines) {
  if (lines.empty()) return;
  out += "      \"" + std::string(name) + "\": [\n";
  bool first = true;
  for (const auto& [begin, end] : ranges(lines)) {
    out += first ? "" : ",\n";
    first = false;
    out += "        {\n          \"start\": {\n            \"row\": " + std::to_string(begin) +
           "\n          },\n          \"end\": {\n            \"row\": " + std::to_string(end) +
           "\n          }\n        }";
  }
  out += "\n      ],\n";
}

double percent_of(std::size_t covered, std::size_t missed) {
  return covered + missed == 0 ? 0 : 100.0 * static_cast<double>(covered) / static_cast<double>(covered + missed);
}

}  // namespace

Coverage::Coverage(rego::Ast& ast, const std::vector<rego::Module*>& modules) {
  for (rego::Module* module : modules) {
    Lines& lines = files_[ast.source(module->file).name].lines;
    rego::Walk walk;
    walk.expr = [&](rego::Expr* expr) {
      const bool declares = expr->kind == rego::ExprKind::kSome && expr->terms[0]->kind != rego::TermKind::kCall;
      if (!declares && expr->location.row != 0) lines.insert(expr->location.row);
      return false;
    };
    for (rego::Rule* rule : module->rules) {
      for (; rule != nullptr; rule = rule->otherwise) {
        lines.insert(rule->head.location.row);
        walk(rule->head);
        if (!rule->generated_body) walk(rule->body);
      }
    }
    lines.erase(0);
  }
}

void Coverage::add(const rego::Machine& machine) {
  const auto counts = machine.coverage();
  const auto places = machine.program().places();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (counts[i] == 0 || places[i].row == 0) continue;
    const auto file = files_.find(std::string(machine.program().file_name(places[i].file)));
    if (file != files_.end()) file->second.reached.insert(places[i].row);
  }
}

double Coverage::percent() const {
  std::size_t covered = 0, missed = 0;
  for (const auto& [name, file] : files_) {
    covered += file.reached.size();
    missed += without(file.lines, file.reached).size();
  }
  return percent_of(covered, missed);
}

std::string Coverage::json() const {
  std::string out = "{\n  \"files\": {";
  std::size_t all_covered = 0, all_missed = 0;
  bool first = true;
  for (const auto& [name, file] : files_) {
    const Lines left = without(file.lines, file.reached);
    const std::size_t covered = file.reached.size(), missed = left.size();
    all_covered += covered;
    all_missed += missed;
    std::string body;
    append_ranges(body, "covered", file.reached);
    append_ranges(body, "not_covered", left);
    if (covered > 0) body += "      \"covered_lines\": " + std::to_string(covered) + ",\n";
    if (missed > 0) body += "      \"not_covered_lines\": " + std::to_string(missed) + ",\n";
    if (covered > 0) body += "      \"coverage\": " + json_number(percent_of(covered, missed)) + ",\n";
    if (!body.empty()) body.erase(body.size() - 2, 1);
    out += (first ? "\n    " : ",\n    ") + json_text(name) + ": {" + (body.empty() ? "}" : "\n" + body + "    }");
    first = false;
  }
  out += first ? "},\n" : "\n  },\n";
  out += "  \"covered_lines\": " + std::to_string(all_covered) +
         ",\n  \"not_covered_lines\": " + std::to_string(all_missed) +
         ",\n  \"coverage\": " + json_number(percent_of(all_covered, all_missed)) + "\n}\n";
  return out;
}

std::string Coverage::missed() const {
  std::string out;
  for (const auto& [name, file] : files_) {
    for (const auto& [begin, end] : ranges(without(file.lines, file.reached))) {
      out += "\n\t" + name + ":" + std::to_string(begin);
      if (end != begin) out += "-" + std::to_string(end);
    }
  }
  return out;
}

}  // namespace kubegate::rego_tool
