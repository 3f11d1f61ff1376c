#include "validate/run/crds.h"

#include <vector>

#include "validate/document/position.h"
#include "validate/document/read.h"
#include "validate/run/object.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate::run {

namespace {

// Adds the definitions of one file to `set`.
Result<Done> load_file(const std::string& path, const document::Limits& limits, source::Buffer& buffer,
                       document::Document& document, schema::CrdSet& set, Digester& digest) {
  const auto content = source::read_file(path, limits.file_bytes, buffer);
  if (!content.ok()) return Error{content.error().code, "--crd " + path, content.error().message};
  digest.add(path).add(*content);
  const document::Syntax syntax = document::syntax_of(path);
  std::vector<Object> objects;
  for (const document::Slice& slice : document::split(*content, syntax)) {
    document::read(slice, syntax, limits, document);
    if (!document.complete() && !document.faults().empty()) {
      const Finding& fault = document.faults().back();
      const document::Position at = document::position_of(document, fault.span.begin);
      return Error{ErrorCode::kData, "--crd " + path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column),
                   fault.message};
    }
    if (document.empty()) continue;
    objects.clear();
    unpack(document, schema::identity_of(document, 0), objects);
    for (const Object& object : objects) {
      const schema::ObjectIdentity& identity = object.identity;
      if (schema::CrdSet::defines_kinds(identity.api_version, identity.kind)) set.add(document, object.node);
    }
  }
  return Done{};
}

}  // namespace

Result<schema::CrdSet> load_crds(std::span<const std::string> paths, const document::Limits& limits, Digester& digest) {
  schema::CrdSet all;
  source::Buffer buffer;
  document::Document document;
  for (const std::string& path : paths) {
    const auto inputs = source::select(std::span(&path, 1), {});
    if (!inputs.ok()) return inputs.error();
    schema::CrdSet set;
    for (const source::Input& input : *inputs) {
      using Kind = source::Input::Kind;
      if (input.kind == Kind::kFailed) return Error{ErrorCode::kIo, "--crd " + input.path, input.error};
      if (input.kind == Kind::kStandardInput) {
        return Error{ErrorCode::kArgument, "--crd -", "CRDs are not read from standard input"};
      }
      if (input.kind == Kind::kSkipped) continue;
      const auto loaded = load_file(input.path, limits, buffer, document, set, digest);
      if (!loaded.ok()) return loaded.error();
    }
    if (set.empty()) {
      return Error{ErrorCode::kData, "--crd " + path,
                   "there is no CustomResourceDefinition (apiextensions.k8s.io/v1) here"};
    }
    all.append(std::move(set));
  }
  return all;
}

}  // namespace kubegate::run
