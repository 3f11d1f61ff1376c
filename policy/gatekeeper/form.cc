#include "policy/gatekeeper/form.h"

#include <algorithm>

#include "validate/run/check.h"
#include "validate/run/object.h"
#include "validate/schema/catalogue.h"

namespace kubegate::gatekeeper {

FormCheck::FormCheck(std::span<const PolicySet::Item> templates) {
  schema::CrdSet kinds;
  for (const PolicySet::Item& item : templates) kinds.add(item.source->document, item.node);
  static const std::vector<schema::Target> kNewest = *schema::parse_targets(std::vector<std::string>{"master"});
  catalogue_ = *schema::Catalogue::make({kNewest, {}}, &kinds, nullptr);
  checks_ = run::make_checks(catalogue_, {});
}

const FormCheck& FormCheck::built_in() {
  static const FormCheck kForms({});
  return kForms;
}

bool FormCheck::sound(const PolicySet::Item& item, std::vector<PolicyFinding>& findings) const {
  run::Object object;
  object.node = item.node;
  object.pointer = policy_finding(item.source, item.node, item.node, {}, {}).finding.pointer;
  object.identity = item.identity;
  const schema::Resolution resolution = catalogue_->resolve(object.identity.api_version, object.identity.kind);
  std::vector<Finding> found;
  for (const auto& check : checks_) check->check(item.source->document, object, resolution, nullptr, found);
  const std::size_t before = findings.size();
  const auto is_told = [&](const Span& span) {
    return std::any_of(findings.begin(), findings.begin() + static_cast<std::ptrdiff_t>(before), [&](const auto& each) {
      const Span& told = each.finding.span;
      return each.document == item.source && each.object == item.node && told.begin <= span.begin &&
             span.begin < told.begin + std::max(told.length, 1u);
    });
  };
  bool sound = true;
  for (Finding& finding : found) {
    sound = sound && finding.severity != Severity::kError;
    if (is_told(finding.span)) continue;
    finding.targets = kAllTargets;  // of the run that asks, whichever they are
    findings.push_back({item.source, item.node, std::move(finding)});
  }
  return sound;
}

}  // namespace kubegate::gatekeeper
