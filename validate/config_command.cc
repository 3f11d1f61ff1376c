#include "validate/config_command.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "validate/command.h"
#include "validate/report/json_text.h"
#include "validate/report/outputs.h"
#include "validate/settings.h"
#include "validate/settings_command.h"

namespace kubegate {
namespace {

constexpr int kDone = 0, kFaults = 1, kFailed = 2;

using config::Config;
using config::KeyInfo;
using config::Value;

void append_row(std::string& out, std::string_view name, std::string_view value, std::string_view origin) {
  const auto padded = [&](std::string_view text, std::size_t width) {
    report::append_safe(out, text);
    out.append(text.size() < width ? width - text.size() : 1, ' ');
  };
  padded(name, 26);
  padded(value, 34);
  report::append_safe(out, origin);
  out += '\n';
}

void append_rows(std::string& out, const KeyInfo& key, const std::vector<Value>& values, std::string_view indent) {
  std::string name = std::string(indent) + std::string(key.name);
  if (values.empty()) append_row(out, name, "-", "default");
  for (const Value& value : values) append_row(out, std::exchange(name, ""), value.text, value.origin.text());
}

std::string as_text(const Config& config) {
  std::string out = config.file.empty() ? "no .kubegate.yaml\n" : "";
  for (const KeyInfo& key : config::keys()) {
    if (key.of_file) append_rows(out, key, config.at(key.key), "");
  }
  for (const config::Cluster& cluster : config.clusters) {
    append_row(out, "cluster", cluster.name.text, cluster.name.origin.text());
    for (const KeyInfo& key : config::keys()) {
      if (key.of_cluster) append_rows(out, key, config.at(key.key, cluster), "  ");
    }
  }
  return out;
}

void append_json(report::PrettyJson& json, const KeyInfo& key, const std::vector<Value>& values) {
  json.begin_array(key.name);
  for (const Value& value : values) {
    json.begin_object();
    json.member("value", value.text);
    json.member("origin", value.origin.text());
    json.end_object();
  }
  json.end_array();
}

std::string as_json(const Config& config) {
  std::string out;
  report::PrettyJson json(out);
  json.writer().SetIndent(' ', 2);
  json.begin_object();
  json.member("file", config.file);
  json.begin_object("settings");
  for (const KeyInfo& key : config::keys()) {
    if (key.of_file) append_json(json, key, config.at(key.key));
  }
  json.end_object();
  json.begin_array("clusters");
  for (const config::Cluster& cluster : config.clusters) {
    json.begin_object();
    json.member("name", cluster.name.text);
    json.member("origin", cluster.name.origin.text());
    json.begin_object("settings");
    for (const KeyInfo& key : config::keys()) {
      if (key.of_cluster) append_json(json, key, config.at(key.key, cluster));
    }
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out + '\n';
}

int print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? kDone : kFailed;
}

int show(const SettingFlags& flags, bool json) {
  const auto settings = RunSettings::load(flags);
  if (!settings.ok()) {
    print_error(settings.error().text());
    return kFailed;
  }
  run::Options options;
  run::PolicySettings policies;
  std::vector<report::Destination> outputs;
  if (const auto applied = (*settings)->apply(options, policies, outputs); !applied.ok()) {
    print_error(applied.error().text());
    return kFailed;
  }
  const Config& config = (*settings)->config();
  int code = print(json ? as_json(config) : as_text(config));
  for (const report::Resource& resource : (*settings)->faults()) {
    report::Sink sink(STDERR_FILENO, "standard error");
    report::make_output(report::Format::kFull, process_output_options(), sink)->write(resource);
    sink.flush();
    if (code == kDone) code = kFaults;
  }
  return code;
}

}  // namespace

void add_config_command(CLI::App& app, int& exit_code) {
  CLI::App* config = app.add_subcommand("config", "Tell which settings hold, and where they come from");
  config->require_subcommand(1);
  CLI::App* command = config->add_subcommand("show", "All settings, each with its place");
  // --output is the form of what is shown here; that of reports can be shown but not given.
  const auto arguments = std::make_shared<SettingArguments>();
  const auto form = std::make_shared<std::string>("text");
  arguments->add_to(*command, false);
  command->add_option("--output", *form, "text (the default) or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORM");
  command->callback([arguments, form, &exit_code] { exit_code = show(arguments->take(), *form == "json"); });
  config->add_subcommand("schema", "The JSON Schema of .kubegate.yaml, for editors")->callback([&exit_code] {
    exit_code = print(config::schema_text());
  });
}

}  // namespace kubegate
