// What the parser, the evaluator and the functions of Go's templates share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "validate/gitops/value.h"

namespace kubegate::gitops::go_template {

struct Pipe;

// One operand of a command, with the fields behind it: `.a.b`, `$x.c`, `(…).d`, "text", 4, nil, or a function's name.
struct Operand {
  enum class Kind { kDot, kVariable, kFunction, kLiteral, kNil, kPipe };
  Kind kind = Kind::kDot;
  std::string name;
  Value literal;
  std::vector<std::string> fields;
  std::shared_ptr<const Pipe> pipe;
};

struct Pipe {
  std::vector<std::string> variables;  // what it declares, or assigns to
  bool declares = false;
  std::vector<std::vector<Operand>> commands;
};

struct Node {
  enum class Kind { kText, kAction, kIf, kRange, kWith, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;
  Pipe pipe;
  std::vector<Node> body, otherwise;
};

// `error` is "" when the text is a template; `unknown` as in TemplateResult.
std::vector<Node> parse(std::string_view text, std::string& error, bool& unknown);

struct Call {
  std::string error;
  bool unknown = false;
};
// Whether there is a function of the name, here or in sprig.
bool is_function(std::string_view name);
bool is_unknown_function(std::string_view name);
// All but the few that the evaluator does itself (and, or).
Value call(std::string_view name, const std::vector<Value>& arguments, Call& state);

}  // namespace kubegate::gitops::go_template
