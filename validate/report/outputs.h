// Several forms of one report at once: `--output full --output sarif=out.sarif`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"
#include "validate/report/new_file.h"
#include "validate/report/report.h"

namespace kubegate::report {

struct Destination {
  Format format = Format::kFull;
  std::string file;  // "" is standard output
};

// "full", "json=-" (standard output) or "sarif=out.sarif". An Error names the formats, and the nearest one.
Result<Destination> parse_destination(std::string_view text);

// The forms of one run. Files come into being with commit(), each whole or not at all; without it they are as before.
class Outputs final : public Output {
 public:
  // Opens what is to be written. An Error says what cannot be: two forms to standard output, two to one file, a folder
  // that does not exist. `options` are those of standard output; files get neither colour nor its width.
  static Result<std::unique_ptr<Outputs>> open(const std::vector<Destination>& destinations,
                                               const OutputOptions& options, int standard_output);

  void write(const Resource& resource) override;
  void finish(const Summary& summary) override;

  // Writes what is left and gives the files their names, also when one of them cannot be: the Error is of the first.
  Result<Done> commit();

 private:
  struct Form {
    std::unique_ptr<NewFile> file;  // null: standard output
    std::unique_ptr<Sink> sink;
    std::unique_ptr<Output> output;
  };

  std::vector<Form> forms_;
};

}  // namespace kubegate::report
