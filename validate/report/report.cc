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

}  // namespace kubegate::report
