#include "policy/rego_tool/present.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <span>

#include "policy/rego/program.h"
#include "policy/value/number.h"
#include "validate/report/text.h"

namespace kubegate::rego_tool {
namespace {

using policy::JsonStyle;
using policy::Value;

std::string pretty_json(Value value, const std::string& prefix = "") {
  JsonStyle style;
  style.indent = "  ";
  style.prefix = prefix;
  style.pretty = true;
  return policy::to_json(value, style);
}

// The value of "result".
std::string json_rows(std::span<const rego::QueryRow> rows, std::span<const rego::QueryExpression> expressions) {
  std::string out = "[\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += "    {\n      \"expressions\": [\n";
    for (std::size_t e = 0; e < expressions.size(); ++e) {
      const rego::QueryExpression& expression = expressions[e];
      out += "        {\n          \"value\": " + pretty_json(rows[r].expressions[e], "          ");
      out += ",\n          \"text\": " + json_text(expression.text) + ",\n          \"location\": {\n";
      out += "            \"row\": " + std::to_string(expression.location.row) + ",\n";
      out += "            \"col\": " + std::to_string(expression.location.column) + "\n          }\n        }";
      out += e + 1 < expressions.size() ? ",\n" : "\n";
    }
    out += "      ]";
    if (policy::count(rows[r].bindings) > 0) out += ",\n      \"bindings\": " + pretty_json(rows[r].bindings, "      ");
    out += r + 1 < rows.size() ? "\n    },\n" : "\n    }\n";
  }
  return out + "  ]";
}

std::string json_sections(const std::vector<Section>& sections) {
  std::string out;
  for (const Section& section : sections) {
    out += (out.empty() ? "{\n  \"" : ",\n  \"") + section.name + "\": " + section.json;
  }
  return out.empty() ? "{}\n" : out + "\n}\n";
}

// The value alone where there is but one; otherwise a table: bindings by name, then what is no boolean, or without
// bindings every expression.
std::string pretty_result(std::span<const rego::QueryRow> rows, std::span<const rego::QueryExpression> expressions,
                          std::size_t widest) {
  if (rows.empty()) return "undefined\n";
  const auto boolean = [](Value v) { return v.is_boolean(); };
  const rego::QueryRow& first = rows[0];
  const bool bound = policy::count(first.bindings) > 0;
  if (rows.size() == 1 && !bound && !first.expressions.empty() &&
      (first.expressions.size() == 1 || std::all_of(first.expressions.begin(), first.expressions.end(), boolean))) {
    return pretty_json(first.expressions[0]) + "\n";
  }
  const auto cell = [&](Value v) {
    std::string text = policy::to_json(v);
    if (text.size() > widest) text = report::valid_utf8(std::string_view(text).substr(0, widest)) + "...";
    return text;
  };
  std::vector<std::vector<std::string>> cells(rows.size() + 1);
  for (policy::Cursor at(first.bindings); at.next();) {
    cells[0].emplace_back(at.key().text());
    for (std::size_t r = 0; r < rows.size(); ++r)
      cells[r + 1].push_back(cell(policy::lookup(rows[r].bindings, at.key())));
  }
  for (std::size_t e = 0; e < expressions.size(); ++e) {
    if (bound && boolean(first.expressions[e])) continue;
    cells[0].push_back(expressions[e].text);
    for (std::size_t r = 0; r < rows.size(); ++r) cells[r + 1].push_back(cell(rows[r].expressions[e]));
  }
  return table(cells, true);
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const report::CodePoint point = report::decode(text);
    columns += static_cast<std::size_t>(report::width_of(point.value));
    text.remove_prefix(point.length);
  }
  return columns;
}

}  // namespace

std::vector<Problem> problems_of(const rego::RegoErrors& errors) {
  std::vector<Problem> out;
  for (const rego::RegoError& error : errors) {
    std::string details;
    for (const std::string& line : error.details) details += (details.empty() ? "" : "\n") + line;
    out.push_back({error.code, error.message, error.location, error.file, std::move(details), error.text()});
  }
  return out;
}

Problem problem_of(const rego::EvalError& error) {
  return {error.code, error.message, error.location, error.file, "", error.text()};
}

Problem problem_of(const Error& error) { return {"", error.text(), {}, "", "", error.text()}; }

std::string json_text(std::string_view text) { return policy::to_json(Value::string(text)); }

std::string json_number(double number) {
  char buffer[32];
  const bool plain = number == 0 || (std::abs(number) >= 1e-6 && std::abs(number) < 1e21);
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer, end.ptr};
}

std::string location_json(std::string_view file, const rego::Location& location, const std::string& prefix) {
  return "{\n" + prefix + "  \"file\": " + json_text(file) + ",\n" + prefix +
         "  \"row\": " + std::to_string(location.row) + ",\n" + prefix +
         "  \"col\": " + std::to_string(location.column) + "\n" + prefix + "}";
}

std::string errors_json(const std::vector<Problem>& problems) {
  std::string out = "{\n  \"errors\": [\n";
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const Problem& problem = problems[i];
    out += "    {\n      \"message\": " + json_text(problem.message);
    if (!problem.code.empty()) out += ",\n      \"code\": " + json_text(problem.code);
    if (problem.location.row != 0) {
      out += ",\n      \"location\": " + location_json(problem.file, problem.location, "      ");
    }
    if (!problem.details.empty()) out += ",\n      \"details\": " + json_text(problem.details);
    out += i + 1 < problems.size() ? "\n    },\n" : "\n    }\n";
  }
  return out + "  ]\n}\n";
}

std::string errors_text(const std::vector<Problem>& problems, std::string_view when) {
  std::string out = problems.size() == 1 ? "1 error occurred" : std::to_string(problems.size()) + " errors occurred";
  out += when;
  out += problems.size() == 1 ? ": " : ":\n";
  for (const Problem& problem : problems) out += problem.text + "\n";
  return out;
}

std::string result_text(const ResultStyle& style, std::span<const rego::QueryRow> rows,
                        std::span<const rego::QueryExpression> expressions, std::vector<Section> sections) {
  std::string out;
  switch (style.format) {
    case ResultFormat::kJson:
      if (!rows.empty()) sections.insert(sections.begin(), {"result", json_rows(rows, expressions), ""});
      return json_sections(sections);
    case ResultFormat::kPretty:
      out = pretty_result(rows, expressions, style.widest);
      for (const Section& section : sections) out += section.pretty;
      return out;
    case ResultFormat::kDiscard:
      if (!rows.empty()) sections.push_back({"result", "\"discarded\"", ""});
      std::sort(sections.begin(), sections.end(), [](const Section& a, const Section& b) { return a.name < b.name; });
      return json_sections(sections);
    case ResultFormat::kBindings:
      for (const rego::QueryRow& row : rows) out += pretty_json(row.bindings) + "\n";
      return out;
    case ResultFormat::kValues:
      for (const rego::QueryRow& row : rows) {
        out += "[";
        for (std::size_t i = 0; i < row.expressions.size(); ++i) {
          out += (i == 0 ? "\n  " : ",\n  ") + pretty_json(row.expressions[i], "  ");
        }
        out += row.expressions.empty() ? "]\n" : "\n]\n";
      }
      return out;
    case ResultFormat::kRaw:
      for (const rego::QueryRow& row : rows) {
        for (std::size_t i = 0; i < row.expressions.size(); ++i) {
          const Value value = row.expressions[i];
          out += i == 0 ? "" : " ";
          out += value.is_string() ? std::string(value.text()) : policy::to_json(value);
        }
        out += "\n";
      }
      return out;
  }
  return out;
}

std::string table(const std::vector<std::vector<std::string>>& rows, bool head) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string rule = "+";
  for (const std::size_t width : widths) rule += std::string(width + 2, '-') + "+";
  rule += "\n";
  std::string out = rule;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += "|";
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      const std::size_t space = widths[i] - columns_of(rows[r][i]);
      const std::size_t before = head && r == 0 ? space / 2 : 0;
      out += " " + std::string(before, ' ') + rows[r][i] + std::string(space - before, ' ') + " |";
    }
    out += "\n";
    if (head && r == 0) out += rule;
  }
  return out + rule;
}

}  // namespace kubegate::rego_tool
