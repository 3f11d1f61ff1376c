// A file that is there is somebody's work: it is left as it is, and what would have been written is shown instead.
//
// Tested in tests/validate/config_command_test.cc.
#include "validate/init_command.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/command.h"
#include "validate/config/config.h"
#include "validate/report/new_file.h"
#include "validate/report/sink.h"
#include "validate/report/text.h"
#include "validate/survey.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0, kFailed = 2;
constexpr std::string_view kSchemaFile = ".kubegate.schema.json";

constexpr std::string_view kHook = R"(repos:
- repo: local
  hooks:
  - id: kubegate
    name: kubegate
    entry: kubegate validate
    language: system
    types: [yaml]
)";

constexpr std::string_view kWorkflow = R"(name: infra-gitops-validate
on:
  pull_request:
jobs:
  validate:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
    - uses: actions/checkout@v4
      with:
        fetch-depth: 0
    # kubegate must be installed on the runner, or by a step in front of this one.
    - run: kubegate ci
)";

struct Arguments {
  std::string folder = ".";
  bool force = false, dry_run = false;
};

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + '"';
}

template <class Texts>
void append_list(std::string& out, std::string_view name, const Texts& texts, std::string_view indent = "") {
  if (texts.empty()) return;
  out += std::string(indent) + std::string(name) + ":\n";
  for (const std::string& text : texts) out += std::string(indent) + "- " + in_quotes(text) + "\n";
}

// "https://prod.example.com:6443" as a name: prod.example.com.
std::string name_of(std::string_view destination) {
  if (const std::size_t scheme = destination.find("://"); scheme != destination.npos) {
    destination.remove_prefix(scheme + 3);
  }
  return std::string(destination.substr(0, destination.find_first_of(":/")));
}

std::string configuration(const Survey& found) {
  std::string out = "# yaml-language-server: $schema=" + std::string(kSchemaFile) + "\n";
  out += "apiVersion: " + std::string(config::kApiVersion) + "\nkind: " + std::string(config::kKind) + "\n";
  append_list(out, "kubernetesVersions", found.versions);
  append_list(out, "crds", found.crds);
  append_list(out, "policies", found.policies);
  if (found.destinations.empty()) return out;
  out += "clusters:\n";
  for (const auto& [name, destination] : found.destinations) {
    out += "- name: " + in_quotes(name_of(name)) + "\n";
    append_list(out, destination.is_url ? "servers" : "destinations", std::vector<std::string>{name}, "  ");
    append_list(out, "overlays", destination.paths, "  ");
  }
  return out;
}

template <class Texts>
void understood(std::string_view what, const Texts& texts) {
  std::string line = "  " + std::string(what) + ": ";
  if (texts.empty()) line += "none";
  std::size_t shown = 0;
  for (const std::string& text : texts) {
    if (shown > 0) line += ", ";
    if (++shown > 8) {
      line += "… (" + std::to_string(texts.size()) + " in all)";
      break;
    }
    report::append_safe(line, text);
  }
  std::printf("%s\n", line.c_str());
}

void tell(const Survey& found) {
  std::printf("understood, from %zu files%s:\n", found.files, found.complete ? "" : " (there are more)");
  understood("overlays", found.overlays);
  understood("charts", found.charts);
  understood("CRDs in", found.crds);
  understood("policies in", found.policies);
  std::vector<std::string> versions;
  for (const auto& [version, place] : found.places) versions.push_back(version + " (" + place + ")");
  understood("Kubernetes versions", versions);
  std::vector<std::string> clusters;
  for (const auto& [name, destination] : found.destinations) clusters.push_back(name);
  understood("clusters of Argo CD's Applications", clusters);
}

// Shows or writes one file. False: it is there already, and stays.
Result<bool> write_file(const Arguments& arguments, const std::string& name, std::string_view text, bool may_replace) {
  const fs::path path = fs::path(arguments.folder) / name;
  std::error_code failed;
  const bool there = fs::exists(path, failed);
  if (there && !(arguments.force && may_replace)) {
    std::printf("%s is there and stays; it would be:\n%.*s", name.c_str(), static_cast<int>(text.size()), text.data());
    return false;
  }
  if (arguments.dry_run) {
    std::printf("would write %s:\n%.*s", name.c_str(), static_cast<int>(text.size()), text.data());
    return true;
  }
  fs::create_directories(path.parent_path(), failed);
  auto file = report::NewFile::create(path.string());
  if (!file.ok()) return file.error();
  report::Sink sink(file->descriptor(), path.string());
  sink.text() = text;
  sink.flush();
  if (const auto written = sink.status(); !written.ok()) return written.error();
  if (const auto done = file->commit(); !done.ok()) return done.error();
  std::printf("wrote %s\n", name.c_str());
  return true;
}

int init(const Arguments& arguments) {
  const auto found = survey(arguments.folder);
  if (!found.ok()) {
    print_error(found.error().text());
    return kFailed;
  }
  tell(*found);
  const std::string text = configuration(*found);
  // The hooks of others stand in the same file, so not even --force replaces it.
  const struct {
    std::string name;
    std::string_view text;
    bool may_replace;
  } files[] = {
      {std::string(config::kFileName), text, true},
      {std::string(kSchemaFile), config::schema_text(), true},
      {".pre-commit-config.yaml", kHook, false},
      {".github/workflows/infra-gitops-validate.yaml", kWorkflow, true},
  };
  bool all = true;
  for (const auto& file : files) {
    const bool schema = file.name == kSchemaFile;
    std::error_code failed;
    if (schema && !arguments.force && fs::exists(fs::path(arguments.folder) / file.name, failed)) continue;
    if (schema && arguments.dry_run) {
      std::printf("would write %s\n", file.name.c_str());
      continue;
    }
    const auto written = write_file(arguments, file.name, file.text, file.may_replace);
    if (!written.ok()) {
      print_error(written.error().text());
      return kFailed;
    }
    all &= *written || !file.may_replace;
  }
  if (!all) print_error("some files were there already: --force writes them anew");
  return all ? kDone : kFailed;
}

}  // namespace

void add_init_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("init", "Look at a repository, and write its .kubegate.yaml, hook and workflow");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("DIR", arguments->folder, "The top of the repository (default: this folder)")->type_name("");
  command->add_flag("--force", arguments->force, "Write what is there anew, .pre-commit-config.yaml excepted");
  command->add_flag("--dry-run", arguments->dry_run, "Show what would be written");
  command->callback([arguments, &exit_code] { exit_code = init(*arguments); });
}

}  // namespace kubegate
