// Policies and objects of texts, for tests of the engine.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/policy_tool/findings.h"
#include "policy/value/document_root.h"

namespace kubegate::testing {

using Documents = std::vector<std::shared_ptr<const gatekeeper::KeptDocument>>;

inline Documents documents_of(const std::string& yaml, const std::string& path = "policy.yaml") {
  return gatekeeper::keep_documents(path, yaml, document::Syntax::kYaml, {});
}

struct Compiled {
  std::shared_ptr<const gatekeeper::Policies> policies;
  std::vector<std::string> findings;  // "policy.yaml:3:7: message [rule]"
};

inline Compiled compile(const std::string& yaml, const gatekeeper::CompileSwitches& switches = {}) {
  gatekeeper::PolicySet set;
  for (const auto& document : documents_of(yaml)) {
    EXPECT_TRUE(document->document.complete()) << yaml;
    set.add(document);
  }
  std::vector<gatekeeper::PolicyFinding> findings;
  Compiled out;
  out.policies = set.compile(findings, switches);
  for (const auto& finding : findings) out.findings.push_back(policy_tool::line_of(finding));
  return out;
}

// An object of YAML, as it is reviewed.
class Subject {
 public:
  explicit Subject(const std::string& yaml) : documents_(documents_of(yaml, "object.yaml")) {
    EXPECT_EQ(documents_.size(), 1u) << yaml;
    root_.bind(documents_.front()->document, policy::NumberMode::kFloat64);
  }
  policy::Value value() const { return root_.value(); }
  gatekeeper::Review review() const {
    gatekeeper::Review review;
    review.object = gatekeeper::subject_of(value());
    return review;
  }

 private:
  Documents documents_;
  policy::DocumentRoot root_;
};

// A template of kind K8sTest whose Rego is `rego`, indented by nothing, and whose parameters have `schema` (YAML in flow
// style; "" is none).
inline std::string template_of(const std::string& rego, const std::string& schema = "",
                               const std::string& kind = "K8sTest") {
  std::string lower, indented;
  for (const char c : kind) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (std::size_t at = 0; at < rego.size();) {
    const std::size_t end = std::min(rego.find('\n', at), rego.size());
    indented += "        " + rego.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata:\n  name: " + lower +
         "\nspec:\n  crd:\n    spec:\n      names:\n        kind: " + kind + "\n" +
         (schema.empty() ? "" : "      validation:\n        openAPIV3Schema: " + schema + "\n") +
         "  targets:\n    - target: admission.k8s.gatekeeper.sh\n      rego: |\n" + indented;
}

// A constraint of that kind, whose spec is YAML in flow style.
inline std::string constraint_of(const std::string& spec = "{}", const std::string& name = "test",
                                 const std::string& kind = "K8sTest") {
  return "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: " + kind + "\nmetadata:\n  name: " + name +
         "\nspec: " + spec + "\n";
}

// "name: message" of each violation.
inline std::vector<std::string> violations_of(gatekeeper::Reviewer& reviewer, const gatekeeper::Review& review) {
  std::vector<gatekeeper::Violation> found;
  reviewer.review(review, found);
  std::vector<std::string> out;
  for (const auto& violation : found) {
    out.push_back(reviewer.policies().constraints()[violation.constraint].name + ": " + violation.message);
  }
  return out;
}

}  // namespace kubegate::testing
