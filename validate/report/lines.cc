// The compiler's forms: `path:line:column: error: message [rule]`, which editors and CI systems read as they read a
// compiler's output. Where a finding does not hold for all targets of the run, the line says so behind the rule, so
// that the part which tools parse stays as they know it.
#include <algorithm>

#include "validate/report/excerpt.h"
#include "validate/report/forms.h"
#include "validate/report/place.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

constexpr std::string_view kBold = "\x1b[1m", kRed = "\x1b[1;31m", kMagenta = "\x1b[1;35m", kGreen = "\x1b[32m",
                           kYellow = "\x1b[33m", kDim = "\x1b[2m", kPlain = "\x1b[0m";

constexpr unsigned kWidth = 120;    // columns where the terminal does not tell
constexpr std::size_t kGutter = 5;  // digits of the line number

class Lines final : public Output {
 public:
  Lines(OutputOptions options, Sink& sink, bool excerpts)
      : options_(std::move(options)), sink_(sink), out_(sink.text()), excerpts_(excerpts) {
    if (options_.width == 0) options_.width = kWidth;
  }

  void write(const Resource& resource) override {
    for (const LocatedFinding& finding : resource.findings) write(resource.path, finding);
    if (resource.findings_left_out > 0) {
      place(resource.path, resource.line, resource.column);
      out_ += "note: " + left_out(resource) + '\n';
    }
    if (options_.verbose) {
      for (const Suppressed& suppressed : resource.suppressed) write(resource.path, suppressed);
    }
    if (options_.verbose && resource.findings.empty() && resource.status == Status::kValid) {
      state(resource, "valid", kGreen);
    }
    if (options_.verbose && resource.status == Status::kSkipped) state(resource, "skipped", kYellow);
    sink_.drain();
  }

  void finish(const Summary& summary) override {
    append_safe(out_, summary_line(summary));
    out_ += '\n';
  }

 private:
  void write(std::string_view path, const LocatedFinding& finding) {
    const bool error = finding.severity == Severity::kError;
    place(path, finding.line, finding.column);
    coloured(error ? kRed : kMagenta, error ? "error:" : "warning:");
    out_ += ' ';
    begin(kBold);
    append_safe(out_, finding.message);
    end();
    out_ += ' ';
    begin(kDim);
    out_ += '[';
    out_ += finding.rule;
    out_ += ']';
    if (const std::string targets = limited_to(finding, options_); !targets.empty()) out_ += " (" + targets + " only)";
    end();
    out_ += '\n';
    if (excerpts_ && !finding.excerpt.text.empty()) draw_excerpt(finding, error ? kRed : kMagenta);
  }

  // "path:line:column: ignored: message [rule] (reason)".
  void write(std::string_view path, const Suppressed& suppressed) {
    const LocatedFinding& finding = suppressed.finding;
    place(path, finding.line, finding.column);
    coloured(kYellow, suppressed.kind == Suppressed::Kind::kIgnored ? "ignored:" : "known:");
    out_ += ' ';
    append_safe(out_, finding.message);
    out_ += " [";
    append_safe(out_, finding.rule);
    out_ += ']';
    if (!suppressed.reason.empty()) {
      out_ += " (";
      append_safe(out_, suppressed.reason);
      out_ += ')';
    }
    out_ += '\n';
  }

  void draw_excerpt(const LocatedFinding& finding, std::string_view colour) {
    std::string number = std::to_string(finding.line);
    if (number.size() < kGutter) number.insert(0, kGutter - number.size(), ' ');
    const unsigned gutter = static_cast<unsigned>(number.size()) + 3;
    const Drawn drawn = draw(finding.excerpt, options_.width > gutter ? options_.width - gutter : 0);
    gutter_of(number);
    if (!drawn.source.empty()) (out_ += ' ') += drawn.source;
    out_ += '\n';
    gutter_of(std::string(number.size(), ' '));
    out_ += ' ';
    coloured(colour, drawn.caret);
    out_ += '\n';
  }

  void gutter_of(std::string_view number) {
    begin(kDim);
    out_ += number;
    out_ += " |";
    end();
  }

  void state(const Resource& resource, std::string_view word, std::string_view colour) {
    place(resource.path, resource.line, resource.column);
    coloured(colour, std::string(word) + ":");
    if (!resource.kind.empty()) {
      out_ += ' ';
      append_safe(out_, resource.kind);
      out_ += ' ';
      append_safe(out_, resource.name);
    }
    if (!resource.note.empty()) {
      out_ += resource.kind.empty() ? " " : " (";
      append_safe(out_, resource.note);
      if (!resource.kind.empty()) out_ += ')';
    }
    out_ += '\n';
  }

  // "path:line:column: ", or "path: " for a file as a whole.
  void place(std::string_view path, std::uint32_t line, std::uint32_t column) {
    begin(kBold);
    append_safe(out_, path);
    if (line > 0) {
      out_ += ':';
      out_ += std::to_string(line);
      out_ += ':';
      out_ += std::to_string(column);
    }
    out_ += ':';
    end();
    out_ += ' ';
  }

  void begin(std::string_view colour) {
    if (options_.colour) out_ += colour;
  }
  void end() {
    if (options_.colour) out_ += kPlain;
  }
  void coloured(std::string_view colour, std::string_view text) {
    begin(colour);
    out_ += text;
    end();
  }

  OutputOptions options_;
  Sink& sink_;
  std::string& out_;
  const bool excerpts_;
};

}  // namespace

std::unique_ptr<Output> make_lines(OutputOptions options, Sink& sink, bool excerpts) {
  return std::make_unique<Lines>(std::move(options), sink, excerpts);
}

}  // namespace kubegate::report
