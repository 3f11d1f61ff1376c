// ConstraintTemplates: a kind of constraint, the schema of its parameters, and the code that judges. Cold.
//
// Rules: constraint/pkg/client (crds/validate.go, client.go) and constraint/pkg/client/drivers of
// open-policy-agent/frameworks.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "policy/gatekeeper/kept_document.h"
#include "policy/rego/ast.h"
#include "policy/rego/compile.h"
#include "validate/base/finding.h"

namespace kubegate::gatekeeper {

// What is wrong with a template or a constraint, and in which document.
struct PolicyFinding {
  std::shared_ptr<const KeptDocument> document;
  document::NodeIndex object = 0;
  Finding finding;
};

// A template as it is written.
struct Template {
  std::shared_ptr<const KeptDocument> source;
  document::NodeIndex node = 0;
  std::string kind;
  // Nodes of the texts of the Rego modules: the one with the rule `violation`, then the libraries. Empty: it has none.
  std::vector<document::NodeIndex> modules;
  rego::RegoVersion version = rego::RegoVersion::kV0;
  document::NodeIndex schema = document::kNoNode;  // of the parameters
  bool legacy_schema = false;                      // parameters may hold what the schema does not name
  bool sound = true;                               // false: it cannot be used, as findings say
};

// Which objects a policy may read from data.inventory.
struct InventoryUse {
  bool all = false;
  std::set<std::string, std::less<>> kinds;  // else: objects of these kinds

  bool any() const { return all || !kinds.empty(); }
  bool wants(std::string_view kind) const { return all || kinds.find(kind) != kinds.end(); }
  void add(const InventoryUse& other);
};

// The Rego of a template, compiled.
struct TemplateRego {
  rego::Ast ast;
  std::unique_ptr<rego::CompiledModules> modules;
  InventoryUse inventory;
};
// The entrypoint of its programs.
inline constexpr const char* kViolationPath = "data.template.violation";

// Reads the ConstraintTemplate at `node` of a document, as far as it can be read; what is wrong is in `findings`, with
// these rules:
//
//   policy/template        its form
//   policy/not-evaluated   a warning: it has code in CEL alone, which is not evaluated yet
Template read_template(const std::shared_ptr<const KeptDocument>& source, document::NodeIndex node,
                       std::vector<PolicyFinding>& findings);

// Compiles its Rego, as Gatekeeper's driver does; calls of print() stay with `print`. Null where it is wrong, with
// findings of rule policy/rego.
std::unique_ptr<TemplateRego> compile_rego(const Template& policy, std::vector<PolicyFinding>& findings,
                                           bool print = false);

// Where row and column (1-based; columns count characters) of a scalar's text stand in the source. Exact in literal
// block scalars; of other scalars the whole.
Span place_in_text(const document::Document& document, document::NodeIndex scalar, std::uint32_t row,
                   std::uint32_t column, std::uint32_t length);

// A finding about a node of a policy document; about the object where there is no such node.
PolicyFinding policy_finding(const std::shared_ptr<const KeptDocument>& source, document::NodeIndex object,
                             document::NodeIndex at, std::string_view rule, std::string message);

}  // namespace kubegate::gatekeeper
