// Review: what constraints and mutators look at: an object, or a change of one, with what is known of its surroundings.
//
// Everything here is a view: of a document (policy/value/document_root.h) or of an arena, which outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/value/value.h"

namespace kubegate::gatekeeper {

// Where an object comes from: it was sent to the cluster, or an ExpansionTemplate made it.
enum class Origin : std::uint8_t { kOriginal, kGenerated };

// An object and what it says of itself; empty where it says nothing, or nothing of the right type.
struct Subject {
  policy::Value value;  // undefined: there is no object
  std::string_view group, version, kind, name, generate_name, name_space;
  policy::Value labels;  // undefined where there are none

  bool exists() const { return value.defined(); }
  bool is_namespace() const { return kind == "Namespace" && group.empty(); }
};

// Rule: the accessors of unstructured.Unstructured, k8s.io/apimachinery.
Subject subject_of(policy::Value object);

// The two halves of an apiVersion: {"apps", "v1"}; the core group is "".
struct GroupVersion {
  std::string_view group, version;
};
GroupVersion split_api_version(std::string_view api_version);

struct Review {
  Subject object;      // the object as it would be; none when it is deleted
  Subject old_object;  // as it is; none when it is created
  // The Namespace that the object lies in, as an object; undefined where it is not known or there is none. Matching
  // asks for its name and labels.
  policy::Value name_space;
  // Whether objects of its kind lie in namespaces, where that is known; else it goes by what the object says.
  std::optional<bool> namespaced;
  Origin origin = Origin::kOriginal;
  // The fields of an AdmissionRequest, an object; undefined: what gator makes of a bare object.
  policy::Value request;
};

// A member of an object by a key that is known when we are built: hashed once.
class Key {
 public:
  explicit Key(std::string_view text);
  policy::Value of(policy::Value object) const { return policy::lookup(object, text_, hash_); }

 private:
  std::string_view text_;
  std::uint32_t hash_;
};

// The text of a string, "" of all else.
inline std::string_view text_of(policy::Value value) { return value.is_string() ? value.text() : std::string_view(); }

// The value at a path of keys; undefined where one is missing.
template <class... Keys>
policy::Value at(policy::Value object, Keys... keys) {
  ((object = policy::lookup(object, std::string_view(keys))), ...);
  return object;
}

}  // namespace kubegate::gatekeeper
