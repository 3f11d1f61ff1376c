// Resultants are told in gator's order, by name, apiVersion and kind from the last to the first, and numbers as they are
// written.
//
// Tested by the transcripts of tests/policy/cases; what comes of an object in tests/policy/gatekeeper/expansion_test.cc.
#include "policy/policy_tool/expand.h"

#include <unistd.h>

#include <algorithm>

#include "policy/gatekeeper/expansion.h"
#include "policy/gatekeeper/mutation.h"
#include "policy/policy_tool/findings.h"
#include "policy/policy_tool/json_text.h"
#include "policy/policy_tool/namespaces.h"
#include "policy/policy_tool/objects.h"
#include "policy/value/value.h"

namespace kubegate::policy_tool {

namespace {

struct Printed {
  std::string key, text;
};

rego_tool::Report failure(const std::string& text) { return {"", "kubegate: " + text + "\n", 1}; }

}  // namespace

rego_tool::Report expand(const ExpandOptions& options) {
  auto read = read_objects(options.paths, options.standard_input);
  if (!read.ok()) return failure(read.error().text());
  const Objects& input = *read;
  std::vector<gatekeeper::PolicyFinding> faults = input.faults;
  if (input.objects.empty() && faults.empty()) return failure("no input data identified");

  gatekeeper::PolicySet set;
  for (const auto& document : input.documents) set.add(document);
  const auto mutators = gatekeeper::Mutators::compile(set.mutators(), faults, policy::NumberMode::kYaml);
  const auto expansions = gatekeeper::Expansions::compile(set.expansions(), faults);
  Namespaces namespaces(Namespaces::Rule::kGatorTest);
  for (const Object& object : input.objects) namespaces.add(object);

  std::vector<Printed> printed;
  policy::ValueArena arena;
  for (const Object& object : input.objects) {
    arena.reset();
    gatekeeper::Review review;
    review.object = gatekeeper::subject_of(object.document->value(object.node));
    namespaces.place(review);
    gatekeeper::Expanded expanded;
    std::string error;
    if (!gatekeeper::expand(arena, review, *mutators, *expansions, expanded, error)) {
      faults.push_back(object_finding(object, "policy/expansion", Severity::kError, std::move(error)));
      continue;
    }
    for (const gatekeeper::Resultant& resultant : expanded.resultants) {
      const gatekeeper::Subject subject = gatekeeper::subject_of(resultant.object);
      const std::string json = policy::to_json(resultant.object);
      std::string key(subject.name);
      key += gatekeeper::text_of(gatekeeper::at(resultant.object, "apiVersion"));
      key += subject.kind;
      printed.push_back({std::move(key), options.json ? indented_json(json, 4) : yaml_of_json(json)});
    }
  }
  std::stable_sort(printed.begin(), printed.end(), [](const Printed& a, const Printed& b) { return a.key > b.key; });

  rego_tool::Report report;
  for (std::size_t i = 0; i < printed.size(); ++i) {
    if (i > 0) report.out += "---\n";
    report.out += printed[i].text;
  }
  report.out += '\n';
  for (const gatekeeper::PolicyFinding& fault : faults) report.err += line_of(fault) + "\n";
  report.exit_code = faults.empty() ? 0 : 1;
  if (options.file.empty()) return report;
  const auto written = write_bytes(options.file, std::move(report.out));
  if (!written.ok()) return failure(written.error().text());
  report.out.clear();
  return report;
}

}  // namespace kubegate::policy_tool
