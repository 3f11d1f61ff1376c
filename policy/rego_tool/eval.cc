#include "policy/rego_tool/eval.h"

#include <utility>

#include "policy/rego/compile.h"
#include "policy/rego/parser.h"
#include "policy/rego/program.h"

namespace kubegate::rego_tool {
namespace {

using rego::Ast;
using rego::Module;
using rego::RegoErrors;
using rego::RegoVersion;

// The query's package and imports, as a module of their own; null where there are neither, or on errors.
Module* parse_context(Ast& ast, const EvalOptions& options, std::vector<Problem>& problems) {
  if (options.package.empty() && options.imports.empty()) return nullptr;
  std::string_view package = options.package;
  if (package.starts_with("data.")) package.remove_prefix(5);
  std::string text = "package " + std::string(package.empty() ? "_" : package) + "\n";
  RegoErrors errors;
  if (rego::parse_module(ast, "", text, options.version, errors) == nullptr || text.find('\n') + 1 != text.size()) {
    problems.push_back(problem_of(
        Error{ErrorCode::kArgument, "--package " + options.package, "is no package: give a path such as a.b"}));
    return nullptr;
  }
  for (const std::string& written : options.imports) {
    const std::string line = (written.starts_with("import ") ? "" : "import ") + written + "\n";
    errors.clear();
    if (rego::parse_module(ast, "", "package _\n" + line, options.version, errors) == nullptr) {
      problems.push_back(problem_of(
          Error{ErrorCode::kArgument, "--import " + written,
                "is no import: give a path of data or input such as data.a.b as c (" + errors[0].message + ")"}));
      return nullptr;
    }
    text += line;
  }
  errors.clear();
  Module* module = rego::parse_module(ast, "", text, options.version, errors);
  if (module == nullptr) problems = problems_of(errors);
  return module;
}

// The version that a query is parsed in: imports of keywords reach it too.
RegoVersion query_version(const EvalOptions& options, const Module* context) {
  if (context == nullptr || options.version != RegoVersion::kV0) return options.version;
  for (const rego::Import* import : context->imports) {
    if (import->path[0]->text == "future") return RegoVersion::kV0CompatV1;
  }
  return context->version;
}

}  // namespace

std::unique_ptr<rego::Machine> Query::machine(const EvalOptions& options,
                                              std::function<void(std::string_view)> print) const {
  auto machine = std::make_unique<rego::Machine>(program);
  machine->set_data(data);
  machine->set_limits(options.limits);
  machine->set_strict_builtin_errors(options.strict_builtin_errors);
  machine->builtins().print_hook = std::move(print);
  machine->builtins().runtime = runtime;
  return machine;
}

std::unique_ptr<Query> prepare(const EvalOptions& options) {
  auto query = std::make_unique<Query>();
  const auto fail = [&](std::vector<Problem> problems) {
    query->problems = std::move(problems);
    return std::move(query);
  };
  auto loaded = load(options.data, {false, options.ignore}, query->documents);
  if (!loaded.ok()) return fail({problem_of(loaded.error())});
  query->data = loaded->data;
  if (!options.input.empty()) {
    auto text = read_text(options.input);
    if (!text.ok()) return fail({problem_of(text.error())});
    auto input = query->documents.read_input(options.input == "-" ? "standard input" : options.input, std::move(*text));
    if (!input.ok()) return fail({problem_of(input.error())});
    query->input = *input;
  }

  if (options.access.environment) query->runtime = runtime_document(query->documents.arena());

  Ast ast;
  RegoErrors errors;
  std::vector<Module*> modules;
  for (rego::PolicySource& source : loaded->policies) {
    modules.push_back(rego::parse_module(ast, source.name, std::move(source.text), options.version, errors,
                                         rego::Annotations::kRead));
  }
  if (!errors.empty()) return fail(problems_of(errors));
  std::vector<Problem> problems;
  const Module* context = parse_context(ast, options, problems);
  if (!problems.empty()) return fail(std::move(problems));
  rego::Body body = rego::parse_query(ast, options.query, query_version(options, context), errors);
  if (!errors.empty() || body.empty()) return fail(problems_of(errors));

  rego::CompileOptions compile;
  compile.strict = options.strict;
  compile.enable_print = true;
  compile.switched_on = options.access.switched_on();
  compile.path_exists = [&](const std::vector<std::string>& path) { return path_exists(query->data, path); };
  const auto compiled = rego::compile_modules(ast, std::move(modules), compile, errors);
  if (compiled == nullptr) return fail(problems_of(errors));
  rego::CompiledQuery compiled_query;
  if (!rego::compile_query(*compiled, std::move(body), errors, compiled_query, context))
    return fail(problems_of(errors));
  rego::ProgramOptions plan;
  plan.expression_values = true;
  query->program = rego::compile_program(*compiled, &compiled_query, {}, plan, errors);
  if (query->program == nullptr) return fail(problems_of(errors));
  return query;
}

Report eval(const EvalOptions& options) {
  Report report;
  const auto fail = [&](const std::vector<Problem>& problems) {
    const bool json = options.format == ResultFormat::kJson || options.format == ResultFormat::kDiscard;
    (json ? report.out : report.err) += json ? errors_json(problems) : errors_text(problems);
    report.exit_code = 2;
    return report;
  };
  const auto query = prepare(options);
  if (!query->problems.empty()) return fail(query->problems);
  const auto machine = query->machine(options, [&](std::string_view line) {
    report.err += line;
    report.err += '\n';
  });
  const rego::QueryAnswer answer = machine->eval_query(query->input);
  if (answer.error != nullptr) return fail({problem_of(*answer.error)});
  try {
    report.out = result_text(options.format, answer.rows, query->program->query_expressions());
  } catch (const policy::LimitReached&) {  // a value that shares its parts is smaller than its text
    return fail({problem_of(Error{ErrorCode::kArgument, "the result", "would be a text of more than 256 MiB"})});
  }
  const bool defined = !answer.rows.empty();
  report.exit_code = (options.fail && !defined) || (options.fail_defined && defined) ? 1 : 0;
  return report;
}

Report check(const CheckOptions& options) {
  Report report;
  const auto fail = [&](const std::vector<Problem>& problems, std::string_view when) {
    report.err = options.json ? errors_json(problems) : errors_text(problems, when);
    report.exit_code = 1;
    return report;
  };
  Documents documents;
  auto loaded = load(options.paths, {true, options.ignore}, documents);
  if (!loaded.ok()) return fail({problem_of(loaded.error())}, " during loading");
  if (loaded->policies.empty()) {
    return fail({problem_of(Error{ErrorCode::kArgument, options.paths[0], "holds no policy: no file named *.rego"})},
                " during loading");
  }
  Ast ast;
  RegoErrors errors;
  std::vector<Module*> modules;
  for (rego::PolicySource& source : loaded->policies) {
    modules.push_back(rego::parse_module(ast, source.name, std::move(source.text), options.version, errors,
                                         rego::Annotations::kRead));
  }
  if (!errors.empty()) return fail(problems_of(errors), " during loading");
  rego::CompileOptions compile;
  compile.strict = options.strict;
  compile.enable_print = true;
  compile.switched_on = options.access.switched_on();
  compile.max_errors = options.max_errors;
  if (rego::compile_modules(ast, std::move(modules), compile, errors) == nullptr) return fail(problems_of(errors), "");
  return report;
}

}  // namespace kubegate::rego_tool
