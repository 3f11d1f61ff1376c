#include "validate/settings_command.h"

#include <CLI/CLI.hpp>

#include "validate/command.h"

namespace kubegate {

using config::Key;

void SettingArguments::add_to(CLI::App& command, bool outputs, const NamedFlags& named) {
  const auto list = [&](Key key, const char* flag, const char* type, const char* description, char delimiter = '\0') {
    if (!named(flag)) return;
    Given& given = given_[key];
    given.option = repeatable(command, flag, given.texts, type, description)->delimiter(delimiter);
  };
  const auto flag = [&](Key key, const char* name, const char* description) {
    if (!named(name)) return;
    Given& given = given_[key];
    given.on = key == Key::kStrict;
    given.option = command.add_flag(name, given.on, description);
  };
  list(Key::kKubernetesVersions, "--kubernetes-version", "VERSION",
       "Judge for these versions: 1.29, v1.29.3, master; a list or\nrepeated (default: 1.28,1.29)",
       ',');
  list(Key::kCrds, "--crd", "PATH", "CustomResourceDefinitions: a file or a folder; repeatable");
  list(Key::kCrdBundles, "--crd-bundle", "NAME@VERSION",
       "Judge by this version of a project's built-in CRDs (see\n"
       "kubegate version) instead of the newest that fits; repeatable",
       ',');
  list(Key::kPolicies, "--policy", "PATH",
       "Gatekeeper's ConstraintTemplates and constraints: a file or a\nfolder; repeatable");
  list(Key::kRules, "--rules", "BUNDLES",
       "Policies of the built-in library: names of bundles, of rules\n(team/required-labels), or all; a list or "
       "repeated",
       ',');
  list(Key::kInventory, "--inventory", "PATH",
       "Objects that the cluster holds besides, for policies that read\ndata.inventory; repeatable");
  flag(Key::kStrict, "--strict",
       "Unknown fields and keys written twice are errors (the\ndefault; --strict=false for the loose form)");
  flag(Key::kIgnoreMissingSchemas, "--ignore-missing-schemas", "Pass over kinds that have no schema");
  list(Key::kSkip, "--skip", "KINDS", "Do not judge these: Kind or apiVersion/Kind, a list or repeated", ',');
  list(Key::kReject, "--reject", "KINDS", "Let none of these pass; skipping wins over it", ',');
  list(Key::kExclude, "--ignore-filename-pattern", "RE", "Skip paths in which this expression matches; repeatable");
  flag(Key::kAllowEmpty, "--allow-empty", "Let a run without any object pass");
  if (outputs) {
    list(Key::kOutputs, "--output", "FORMAT[=FILE]", kOutputHelp);
  }
  if (named("--known")) {
    Given& known = given_[Key::kKnownFindings];
    known.texts.resize(1);
    known.option =
        command.add_option("--known", known.texts.front(), "Findings in this list are counted, but are no errors")
            ->type_name("FILE");
  }
  if (named("--config") || named("--no-config")) {
    auto* file = command
                     .add_option("--config", file_,
                                 "Settings, instead of the .kubegate.yaml of this folder or\n"
                                 "one above it; flags win over them, and replace lists")
                     ->type_name("FILE");
    command.add_flag("--no-config", no_file_, "Read no .kubegate.yaml")->excludes(file);
  }
}

SettingFlags SettingArguments::take() const {
  SettingFlags flags;
  flags.file = file_;
  flags.no_file = no_file_;
  for (const auto& [key, given] : given_) {
    if (given.option->count() == 0) continue;
    const bool is_switch = key == Key::kStrict || key == Key::kIgnoreMissingSchemas || key == Key::kAllowEmpty;
    flags.values[key] = is_switch ? std::vector<std::string>{given.on ? "true" : "false"} : given.texts;
  }
  return flags;
}

}  // namespace kubegate
