// What a cache says that earlier runs have found: whatever it is, a run takes it, or does without.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "validate/report/report.h"
#include "validate/run/verdicts.h"

namespace run = kubegate::run;
namespace report = kubegate::report;

namespace {

const std::string kKey(64, 'k');

class One final : public kubegate::source::Cache {
 public:
  explicit One(std::string bytes) : bytes_(std::move(bytes)) {}
  std::optional<std::string> get(const std::string&) override { return bytes_; }
  void put(const std::string&, std::string_view) override {}

 private:
  const std::string bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  run::Verdicts verdicts(std::make_shared<One>(kKey + std::string(reinterpret_cast<const char*>(data), size)), {});
  static const run::Judge judge({}, nullptr, {});
  kubegate::source::Input input;
  input.path = "a.yaml";
  run::FilePart part;
  part.input = std::make_shared<const kubegate::source::Input>(input);
  if (!verdicts.find(kKey, judge, part)) return 0;
  for (std::size_t format = 0; format < report::format_names().size(); ++format) {
    report::OutputOptions options;
    options.targets = {"1.28", "1.29"};
    options.verbose = true;
    options.width = 80;
    report::Sink sink;
    const auto output = report::make_output(static_cast<report::Format>(format), options, sink);
    for (const run::DocumentResult& document : part.documents.open) {
      for (const report::Resource& resource : document.resources) output->write(resource);
    }
    output->finish({});
  }
  return 0;
}
