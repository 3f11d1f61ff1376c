// What the tests of mutation and expansion share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/gatekeeper/expansion.h"
#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/mutation.h"
#include "policy/gatekeeper/policies.h"

namespace kubegate::gatekeeper {

// The documents of a YAML text, and the policies among them.
struct YamlInput {
  explicit YamlInput(std::string text, document::Syntax syntax = document::Syntax::kYaml) {
    documents = keep_documents("input.yaml", std::move(text), syntax, {});
    for (const auto& document : documents) set.add(document);
  }

  std::vector<std::shared_ptr<const KeptDocument>> documents;
  PolicySet set;
};

// Both, of one text; numbers as they are printed.
struct CompiledMutators {
  explicit CompiledMutators(std::string text) : input(std::move(text)) {
    mutators = Mutators::compile(input.set.mutators(), findings, policy::NumberMode::kYaml);
    expansions = Expansions::compile(input.set.expansions(), findings);
  }

  YamlInput input;
  std::vector<PolicyFinding> findings;
  std::shared_ptr<const Mutators> mutators;
  std::shared_ptr<const Expansions> expansions;
};

}  // namespace kubegate::gatekeeper
