// Any bytes as policies: they compile or are refused, each finding points inside its document, and what compiles judges a
// small object within its limits, with and without the switches that make it fast, to the same end.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/value/document_root.h"

namespace {

using namespace kubegate;
using namespace kubegate::gatekeeper;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

constexpr const char* kPod = R"(apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  containers:
  - {name: a, image: "registry.example.com/a:1", resources: {limits: {cpu: 100m, memory: 1Gi}}}
  - {name: b, image: "b:latest", securityContext: {privileged: true, runAsUser: 0}}
)";

rego::Limits small_limits() {
  rego::Limits limits;
  limits.steps = 20'000;
  limits.memory = std::uint64_t{16} << 20;
  limits.depth = 100;
  return limits;
}

// What they find, or "" where a limit was reached: how soon that is depends on the program.
std::string judge(const PolicySet& set, const CompileSwitches& switches, bool& limited) {
  std::vector<PolicyFinding> findings;
  const auto policies = set.compile(findings, switches);
  for (const PolicyFinding& finding : findings) {
    const std::size_t end = std::size_t{finding.finding.span.begin} + finding.finding.span.length;
    expect(end <= finding.document->document.source().size(), "a finding outside its document");
    expect(!finding.finding.message.empty(), "a finding without words");
  }
  static const auto documents = keep_documents("pod.yaml", kPod, document::Syntax::kYaml, {});
  const policy::DocumentRoot root(documents.front()->document, policy::NumberMode::kFloat64);
  Inventory inventory;
  inventory.add(documents.front(), 0);
  Review review;
  review.object = subject_of(root.value());
  Reviewer reviewer(policies, small_limits());
  reviewer.set_inventory(inventory.value());
  std::vector<Violation> found;
  reviewer.review(review, found);
  std::string out;
  for (const Violation& violation : found) {
    limited = limited || violation.cause == Violation::Cause::kLimit;
    out += policies->constraints()[violation.constraint].rule + ": " + violation.message + "\n";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 16 << 10;
  if (size > kLongest) return 0;
  PolicySet set;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& document : keep_documents("policies.yaml", text, document::Syntax::kYaml, {})) set.add(document);
  if (set.empty()) return 0;
  bool limited = false;
  const std::string fast = judge(set, {}, limited);
  CompileSwitches slow;
  slow.index = slow.specialise = false;
  const std::string slowly = judge(set, slow, limited);
  // Times and random numbers differ from one evaluation to the next.
  const bool repeats =
      text.find("time.") == text.npos && text.find("rand.") == text.npos && text.find("uuid.") == text.npos;
  expect(limited || !repeats || fast == slowly, "the switches change what is found");
  return 0;
}
