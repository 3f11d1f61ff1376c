// Results and errors as `opa` prints them. Rule: OPA's internal/presentation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/error.h"
#include "policy/rego/machine.h"
#include "policy/rego/program.h"
#include "validate/base/result.h"

namespace kubegate::rego_tool {

// What a command is to print, and its exit code.
struct Report {
  std::string out, err;
  int exit_code = 0;
};

// An error of any kind: of a policy, of an evaluation, of the tool.
struct Problem {
  std::string_view code;  // "" for the tool's own
  std::string message;
  rego::Location location;
  std::string file;
  std::string details;  // further lines
  std::string text;     // as OPA prints it in one go
};

std::vector<Problem> problems_of(const rego::RegoErrors& errors);
Problem problem_of(const rego::EvalError& error);
Problem problem_of(const Error& error);

enum class ResultFormat : std::uint8_t { kJson, kPretty, kValues, kBindings, kRaw, kDiscard };

// {"errors": […]} with a line break behind it.
std::string errors_json(const std::vector<Problem>& problems);
// "1 error occurred: …", with a line break behind it; `when` follows "occurred" (" during loading").
std::string errors_text(const std::vector<Problem>& problems, std::string_view when = "");
// {"file": …, "row": …, "col": …} at an indentation of `prefix`.
std::string location_json(std::string_view file, const rego::Location& location, const std::string& prefix);
// A JSON text.
std::string json_text(std::string_view text);
// A JSON number as Go's encoding/json has a float64.
std::string json_number(double number);

// A part of a result beside the result itself: its name and value in JSON, and as `--format pretty` shows it.
struct Section {
  std::string name, json, pretty;
};

// How the answer of a query is shown.
struct ResultStyle {
  ResultFormat format = ResultFormat::kJson;
  std::size_t widest = 80;  // cells of tables are cut behind so many bytes
};
// The answer of a query, and what else is told of it (kJson, kPretty, kDiscard). `expressions` are those of its program.
std::string result_text(const ResultStyle& style, std::span<const rego::QueryRow> rows,
                        std::span<const rego::QueryExpression> expressions, std::vector<Section> sections);

// A table with a frame: the first row is its head where `head`.
std::string table(const std::vector<std::vector<std::string>>& rows, bool head);

}  // namespace kubegate::rego_tool
