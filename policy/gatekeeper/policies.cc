// From documents to programs. A template's modules are compiled once and planned once for each of its constraints,
// whose parameters are constants of the program: what depends on nothing else is computed here and not for each object.
//
// Tested in tests/policy/gatekeeper/policies_test.cc.
#include "policy/gatekeeper/policies.h"

#include <algorithm>
#include <map>

#include "policy/gatekeeper/form.h"
#include "policy/gatekeeper/review.h"
#include "policy/rego/program.h"
#include "policy/value/value.h"
#include "validate/run/object.h"

namespace kubegate::gatekeeper {

using policy::Value;

Role role_of(std::string_view api_version, std::string_view kind) {
  const std::string_view group = split_api_version(api_version).group;
  if (group == "templates.gatekeeper.sh" && kind == "ConstraintTemplate") return Role::kTemplate;
  if (group == "constraints.gatekeeper.sh") return Role::kConstraint;
  if (group == "expansion.gatekeeper.sh" && kind == "ExpansionTemplate") return Role::kExpansion;
  if (group == "mutations.gatekeeper.sh" &&
      (kind == "Assign" || kind == "AssignMetadata" || kind == "ModifySet" || kind == "AssignImage")) {
    return Role::kMutator;
  }
  return Role::kNone;
}

bool PolicySet::add(const std::shared_ptr<const KeptDocument>& document) {
  bool found = false;
  for (const run::Object& object : objects_of(*document)) {
    const Role role = role_of(object.identity.api_version, object.identity.kind);
    if (role == Role::kNone) continue;
    found = true;
    auto& list = role == Role::kTemplate     ? templates_
                 : role == Role::kConstraint ? constraints_
                 : role == Role::kMutator    ? mutators_
                                             : expansions_;
    list.push_back({document, object.node, object.identity});
  }
  return found;
}

class PolicyCompiler {
 public:
  PolicyCompiler(const PolicySet& set, const CompileSwitches& switches, std::vector<PolicyFinding>& findings)
      : set_(set), switches_(switches), findings_(findings), policies_(std::make_shared<Policies>()),
        form_(set.templates()) {}

  std::shared_ptr<const Policies> compile() {
    policies_->index_ = switches_.index;
    for (const PolicySet::Item& item : set_.templates()) add_template(item);
    for (const PolicySet::Item& item : set_.constraints()) add_constraint(item);
    auto& constraints = policies_->constraints_;
    std::stable_sort(constraints.begin(), constraints.end(),
                     [](const Constraint& a, const Constraint& b) { return a.rule < b.rule; });
    for (const Constraint& constraint : constraints) {
      policies_->inventory_.add(constraint.inventory);
      if (constraint.match.selects_namespaces()) policies_->inventory_.kinds.insert("Namespace");
    }
    return std::move(policies_);
  }

 private:
  struct Compiled {
    Template form;
    std::unique_ptr<TemplateRego> rego;  // null: it has none
  };

  // What is wrong with its Rego is told even where its form is wrong too.
  void add_template(const PolicySet::Item& item) {
    const bool sound = form_.sound(item, findings_);
    Compiled compiled{read_template(item.source, item.node, findings_), nullptr};
    if (!compiled.form.modules.empty()) {
      compiled.rego = compile_rego(compiled.form, findings_, switches_.print);
      if (compiled.rego == nullptr) return;
    }
    if (!sound || !compiled.form.sound) return;
    std::string kind = compiled.form.kind;
    templates_.insert_or_assign(std::move(kind), std::move(compiled));
  }

  void add_constraint(const PolicySet::Item& item) {
    const schema::ObjectIdentity& identity = item.identity;
    const auto found = templates_.find(identity.kind);
    if (found == templates_.end()) return tell_missing(item, identity);
    if (!form_.sound(item, findings_)) return;
    const Compiled& policy = found->second;
    Constraint constraint;
    constraint.source = item.source;
    constraint.node = item.node;
    constraint.kind = identity.kind;
    constraint.name = identity.name;
    constraint.rule = "policy/" + constraint.kind + "/" + constraint.name;
    if (!read_constraint(constraint, findings_)) return;
    constraint.parameters = parameters_of(constraint, policy.form);
    if (policy.rego != nullptr && !plan(constraint, *policy.rego)) return;
    auto& all = policies_->constraints_;
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Constraint& c) { return c.rule == constraint.rule; });
    if (same == all.end()) {
      all.push_back(std::move(constraint));
    } else {
      *same = std::move(constraint);
    }
  }

  // Either nobody defines the kind, or the template that does is not sound, which was told where it stands.
  void tell_missing(const PolicySet::Item& item, const schema::ObjectIdentity& identity) {
    const bool defined = std::any_of(set_.templates().begin(), set_.templates().end(), [&](const auto& each) {
      return text_of(at(each.source->value(each.node), "spec", "crd", "spec", "names", "kind")) == identity.kind;
    });
    const document::NodeIndex kind = item.source->document.find(item.node, "kind");
    const std::string name(identity.kind);
    findings_.push_back(policy_finding(item.source, item.node, kind, "policy/constraint",
                                       defined ? "the template of " + name + " is not sound, so this checks nothing"
                                               : "no ConstraintTemplate defines the kind " + name));
  }

  Value parameters_of(const Constraint& constraint, const Template& form) {
    const Value schema = form.schema == document::kNoNode ? Value() : form.source->value(form.schema);
    Value parameters = at(constraint.value(), "spec", "parameters");
    const Value given = at(schema, "default");
    if (!parameters.defined() && given.defined()) parameters = given;
    if (!parameters.is_object()) return Value::empty_object();
    return policy::copy_value(policies_->arena_, apply_defaults(policies_->arena_, schema, parameters));
  }

  bool plan(Constraint& constraint, const TemplateRego& rego) {
    rego::ProgramOptions options;
    options.optimisations = switches_.programs;
    if (switches_.specialise) options.constants.push_back({{"parameters"}, constraint.parameters});
    rego::RegoErrors errors;
    constraint.program = rego::compile_program(*rego.modules, nullptr, {kViolationPath}, options, errors);
    constraint.inventory = rego.inventory;
    for (const rego::RegoError& error : errors) {
      findings_.push_back(policy_finding(constraint.source, constraint.node, constraint.node, "policy/rego",
                                         std::string(error.code) + ": " + error.message));
    }
    return constraint.program != nullptr;
  }

  const PolicySet& set_;
  const CompileSwitches& switches_;
  std::vector<PolicyFinding>& findings_;
  std::shared_ptr<Policies> policies_;
  FormCheck form_;
  std::map<std::string, Compiled, std::less<>> templates_;
};

std::shared_ptr<const Policies> PolicySet::compile(std::vector<PolicyFinding>& findings,
                                                   const CompileSwitches& switches) const {
  return PolicyCompiler(*this, switches, findings).compile();
}

std::shared_ptr<const Policies> Policies::of(Constraint constraint) {
  const auto policies = std::make_shared<Policies>();
  policies->inventory_.add(constraint.inventory);
  policies->constraints_.push_back(std::move(constraint));
  return policies;
}

std::vector<std::uint32_t> Policies::covering(std::string_view group, std::string_view kind) const {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < constraints_.size(); ++i) {
    const Constraint& constraint = constraints_[i];
    if (constraint.applies() && (!index_ || constraint.match.covers(group, kind))) numbers.push_back(i);
  }
  return numbers;
}

}  // namespace kubegate::gatekeeper
