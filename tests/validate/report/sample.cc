#include "tests/validate/report/sample.h"

namespace kubegate::report::testing {

LocatedFinding finding(std::string_view rule, Severity severity, std::string message, std::uint32_t line,
                       std::uint32_t column, Excerpt excerpt, std::string pointer, std::string field,
                       TargetMask targets) {
  LocatedFinding made;
  made.rule = rule;
  made.severity = severity;
  made.message = std::move(message);
  made.line = line;
  made.column = column;
  made.excerpt = std::move(excerpt);
  made.pointer = std::move(pointer);
  made.field = std::move(field);
  made.targets = targets;
  return made;
}

Resource resource(std::string_view path, std::string api_version, std::string kind, std::string name,
                  std::uint32_t line, Status status, std::vector<LocatedFinding> findings, std::string note) {
  Resource made;
  made.path = path;
  made.api_version = std::move(api_version);
  made.kind = std::move(kind);
  made.name = std::move(name);
  made.line = line;
  made.column = line > 0 ? 1 : 0;
  made.status = status;
  made.findings = std::move(findings);
  made.note = std::move(note);
  return made;
}

std::vector<Resource> sample_resources() {
  constexpr auto kError = Severity::kError, kWarning = Severity::kWarning;
  std::vector<Resource> all;
  all.push_back(resource("overlays/primary/api.yaml", "v1", "ConfigMap", "api", 1, Status::kValid));
  all.push_back(resource(
      "overlays/primary/api.yaml", "apps/v1", "Deployment", "api", 35, Status::kInvalid,
      {finding("schema/unknown-field", kError,
               "unknown field \"replica\" in Deployment.spec, did you mean \"replicas\"?", 41, 3,
               {"  replica: 3", 2, 7, false, false}, "/spec/replica", "spec.replica"),
       finding("schema/type", kError, "expected a string, not 8080", 52, 22,
               {"\t- {name: \"größe\", value: 8080}", 28, 4, false, false},
               "/spec/template/spec/containers/0/env/0/value", "spec.template.spec.containers[0].env[0].value", 2)}));
  all.push_back(resource(
      "overlays/primary/flow.yaml", "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", "f", 1, Status::kValid,
      {finding("schema/dropped-next", kWarning, "gone in 1.29: use flowcontrol.apiserver.k8s.io/v1beta3", 1, 13,
               {"apiVersion: flowcontrol.apiserver.k8s.io/v1beta2", 12, 36, false, false}, "/apiVersion", "apiVersion",
               1)}));
  all.push_back(resource("overlays/primary/web.yaml", "", "", "", 7, Status::kError,
                         {finding("document/syntax", kError, "a \"quote\" that never ends: \x1b[31m\xff", 9, 8,
                                  {"  text: \"\x1b[31m\xff and more", 8, 1, false, false})}));
  all.push_back(resource("min\nified.json", "v1", "Secret", "s", 1, Status::kInvalid,
                         {finding("schema/format", kError, "not base64", 1, 7001,
                                  {std::string(200, 'a') + "日本" + std::string(200, 'b'), 200, 6, true, true},
                                  "/data/a~1b", "data[a/b]")}));
  all.back().findings_left_out = 2;
  all.push_back(
      resource("overlays/primary/secret.yaml", "v1", "Secret", "token", 4, Status::kSkipped, {}, "--skip Secret"));
  all.push_back(resource("overlays/primary/kustomization.yaml", "", "", "", 0, Status::kSkipped, {}, "kustomization"));
  all.push_back(resource(
      "overlays/primary/large.yaml", "", "", "", 0, Status::kError,
      {finding("document/limit", kError, "the file is larger than 1024 MiB, the most that is read", 1, 1, {})}));
  all.push_back(resource("overlays/primary/closed.yaml", "", "", "", 0, Status::kError, {}, "Permission denied"));
  return all;
}

Summary sample_summary() {
  Summary summary;
  summary.targets = {"1.28", "1.29"};
  summary.files = 6;
  summary.objects = 5;
  summary.errors = 7;
  summary.warnings = 1;
  summary.rules_not_evaluated = 7;
  summary.files_not_read = 1;
  summary.objects_skipped = 1;
  summary.files_skipped = {{1, "kustomization", "kustomizations"}};
  summary.valid = 2;
  summary.invalid = 2;
  summary.unjudged = 3;
  summary.skipped = 2;
  return summary;
}

std::string written(Format format, const OutputOptions& options, const std::vector<Resource>& resources,
                    const Summary& summary) {
  Sink sink;
  const auto output = make_output(format, options, sink);
  for (const Resource& told : resources) output->write(told);
  output->finish(summary);
  return sink.text();
}

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

}  // namespace kubegate::report::testing
