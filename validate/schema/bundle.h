// Bundles as text: compact, sorted, a fact a line, so that a reviewer can read the diff of two releases.
//
//   bundle karpenter
//   version v0.37.8 2026-11-21
//   version v1.0.11 2026-11-21
//   kind karpenter.sh/v1beta1 NodePool nodepools cluster @v0.37.8
//     . object required=spec
//       spec object required=template
//         disruption object default={"consolidateAfter":"0s"}
//           budgets array maxItems=50
//             [] object required=nodes
//               nodes string default="10%" pattern="^…$"
//         limits object
//           {} int-or-string pattern="^…$"
//         weight integer format=int32 min=1 max=100
//       %rule "self.x == 1" message="…"
//
// The grammar, by lines; two spaces of indentation a level:
//
//   name type [attribute…] [@versions]       a variant of the schema node `name`; several lines of one name in a row
//                                            are its variants, and children stand below the last one
//   [] / {}                                  the node of an array's items / of additionalProperties
//   %allOf %anyOf %oneOf %not                a value check; each line is one branch (variants of one branch: `%anyOf+`
//                                            continues the branch above)
//   %rule "expression" message="…" …         a rule of the variant above it, in order (deeper than it by one level)
//   type NAME / kind GROUPVERSION KIND PLURAL SCOPE [served=VERSIONS] [deprecated=VERSIONS] [@versions]
//                                            top level; what follows, indented, is one node called "."
//
// A name with other characters than [A-Za-z0-9_$./-] is a JSON string. Types are spelt any, object, array, string,
// integer, number, boolean, int-or-string, quantity, and =NAME for a reference. `@versions` is a list of versions and
// ranges such as @1.28-1.29,1.36 ("1.30-" to the newest); without it a line holds for all versions of the line
// above it in the tree (all of the bundle at the top). Attributes have one order; strings are JSON strings, lists are
// comma-separated names. `served` defaults to the kind's own versions.
#pragma once

#include <string>
#include <string_view>

#include "validate/base/result.h"
#include "validate/schema/model.h"

namespace kubegate::schema {

// The text of a bundle; parse_bundle(print_bundle(b)) equals b, and equal bundles have equal texts.
std::string print_bundle(const Bundle& bundle);

// A bundle from its text. `name` is for error messages ("name:12: unknown attribute …").
Result<Bundle> parse_bundle(std::string_view text, std::string_view name);

}  // namespace kubegate::schema
