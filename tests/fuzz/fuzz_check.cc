// Any bytes as manifests: the checker never crashes, its verdict and its words agree, and every finding points inside
// the document. Definitions among the documents serve the others, so compiling them is driven too.

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "validate/document/read.h"
#include "validate/schema/check.h"
#include "validate/schema/explain.h"

namespace {

using namespace kubegate;

void expect(bool holds) {
  if (!holds) std::abort();
}

std::shared_ptr<const schema::Catalogue> make_catalogue(const schema::CrdSet* found) {
  static const auto targets = *schema::parse_targets(std::vector<std::string>{"1.28", "1.29", "1.36"});
  auto made = schema::Catalogue::make({targets, {}}, nullptr, found);
  expect(made.ok());
  return *made;
}

void check(const schema::Catalogue& catalogue, const document::Document& document) {
  std::vector<Finding> findings;
  schema::check_object(catalogue, document, 0, "", {}, findings);
  for (const Finding& finding : findings) {
    expect(std::size_t{finding.span.begin} + finding.span.length <= document.source().size());
    expect(!finding.message.empty() && finding.targets != 0);
  }
  const schema::ObjectIdentity identity = schema::identity_of(document, 0);
  const schema::Resolution resolution = catalogue.resolve(identity.api_version, identity.kind);
  if (resolution.table == nullptr) return;
  schema::MetaProgram meta;
  if (resolution.source != schema::Resolution::Source::kNative) {
    const schema::Resolution native = catalogue.object_meta();
    meta = {native.table, native.shape, native.versions};
  }
  const schema::VersionMask failed =
      schema::check_shape(document, 0, *resolution.table, resolution.shape, resolution.versions, meta, true, nullptr);
  findings.clear();
  schema::explain_object(catalogue, document, 0, "", identity, resolution, meta, {}, findings);
  TargetMask explained = 0;
  for (const Finding& finding : findings) explained |= finding.targets;
  expect(catalogue.to_targets(resolution, failed) == explained);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto builtin = make_catalogue(nullptr);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  schema::CrdSet found;
  std::vector<document::Document> documents;
  for (const document::Slice& slice : document::split(text, document::Syntax::kYaml)) {
    document::Document& document = documents.emplace_back();
    document::read(slice, document::Syntax::kYaml, document::Limits{}, document);
    if (document.empty() || !document.complete()) {
      documents.pop_back();
      continue;
    }
    const schema::ObjectIdentity identity = schema::identity_of(document, 0);
    if (schema::CrdSet::defines_kinds(identity.api_version, identity.kind)) found.add(document, 0);
  }
  const auto catalogue = found.empty() ? builtin : make_catalogue(&found);
  for (const document::Document& document : documents) check(*catalogue, document);
  return 0;
}
