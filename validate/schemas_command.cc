// `kubegate schemas import`: one version of one project into a bundle's text (schemas/README.md).
//
//   kubegate schemas import --project kubernetes --version 1.29 --openapi DIR --into schemas/kubernetes.bundle
//   kubegate schemas import --project karpenter --version v1.0.11 --crds DIR --into schemas/karpenter.bundle
//
// The work is in validate/schema/schemas_tool.h; here are the arguments and the files.
#include "validate/schemas_command.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validate/base/result.h"
#include "validate/schema/schemas_tool.h"

namespace kubegate {
namespace {

namespace fs = std::filesystem;
using schema::NamedText;

struct ImportOptions {
  std::string project, version, date;
  std::vector<std::string> openapi, crds;  // files or folders
  std::string served;                      // file
  std::string into;                        // file; "" is standard output
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (!stream) return Error{ErrorCode::kIo, path, "cannot be read"};
  return text;
}

// The files below `paths` whose names end in one of `extensions`, in the order of their names.
Result<std::vector<NamedText>> read_files(const std::vector<std::string>& paths,
                                          const std::vector<std::string_view>& extensions) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      names.push_back(path);
      continue;
    }
    for (fs::recursive_directory_iterator file(path, error), end; !error && file != end; file.increment(error)) {
      const std::string extension = file->path().extension().string();
      const bool wanted = std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
      if (wanted && file->is_regular_file(error)) names.push_back(file->path().string());
    }
    if (error) return Error{ErrorCode::kIo, path, "cannot be read: " + error.message()};
  }
  std::sort(names.begin(), names.end());
  std::vector<NamedText> files;
  for (std::string& name : names) {
    auto text = read_file(name);
    if (!text.ok()) return text.error();
    files.push_back({std::move(name), std::move(*text)});
  }
  if (files.empty()) return Error{ErrorCode::kArgument, paths.front(), "holds no files to import"};
  return files;
}

// Replaces the file as a whole, so that an interrupted run leaves the old one.
Result<Done> write_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  std::ofstream stream(temporary, std::ios::binary);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) fs::rename(temporary, path, error);
  if (!stream || error) return Error{ErrorCode::kIo, path, "cannot be written"};
  return Done{};
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

Result<std::string> import(const ImportOptions& options, std::string_view existing) {
  if (!options.openapi.empty()) {
    if (options.project != "kubernetes") {
      return Error{ErrorCode::kArgument, "--openapi",
                   "is for --project kubernetes; give other projects' CRDs with --crds"};
    }
    auto documents = read_files(options.openapi, {".json"});
    if (!documents.ok()) return documents.error();
    schema::OpenApiRelease release{options.version, options.date, std::move(*documents), {}, nullptr};
    if (!options.served.empty()) {
      auto served = read_file(options.served);
      if (!served.ok()) return served.error();
      release.served_by_default = std::move(*served);
    }
    return schema::add_openapi(existing, options.into, std::move(release));
  }
  if (options.crds.empty()) return Error{ErrorCode::kArgument, "", "nothing to import: give --openapi or --crds"};
  auto files = read_files(options.crds, {".yaml", ".yml", ".json"});
  if (!files.ok()) return files.error();
  return schema::add_crds(existing, options.into, {options.project, options.version, options.date, std::move(*files)});
}

Result<Done> run_import(ImportOptions options) {
  if (options.date.empty()) options.date = today();
  std::string existing;
  if (!options.into.empty() && fs::exists(options.into)) {
    auto text = read_file(options.into);
    if (!text.ok()) return text.error();
    existing = std::move(*text);
  }
  auto text = import(options, existing);
  if (!text.ok()) return text.error();
  if (!options.into.empty()) return write_file(options.into, *text);
  std::cout << *text;
  return Done{};
}

}  // namespace

void add_schemas_command(CLI::App& app, int& exit_code) {
  CLI::App* schemas = app.add_subcommand("schemas", "Make bundles of schemas");
  schemas->require_subcommand(1);
  CLI::App* command = schemas->add_subcommand("import", "Add one version of a project to a bundle");
  auto options = std::make_shared<ImportOptions>();
  command->add_option("--project", options->project, "Project: kubernetes, karpenter, …")->required();
  command->add_option("--version", options->version, "Version of the project: 1.29, v1.0.11")->required();
  auto* openapi =
      command->add_option("--openapi", options->openapi, "OpenAPI v3 documents of Kubernetes: files or folders");
  auto* crds = command->add_option("--crds", options->crds, "CustomResourceDefinitions: files or folders");
  openapi->excludes(crds);
  command->add_option("--served", options->served, "What the release serves by default: \"groupVersion kind …\" a line")
      ->needs(openapi);
  command->add_option("--date", options->date, "Day of the import, YYYY-MM-DD (default: today)");
  command->add_option("--into", options->into, "The bundle, which need not exist yet (default: print)");
  command->callback([options, &exit_code] {
    const auto done = run_import(*options);
    if (done.ok()) return;
    std::cerr << "kubegate: " << done.error().text() << '\n';
    exit_code = 2;
  });
}

}  // namespace kubegate
