// Lexer, parser and compiler of Rego on any bytes. The first byte chooses version and strictness; the rest is a module
// and, behind a line `# query`, a query that is compiled in its world.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/rego/parser.h"
#include "policy/rego/compile.h"

namespace kubegate::rego {
namespace {

// Errors say something, in a place that exists.
void check(const Ast& ast, const RegoErrors& errors) {
  for (const RegoError& error : errors) {
    const Location& place = error.location;
    if (error.message.empty() || error.text().empty()) std::abort();
    if (place.row == 0) continue;
    if (place.file >= ast.source_count()) std::abort();
    const std::size_t size = ast.source(place.file).text.size();
    if (place.begin > size || place.length > size - place.begin) std::abort();
  }
}

void compile(std::string_view text, std::uint8_t flags) {
  constexpr std::string_view kQuery = "\n# query\n";
  const std::size_t split = text.find(kQuery);
  const RegoVersion version = (flags & 1) != 0 ? RegoVersion::kV0 : RegoVersion::kV1;
  Ast ast;
  RegoErrors errors;
  Module* module =
      parse_module(ast, "fuzz.rego", std::string(text.substr(0, split)), version, errors, Annotations::kRead);
  if ((module == nullptr) != !errors.empty()) std::abort();
  Body query;
  if (split != std::string_view::npos) {
    RegoErrors query_errors;
    query = parse_query(ast, std::string(text.substr(split + kQuery.size())), version, query_errors);
    if (query.empty() == query_errors.empty()) std::abort();
    check(ast, query_errors);
  }
  check(ast, errors);
  if (module == nullptr) return;
  // What is printed in messages must print.
  if (to_string(module).empty()) std::abort();
  CompileOptions options;
  options.strict = (flags & 2) != 0;
  options.enable_print = (flags & 4) != 0;
  const auto compiled = compile_modules(ast, {module}, options, errors);
  if ((compiled == nullptr) != !errors.empty()) std::abort();
  check(ast, errors);
  if (compiled == nullptr || query.empty()) return;
  CompiledQuery out;
  const bool ok = compile_query(*compiled, std::move(query), errors, out);
  if (ok != errors.empty()) std::abort();
  check(ast, errors);
}

}  // namespace
}  // namespace kubegate::rego

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  kubegate::rego::compile({reinterpret_cast<const char*>(data) + 1, size - 1}, data[0]);
  return 0;
}
