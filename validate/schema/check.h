// Checking one object against its schema, as the API server does: decoding (unknown fields, types, formats), then for
// custom resources the structural schema in the server's order.
//
// check… is hot and answers pass or fail; only an object that fails is walked again by explain.cc, which finds the
// words. Both walk the same table (table.h); tests hold them to the same verdict.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"
#include "validate/schema/catalogue.h"

namespace kubegate::schema {

// Judges the rules (CEL) of a custom resource's schema. Declared here, where their place is; implemented by the room
// that knows the language, and wired in main.cc.
class RuleJudge {
 public:
  struct Rule {
    std::string_view expression, message, message_expression, reason, field_path;
    bool optional_old_self = false;
  };
  virtual ~RuleJudge() = default;

  // One rule on one value: `self` is the node that the rule is declared on, `shape` its declared type in `table`.
  // Called only where the object has no blocking error, in the order of the server. Appends findings.
  virtual void judge(const Rule& rule, const document::Document& document, document::NodeIndex self, const Table& table,
                     std::uint32_t shape, std::vector<Finding>& out) = 0;
};

struct CheckOptions {
  bool strict = true;                   // unknown fields are errors (fieldValidation=Strict)
  bool ignore_missing_schemas = false;  // kinds that nothing serves pass
  RuleJudge* rules = nullptr;           // none: rules are counted, not judged
};

struct ObjectVerdict {
  bool missing_schema = false;            // no schema anywhere, and ignore_missing_schemas let it pass
  bool has_ignores = false;  // the object may have the annotation kubegate.dev/ignore
  bool may_differ = false;   // another time it may be another: something could not be evaluated
  std::uint32_t rules_not_evaluated = 0;  // rules that apply to the object and had no judge
};

// What an object says it is. Views into the document; empty where absent or no string.
struct ObjectIdentity {
  std::string_view api_version, kind, name, namespace_, generate_name;

  // Whether it says of what kind it is: without that nothing can be judged.
  bool is_complete() const { return !api_version.empty() && !kind.empty(); }
};
ObjectIdentity identity_of(const document::Document& document, document::NodeIndex object);

// Judges the object whose mapping is the node `object` (the root, or an item of a List); `pointer` is the RFC 6901
// path from the document's root to it ("" for the root). Appends findings with spans, pointers, fields and targets.
// Allocates nothing when the object is sound. Thread-safe.
ObjectVerdict check_object(const Catalogue& catalogue, const document::Document& document, document::NodeIndex object,
                           std::string_view pointer, const CheckOptions& options, std::vector<Finding>& out);
// The same of an object that is known to be `identity` whatever it says itself: an item of a typed list (ConfigMapList)
// says nothing. `resolution` is the catalogue's of that identity; of none when the identity is not complete.
ObjectVerdict check_object(const Catalogue& catalogue, const document::Document& document, document::NodeIndex object,
                           const ObjectIdentity& identity, const Resolution& resolution, std::string_view pointer,
                           const CheckOptions& options, std::vector<Finding>& out);

}  // namespace kubegate::schema
