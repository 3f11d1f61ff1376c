// Running tests. All tests are entrypoints of one program, so that what they share is compiled once. When one fails, the
// same rules are planned a second time, with counters of what is reached (ProgramOptions::coverage), and it is run
// again: the last expression of its body that was reached is the one that did not hold. A run without failures pays
// nothing for that.
#include "policy/rego_tool/test.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "policy/rego/compile.h"
#include "policy/rego/parser.h"
#include "policy/rego/program.h"
#include "policy/rego_tool/coverage.h"
#include "policy/rego_tool/load.h"
#include "policy/rego_tool/test_cases.h"

namespace kubegate::rego_tool {
namespace {

using policy::Value;
using rego::Expr;
using rego::ExprKind;
using rego::Machine;
using rego::Program;

class Runner {
 public:
  Runner(const TestOptions& options, const rego::Ast& ast, const rego::CompiledModules& modules,
         std::vector<TestCase> tests, Value data, Value runtime)
      : options_(options), ast_(ast), modules_(modules), tests_(std::move(tests)), data_(data), runtime_(runtime) {
    for (const TestCase& test : tests_) entrypoints_.push_back(test.path);
  }

  // Null where the rules cannot be planned.
  std::unique_ptr<Machine> machine(bool coverage, rego::RegoErrors& errors) {
    rego::ProgramOptions plan;
    plan.coverage = coverage;
    auto program = rego::compile_program(modules_, nullptr, entrypoints_, plan, errors);
    if (program == nullptr) return nullptr;
    auto machine = std::make_unique<Machine>(std::move(program));
    machine->set_data(data_);
    machine->builtins().runtime = runtime_;
    rego::Limits limits;
    limits.time = options_.timeout;
    machine->set_limits(limits);
    return machine;
  }

  std::vector<TestResult> run(Machine& machine) {
    std::vector<TestResult> results;
    for (std::size_t i = 0; i < tests_.size(); ++i) {
      TestResult& result = results.emplace_back();
      result.test = &tests_[i];
      result.skip = tests_[i].skip;
      if (result.skip) continue;
      judge(machine, i, result);
      if (result.fail) find_failure(i, result);
    }
    return results;
  }

 private:
  void judge(Machine& machine, std::size_t i, TestResult& result) {
    std::vector<std::vector<std::string>> reached;
    machine.builtins().print_hook = [&](std::string_view line) {
      result.output += line;
      result.output += '\n';
    };
    machine.builtins().test_case_hook = [&](Value path) {
      std::vector<std::string>& steps = reached.emplace_back();
      for (policy::Cursor at(path); at.next();) steps.push_back(case_name(at.value()));
    };
    const auto start = std::chrono::steady_clock::now();
    const rego::EvalAnswer answer = machine.eval(i, Value());
    result.duration = std::chrono::steady_clock::now() - start;
    if (answer.error != nullptr) {
      result.error = problem_of(*answer.error);
    } else if (!answer.value.defined()) {
      result.fail = true;
    } else if (tests_[i].table) {
      result.fail = judge_cases(answer.value, reached, result.cases);
    } else {
      result.fail = !answer.value.is_true();
    }
  }

  void find_failure(std::size_t i, TestResult& result) {
    if (counting_ == nullptr) {
      rego::RegoErrors ignored;
      counting_ = machine(true, ignored);
      if (counting_ == nullptr) return;
    }
    counting_->clear_coverage();
    TestResult again;
    judge(*counting_, i, again);
    const Expr* expr = last_reached(tests_[i].rule->body);
    if (expr == nullptr) return;
    result.failed_at = tests_[i].rule->generated_body ? tests_[i].rule->head.location : expr->location;
    result.failed_text = ast_.text(result.failed_at);
  }

  bool was_reached(const rego::Location& location) const {
    const auto places = counting_->program().places();
    for (std::size_t i = 0; i < places.size(); ++i) {
      const rego::Location& place = places[i];
      if (place.file == location.file && place.begin == location.begin && place.length == location.length &&
          counting_->coverage()[i] != 0) {
        return true;
      }
    }
    return false;
  }

  const Expr* last_reached(const rego::Body& body) const {
    const Expr* last = nullptr;
    for (const Expr* expr : body) {
      if (!expr->generated && expr->location.row != 0 && was_reached(expr->location)) last = expr;
    }
    if (last != nullptr && last->kind == ExprKind::kEvery && !last->negated) {
      if (const Expr* inner = last_reached(last->body())) return inner;
    }
    return last;
  }

  const TestOptions& options_;
  const rego::Ast& ast_;
  const rego::CompiledModules& modules_;
  std::vector<TestCase> tests_;
  std::vector<std::string> entrypoints_;
  Value data_, runtime_;
  std::unique_ptr<Machine> counting_;
};

int exit_code_of(const std::vector<TestResult>& results, const TestOptions& options) {
  const auto good = [&](const TestResult& result) {
    return result.pass() || (result.skip && options.exit_zero_on_skipped);
  };
  return std::all_of(results.begin(), results.end(), good) ? 0 : 2;
}

// What `opa test --coverage` tells of a run: the coverage when all is well, the first failure when not.
void report_coverage(const TestOptions& options, const std::vector<TestResult>& results, const Coverage& coverage,
                     Report& report) {
  std::vector<TestResult> failures;
  for (const TestResult& result : results) {
    if (result.error) {
      report.err += result.error->text + "\n";
      report.exit_code = 1;
      return;
    }
    if (result.fail) failures.push_back(result);
  }
  if (!failures.empty()) {
    report.out += pretty_report(failures, options.verbose);
    report.exit_code = 1;
    return;
  }
  if (coverage.percent() < options.threshold) {
    char line[100];
    std::snprintf(line, sizeof line, "Code coverage threshold not met: got %.2f instead of %.2f", coverage.percent(),
                  options.threshold);
    report.err += line;
    if (options.verbose) report.err += "\nLines not covered:" + coverage.missed();
    report.err += "\n";
    report.exit_code = 2;
    return;
  }
  report.out += coverage.json();
}

}  // namespace

Report test(const TestOptions& options) {
  Report report;
  const auto fail = [&](const std::vector<Problem>& problems, std::string_view when) {
    report.err = errors_text(problems, when);
    report.exit_code = 1;
    return report;
  };
  const auto misused = [&](std::string subject, std::string message) {
    return fail({problem_of(Error{ErrorCode::kArgument, std::move(subject), std::move(message)})}, "");
  };
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(options.run, quiet);
  if (!pattern.ok()) return misused("--run " + options.run, "is no regular expression: " + pattern.error());

  Documents documents;
  auto loaded = load(options.paths, {false, options.ignore}, documents);
  if (!loaded.ok()) return fail({problem_of(loaded.error())}, " during loading");
  rego::Ast ast;
  rego::RegoErrors errors;
  std::vector<rego::Module*> modules;
  for (rego::PolicySource& source : loaded->policies) {
    modules.push_back(rego::parse_module(ast, source.name, std::move(source.text), options.version, errors,
                                         rego::Annotations::kRead));
  }
  if (!errors.empty()) return fail(problems_of(errors), " during loading");

  Coverage coverage(ast, modules);
  std::vector<TestCase> tests = find_tests(ast, modules);
  rego::CompileOptions compile;
  compile.enable_print = true;
  compile.switched_on = options.access.switched_on();
  compile.max_errors = options.max_errors;
  compile.path_exists = [&](const std::vector<std::string>& path) { return path_exists(loaded->data, path); };
  const auto compiled = rego::compile_modules(ast, modules, compile, errors);
  if (compiled == nullptr) return fail(problems_of(errors), "");

  if (!options.run.empty()) {
    std::erase_if(tests, [&](const TestCase& t) { return !RE2::PartialMatch(t.package + "." + t.name, pattern); });
  }
  if (tests.empty()) {
    report.err = "no tests were run\n";
    report.exit_code = options.fail_on_empty ? 1 : 0;
    if (!options.coverage) {
      report.out = options.json ? "[]\n" : "";
      return report;
    }
  }
  const bool covers = options.coverage || options.threshold > 0;
  Runner runner(options, ast, *compiled, std::move(tests), loaded->data,
                options.access.environment ? runtime_document(documents.arena()) : Value());
  const auto machine = runner.machine(covers, errors);
  if (machine == nullptr) return fail(problems_of(errors), "");
  for (std::size_t i = 0; i < options.count && report.exit_code == 0; ++i) {
    const std::vector<TestResult> results = runner.run(*machine);
    report.exit_code = exit_code_of(results, options);
    if (covers) {
      coverage.add(*machine);
      report_coverage(options, results, coverage, report);
    } else {
      report.out += options.json ? json_report(results) : pretty_report(results, options.verbose);
    }
  }
  return report;
}

}  // namespace kubegate::rego_tool
