#include "policy/gatekeeper/kept_document.h"

namespace kubegate::gatekeeper {

std::vector<run::Object> objects_of(const KeptDocument& document) {
  std::vector<run::Object> objects;
  if (document.document.empty() || !document.document.complete()) return objects;
  run::unpack(document.document, schema::identity_of(document.document, 0), objects);
  return objects;
}

std::vector<std::shared_ptr<const KeptDocument>> keep_documents(std::string path, std::string bytes,
                                                                document::Syntax syntax, const document::Limits& limits,
                                                                document::ScalarTable table) {
  std::vector<std::shared_ptr<const KeptDocument>> documents;
  const auto file = std::make_shared<const std::string>(std::move(bytes));
  document::Reader reader;
  document::Document document;  // read into again and again
  for (const document::Slice& slice : document::split(*file, syntax)) {
    reader.read(slice, syntax, limits, document, table);
    if (document.empty() && document.faults().empty()) continue;
    auto kept = std::make_shared<KeptDocument>();
    kept->path = path;
    kept->file = file;
    kept->document = document.take();
    kept->root.bind(kept->document, policy::NumberMode::kYaml);
    kept->root.freeze();
    documents.push_back(std::move(kept));
  }
  return documents;
}

}  // namespace kubegate::gatekeeper
