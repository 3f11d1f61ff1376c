#include "validate/report/report.h"

#include "validate/report/forms.h"

namespace kubegate::report {

std::unique_ptr<Output> make_output(Format format, OutputOptions options, Sink& sink) {
  switch (format) {
    case Format::kFull: return make_lines(std::move(options), sink, true);
    case Format::kConcise: return make_lines(std::move(options), sink, false);
    case Format::kJson: return make_json(std::move(options), sink);
  }
  return nullptr;
}

std::string left_out(const Resource& resource) {
  const bool one = resource.findings_left_out == 1;
  return std::to_string(resource.findings_left_out) + " more " + (one ? "finding" : "findings") + " here " +
         (one ? "is" : "are") + " counted but not shown";
}

}  // namespace kubegate::report
