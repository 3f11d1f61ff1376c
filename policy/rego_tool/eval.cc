#include "policy/rego_tool/eval.h"

#include <cstdio>
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
  std::optional<Stage> stage;
  if (!options.data.empty()) stage.emplace(query->timings, "timer_rego_load_files_ns");
  auto loaded = load(options.data, {false, options.ignore}, query->documents);
  stage.reset();
  if (!loaded.ok()) return fail({problem_of(loaded.error())});
  query->data = loaded->data;
  if (!options.input.empty()) {
    const Stage reading(query->timings, "timer_rego_data_parse_ns");
    auto text = read_text(options.input);
    if (!text.ok()) return fail({problem_of(text.error())});
    auto input = query->documents.read_input(options.input == "-" ? "standard input" : options.input, std::move(*text));
    if (!input.ok()) return fail({problem_of(input.error())});
    query->input = *input;
  }

  if (options.access.environment) query->runtime = runtime_document(query->documents.arena());

  Ast& ast = query->ast;
  RegoErrors errors;
  std::vector<Module*> modules;
  for (rego::PolicySource& source : loaded->policies) {
    const Stage parsing(query->timings, "timer_rego_module_parse_ns");
    modules.push_back(rego::parse_module(ast, source.name, std::move(source.text), options.version, errors,
                                         rego::Annotations::kRead));
  }
  if (!errors.empty()) return fail(problems_of(errors));
  std::vector<Problem> problems;
  stage.emplace(query->timings, "timer_rego_query_parse_ns");
  const Module* context = parse_context(ast, options, problems);
  if (!problems.empty()) return fail(std::move(problems));
  rego::Body body = rego::parse_query(ast, options.query, query_version(options, context), errors);
  stage.reset();
  if (!errors.empty() || body.empty()) return fail(problems_of(errors));
  if (options.coverage) query->coverage.emplace(ast, modules);

  rego::CompileOptions compile;
  compile.strict = options.strict;
  compile.enable_print = true;
  compile.switched_on = options.access.switched_on();
  compile.path_exists = [&](const std::vector<std::string>& path) { return path_exists(query->data, path); };
  if (!modules.empty()) stage.emplace(query->timings, "timer_rego_module_compile_ns");
  const auto compiled = rego::compile_modules(ast, std::move(modules), compile, errors);
  if (compiled == nullptr) return fail(problems_of(errors));
  stage.emplace(query->timings, "timer_rego_query_compile_ns");
  rego::CompiledQuery compiled_query;
  if (!rego::compile_query(*compiled, std::move(body), errors, compiled_query, context))
    return fail(problems_of(errors));
  rego::ProgramOptions plan;
  plan.expression_values = true;
  plan.coverage = options.coverage || options.profile;
  query->program = rego::compile_program(*compiled, &compiled_query, {}, plan, errors);
  if (query->program == nullptr) return fail(problems_of(errors));
  return query;
}

Report eval(const EvalOptions& options) {
  Report report;
  const ResultFormat format = options.style.format;
  const auto fail = [&](const std::vector<Problem>& problems) {
    const bool json = format == ResultFormat::kJson || format == ResultFormat::kDiscard;
    (json ? report.out : report.err) += json ? errors_json(problems) : errors_text(problems);
    report.exit_code = 2;
    return report;
  };
  std::vector<Timings> timings;
  std::vector<std::vector<LineProfile>> profiles;
  for (std::size_t run = 0; run < options.count; ++run) {
    const auto query = prepare(options);
    if (!query->problems.empty()) return fail(query->problems);
    const auto machine = query->machine(options, [&](std::string_view line) {
      report.err += line;
      report.err += '\n';
    });
    if (options.profile) machine->start_profile();
    rego::QueryAnswer answer;
    {
      const Stage evaluating(query->timings, "timer_rego_query_eval_ns");
      answer = machine->eval_query(query->input);
    }
    if (answer.error != nullptr) return fail({problem_of(*answer.error)});
    timings.push_back(query->timings);
    if (options.profile) profiles.push_back(profile_of(*machine, query->ast, options.profile_sort));
    if (run + 1 < options.count) continue;
    std::vector<Section> sections;
    if (options.metrics || options.profile) sections.push_back(metrics_section(timings));
    if (options.profile) sections.push_back(profile_section(profiles, options.profile_limit));
    if (query->coverage) {
      query->coverage->add(*machine);
      char percent[32];
      std::snprintf(percent, sizeof percent, "%.2f", query->coverage->percent());
      sections.push_back(
          {"coverage", query->coverage->json("  "), table({{"Overall Coverage", std::string(percent)}}, false)});
    }
    try {
      report.out = result_text(options.style, answer.rows, query->program->query_expressions(), std::move(sections));
    } catch (const policy::LimitReached&) {  // a value that shares its parts is smaller than its text
      return fail({problem_of(Error{ErrorCode::kArgument, "the result", "would be a text of more than 256 MiB"})});
    }
    const bool defined = !answer.rows.empty();
    report.exit_code = (options.fail && !defined) || (options.fail_defined && defined) ? 1 : 0;
  }
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
