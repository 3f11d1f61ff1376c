#include "policy/policy_tool/library.h"

#include <algorithm>
#include <vector>

#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/review.h"
#include "policy/gatekeeper/rule_library.h"
#include "validate/base/suggest.h"

namespace kubegate::policy_tool {

using gatekeeper::at;
using gatekeeper::LibraryRule;
using gatekeeper::text_of;

namespace {

// What a line of the list tells of a rule.
struct Facts {
  std::string kind, title, constraints, action;
};

Facts facts_of(const LibraryRule& rule) {
  Facts facts;
  const auto each = [](std::string_view text, const auto& take) {
    for (const auto& document : gatekeeper::keep_documents("", std::string(text), document::Syntax::kYaml, {})) {
      if (!document->document.empty()) take(document->value(0));
    }
  };
  each(rule.constraint_template, [&](policy::Value value) {
    facts.kind = text_of(at(value, "spec", "crd", "spec", "names", "kind"));
    facts.title = text_of(at(value, "metadata", "annotations", "metadata.gatekeeper.sh/title"));
  });
  each(rule.constraints, [&](policy::Value value) {
    if (!facts.constraints.empty()) facts.constraints += ", ";
    facts.constraints += text_of(at(value, "metadata", "name"));
    const std::string_view action = text_of(at(value, "spec", "enforcementAction"));
    const std::string own(action.empty() ? "deny" : action);
    if (facts.action.find(own) != std::string::npos) return;
    facts.action += (facts.action.empty() ? "" : ", ") + own;
  });
  return facts;
}

std::string full_name(const LibraryRule& rule) { return std::string(rule.bundle) + "/" + std::string(rule.name); }

void pad(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  out.append(text.size() < width ? width - text.size() : 0, ' ');
  out += "  ";
}

rego_tool::Report wrong_name(const std::string& what, const std::string& name,
                             const std::vector<std::string_view>& names) {
  rego_tool::Report report;
  report.exit_code = 2;
  report.err = "kubegate: there is no " + what + " " + name;
  if (const std::string_view nearest = nearest_name(name, names); !nearest.empty()) {
    report.err += ", did you mean " + std::string(nearest) + "?";
  }
  report.err += " (kubegate policy list tells all)\n";
  return report;
}

}  // namespace

rego_tool::Report list_rules(const std::string& bundle) {
  const std::vector<std::string_view> bundles = gatekeeper::rule_bundles();
  if (!bundle.empty() && std::find(bundles.begin(), bundles.end(), bundle) == bundles.end()) {
    return wrong_name("bundle", bundle, bundles);
  }
  struct Row {
    std::string name;
    Facts facts;
  };
  std::vector<Row> rows;
  std::size_t name_width = 4, kind_width = 4, action_width = 6;
  for (const LibraryRule& rule : gatekeeper::rule_library()) {
    if (!bundle.empty() && rule.bundle != bundle) continue;
    rows.push_back({full_name(rule), facts_of(rule)});
    name_width = std::max(name_width, rows.back().name.size());
    kind_width = std::max(kind_width, rows.back().facts.kind.size());
    action_width = std::max(action_width, rows.back().facts.action.size());
  }
  rego_tool::Report report;
  pad(report.out, "RULE", name_width);
  pad(report.out, "KIND", kind_width);
  pad(report.out, "ACTION", action_width);
  report.out += "ASKS\n";
  for (const Row& row : rows) {
    pad(report.out, row.name, name_width);
    pad(report.out, row.facts.kind, kind_width);
    pad(report.out, row.facts.action, action_width);
    report.out += row.facts.title + "\n";
  }
  return report;
}

rego_tool::Report show_rule(const std::string& name, bool files) {
  std::vector<std::string> texts;
  for (const LibraryRule& rule : gatekeeper::rule_library()) {
    const std::string whole = full_name(rule), kind = facts_of(rule).kind;
    if (name != whole && name != rule.name && name != kind) {
      texts.push_back(whole);
      texts.emplace_back(rule.name);
      texts.push_back(kind);
      continue;
    }
    rego_tool::Report report;
    if (files) {
      report.out = std::string(rule.constraint_template) + "---\n" + std::string(rule.constraints);
    } else {
      report.out = rule.page;
    }
    return report;
  }
  return wrong_name("rule", name, {texts.begin(), texts.end()});
}

}  // namespace kubegate::policy_tool
