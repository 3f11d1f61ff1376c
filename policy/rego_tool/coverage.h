// Which parts of policies evaluations reached. Rule: OPA's v1/cover, as of 1.22.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/rego/ast.h"
#include "policy/rego/machine.h"
#include "policy/rego/program.h"

namespace kubegate::rego_tool {

class Coverage {
 public:
  // The parts that there are: heads of rules and expressions. Of modules as they were parsed; `ast` outlives this.
  Coverage(const rego::Ast& ast, const std::vector<rego::Module*>& modules);

  // Adds what a machine counted (ProgramOptions::coverage) of a program of these modules.
  void add(const rego::Machine& machine);

  double percent() const;
  // OPA's coverage report, with a line break behind it; every line of it behind `prefix` but for the first.
  std::string json(const std::string& prefix = "") const;
  // "\n\tfile:3-5", for each run of lines that nothing reached.
  std::string missed() const;

 private:
  // A part of a text: the first character and the one behind the last, by row and column.
  struct Position {
    std::uint32_t row = 0, column = 0;
    auto operator<=>(const Position&) const = default;
  };
  struct Range {
    Position start, end;
    auto operator<=>(const Range&) const = default;
  };
  using Ranges = std::set<Range>;
  struct File {
    Ranges parts, reached;
    // The bodies without braces of else branches, which OPA takes for all of the branch: with the branches.
    std::map<Range, Range> branches;
    Range as_told(const Range& part) const;
  };
  struct Lines {
    std::size_t covered = 0, missed = 0;
    double percent() const;
  };

  Range range_of(const rego::Location& location) const;
  void add_branch(File& file, const rego::Rule& branch) const;
  // The parts that lie in none that was reached.
  static Ranges missed(const File& file);
  static std::vector<std::pair<std::uint32_t, std::uint32_t>> rows(const Ranges& ranges);
  static std::size_t count_rows(const Ranges& ranges);
  static Lines lines(const File& file);
  static void append(std::string& out, const char* name, const Ranges& ranges, const std::string& prefix);

  const rego::Ast& ast_;
  std::map<std::string, File> files_;
};

}  // namespace kubegate::rego_tool
