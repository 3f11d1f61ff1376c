// The form of a template. What Gatekeeper's webhook would refuse is said at the place where it is written, and one
// template's fault leaves the others whole. The types of its fields are the schema's to judge (Catalogue); here is what
// Gatekeeper asks for beyond.
//
// Tested in tests/policy/gatekeeper/policies_test.cc.
#include "policy/gatekeeper/template.h"

#include <algorithm>
#include <cctype>

#include "policy/gatekeeper/review.h"
#include "policy/value/value.h"
#include "validate/document/path.h"
#include "validate/schema/crd.h"

namespace kubegate::gatekeeper {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

namespace {

constexpr std::string_view kTarget = "admission.k8s.gatekeeper.sh";
constexpr std::string_view kRule = "policy/template";

class TemplateReader {
 public:
  TemplateReader(const std::shared_ptr<const KeptDocument>& source, NodeIndex node,
                 std::vector<PolicyFinding>& findings)
      : document_(source->document), findings_(findings) {
    template_.source = source;
    template_.node = node;
  }

  Template read() {
    const NodeIndex spec = member(template_.node, "spec");
    read_kind(spec);
    read_schema(spec);
    read_target(spec);
    return std::move(template_);
  }

 private:
  NodeIndex member(NodeIndex from, std::string_view key) const {
    return from == kNoNode ? kNoNode : document_.find(from, key);
  }
  std::string_view text(NodeIndex node) const {
    return node != kNoNode && document_[node].kind == Kind::kString ? document_.text(node) : std::string_view();
  }
  std::uint32_t count(NodeIndex node) const {
    return node != kNoNode && document_[node].is_collection() ? document_[node].children.count : 0;
  }
  void fault(NodeIndex at, std::string message) {
    template_.sound = false;
    findings_.push_back(policy_finding(template_.source, template_.node, at == kNoNode ? template_.node : at, kRule,
                                       std::move(message)));
  }

  // The kind in lower case: the template's name, and the plural of the constraints' definition.
  std::string plural() const {
    std::string name = template_.kind;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name;
  }

  void read_kind(NodeIndex spec) {
    const NodeIndex crd = member(member(spec, "crd"), "spec");
    const NodeIndex kind = member(member(crd, "names"), "kind");
    template_.kind = text(kind);
    if (template_.kind.empty()) return fault(kind, "a template names its kind in spec.crd.spec.names.kind");
    const std::string name = plural();
    const NodeIndex written = member(member(template_.node, "metadata"), "name");
    if (text(written) != name) {
      fault(written, "the name of a template is its kind in lower case: \"" + name + "\"");
    }
  }

  // Rule: legacySchema defaults to true before v1, templates/*/defaults.go.
  void read_schema(NodeIndex spec) {
    const NodeIndex validation = member(member(member(spec, "crd"), "spec"), "validation");
    template_.schema = member(validation, "openAPIV3Schema");
    const NodeIndex legacy = member(validation, "legacySchema");
    template_.legacy_schema = legacy != kNoNode && document_[legacy].kind == Kind::kBool
                                  ? document_[legacy].boolean
                                  : text(member(template_.node, "apiVersion")) != "templates.gatekeeper.sh/v1";
    if (template_.schema != kNoNode && !template_.legacy_schema && !template_.kind.empty()) check_schema();
  }

  // The schema as part of the CRD that Gatekeeper makes of the template, which the API server must take.
  void check_schema() {
    static constexpr std::string_view kPrefix =
        "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/parameters";
    std::string quoted, name;
    policy::append_quoted(quoted, template_.kind);
    policy::append_quoted(name, plural());
    std::string text =
        R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":)";
    policy::append_quoted(text, plural() + ".constraints.gatekeeper.sh");
    text += R"(},"spec":{"group":"constraints.gatekeeper.sh","scope":"Cluster","names":{"kind":)" + quoted +
            R"(,"listKind":)" + quoted + R"(,"plural":)" + name + R"(,"singular":)" + name +
            R"(},"versions":[{"name":"v1beta1","served":true,"storage":true,"schema":{"openAPIV3Schema":{)"
            R"("type":"object","properties":{"spec":{"type":"object","properties":{"parameters":)";
    policy::append_json(text, template_.source->value(template_.schema), {.escape_html = false});
    text += "}}}}}}]}}";
    Document crd;
    document::read({text, 1}, document::Syntax::kJson, {}, crd);
    std::vector<Finding> faults;
    schema::check_crd(crd, 0, "", kAllTargets, faults);
    for (const Finding& each : faults) {
      if (each.severity == Severity::kError && each.pointer.starts_with(kPrefix)) {
        fault(document::find_pointer(document_, template_.schema, each.pointer.substr(kPrefix.size())), each.message);
      }
    }
  }

  void read_target(NodeIndex spec) {
    const NodeIndex targets = member(spec, "targets");
    if (count(targets) != 1) return fault(targets, "a template has exactly one target, " + std::string(kTarget));
    const NodeIndex target = targets + 1;
    if (text(member(target, "target")) != kTarget) {
      return fault(member(target, "target"), "the target of a template is " + std::string(kTarget));
    }
    // Code in the old place counts for more than a source of engine Rego in the new one. It is always v0.
    // Rule: templates/*/conversion.go.
    bool has_cel = false;
    NodeIndex rego = member(target, "rego");
    if (!text(rego).empty()) {
      read_modules(rego, member(target, "libs"));
    }
    const NodeIndex code = member(target, "code");
    for (std::uint32_t i = 0, item = code + 1; i < count(code); ++i, item = document_.next(item)) {
      const std::string_view engine = text(member(item, "engine"));
      const NodeIndex source = member(item, "source");
      if (engine == "K8sNativeValidation") {
        has_cel = true;
        check_cel(source);
      } else if (engine == "Rego" && template_.modules.empty()) {
        rego = member(source, "rego");
        if (text(rego).empty()) return fault(source, "the source of engine Rego has its text in `rego`");
        if (text(member(source, "version")) == "v1") template_.version = rego::RegoVersion::kV1;
        read_modules(rego, member(source, "libs"));
      }
    }
    if (!template_.modules.empty()) return;
    if (!has_cel) return fault(target, "there is no code of an engine that is known: Rego or K8sNativeValidation");
    PolicyFinding finding =
        policy_finding(template_.source, template_.node, code, "policy/not-evaluated",
                       "this template has code in CEL alone, which is not evaluated: its constraints check nothing");
    finding.finding.severity = Severity::kWarning;
    findings_.push_back(std::move(finding));
  }

  void read_modules(NodeIndex rego, NodeIndex libs) {
    template_.modules.push_back(rego);
    for (std::uint32_t i = 0, lib = libs + 1; i < count(libs); ++i, lib = document_.next(lib)) {
      if (document_[lib].kind != Kind::kString) return fault(lib, "a library is a text");
      template_.modules.push_back(lib);
    }
  }

  // Rule: pkg/drivers/k8scel/schema of Gatekeeper.
  void check_cel(NodeIndex source) {
    static constexpr std::string_view kKeys[] = {"validations", "variables", "matchCondition", "failurePolicy",
                                                 "generateVAP"};
    if (source == kNoNode || document_[source].kind != Kind::kMap) {
      return fault(source, "the source of engine K8sNativeValidation is a mapping");
    }
    for (NodeIndex key = source + 1; key < document_[source].children.end; key = document_.next(key + 1)) {
      const std::string_view name = document_.text(key);
      if (std::find(std::begin(kKeys), std::end(kKeys), name) == std::end(kKeys)) {
        fault(key, "\"" + std::string(name) + "\" is nothing that K8sNativeValidation knows");
      }
    }
    const NodeIndex policy = member(source, "failurePolicy");
    if (policy != kNoNode && text(policy) != "Fail" && text(policy) != "Ignore") {
      fault(policy, "a failurePolicy is Fail or Ignore");
    }
    const NodeIndex validations = member(source, "validations");
    for (std::uint32_t i = 0, item = validations + 1; i < count(validations); ++i, item = document_.next(item)) {
      if (text(member(item, "expression")).empty()) fault(item, "a validation has an expression");
    }
    const NodeIndex variables = member(source, "variables");
    for (std::uint32_t i = 0, item = variables + 1; i < count(variables); ++i, item = document_.next(item)) {
      const std::string_view name = text(member(item, "name"));
      if (name.empty() || text(member(item, "expression")).empty()) {
        fault(item, "a variable has a name and an expression");
      } else if (name == "params" || name == "anyObject" || name.starts_with("gatekeeper_internal_")) {
        fault(member(item, "name"), "the variable \"" + std::string(name) + "\" is Gatekeeper's own");
      }
    }
  }

  const Document& document_;
  std::vector<PolicyFinding>& findings_;
  Template template_;
};

}  // namespace

void InventoryUse::add(const InventoryUse& other) {
  all = all || other.all;
  kinds.insert(other.kinds.begin(), other.kinds.end());
}

PolicyFinding policy_finding(const std::shared_ptr<const KeptDocument>& source, NodeIndex object, NodeIndex at,
                             std::string_view rule, std::string message) {
  PolicyFinding out{source, object, {}};
  if (at == kNoNode) at = object;
  out.finding.rule = rule;
  out.finding.message = std::move(message);
  out.finding.span = source->document[at].span();
  out.finding.pointer = document::pointer_to(source->document, at);
  return out;
}

Template read_template(const std::shared_ptr<const KeptDocument>& source, NodeIndex node,
                       std::vector<PolicyFinding>& findings) {
  return TemplateReader(source, node, findings).read();
}

}  // namespace kubegate::gatekeeper
