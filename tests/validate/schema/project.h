// A bundle cut down to some of its versions, for tests: the plain inverse of merging.
#pragma once

#include <string>
#include <vector>

#include "validate/schema/model.h"

namespace kubegate::schema {

inline VersionMask project(VersionMask mask, VersionMask keep) {
  VersionMask out = 0;
  for (int i = 0, to = 0; i < 32; ++i) {
    if (keep >> i & 1) out |= (mask >> i & 1) << to++;
  }
  return out;
}

inline SchemaNode project(const SchemaNode& node, VersionMask keep) {
  SchemaNode out;
  for (const Variant& variant : node.variants) {
    if (variant.versions & keep) out.variants.push_back({project(variant.versions, keep), variant.facts});
  }
  for (const auto& [name, child] : node.properties) {
    if (child.versions() & keep) out.properties.emplace(name, project(child, keep));
  }
  const auto branches = [&](const std::vector<SchemaNode>& from, std::vector<SchemaNode>& to) {
    for (const SchemaNode& child : from) {
      if (child.versions() & keep) to.push_back(project(child, keep));
    }
  };
  branches(node.items, out.items);
  branches(node.additional, out.additional);
  branches(node.all_of, out.all_of);
  branches(node.any_of, out.any_of);
  branches(node.one_of, out.one_of);
  branches(node.negated, out.negated);
  return out;
}

// Bit i of `keep` keeps bundle.versions[i].
inline Bundle project(const Bundle& bundle, VersionMask keep) {
  Bundle out;
  out.project = bundle.project;
  for (std::size_t i = 0; i < bundle.versions.size(); ++i) {
    if (!(keep >> i & 1)) continue;
    out.versions.push_back(bundle.versions[i]);
    out.dates.push_back(bundle.dates[i]);
  }
  for (const auto& [name, type] : bundle.types) {
    if (type.versions() & keep) out.types.emplace(name, project(type, keep));
  }
  for (const KindEntry& kind : bundle.kinds) {
    if (!(kind.known & keep)) continue;
    KindEntry entry = kind;
    entry.known = project(kind.known, keep);
    entry.served = project(kind.served, keep);
    entry.deprecated = project(kind.deprecated, keep);
    entry.root = project(kind.root, keep);
    out.kinds.push_back(std::move(entry));
  }
  return out;
}

}  // namespace kubegate::schema
