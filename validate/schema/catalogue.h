// Catalogue: which schema judges an object, for which targets.
//
// Three sources serve kinds, and the earlier wins: the user's CRDs (--crd), CRDs found in the input, the built-in
// bundles (Kubernetes itself, and CRD projects). A catalogue is immutable once made and shared by all workers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/base/result.h"
#include "validate/document/document.h"
#include "validate/schema/model.h"

namespace kubegate::schema {

class Table;

// A Kubernetes version that a run judges for. Bit i of a TargetMask is the i-th Target of the run.
struct Target {
  std::string name;       // "1.29", whatever way it was written
  std::uint32_t version;  // its index in the built-in Kubernetes bundle
};

// Targets from --kubernetes-version values: "1.29", "1.29.3", "v1.29", "master" (the newest built in). Duplicates
// merge; the order is by version. An unknown version is an Error that lists the known ones.
Result<std::vector<Target>> parse_targets(std::span<const std::string> names);

// A built-in bundle, for `kubegate version`.
struct BundleInfo {
  std::string_view project;
  std::vector<std::string_view> versions;  // oldest first
  std::vector<std::string_view> dates;     // beside versions
};
std::vector<BundleInfo> built_in_bundles();

// Custom resource definitions from one source, as they are collected. Takes CustomResourceDefinitions, and Gatekeeper's
// ConstraintTemplates, which declare a constraint kind each. Not thread-safe. What is unsound about a definition is
// check_object's to report; here a definition that cannot be used at all is ignored.
class CrdSet {
 public:
  // Whether objects of this kind define kinds.
  static bool defines_kinds(std::string_view api_version, std::string_view kind);

  void add(const document::Document& document, document::NodeIndex object);
  // Adds all of `other`, as if it had been added here. Of two definitions of one kind the later counts.
  void append(CrdSet other);
  bool empty() const { return bundles_.empty(); }
  // Whether a kind of this group ("" is core) and kind is defined here.
  bool defines(std::string_view group, std::string_view kind) const;

 private:
  friend class Catalogue;
  std::vector<Bundle> bundles_;
};

struct CatalogueOptions {
  std::vector<Target> targets;
  std::vector<std::string> crd_bundles;  // --crd-bundle project@version; each pins its project
};

// How one API version of a kind is judged.
struct Resolution {
  enum class Source : std::uint8_t { kNone, kNative, kBundle, kInput, kGiven };
  Source source = Source::kNone;
  const Table* table = nullptr;  // lives as long as the catalogue
  std::uint32_t shape = 0;       // root shape in the table
  std::uint32_t kind = 0;        // index in the table's kinds
  VersionMask versions = 0;      // of the table: what to check for
  TargetMask targets = 0;        // the targets that serve it
};

class Catalogue {
 public:
  // `given` and `found` may be null. Errors: an unknown bundle or version in a pin (lists the known ones).
  static Result<std::shared_ptr<const Catalogue>> make(CatalogueOptions options, const CrdSet* given,
                                                       const CrdSet* found);
  ~Catalogue();

  const std::vector<Target>& targets() const { return options_.targets; }
  TargetMask all_targets() const { return all_targets_; }

  // The schema for an object of this apiVersion and kind. Hot: one probe of a hash table for native kinds.
  Resolution resolve(std::string_view api_version, std::string_view kind) const;

  // Why `resolution` does not serve the kind for all targets, or what is to be said of it though it does: unknown kinds
  // with the nearest known name, API versions that are gone, not there yet, off by default or about to go. Cold.
  // Appends findings without span, pointer and field. `known` is false when nothing at all knows the kind.
  void explain_kind(std::string_view api_version, std::string_view kind, const Resolution& resolution,
                    std::vector<Finding>& out) const;

  // Whether the kind is one that left before any bundle (schemas/kubernetes.removed): no schema is missing for it.
  bool is_gone(std::string_view api_version, std::string_view kind) const;

  // Whether resolve() of it has something for explain_kind to say. Hot.
  bool has_remarks(const Resolution& resolution) const;

  // Translations between the targets of the run and the versions of a resolution's table.
  TargetMask to_targets(const Resolution& resolution, VersionMask versions) const;

  // The native ObjectMeta, which custom resources and embedded resources carry.
  Resolution object_meta() const;

 private:
  Catalogue() = default;

  struct Defined;
  struct Tables;
  static int find_pinned(const std::vector<std::string_view>& versions, std::string_view wanted);
  TargetMask native_targets(VersionMask versions) const;

  CatalogueOptions options_;
  TargetMask all_targets_ = 0;
  std::unique_ptr<Tables> tables_;
};

}  // namespace kubegate::schema
