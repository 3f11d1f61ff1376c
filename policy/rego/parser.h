// From the text of a policy or a query to its tree.
#pragma once

#include <string>
#include <string_view>

#include "policy/rego/ast.h"

namespace kubegate::rego {

// How deep terms and bodies may nest.
inline constexpr int kMaxParseDepth = 1500;

// Whether METADATA blocks mean something: where they are comments like others none of them can be wrong. OPA's commands
// read them, Gatekeeper does not. Rule: ParserOptions.ProcessAnnotation.
enum class Annotations : std::uint8_t { kIgnored, kRead };

// Reads a module into `ast`. Null when something is wrong, with at least one error added. `name` is the file name that
// errors show. With kV0 a module that imports rego.v1 comes back as kV0CompatV1. Rule: ast.ParseModuleWithOpts.
Module* parse_module(Ast& ast, std::string name, std::string text, RegoVersion version, RegoErrors& errors,
                     Annotations annotations = Annotations::kIgnored);

// Reads a query: a body such as `data.test.p = x; x > 1`. Empty when something is wrong. Rule: ast.ParseBody.
Body parse_query(Ast& ast, std::string text, RegoVersion version, RegoErrors& errors);

// The METADATA blocks among a module's comments, attached to the rules and the package they stand before. Rules:
// parseAnnotations, attachAnnotationsNodes of OPA's ast. Called by parse_module where they are read.
void attach_annotations(Ast& ast, Module& module, RegoErrors& errors);

}  // namespace kubegate::rego
