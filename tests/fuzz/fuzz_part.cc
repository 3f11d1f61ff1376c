// Parts of a report from other machines: what Merge takes, every form must be able to write.
#include <cstddef>
#include <cstdint>
#include <string>

#include "validate/report/merge.h"

namespace report = kubegate::report;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto merge = report::Merge::open({{"part", std::string(reinterpret_cast<const char*>(data), size)}});
  if (!merge.ok()) return 0;
  for (std::size_t format = 0; format < report::format_names().size(); ++format) {
    report::OutputOptions options;
    options.targets = merge->run().targets;
    options.folder = merge->run().folder;
    options.root = merge->run().root;
    options.verbose = true;
    options.width = 80;
    options.colour = true;
    report::Sink sink;
    const auto output = report::make_output(static_cast<report::Format>(format), options, sink);
    merge->write(*output);
  }
  return 0;
}
