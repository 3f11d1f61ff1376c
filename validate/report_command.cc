#include "validate/report_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "validate/command.h"
#include "validate/report/merge.h"
#include "validate/report/outputs.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate {
namespace {

constexpr int kPassed = 0, kFindings = 1, kFailed = 2;
constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30;  // of all parts together

struct MergeArguments {
  std::vector<std::string> parts;
  std::vector<report::Destination> outputs;
  bool verbose = false;
};

int fail(const Error& error) {
  print_error(error.text());
  return kFailed;
}

Result<std::vector<report::PartText>> read_parts(std::vector<std::string> paths) {
  std::vector<report::PartText> parts;
  source::Buffer buffer;
  std::uint64_t left = kMostBytes;
  for (const std::string& path : source::expand_globs(std::move(paths))) {
    const auto content = source::read_file(path, left, buffer);
    if (!content.ok()) {
      const bool large = content.error().code == ErrorCode::kLimit;
      return Error{content.error().code, path, large ? "the parts are more than 4 GiB" : content.error().message};
    }
    parts.push_back({path, std::string(*content)});
    left -= content->size();
  }
  return parts;
}

int merge(MergeArguments& arguments) {
  handle_signals();
  auto parts = read_parts(std::move(arguments.parts));
  if (!parts.ok()) return fail(parts.error());
  auto merge = report::Merge::open(std::move(*parts));
  if (!merge.ok()) return fail(merge.error());

  report::OutputOptions options = process_output_options();
  options.version = merge->run().version;
  options.folder = merge->run().folder;
  options.root = merge->run().root;
  options.targets = merge->run().targets;
  options.verbose = arguments.verbose;
  if (arguments.outputs.empty()) arguments.outputs.push_back({});
  const auto outputs = report::Outputs::open(arguments.outputs, options, STDOUT_FILENO);
  if (!outputs.ok()) return fail(outputs.error());
  const report::Merge::Outcome outcome = merge->write(**outputs);
  for (const Error& error : outcome.errors) print_error(error.text());
  if (const auto written = (*outputs)->commit(); !written.ok()) return fail(written.error());
  if (!outcome.errors.empty()) return kFailed;
  return outcome.summary.errors == 0 ? kPassed : kFindings;
}

}  // namespace

void add_report_command(CLI::App& app, int& exit_code) {
  CLI::App* report = app.add_subcommand("report", "Join the reports of shards");
  report->require_subcommand(1);
  CLI::App* command = report->add_subcommand("merge", "One report of all parts that the shards of a run wrote");
  const auto arguments = std::make_shared<MergeArguments>();
  command
      ->add_option("PART", arguments->parts,
                   "What `kubegate validate --shard I/N --output part=FILE` wrote, in any order")
      ->required()
      ->type_name("");
  add_output_flags(*command, arguments->outputs, arguments->verbose);
  command->footer(
      "Examples:\n"
      "  kubegate report merge part-*.json\n"
      "  kubegate report merge --output full --output sarif=out.sarif part-*.json\n\n"
      "The report and the exit code are those of one run over everything: 0 pass, 1 findings, 2 could not do the "
      "work,\n"
      "which parts that are missing, doubled or of different runs are too.");
  command->callback([arguments, &exit_code] { exit_code = merge(*arguments); });
}

}  // namespace kubegate
