#include "policy/rego/parser.h"
namespace kubegate::rego {
void attach_annotations(Ast&, Module&, RegoErrors&) {}
}  // namespace kubegate::rego
