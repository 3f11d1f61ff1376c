// The policies of a run. Each thread reads the document that it judges in place and keeps a reviewer; what the set holds
// besides was gathered before.
//
// Which namespace an object has: the one that it names. One that names none is, where its kind is known, what its kind
// is (scope), and otherwise as Gatekeeper takes it: it lies in no namespace that a constraint could leave out. Labels of
// Namespaces come from the set and from --inventory; a constraint that asks for those of another cannot be judged, and
// that is a violation of it, as in Gatekeeper.
//
// Tested in tests/policy/gatekeeper/policy_check_test.cc.
#include "policy/gatekeeper/policy_check.h"

#include <optional>

#include "policy/gatekeeper/load.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/gatekeeper/rule_library.h"
#include "policy/gatekeeper/sets.h"
#include "validate/schema/table.h"

namespace kubegate::gatekeeper {

namespace {

class PolicyCheck final : public run::Check {
 public:
  PolicyCheck(std::shared_ptr<const Policies> policies, std::vector<PolicyFinding> told)
      : policies_(std::move(policies)), told_(std::move(told)) {}

  // Before the run begins.
  Sets& sets() { return sets_; }

  std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Thread>(policies_); }

  void begin(const document::Document& document, std::string_view path, Memory& memory) const override {
    Thread& thread = static_cast<Thread&>(memory);
    thread.root.bind(document, policy::NumberMode::kFloat64);
    if (thread.path == path) return;
    thread.path = path;
    thread.view = sets_.view(path);
    thread.reviewer.set_inventory(thread.view.inventory);
  }

  schema::ObjectVerdict check(const document::Document& document, const run::Object& object,
                              const schema::Resolution& resolution, Memory* memory,
                              std::vector<Finding>& out) const override {
    Thread& thread = static_cast<Thread&>(*memory);
    if (!object.identity.is_complete()) return {};
    Review review;
    review.object = subject_of(thread.root.value_of(object.node));
    if (resolution.table != nullptr) {
      review.namespaced = resolution.table->kinds()[resolution.kind].cluster_scoped == 0;
    }
    if (thread.view.objects != nullptr && !review.object.name_space.empty()) {
      review.name_space = thread.view.objects->name_space(review.object.name_space);
    }
    thread.violations.clear();
    thread.reviewer.review(review, thread.violations);
    for (const Violation& violation : thread.violations) {
      out.push_back(to_finding(document, object, violation));
    }
    return {};
  }

 private:
  struct Thread final : Memory {
    explicit Thread(std::shared_ptr<const Policies> policies) : reviewer(std::move(policies)) {}
    policy::DocumentRoot root;
    Reviewer reviewer;
    std::string path;  // of the file that `view` belongs to
    Sets::View view;
    std::vector<Violation> violations;
  };

  Finding to_finding(const document::Document& document, const run::Object& object, const Violation& violation) const {
    const Constraint& constraint = policies_->constraints()[violation.constraint];
    Finding finding;
    finding.rule = constraint.rule;
    finding.severity = constraint.denies() ? Severity::kError : Severity::kWarning;
    finding.message = violation.message;
    if (violation.cause == Violation::Cause::kUnmatched) {
      finding.message += " (give the Namespace beside the objects, or by --inventory)";
    } else if (violation.cause != Violation::Cause::kPolicy) {
      finding.message = "the policy could not be evaluated: " + finding.message;
    }
    if (!constraint.denies() && constraint.action != "warn") finding.message += " (" + constraint.action + ")";
    finding.pointer = object.pointer;
    const document::NodeIndex metadata = document.find(object.node, "metadata");
    const document::NodeIndex name = metadata == document::kNoNode ? metadata : document.find(metadata, "name");
    finding.span = document[name == document::kNoNode ? object.node : name].span();
    return finding;
  }

  const std::shared_ptr<const Policies> policies_;
  const std::vector<PolicyFinding> told_;  // whose documents' paths the report views
  Sets sets_;
};

class Loader final : public run::PolicyLoader {
 public:
  Result<Done> load(const run::PolicySettings& settings, run::Options& options) const override {
    PolicySet set;
    std::vector<PolicyFinding> findings;
    const auto loaded = load_policies(settings.paths, options.limits, set, findings);
    if (!loaded.ok()) return loaded;
    const auto added = add_library_rules(settings.bundles, set);
    if (!added.ok()) return added;
    const auto policies = set.compile(findings);
    options.policy_faults = to_resources(findings);
    const auto check = std::make_shared<PolicyCheck>(policies, std::move(findings));
    if (policies->inventory().any()) {
      const auto gathered = check->sets().gather(policies->inventory(), settings.inventory, options);
      if (!gathered.ok()) return gathered;
    }
    options.policies = check;
    return Done{};
  }
};

}  // namespace

const run::PolicyLoader& policy_loader() {
  static const Loader loader;
  return loader;
}

}  // namespace kubegate::gatekeeper
