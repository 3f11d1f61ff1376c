#include "policy/gatekeeper/kept_document.h"

namespace kubegate::gatekeeper {

std::vector<std::shared_ptr<const KeptDocument>> keep_documents(std::string path, std::string bytes,
                                                                document::Syntax syntax, const document::Limits& limits,
                                                                document::ScalarTable table) {
  std::vector<std::shared_ptr<const KeptDocument>> documents;
  const auto file = std::make_shared<const std::string>(std::move(bytes));
  for (const document::Slice& slice : document::split(*file, syntax)) {
    auto kept = std::make_shared<KeptDocument>();
    kept->path = path;
    kept->file = file;
    document::read(slice, syntax, limits, kept->document, table);
    if (kept->document.empty() && kept->document.faults().empty()) continue;
    kept->root.bind(kept->document, policy::NumberMode::kYaml);
    kept->root.freeze();
    documents.push_back(std::move(kept));
  }
  return documents;
}

}  // namespace kubegate::gatekeeper
