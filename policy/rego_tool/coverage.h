// Which lines of policies evaluations reached. Rule: OPA's v1/cover.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego/machine.h"
#include "policy/rego/program.h"

namespace kubegate::rego_tool {

class Coverage {
 public:
  // The lines that there are: heads of rules and expressions. Of modules as they were parsed.
  Coverage(rego::Ast& ast, const std::vector<rego::Module*>& modules);

  // Adds what a machine counted (ProgramOptions::coverage).
  void add(const rego::Machine& machine);

  double percent() const;
  // OPA's coverage report, with a line break behind it.
  std::string json() const;
  // "\n\tfile:3-5", for each run of lines that nothing reached.
  std::string missed() const;

 private:
  struct File {
    std::set<std::uint32_t> lines, reached;
  };
  std::map<std::string, File> files_;
};

}  // namespace kubegate::rego_tool
