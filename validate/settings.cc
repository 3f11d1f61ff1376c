// The file's form is judged by the checker that judges custom resources: its JSON Schema is in the dialect of CRDs, so a
// definition around it makes it a kind like any other, and the schema that editors read is the one that judges. What a
// schema cannot say (versions and bundles that there are, paths that exist) is said here, at the place of the value.
//
// A run whose file has a fault judges nothing else: half a configuration would judge by the wrong rules.
//
// Tested in tests/validate/config_command_test.cc.
#include "validate/settings.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "validate/document/read.h"
#include "validate/run/clusters.h"
#include "validate/run/locate.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"
#include "validate/source/read.h"

namespace kubegate {

namespace {

namespace fs = std::filesystem;
using config::Key;
using config::Value;

constexpr std::uint64_t kMostBytes = 8 << 20;  // of the file

// The rule of the configuration that a rule of schemas is there.
std::string_view config_rule(std::string_view rule) {
  if (rule == "schema/unknown-field") return "config/unknown-field";
  if (rule == "schema/type" || rule == "schema/null") return "config/type";
  if (rule == "schema/required") return "config/required";
  return rule.starts_with("schema/") || rule.starts_with("server/") ? "config/value" : rule;
}

}  // namespace

Result<std::unique_ptr<RunSettings>> RunSettings::load(const SettingFlags& flags) {
  std::unique_ptr<RunSettings> settings(new RunSettings);
  if (!flags.no_file) {
    std::string file = flags.file;
    std::error_code failed;
    if (file.empty()) file = config::find_file(fs::current_path(failed)).value_or("");
    if (!file.empty()) {
      if (const auto done = settings->read(file); !done.ok()) return done.error();
    }
  }
  for (const auto& [key, values] : flags.values) settings->config_.set_by_flag(key, values);
  return settings;
}

Result<Done> RunSettings::read(const std::string& file) {
  source::Buffer buffer;
  const auto content = source::read_file(file, kMostBytes, buffer);
  if (!content.ok()) return Error{content.error().code, file, content.error().message};
  text_ = *content;
  config_.file = file;
  const auto slices = document::split(text_, document::Syntax::kYaml);
  const document::Slice slice = slices.empty() ? document::Slice{text_, 1} : slices.front();
  document::read(slice, document::Syntax::kYaml, {}, document_);
  findings_.assign(document_.faults().begin(), document_.faults().end());
  if (slices.size() > 1) {
    Finding finding;
    finding.rule = "config/value";
    finding.message = "the configuration is one document: what stands behind this one is not read";
    findings_.push_back(std::move(finding));
  }
  if (!document_.complete()) return Done{};
  config_ = config::read_config(document_, file);
  check_by_schema();
  return Done{};
}

void RunSettings::check_by_schema() {
  std::string definition =
      R"({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
          "metadata": {"name": "configs.kubegate.dev"},
          "spec": {"group": "kubegate.dev", "scope": "Cluster",
                   "names": {"kind": "Config", "listKind": "ConfigList", "plural": "configs", "singular": "config"},
                   "versions": [{"name": "v1alpha1", "served": true, "storage": true, "schema": {"openAPIV3Schema": )";
  definition += config::schema_text();
  definition += "}}]}}";
  document::Document crd;
  document::read({definition, 1}, document::Syntax::kJson, {}, crd);
  schema::CrdSet set;
  set.add(crd, 0);
  const std::string newest = "master";
  auto targets = schema::parse_targets(std::span(&newest, 1));
  const auto catalogue = schema::Catalogue::make({std::move(*targets), {}}, &set, nullptr);
  if (document_.empty() || document_[0].kind != document::Kind::kMap) {
    Finding finding;
    finding.rule = "config/type";
    finding.message =
        "the configuration must be a mapping that begins with apiVersion: " + std::string(config::kApiVersion) +
        " and kind: " + std::string(config::kKind);
    findings_.push_back(std::move(finding));
    return;
  }
  // Whatever it says it is, it is judged as what it has to be.
  schema::ObjectIdentity identity;
  identity.api_version = config::kApiVersion;
  identity.kind = config::kKind;
  const std::size_t before = findings_.size();
  schema::check_object(**catalogue, document_, 0, identity, (*catalogue)->resolve(identity.api_version, identity.kind),
                       "", {}, findings_);
  for (std::size_t i = before; i < findings_.size(); ++i) {
    findings_[i].rule = config_rule(findings_[i].rule);
    findings_[i].targets = kAllTargets;
  }
  const document::NodeIndex metadata = document_.find(0, "metadata");
  if (metadata == document::kNoNode) return;
  Finding finding;
  finding.rule = "config/unknown-field";
  finding.message = "a configuration has no metadata";
  finding.span = document_[metadata - 1].span();
  finding.pointer = "/metadata";
  finding.field = "metadata";
  findings_.push_back(std::move(finding));
}

void RunSettings::fault(std::string_view rule, const Value& value, std::string message) {
  Finding finding;
  finding.rule = rule;
  finding.message = std::move(message);
  finding.span = value.origin.span;
  finding.field = value.origin.field;
  findings_.push_back(std::move(finding));
}

// What a value's user is told: a finding where the file says it, an error where a flag does.
Result<Done> RunSettings::refuse(const Value& value, const Error& error) {
  if (value.origin.file.empty()) return error;
  fault("config/value", value, error.message);
  return Done{};
}

Result<Done> RunSettings::parse_targets(const std::vector<Value>& values, std::vector<schema::Target>& out) {
  std::vector<std::string> sound;
  for (const Value& value : values) {
    const auto target = schema::parse_targets(std::span(&value.text, 1));
    if (target.ok()) {
      sound.push_back(value.text);
    } else if (const auto refused = refuse(value, target.error()); !refused.ok()) {
      return refused;
    }
  }
  out = *schema::parse_targets(sound);
  return Done{};
}

Result<Done> RunSettings::check_bundles(const std::vector<Value>& values) {
  const std::string newest = "master";
  for (const Value& value : values) {
    if (value.origin.file.empty()) continue;  // the run tells
    auto targets = schema::parse_targets(std::span(&newest, 1));
    const auto tried = schema::Catalogue::make({std::move(*targets), {value.text}}, nullptr, nullptr);
    if (tried.ok()) continue;
    if (const auto refused = refuse(value, tried.error()); !refused.ok()) return refused;
  }
  return Done{};
}

void RunSettings::check_paths() {
  const auto check = [&](const config::Settings& settings) {
    for (const config::KeyInfo& key : config::keys()) {
      const auto said = settings.find(key.key);
      if (!key.is_path || key.key == Key::kCacheFolder || said == settings.end()) continue;
      for (const Value& value : said->second) {
        std::error_code failed;
        if (value.origin.file.empty() || value.text.empty() || fs::exists(value.text, failed)) continue;
        fault("config/value", value, "there is no such file or folder: " + value.text);
      }
    }
  };
  check(config_.settings);
  for (const config::Cluster& cluster : config_.clusters) check(cluster.settings);
}

Result<Done> RunSettings::apply_clusters(run::Options& options) {
  std::set<std::string> names;
  options.clusters_root = config_.folder;
  for (const config::Cluster& said : config_.clusters) {
    if (!names.insert(said.name.text).second) {
      fault("config/value", said.name, "two clusters have the name " + said.name.text);
    }
    run::ClusterOptions cluster;
    cluster.name = said.name.text;
    for (const Value& overlay : config_.at(Key::kOverlays, said)) {
      cluster.overlays.push_back(config::pattern_of(overlay.text, true));
    }
    if (const auto done = parse_targets(config_.at(Key::kKubernetesVersions, said), cluster.targets); !done.ok()) {
      return done;
    }
    if (const auto done = check_bundles(config_.at(Key::kCrdBundles, said)); !done.ok()) return done;
    cluster.crds = config_.texts(Key::kCrds, said);
    cluster.crd_bundles = config_.texts(Key::kCrdBundles, said);
    options.clusters.push_back(std::move(cluster));
  }
  // What goes to no cluster that is named is judged for all of them.
  if (!options.clusters.empty() && !config_.says(Key::kKubernetesVersions)) {
    options.targets.clear();
    options.targets = run::all_targets(options);
  }
  return Done{};
}

Result<Done> RunSettings::apply(run::Options& options, run::PolicySettings& policies,
                                std::vector<report::Destination>& outputs) {
  if (const auto done = parse_targets(config_.at(Key::kKubernetesVersions), options.targets); !done.ok()) return done;
  if (const auto done = check_bundles(config_.at(Key::kCrdBundles)); !done.ok()) return done;
  for (const Value& value : config_.at(Key::kOutputs)) {
    auto destination = report::parse_destination(value.text);
    if (destination.ok()) {
      outputs.push_back(std::move(*destination));
    } else if (const auto refused = refuse(value, destination.error()); !refused.ok()) {
      return refused;
    }
  }
  check_paths();
  options.crds = config_.texts(Key::kCrds);
  options.crd_bundles = config_.texts(Key::kCrdBundles);
  options.skip = config_.texts(Key::kSkip);
  options.reject = config_.texts(Key::kReject);
  options.ignore_patterns = config_.texts(Key::kExclude);
  options.strict = config_.on(Key::kStrict);
  options.ignore_missing_schemas = config_.on(Key::kIgnoreMissingSchemas);
  options.allow_empty = config_.on(Key::kAllowEmpty);
  policies.paths = config_.texts(Key::kPolicies);
  policies.bundles = config_.texts(Key::kRules);
  policies.inventory = config_.texts(Key::kInventory);
  if (const auto done = apply_clusters(options); !done.ok()) return done;
  if (findings_.empty()) return Done{};
  // Nothing will be judged, so what cannot be used must not stop the report.
  options.crds.clear();
  options.crd_bundles.clear();
  options.ignore_patterns.clear();
  options.clusters.clear();
  if (options.targets.empty()) {
    const std::vector<std::string> versions = config::Config().texts(Key::kKubernetesVersions);
    options.targets = *schema::parse_targets(versions);
  }
  return Done{};
}

std::vector<report::Resource> RunSettings::faults() {
  if (findings_.empty()) return {};
  report::Resource resource;
  resource.path = config_.file;
  resource.api_version = config::kApiVersion;
  resource.kind = config::kKind;
  resource.line = 1;
  resource.column = 1;
  resource.status = report::Status::kInvalid;
  run::locate(document_, findings_, resource.findings);
  return {std::move(resource)};
}

}  // namespace kubegate
