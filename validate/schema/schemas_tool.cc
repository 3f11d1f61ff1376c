#include "validate/schema/schemas_tool.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "validate/document/position.h"
#include "validate/document/read.h"
#include "validate/schema/bundle.h"

namespace kubegate::schema {
namespace {

// The bundle of a text; none for an empty text.
Result<std::optional<Bundle>> parse_existing(std::string_view text, std::string_view name) {
  if (text.empty()) return std::optional<Bundle>();
  auto bundle = parse_bundle(text, name);
  if (!bundle.ok()) return bundle.error();
  return std::optional<Bundle>(std::move(*bundle));
}

Result<std::string> print_with(const std::optional<Bundle>& existing, Result<Bundle> added) {
  if (existing && added.ok()) added = merge(*existing, *added);
  if (!added.ok()) return added.error();
  std::string text = print_bundle(*added);
  // What the arguments and the documents gave as names must fit the grammar.
  if (const auto read_back = parse_bundle(text, added->project); !read_back.ok()) return read_back.error();
  return text;
}

// The definitions among the documents of `file`, added to the kinds of `bundle`.
Result<Done> collect_crds(const CrdRelease& release, const NamedText& file, Bundle& bundle) {
  using document::NodeIndex;
  const document::Syntax syntax = document::syntax_of(file.name);
  document::Document document;
  for (const document::Slice& slice : document::split(file.text, syntax)) {
    document::read(slice, syntax, document::Limits{}, document);
    if (!document.faults().empty()) {
      const Finding& fault = document.faults().front();
      const auto line = document::position_of(document, fault.span.begin).line;
      return Error{ErrorCode::kData, file.name + ':' + std::to_string(line), fault.message};
    }
    if (document.empty()) continue;
    const NodeIndex kind = document.find(0, "kind");
    if (kind == document::kNoNode || document.text(kind) != "CustomResourceDefinition") continue;
    auto crd = import_crd(document, 0, release.project, release.version, release.date);
    if (!crd.ok()) return Error{ErrorCode::kData, file.name, crd.error().text()};
    std::move(crd->kinds.begin(), crd->kinds.end(), std::back_inserter(bundle.kinds));
  }
  return Done{};
}

Result<Bundle> import_crds(const CrdRelease& release) {
  Bundle bundle;
  bundle.project = release.project;
  bundle.versions = {release.version};
  bundle.dates = {release.date};
  for (const NamedText& file : release.files) {
    if (const auto done = collect_crds(release, file, bundle); !done.ok()) return done.error();
  }
  if (bundle.kinds.empty()) return Error{ErrorCode::kData, release.project, "no CustomResourceDefinition in the files"};
  const auto key = [](const KindEntry& entry) { return std::tie(entry.group, entry.version, entry.kind); };
  std::sort(bundle.kinds.begin(), bundle.kinds.end(),
            [&](const KindEntry& a, const KindEntry& b) { return key(a) < key(b); });
  const auto twice = std::adjacent_find(bundle.kinds.begin(), bundle.kinds.end(),
                                        [&](const KindEntry& a, const KindEntry& b) { return key(a) == key(b); });
  if (twice != bundle.kinds.end()) {
    return Error{ErrorCode::kData, release.project, twice->api_version() + ' ' + twice->kind + " is defined twice"};
  }
  return bundle;
}

}  // namespace

Result<std::string> add_openapi(std::string_view into, std::string_view name, OpenApiRelease release) {
  const auto existing = parse_existing(into, name);
  if (!existing.ok()) return existing.error();
  release.neighbours = *existing ? &**existing : nullptr;
  return print_with(*existing, import_openapi(release));
}

Result<std::string> add_crds(std::string_view into, std::string_view name, const CrdRelease& release) {
  const auto existing = parse_existing(into, name);
  if (!existing.ok()) return existing.error();
  return print_with(*existing, import_crds(release));
}

}  // namespace kubegate::schema
