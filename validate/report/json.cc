// The JSON form: kubeconform's, so that what reads that reads this, and more in each resource. A status is what
// kubeconform would call it: statusInvalid is a verdict, statusError the lack of one.
#include <rapidjson/prettywriter.h>

#include "validate/report/forms.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

// RapidJSON's idea of a stream, over the text of a sink.
struct Stream {
  using Ch = char;
  std::string& text;
  void Put(char c) { text += c; }
  void Flush() {}
};

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
  Json(OutputOptions options, Sink& sink)
      : options_(std::move(options)), sink_(sink), stream_{sink.text()}, writer_(stream_) {
    writer_.SetIndent(' ', 2);
    writer_.StartObject();
    key("resources");
    writer_.StartArray();
  }

  void write(const Resource& resource) override {
    const bool told =
        !resource.findings.empty() || resource.status == Status::kInvalid || resource.status == Status::kError;
    if (!told && !options_.verbose) return;
    writer_.StartObject();
    member("filename", resource.path);
    member("kind", resource.kind);
    member("name", resource.name);
    member("version", resource.api_version);
    member("status", name_of(resource.status));
    member("msg", message_of(resource));
    if (resource.status == Status::kInvalid) {
      key("validationErrors");
      writer_.StartArray();
      for (const LocatedFinding& finding : resource.findings) {
        if (finding.severity != Severity::kError) continue;
        writer_.StartObject();
        member("path", finding.pointer);
        member("msg", finding.message);
        writer_.EndObject();
      }
      writer_.EndArray();
    }
    key("findings");
    writer_.StartArray();
    for (const LocatedFinding& finding : resource.findings) write(finding);
    writer_.EndArray();
    writer_.EndObject();
    sink_.drain();
  }

  void finish(const Summary& summary) override {
    writer_.EndArray();
    key("summary");
    writer_.StartObject();
    number("valid", summary.valid);
    number("invalid", summary.invalid);
    number("errors", summary.unjudged);
    number("skipped", summary.skipped);
    writer_.EndObject();
    writer_.EndObject();
    sink_.text() += '\n';
  }

 private:
  void write(const LocatedFinding& finding) {
    writer_.StartObject();
    member("rule", finding.rule);
    member("severity", finding.severity == Severity::kError ? "error" : "warning");
    member("message", finding.message);
    number("line", finding.line);
    number("column", finding.column);
    member("pointer", finding.pointer);
    member("field", finding.field);
    key("versions");
    writer_.StartArray();
    for (std::size_t i = 0; i < options_.targets.size(); ++i) {
      if (finding.targets >> i & 1) string(options_.targets[i]);
    }
    writer_.EndArray();
    writer_.EndObject();
  }

  static std::string message_of(const Resource& resource) {
    std::string text = resource.note;
    for (const LocatedFinding& finding : resource.findings) {
      if (finding.severity != Severity::kError) continue;
      if (!text.empty()) text += "; ";
      text += finding.message;
    }
    if (resource.findings_left_out > 0) text += "; " + left_out(resource);
    return text;
  }

  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  void string(std::string_view value) {
    const std::string text = valid_utf8(value);
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  void member(std::string_view name, std::string_view value) {
    key(name);
    string(value);
  }

  void number(std::string_view name, std::uint64_t value) {
    key(name);
    writer_.Uint64(value);
  }

  const OutputOptions options_;
  Sink& sink_;
  Stream stream_;
  rapidjson::PrettyWriter<Stream> writer_;
};

}  // namespace

std::unique_ptr<Output> make_json(OutputOptions options, Sink& sink) {
  return std::make_unique<Json>(std::move(options), sink);
}

}  // namespace kubegate::report
