// The policies of a run. Each thread reads the document that it judges in place and keeps a reviewer; what the set holds
// besides was gathered before.
//
// Which namespace an object has: the one that it names. One that names none is, where its kind is known, what its kind
// is (scope), and otherwise as Gatekeeper takes it: it lies in no namespace that a constraint could leave out. Labels of
// Namespaces come from the set and from --inventory; a constraint that asks for those of another cannot be judged, and
// that is a violation of it, as in Gatekeeper.
//
// Tested by the transcripts of tests/policy/cases (validate_policy.txt).
#include "policy/gatekeeper/policy_check.h"

#include <algorithm>
#include <optional>
#include <string>

#include "policy/gatekeeper/expansion.h"
#include "policy/gatekeeper/load.h"
#include "policy/gatekeeper/mutation.h"
#include "policy/gatekeeper/place.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/gatekeeper/rule_library.h"
#include "policy/gatekeeper/sets.h"
#include "validate/base/digest.h"
#include "validate/schema/table.h"

namespace kubegate::gatekeeper {

namespace {

class PolicyCheck final : public run::Check {
 public:
  // Compiles what is in the set; what is wrong is in told() then.
  explicit PolicyCheck(const PolicySet& set, std::vector<PolicyFinding> told) : told_(std::move(told)) {
    policies_ = set.compile(told_);
    mutators_ = Mutators::compile(set.mutators(), told_);
    expansions_ = Expansions::compile(set.expansions(), told_);
    digest_ = digest_of(set);
    const auto& constraints = policies_->constraints();
    closed_ = std::all_of(constraints.begin(), constraints.end(), [](const Constraint& constraint) {
      return constraint.program == nullptr || constraint.program->is_closed();
    });
  }

  const Policies& policies() const { return *policies_; }
  std::span<const PolicyFinding> told() const { return told_; }

  // Before the run begins.
  Sets& sets() { return sets_; }

  // The policies, and what they see of the file's set.
  std::optional<std::string> inputs(std::string_view path) const override {
    if (!closed_) return std::nullopt;
    return digest_ + std::string(sets_.view(path).digest);
  }

  std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Thread>(policies_); }

  void begin(const document::Document& document, std::string_view path, Memory& memory) const override {
    Thread& thread = static_cast<Thread&>(memory);
    thread.root.bind(document, policy::NumberMode::kFloat64);
    if (thread.path == path) return;
    thread.path = path;
    const Sets::View view = sets_.view(path);
    // Files of one set share what machines have gathered of its inventory.
    if (view.objects == thread.view.objects) return;
    thread.view = view;
    thread.reviewer.set_inventory(view.inventory);
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
    thread.may_differ = false;
    judge(document, object, review, thread, out);
    schema::ObjectVerdict verdict;
    verdict.may_differ = thread.may_differ;
    return verdict;
  }

 private:
  struct Thread final : Memory {
    explicit Thread(std::shared_ptr<const Policies> policies) : reviewer(std::move(policies)) {
      reviewer.set_locating(true);
    }
    policy::DocumentRoot root;
    Reviewer reviewer;
    std::string path;  // of the file that `view` belongs to
    Sets::View view;
    std::vector<Violation> violations;
    bool may_differ = false;  // a policy could not be evaluated: a limit of time or memory, for all that is known
    policy::ValueArena arena;  // of what mutators and ExpansionTemplates make of an object
  };

  // The object as the cluster would see it, then what would come of it.
  void judge(const document::Document& document, const run::Object& object, const Review& review, Thread& thread,
             std::vector<Finding>& out) const {
    if (mutators_->empty() && expansions_->empty()) return judge(document, object, review, nullptr, thread, out);
    thread.arena.reset();
    Expanded expanded;
    std::string error;
    if (!expand(thread.arena, review, *mutators_, *expansions_, expanded, error)) {
      Finding finding;
      place_finding(document, object.node, document::kNoNode, finding);
      finding.rule = "policy/expansion";
      thread.may_differ = true;
      finding.message = std::move(error);
      out.push_back(std::move(finding));
      return judge(document, object, review, nullptr, thread, out);
    }
    Review base = review;
    base.object = subject_of(expanded.base);
    judge(document, object, base, nullptr, thread, out);
    for (const Resultant& resultant : expanded.resultants) {
      judge(document, object, review_of(resultant, base), &resultant, thread, out);
    }
  }

  // `resultant` is null for the object itself.
  void judge(const document::Document& document, const run::Object& object, const Review& review,
             const Resultant* resultant, Thread& thread, std::vector<Finding>& out) const {
    thread.violations.clear();
    thread.reviewer.review(review, thread.violations);
    for (const Violation& violation : thread.violations) {
      thread.may_differ |= violation.is_broken();
      out.push_back(to_finding(document, object, violation, resultant));
    }
  }

  Finding to_finding(const document::Document& document, const run::Object& object, const Violation& violation,
                     const Resultant* resultant) const {
    const Constraint& constraint = policies_->constraints()[violation.constraint];
    Finding finding;
    place_finding(document, object.node, violation.cause_at, finding);
    finding.rule = constraint.rule;
    finding.message = violation.message;
    if (violation.cause == Violation::Cause::kUnmatched) {
      finding.message += " (give the Namespace beside the objects, or by --inventory)";
    }
    std::string_view action = constraint.action;
    bool denies = constraint.denies();
    if (resultant != nullptr) {
      finding.message = implied_message(resultant->template_name, finding.message);
      if (!resultant->enforcement_action.empty()) {
        action = resultant->enforcement_action;
        denies = action == "deny";
      }
    }
    if (!denies && action != "warn") finding.message += " (" + std::string(action) + ")";
    if (violation.is_broken()) finding.message = "the policy could not be evaluated: " + finding.message;
    finding.severity = denies || violation.is_broken() ? Severity::kError : Severity::kWarning;
    return finding;
  }

  std::shared_ptr<const Policies> policies_;
  std::shared_ptr<const Mutators> mutators_;
  std::shared_ptr<const Expansions> expansions_;
  static std::string digest_of(const PolicySet& set) {
    Digester digest;
    for (const auto* items : {&set.templates(), &set.constraints(), &set.mutators(), &set.expansions()}) {
      digest.add(items->size());
      for (const PolicySet::Item& item : *items) {
        const KeptDocument& source = *item.source;
        digest.add(source.path).add(source.document.source()).add(source.document.first_line()).add(item.node);
      }
    }
    return digest.finish();
  }

  std::string digest_;
  bool closed_ = true;               // no policy asks for the time, or for what else stands in no file of the run
  std::vector<PolicyFinding> told_;  // whose documents' paths the report views
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
    const auto check = std::make_shared<PolicyCheck>(set, std::move(findings));
    options.told_first = to_resources(check->told());
    const InventoryUse& use = check->policies().inventory();
    if (use.any()) {
      const auto gathered = check->sets().gather(use, settings.inventory, options);
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
