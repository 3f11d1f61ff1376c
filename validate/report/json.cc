// The JSON form: kubeconform's, so that what reads that reads this, and more in each resource. A status is what
// kubeconform would call it: statusInvalid is a verdict, statusError the lack of one.
#include "validate/report/forms.h"
#include "validate/report/json_text.h"
#include "validate/report/place.h"

namespace kubegate::report {

namespace {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::kValid: return "statusValid";
    case Status::kInvalid: return "statusInvalid";
    case Status::kError: return "statusError";
    case Status::kSkipped: return "statusSkipped";
  }
  return "";
}

class Json final : public Output {
 public:
  Json(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink), json_(sink.text()) {
    json_.writer().SetIndent(' ', 2);
    json_.begin_object();
    json_.begin_array("resources");
  }

  void write(const Resource& resource) override {
    const bool told = !resource.findings.empty() || !resource.suppressed.empty() ||
                      resource.status == Status::kInvalid || resource.status == Status::kError;
    if (!told && !options_.verbose) return;
    json_.begin_object();
    json_.member("filename", resource.path);
    json_.member("kind", resource.kind);
    json_.member("name", resource.name);
    json_.member("version", resource.api_version);
    json_.member("status", name_of(resource.status));
    json_.member("msg", joined_errors(resource));
    if (resource.status == Status::kInvalid) {
      json_.begin_array("validationErrors");
      for (const LocatedFinding& finding : resource.findings) {
        if (finding.severity != Severity::kError) continue;
        json_.begin_object();
        json_.member("path", finding.pointer);
        json_.member("msg", finding.message);
        json_.end_object();
      }
      json_.end_array();
    }
    json_.begin_array("findings");
    for (const AnyFinding& each : all_findings(resource)) write(*each.finding, each.suppressed);
    json_.end_array();
    json_.end_object();
    sink_.drain();
  }

  void finish(const Summary& summary) override {
    json_.end_array();
    json_.begin_object("summary");
    json_.number("valid", summary.valid);
    json_.number("invalid", summary.invalid);
    json_.number("errors", summary.unjudged);
    json_.number("skipped", summary.skipped);
    json_.number("ignored", summary.ignored);
    json_.number("known", summary.known);
    json_.end_object();
    json_.end_object();
    sink_.text() += '\n';
  }

 private:
  void write(const LocatedFinding& finding, const Suppressed* suppressed) {
    json_.begin_object();
    json_.member("rule", finding.rule);
    json_.member("severity", name_of_severity(finding.severity));
    json_.member("message", finding.message);
    json_.number("line", finding.line);
    json_.number("column", finding.column);
    json_.member("pointer", finding.pointer);
    json_.member("field", finding.field);
    json_.begin_array("versions");
    for (const std::string_view target : targets_of(finding, options_)) json_.string(target);
    json_.end_array();
    if (suppressed != nullptr) {
      json_.begin_object("suppressed");
      json_.member("kind", suppressed->kind == Suppressed::Kind::kIgnored ? "ignored" : "known");
      json_.member("reason", suppressed->reason);
      json_.end_object();
    }
    json_.end_object();
  }

  const OutputOptions options_;
  Sink& sink_;
  PrettyJson json_;
};

}  // namespace

std::unique_ptr<Output> make_json(OutputOptions options, Sink& sink) {
  return std::make_unique<Json>(std::move(options), sink);
}

}  // namespace kubegate::report
