// A ConstraintTemplate's constraint kind as a bundle.
//
// Gatekeeper makes a CRD of each template (open-policy-agent/frameworks, constraint/pkg/client/crds: CreateCRD): the
// group is fixed, the kind is the template's, and the template's schema is that of spec.parameters. `legacySchema`,
// the default of v1beta1 and v1alpha1 templates, lets parameters hold what their schema does not name. The schema of
// spec.match is the target's (pkg/target/match_schema.go of Gatekeeper).
//
// Tested by tests/validate/schema/catalogue_test.cc.

#include <algorithm>
#include <cctype>

#include "validate/schema/bundle.h"
#include "validate/schema/import.h"

namespace kubegate::schema {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

namespace {

SchemaNode node_of(Type type) {
  SchemaNode node;
  Facts facts;
  facts.type = type;
  node.variants.push_back({1, std::move(facts)});
  return node;
}

// But for namespaceSelector, which is as labelSelector.
constexpr std::string_view kMatch = R"(bundle match
version given -
type match
  . object
    excludedNamespaces array
      [] string pattern="^\\*?[-:a-z0-9]*\\*?$"
    kinds array
      [] object
        apiGroups array
          [] string
        kinds array
          [] string
    labelSelector object
      matchExpressions array
        [] object required=key,operator
          key string
          operator string
          values array
            [] string
      matchLabels object
        {} string
    name string pattern="^\\*?[-:a-z0-9]*\\*?$"
    namespaces array
      [] string pattern="^\\*?[-:a-z0-9]*\\*?$"
    scope string
    source string enum="All","Generated","Original"
)";

const SchemaNode& match_schema() {
  static const SchemaNode match = [] {
    SchemaNode node = parse_bundle(kMatch, "match")->types.begin()->second;
    node.properties["namespaceSelector"] = node.properties["labelSelector"];
    return node;
  }();
  return match;
}

SchemaNode open_object() {
  SchemaNode node = node_of(Type::kObject);
  node.variants[0].facts.preserve_unknown_fields = true;
  return node;
}

}  // namespace

Result<Bundle> import_constraint_template(const Document& document, NodeIndex constraint_template) {
  NodeIndex at = constraint_template;
  const auto step = [&](NodeIndex from, const char* key) {
    return from == kNoNode ? kNoNode : document.find(from, key);
  };
  const auto text = [&](NodeIndex value) {
    return value != kNoNode && document[value].kind == Kind::kString ? document.text(value) : std::string_view();
  };
  for (const char* key : {"spec", "crd", "spec"}) at = step(at, key);
  const std::string_view kind = text(step(step(at, "names"), "kind"));
  if (kind.empty()) return Error{ErrorCode::kData, "", "the ConstraintTemplate names no kind in spec.crd.spec.names"};

  SchemaNode parameters = open_object();
  const NodeIndex validation = step(at, "validation");
  const NodeIndex schema = step(validation, "openAPIV3Schema");
  const NodeIndex legacy = step(validation, "legacySchema");
  const bool v1 = text(step(constraint_template, "apiVersion")) == "templates.gatekeeper.sh/v1";
  const bool is_legacy = legacy != kNoNode && document[legacy].kind == Kind::kBool ? document[legacy].boolean : !v1;
  if (schema != kNoNode) {
    parameters = {};
    if (!import_schema(document, schema, parameters)) {
      return Error{ErrorCode::kData, std::string(kind), "has a schema that is nested too deep"};
    }
    Facts& facts = parameters.variants[0].facts;
    if (facts.type == Type::kAny) facts.type = Type::kObject;
    if (is_legacy) facts.preserve_unknown_fields = true;
  }

  SchemaNode spec = node_of(Type::kObject);
  spec.properties["enforcementAction"] = node_of(Type::kString);
  spec.properties["match"] = match_schema();
  spec.properties["parameters"] = std::move(parameters);
  SchemaNode actions = node_of(Type::kArray);
  actions.items.push_back(open_object());
  spec.properties["scopedEnforcementActions"] = std::move(actions);

  KindEntry entry;
  entry.group = "constraints.gatekeeper.sh";
  entry.kind = kind;
  entry.plural = kind;
  std::transform(kind.begin(), kind.end(), entry.plural.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  entry.scope = Scope::kCluster;
  entry.known = entry.served = 1;
  entry.root = node_of(Type::kObject);
  entry.root.properties["spec"] = std::move(spec);
  entry.root.properties["status"] = open_object();

  Bundle bundle;
  bundle.versions = {"given"};
  bundle.dates = {""};
  for (const char* version : {"v1alpha1", "v1beta1"}) {
    entry.version = version;
    bundle.kinds.push_back(entry);
  }
  return bundle;
}

}  // namespace kubegate::schema
