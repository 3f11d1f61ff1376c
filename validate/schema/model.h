// The schema model: what a bundle says, in memory. Cold: importers make it (import.h), bundle.h reads and writes it
// as text, compile.h turns it into the table that the checker runs on.
//
// The idea. Neighbouring versions of one project (Kubernetes 1.28 and 1.29, Karpenter v0.37 and v1.0) share nearly
// all of their schemas. So the model is one tree for all versions of a project, in which everything carries the set of
// versions that it holds for. A schema node has a list of *variants*: what the node says (type, bounds, …), each with
// its versions. In one version at most one variant of a node holds; where none does, the node is absent. Children
// (properties, items, …) belong to the node, not to a variant, and carry their own versions.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kubegate::schema {

// A set of the versions of one bundle: bit i is Bundle::versions[i], oldest first.
using VersionMask = std::uint32_t;

enum class Type : std::uint8_t {
  kAny,  // no type given: anything goes (but for what the variant's other facts say)
  kObject,
  kArray,
  kString,
  kInteger,
  kNumber,
  kBoolean,
  kIntOrString,  // x-kubernetes-int-or-string, and Kubernetes' IntOrString
  kQuantity,     // Kubernetes' resource.Quantity; only in native types (CRDs say int-or-string with a pattern)
  kReference,    // another type of the bundle, by name: native types only
};

// x-kubernetes-list-type. `atomic` is not told apart from none: it is what a list is without one.
enum class ListType : std::uint8_t { kSet, kMap };

// A rule of x-kubernetes-validations.
struct Rule {
  std::string expression;
  std::string message;
  std::string message_expression;
  std::string reason;
  std::string field_path;
  bool optional_old_self = false;

  auto operator<=>(const Rule&) const = default;
};

// What one schema node says in some versions.
struct Facts {
  Type type = Type::kAny;
  std::string reference;  // kReference: name of the type
  std::string format;     // as published: int32, date-time, …
  bool nullable = false;
  bool preserve_unknown_fields = false;
  bool embedded_resource = false;
  std::optional<ListType> list_type;
  std::vector<std::string> list_map_keys;  // sorted
  std::vector<std::string> required;       // sorted
  std::vector<std::string> enumeration;    // JSON texts, in the published order
  std::string pattern;
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::int64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  bool unique_items = false;
  std::string default_value;       // JSON text; "" is none
  std::vector<Rule> rules;         // in the published order
  bool forbid_additional = false;  // additionalProperties: false, literally (the tool makes objects
                                   // closed by itself where they have properties)

  bool operator==(const Facts&) const = default;
};

struct Variant {
  VersionMask versions = 0;
  Facts facts;

  bool operator==(const Variant&) const = default;
};

struct SchemaNode {
  std::vector<Variant> variants;  // disjoint versions, in the order of their lowest version
  std::map<std::string, SchemaNode> properties;
  std::vector<SchemaNode> items;                   // none or one: of an array
  std::vector<SchemaNode> additional;              // none or one: schema of additionalProperties
  std::vector<SchemaNode> all_of, any_of, one_of;  // value checks only, as structural schemas have them
  std::vector<SchemaNode> negated;                 // none or one: `not`

  // The versions in which the node is present. Those of a child lie within those of its parent.
  VersionMask versions() const;

  bool operator==(const SchemaNode&) const = default;
};

enum class Scope : std::uint8_t { kNamespaced, kCluster };

// A kind that the bundle's project serves.
struct KindEntry {
  std::string group;    // "" for core
  std::string version;  // v1, v1beta1
  std::string kind;
  std::string plural;
  Scope scope = Scope::kNamespaced;
  VersionMask known = 0;   // the releases that have this API version at all
  VersionMask served = 0;  // … and serve it with default settings
  VersionMask deprecated = 0;
  SchemaNode root;  // a reference (native kinds) or the schema itself (custom resources)

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }

  bool operator==(const KindEntry&) const = default;
};

// All versions of one project.
struct Bundle {
  std::string project;                      // kubernetes, karpenter, …
  std::vector<std::string> versions;        // 1.28 … or v0.37.8 …, oldest first; at most 32
  std::vector<std::string> dates;           // beside versions: the day the version was imported, 2026-11-21
  std::map<std::string, SchemaNode> types;  // by name without the io.k8s prefix it may share
  std::vector<KindEntry> kinds;             // sorted by group, version, kind

  bool native() const { return project == "kubernetes"; }  // Go decoding rules; else a CRD's
  VersionMask all() const { return versions.size() >= 32 ? ~VersionMask{0} : (VersionMask{1} << versions.size()) - 1; }

  bool operator==(const Bundle&) const = default;
};

}  // namespace kubegate::schema
