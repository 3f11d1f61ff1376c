// The words of an explanation. A rule's body is shown as it is written, with what became of each expression:
//
//   + it held     - it ended the body     . it was not reached
#include "policy/policy_tool/explain.h"

#include <algorithm>
#include <map>

#include "policy/gatekeeper/explain.h"
#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/load.h"
#include "policy/gatekeeper/rule_library.h"
#include "validate/base/suggest.h"
#include "validate/document/position.h"
#include "validate/report/text.h"

namespace kubegate::policy_tool {

using gatekeeper::Constraint;
using gatekeeper::ExplainedBody;
using gatekeeper::Explanation;
using gatekeeper::KeptDocument;

namespace {

struct Found {
  std::shared_ptr<const KeptDocument> document;
  document::NodeIndex node = 0;
  std::string name;  // "Kind/name"
};

rego_tool::Report failure(const std::string& text) {
  rego_tool::Report report;
  report.exit_code = 2;
  report.err = "kubegate: ";
  report::append_safe(report.err, text);
  report.err += '\n';
  return report;
}

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : count == 2 ? "twice" : std::to_string(count) + " times";
}

std::string place_of(const KeptDocument& document, Span span) {
  const document::Position at = document::position_of(document.document, span.begin);
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

void append_body(std::string& out, const KeptDocument& policy, const ExplainedBody& body) {
  out += "\n  " + body.name + ", " + policy.path + ":" + place_of(policy, body.span) +
         (body.held > 0 ? ": held " + times(body.held) : ": did not hold") + "\n";
  for (const auto& expression : body.expressions) {
    const char* mark = expression.tried == 0 ? "." : expression.held > 0 ? "+" : "-";
    out += "    ";
    out += mark;
    out += " " + place_of(policy, expression.span) + "  ";
    report::append_safe(out, expression.text);
    if (expression.tried > 0 && expression.held == 0) {
      out += "    (tried " + times(expression.tried) + ", never held)";
    } else if (expression.tried > expression.held) {
      out += "    (tried " + times(expression.tried) + ", held " + times(expression.held) + ")";
    }
    out += "\n";
  }
}

// Objects of a file; "file.yaml:Kind/name" picks one.
Result<std::vector<Found>> find_objects(const std::string& wanted) {
  std::string path = wanted, name;
  const std::size_t colon = wanted.rfind(':');
  if (colon != wanted.npos && wanted.find('/', colon) != wanted.npos) {
    path = wanted.substr(0, colon);
    name = wanted.substr(colon + 1);
  }
  std::vector<Found> found;
  const auto read = gatekeeper::read_documents(std::span(&path, 1), "", {}, [&](const auto& document) {
    for (const run::Object& object : gatekeeper::objects_of(*document)) {
      if (!object.identity.is_complete()) continue;
      std::string own = std::string(object.identity.kind) + "/" + std::string(object.identity.name);
      if (name.empty() || name == own) found.push_back({document, object.node, std::move(own)});
    }
  });
  if (!read.ok()) return read.error();
  return found;
}

}  // namespace

rego_tool::Report explain(const ExplainOptions& options) {
  gatekeeper::PolicySet set;
  std::vector<gatekeeper::PolicyFinding> findings;
  const auto loaded = gatekeeper::load_policies(options.policies, {}, set, findings);
  if (!loaded.ok()) return failure(loaded.error().text());
  const auto added = gatekeeper::add_library_rules(options.bundles, set);
  if (!added.ok()) return failure(added.error().text());
  const auto policies = set.compile(findings);

  std::vector<const Constraint*> constraints;
  std::vector<std::string_view> names;
  for (const Constraint& constraint : policies->constraints()) {
    names.push_back(constraint.name);
    if (options.constraint == constraint.name || options.constraint == constraint.kind + "/" + constraint.name) {
      constraints.push_back(&constraint);
    }
  }
  if (constraints.empty()) {
    const std::string_view nearest = nearest_name(options.constraint, names);
    return failure("there is no constraint " + options.constraint + " that can be used" +
                   (nearest.empty() ? "" : ", did you mean " + std::string(nearest) + "?"));
  }
  if (constraints.size() > 1) {
    return failure("several kinds have a constraint " + options.constraint + ": name it Kind/" + options.constraint);
  }
  const Constraint& constraint = *constraints.front();

  auto objects = find_objects(options.object);
  if (!objects.ok()) return failure(objects.error().text());
  if (objects->size() != 1) {
    std::string text = objects->empty() ? "there is no such object in " + options.object
                                        : options.object + " holds several objects; name one behind a colon:";
    for (const Found& each : *objects) text += " " + each.name;
    return failure(text);
  }
  const Found& found = objects->front();

  gatekeeper::Inventory inventory;
  const auto gathered = gatekeeper::read_documents(options.inventory, "--inventory", {}, [&](const auto& document) {
    if (!document->document.empty() && document->document.complete()) inventory.add(document, 0);
  });
  if (!gathered.ok()) return failure(gathered.error().text());

  policy::DocumentRoot root(found.document->document, policy::NumberMode::kFloat64);
  gatekeeper::Review review;
  review.object = gatekeeper::subject_of(root.value_of(found.node));
  review.name_space = inventory.name_space(review.object.name_space);
  const Explanation explanation = gatekeeper::explain(set, constraint, review, inventory.value());

  rego_tool::Report report;
  std::string& out = report.out;
  out = "constraint " + constraint.kind + "/" + constraint.name + " and " + found.name + ": ";
  if (explanation.matched == gatekeeper::Matched::kNo) {
    out += "does not match, by spec.match." + explanation.why_not + "\n";
    return report;
  }
  if (explanation.matched == gatekeeper::Matched::kUnknown) {
    out += explanation.why_not + " (give the Namespace by --inventory)\n";
    report.exit_code = 1;
    return report;
  }
  const std::size_t count = explanation.violations.size();
  out += "matches; " +
         (count == 0 ? "no violation" : std::to_string(count) + (count == 1 ? " violation" : " violations")) + "\n";
  for (const gatekeeper::Violation& violation : explanation.violations) {
    out += "  ";
    report::append_safe(out, violation.message);
    out += "\n";
  }
  for (const ExplainedBody& body : explanation.bodies) {
    if (body.tried()) append_body(out, *explanation.policy, body);
  }
  report.exit_code = count == 0 ? 0 : 1;
  return report;
}

}  // namespace kubegate::policy_tool
