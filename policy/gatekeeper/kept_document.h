// KeptDocument: a document that outlives the pass over its file, since policies or an inventory are made of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/value/document_root.h"
#include "validate/document/document.h"
#include "validate/document/read.h"
#include "validate/run/object.h"

namespace kubegate::gatekeeper {

struct KeptDocument {
  std::string path;                         // of its file, as reports show it
  std::shared_ptr<const std::string> file;  // the bytes that `document` views
  document::Document document;
  policy::DocumentRoot root;  // frozen: any number of threads may read it

  KeptDocument() = default;
  KeptDocument(const KeptDocument&) = delete;
  KeptDocument& operator=(const KeptDocument&) = delete;

  policy::Value value(document::NodeIndex node) const { return root.value_of(node); }
};

// The objects of a document that was read to its end, Lists unpacked; none of one that was not.
std::vector<run::Object> objects_of(const KeptDocument& document);

// The documents of a file that are not empty, complete or not. Numbers are those of a YAML text on its way through
// JSON, as Gatekeeper keeps parameters and inventory.
std::vector<std::shared_ptr<const KeptDocument>> keep_documents(
    std::string path, std::string bytes, document::Syntax syntax, const document::Limits& limits,
    document::ScalarTable table = document::ScalarTable::kCluster);

}  // namespace kubegate::gatekeeper
