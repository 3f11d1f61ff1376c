// Bundles as text: compact, sorted, a fact a line, so that a reviewer can read the diff of two releases.
//
//   bundle karpenter
//   version v0.37.8 2026-11-21
//   version v1.0.11 2026-11-21
//   kind karpenter.sh/v1beta1 NodePool nodepools cluster @..v0.37.8
//     . object required=spec
//       spec object required=template
//         %rule "self.x == 1" message="…"
//         disruption object default={"consolidateAfter":"0s"}
//           budgets array maxItems=50
//             [] object required=nodes
//               nodes string pattern="^…$" default="10%"
//         limits object
//           {} int-or-string pattern="^…$"
//         weight integer format=int32 min=1 max=100
//
// The grammar, by lines; two spaces of indentation a level, no blank lines:
//
//   bundle PROJECT                           the first line
//   version NAME DATE                        oldest first; NAME of [A-Za-z0-9_.+-], without ".."
//   kind GROUPVERSION KIND PLURAL SCOPE [served=VERSIONS] [deprecated=VERSIONS] [@versions]
//   type NAME                                both followed, one level deeper, by the one node "."; SCOPE is
//                                            namespaced or cluster; `served` defaults to the kind's own versions,
//                                            `deprecated` to none
//   name type [attribute…] [@versions]       a variant of the schema node `name`; several lines of one name in a row
//                                            are its variants, and children stand below the last one
//   [] / {}                                  the node of an array's items / of additionalProperties
//   %allOf %anyOf %oneOf %not                a value check; each line is one branch (variants of one branch: `%anyOf+`
//                                            continues the branch above)
//   %rule "expression" [attribute…]          a rule of the variant above it, in order, one level deeper than it and
//                                            before its children; attributes: message="…" messageExpression="…"
//                                            reason=WORD fieldPath="…" optionalOldSelf
//
// Types are any, object, array, string, integer, number, boolean, int-or-string, quantity, and =NAME for a reference.
// A name with other characters than [A-Za-z0-9_$./-] is a JSON string. Attributes are written in this order and read
// in any; each stands for the member of Facts that it resembles:
//
//   format=WORD nullable preserveUnknown embedded list=set|map keys=NAMES required=NAMES enum=JSON,JSON…
//   pattern="…" min=N max=N exclusiveMin exclusiveMax multipleOf=N minLength=N maxLength=N minItems=N maxItems=N
//   minProperties=N maxProperties=N uniqueItems default=JSON closed
//
// VERSIONS is a comma-separated list of versions and ranges: `1.29`, `1.29..1.31`, `..1.31` (from the oldest) and
// `1.29..` (to the newest), or `none`. Without `@versions` a line holds for all versions of the line above it in the
// tree (for the whole bundle at the top), and it never holds outside of those.
#pragma once

#include <string>
#include <string_view>

#include "validate/base/result.h"
#include "validate/schema/model.h"

namespace kubegate::schema {

// The text of a bundle; parse_bundle(print_bundle(b)) equals b, and equal bundles have equal texts.
std::string print_bundle(const Bundle& bundle);

// A bundle from its text; any bytes may be given. Errors are kData and begin with where: "name:12: unknown attribute
// …". A text that print_bundle made is printed again byte for byte.
Result<Bundle> parse_bundle(std::string_view text, std::string_view name);

}  // namespace kubegate::schema
