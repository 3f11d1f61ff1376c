// `kubegate rego eval` and `check`: one evaluation of a query, and none.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego_tool/coverage.h"
#include "policy/rego_tool/figures.h"
#include "policy/rego_tool/load.h"
#include "policy/rego_tool/present.h"

namespace kubegate::rego_tool {

struct EvalOptions {
  std::string query;
  std::vector<std::string> data;     // paths, as load() takes them
  std::vector<std::string> ignore;   // LoadOptions::ignore
  std::string input;                 // a file, "-" for standard input; "" for none
  std::string package;               // whose names the query sees: "a.b" or "data.a.b"; "" for none
  std::vector<std::string> imports;  // that the query sees: "data.x as y"
  rego::RegoVersion version = rego::RegoVersion::kV1;
  bool strict = false;
  bool strict_builtin_errors = false;
  bool fail = false, fail_defined = false;
  ResultStyle style;
  std::size_t count = 1;  // runs, each from the start
  bool metrics = false, profile = false, coverage = false;
  std::size_t profile_limit = 10;         // lines; 0: all
  std::vector<std::string> profile_sort;  // profile_of
  rego::Limits limits;
  Access access;
};

// A query that is ready to be run, and what it stands on.
struct Query {
  Documents documents;
  rego::Ast ast;
  std::optional<Coverage> coverage;  // with EvalOptions::coverage, of the modules
  Timings timings;
  policy::Value data, input;  // undefined where there are none
  policy::Value runtime;      // what opa.runtime answers
  std::shared_ptr<const rego::Program> program;
  std::vector<Problem> problems;  // when not empty the rest is not to be used

  // A machine for it; print statements go to `print`, a line each.
  std::unique_ptr<rego::Machine> machine(const EvalOptions& options, std::function<void(std::string_view)> print) const;
};
std::unique_ptr<Query> prepare(const EvalOptions& options);

// Exit codes, as of `opa eval`: 0; 1 undefined with `fail`, or defined with `fail_defined`; 2 errors.
Report eval(const EvalOptions& options);

struct CheckOptions {
  std::vector<std::string> paths;
  std::vector<std::string> ignore;
  rego::RegoVersion version = rego::RegoVersion::kV1;
  bool strict = false;
  bool json = false;
  std::size_t max_errors = 10;
  Access access;
};
// Parses and compiles. Exit codes: 0; 1 errors.
Report check(const CheckOptions& options);

}  // namespace kubegate::rego_tool
