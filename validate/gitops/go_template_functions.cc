// The functions of text/template, of sprig and of Argo CD that templates of ApplicationSets use, one row each with how
// many arguments it takes. Names of sprig's that have no row are in kUnknown: what they would yield depends on time,
// chance or a library that is not here, or is rarely wanted.
//
// Tested in tests/validate/gitops/go_template_test.cc.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <limits>

#include "validate/base/base64.h"
#include "validate/gitops/go_template.h"
#include "validate/gitops/go_template_library.h"
#include "validate/gitops/go_template_parts.h"

namespace kubegate::gitops::go_template {

namespace {

constexpr std::string_view kUnknown[] = {
    "abbrev",
    "abbrevboth",
    "addf",
    "add1f",
    "adler32sum",
    "ago",
    "all",
    "any",
    "b32dec",
    "b32enc",
    "base",
    "bcrypt",
    "biggest",
    "buildCustomCert",
    "call",
    "camelcase",
    "chunk",
    "clean",
    "date",
    "dateInZone",
    "dateModify",
    "date_in_zone",
    "date_modify",
    "decryptAES",
    "deepCopy",
    "deepEqual",
    "derivePassword",
    "dir",
    "divf",
    "duration",
    "durationRound",
    "encryptAES",
    "ext",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "hello",
    "html",
    "htmlDate",
    "htmlDateInZone",
    "htpasswd",
    "initials",
    "isAbs",
    "js",
    "kebabcase",
    "maxf",
    "minf",
    "mulf",
    "mustAppend",
    "mustChunk",
    "mustCompact",
    "mustDateModify",
    "mustDeepCopy",
    "mustFirst",
    "mustFromJson",
    "mustHas",
    "mustInitial",
    "mustLast",
    "mustMerge",
    "mustMergeOverwrite",
    "mustPrepend",
    "mustPush",
    "mustRegexFind",
    "mustRegexFindAll",
    "mustRegexMatch",
    "mustRegexReplaceAll",
    "mustRegexReplaceAllLiteral",
    "mustRegexSplit",
    "mustRest",
    "mustReverse",
    "mustSlice",
    "mustToDate",
    "mustToJson",
    "mustToPrettyJson",
    "mustToRawJson",
    "mustUniq",
    "mustWithout",
    "must_date_modify",
    "now",
    "osBase",
    "osClean",
    "osDir",
    "osExt",
    "osIsAbs",
    "plural",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "regexFindAll",
    "regexQuoteMeta",
    "regexReplaceAllLiteral",
    "regexSplit",
    "round",
    "semver",
    "semverCompare",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuffle",
    "slice",
    "snakecase",
    "splitn",
    "subf",
    "swapcase",
    "toDate",
    "toDecimal",
    "toRawJson",
    "tuple",
    "typeIs",
    "typeIsLike",
    "typeOf",
    "unixEpoch",
    "urlJoin",
    "urlParse",
    "urlquery",
    "uuidv4",
    "wrap",
    "wrapWith",
};

constexpr int kMany = std::numeric_limits<int>::max();
constexpr std::string_view kSpace = " \t\r\n\v\f";

struct Function {
  std::string_view name;
  int least, most;
  Value (*call)(const Arguments& a, Context& c);
};

#define BODY [](const Arguments& a, Context& c) -> Value
#define USE (void)a, (void)c
const Function kFunctions[] = {
    // text/template's
    {"not", 1, 1, BODY{USE;
return Value::boolean(is_empty(a[0]));
}  // namespace
}  // namespace kubegate::gitops::go_template
, {"eq", 2, kMany,
   BODY{for (std::size_t i = 1; i < a.size();
             ++i){if (compare(a[0], a[i], true, c) == Order::kEqual) return Value::boolean(true);
}
return Value::boolean(false);
}
}
, {"ne", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], true, c) != Order::kEqual);
}
}
, {"lt", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], false, c) == Order::kLess);
}
}
, {"le", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], false, c) <= Order::kEqual);
}
}
, {"gt", 2, 2, BODY{return Value::boolean(compare(a[0], a[1], false, c) == Order::kGreater);
}
}
, {"ge", 2, 2, BODY{const Order order = compare(a[0], a[1], false, c);
return Value::boolean(order == Order::kEqual || order == Order::kGreater);
}
}
, {"len", 1, 1, BODY{return length(a[0], c);
}
}
, {"index", 1, kMany, index}, {"printf", 1, kMany, format}, {"print", 0, kMany, BODY{std::string out;
for (std::size_t i = 0; i < a.size(); ++i) {
  if (i > 0 && a[i].as_text() == nullptr && a[i - 1].as_text() == nullptr) out += ' ';
  out += printed(a[i]);
}
return c.bounded(std::move(out));
}
}
, {"println", 0, kMany, BODY{std::string out;
for (const Value& value : a) out += (out.empty() ? "" : " ") + printed(value);
return c.bounded(out + "\n");
}
}
,
    // Nothing, and what stands in for it
    {"default", 1, 2, BODY{USE;
return a.size() == 2 && !is_empty(a[1]) ? a[1] : a[0];
}
}
, {"empty", 1, 1, BODY{USE;
return Value::boolean(is_empty(a[0]));
}
}
, {"coalesce", 0, kMany, BODY{USE;
const auto found = std::find_if(a.begin(), a.end(), [](const Value& value) { return !is_empty(value); });
return found == a.end() ? Value() : *found;
}
}
, {"ternary", 3, 3, BODY{if (a[2].as_bool() == nullptr) return c.fail("wrong type for value; expected bool");
return *a[2].as_bool() ? a[0] : a[1];
}
}
, {"fail", 1, 1, BODY{return c.fail(c.text(a[0]));
}
}
,
    // Texts
    {"lower", 1, 1, BODY{return Value::text(mapped(c.text(a[0]), std::tolower));
}
}
, {"upper", 1, 1, BODY{return Value::text(mapped(c.text(a[0]), std::toupper));
}
}
, {"title", 1, 1, BODY{return Value::text(titled(c.text(a[0]), true));
}
}
, {"untitle", 1, 1, BODY{return Value::text(titled(c.text(a[0]), false));
}
}
, {"trim", 1, 1, BODY{return Value::text(trimmed(c.text(a[0]), kSpace, true, true));
}
}
, {"trimAll", 2, 2, BODY{return Value::text(trimmed(c.text(a[1]), c.text(a[0]), true, true));
}
}
, {"trimPrefix", 2, 2, BODY{std::string text = c.text(a[1]);
const std::string prefix = c.text(a[0]);
return Value::text(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
}
}
, {"trimSuffix", 2, 2, BODY{std::string text = c.text(a[1]);
const std::string suffix = c.text(a[0]);
return Value::text(text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text);
}
}
, {"trunc", 2, 2, trunc}, {"substr", 3, 3, substr}, {"nospace", 1, 1, BODY{std::string text = c.text(a[0]);
std::erase_if(text, [](char x) { return kSpace.find(x) != kSpace.npos; });
return Value::text(std::move(text));
}
}
, {"repeat", 2, 2, BODY{const std::string text = c.text(a[1]);
const std::int64_t times = c.integer(a[0]);
if (times < 0) return c.fail("negative Repeat count");
if (static_cast<std::uint64_t>(times) > kMaxText || text.size() * static_cast<std::size_t>(times) > kMaxText) {
  return c.fail("the text becomes too long");
}
std::string out;
for (std::int64_t i = 0; i < times; ++i) out += text;
return Value::text(std::move(out));
}
}
, {"replace", 3, 3, BODY{return c.bounded(replaced(c.text(a[2]), c.text(a[0]), c.text(a[1])));
}
}
, {"contains", 2, 2, BODY{return Value::boolean(c.text(a[1]).find(c.text(a[0])) != std::string::npos);
}
}
, {"hasPrefix", 2, 2, BODY{return Value::boolean(c.text(a[1]).starts_with(c.text(a[0])));
}
}
, {"hasSuffix", 2, 2, BODY{return Value::boolean(c.text(a[1]).ends_with(c.text(a[0])));
}
}
, {"quote", 0, kMany, BODY{return c.bounded(spaced(a, true, '"'));
}
}
, {"squote", 0, kMany, BODY{return c.bounded(spaced(a, true, '\''));
}
}
, {"cat", 0, kMany, BODY{return c.bounded(spaced(a, false, '"'));
}
}
, {"indent", 2, 2, BODY{return c.bounded(indented(c.integer(a[0]), c.text(a[1])));
}
}
, {"nindent", 2, 2, BODY{return c.bounded("\n" + indented(c.integer(a[0]), c.text(a[1])));
}
}
, {"splitList", 2, 2, BODY{return c.bounded(split_text(c.text(a[1]), c.text(a[0])));
}
}
, {"split", 2, 2, split_map}, {"join", 2, 2, joined}, {"regexMatch", 2, 2, BODY{return regex("regexMatch", a, c);
}
}
, {"regexFind", 2, 2, BODY{return regex("regexFind", a, c);
}
}
, {"regexReplaceAll", 3, 3, BODY{return regex("regexReplaceAll", a, c);
}
}
, {"b64enc", 1, 1, BODY{return Value::text(encode_base64(c.text(a[0]), false, true));
}
}
, {"b64dec", 1, 1, BODY{std::string out;
std::size_t bad = 0;
const bool fine = decode_base64(c.text(a[0]), false, true, out, bad);
return Value::text(fine ? out : base64_error(bad));
}
}
, {"toString", 1, 1, BODY{USE;
return Value::text(to_text(a[0]));
}
}
, {"toStrings", 1, 1, BODY{List out;
for (const Value& item : c.list(a[0])) out.push_back(Value::text(to_text(item)));
return Value::list(std::move(out));
}
}
, {"normalize", 1, 1, BODY{return Value::text(normalized_name(c.text(a[0])));
}
}
,
    // What makes a difference to names that are not simple is another library's.
    {"slugify", 1, 1, BODY{const std::string text = c.text(a[0]);
const bool simple = text.size() <= 50 && std::all_of(text.begin(), text.end(), [](unsigned char x) {
                      return std::isdigit(x) || std::islower(x) || x == '-';
                    });
if (simple && text.find("--") == text.npos && !text.starts_with('-') && !text.ends_with('-')) return a[0];
c.unknown = true;
return c.fail("slugify of \"" + text + "\" is not expanded here");
}
}
,
    // JSON and YAML
    {"toJson", 1, 1, BODY{return c.bounded(json_of(a[0]));
}
}
, {"toPrettyJson", 1, 1, BODY{return c.bounded(json_of(a[0], "  "));
}
}
, {"fromJson", 1, 1, BODY{return parsed(a, c, false);
}
}
, {"toYaml", 1, 1, BODY{return c.bounded(yaml_of(a[0]));
}
}
, {"fromYaml", 1, 1, BODY{return parsed(a, c, false);
}
}
, {"fromYamlArray", 1, 1, BODY{return parsed(a, c, true);
}
}
,
    // Numbers
    {"add", 1, kMany, BODY{return arithmetic("add", a, c);
}
}
, {"sub", 2, 2, BODY{return arithmetic("sub", a, c);
}
}
, {"mul", 1, kMany, BODY{return arithmetic("mul", a, c);
}
}
, {"div", 2, 2, BODY{return arithmetic("div", a, c);
}
}
, {"mod", 2, 2, BODY{return arithmetic("mod", a, c);
}
}
, {"max", 1, kMany, BODY{return arithmetic("max", a, c);
}
}
, {"min", 1, kMany, BODY{return arithmetic("min", a, c);
}
}
, {"add1", 1, 1, BODY{return arithmetic("add", {a[0], Value::integer(1)}, c);
}
}
, {"int", 1, 1, BODY{USE;
return Value::integer(to_int(a[0]));
}
}
, {"int64", 1, 1, BODY{USE;
return Value::integer(to_int(a[0]));
}
}
, {"float64", 1, 1, BODY{USE;
return Value::number(to_double(a[0]));
}
}
, {"atoi", 1, 1, BODY{return Value::integer(to_int(Value::text(c.text(a[0]))));
}
}
, {"ceil", 1, 1, BODY{USE;
return Value::number(std::ceil(to_double(a[0])));
}
}
, {"floor", 1, 1, BODY{USE;
return Value::number(std::floor(to_double(a[0])));
}
}
, {"until", 1, 1, BODY{const std::int64_t count = c.integer(a[0]);
return until(0, count, count < 0 ? -1 : 1, c);
}
}
, {"untilStep", 3, 3, BODY{return until(c.integer(a[0]), c.integer(a[1]), c.integer(a[2]), c);
}
}
,
    // Lists
    {"list", 0, kMany, BODY{return c.bounded(a);
}
}
, {"first", 1, 1, BODY{return part(a[0], "first", c);
}
}
, {"last", 1, 1, BODY{return part(a[0], "last", c);
}
}
, {"rest", 1, 1, BODY{return part(a[0], "rest", c);
}
}
, {"initial", 1, 1, BODY{return part(a[0], "initial", c);
}
}
, {"reverse", 1, 1, BODY{return part(a[0], "reverse", c);
}
}
, {"append", 2, 2, BODY{List list = c.list(a[0]);
list.push_back(a[1]);
return c.bounded(std::move(list));
}
}
, {"prepend", 2, 2, BODY{List list = c.list(a[0]);
list.insert(list.begin(), a[1]);
return c.bounded(std::move(list));
}
}
, {"concat", 0, kMany, BODY{List all;
for (const Value& value : a) {
  const List& list = c.list(value);
  if (all.size() <= kMaxItems) all.insert(all.end(), list.begin(), list.end());
}
return c.bounded(std::move(all));
}
}
, {"compact", 1, 1, BODY{List out;
for (const Value& item : c.list(a[0])) {
  if (!is_empty(item)) out.push_back(item);
}
return Value::list(std::move(out));
}
}
, {"has", 2, 2, BODY{return Value::boolean(has(c.list(a[1]), a[0]));
}
}
, {"without", 1, kMany, without}, {"uniq", 1, 1, BODY{return unique(c.list(a[0]));
}
}
, {"sortAlpha", 1, 1, BODY{return sorted(a[0], c);
}
}
,
    // Dicts
    {"dict", 0, kMany, dictionary}, {"get", 2, 2, BODY{c.map(a[0]);
const Value* found = a[0].find(c.text(a[1]));
return found == nullptr ? Value::text("") : Value(*found);
}
}
, {"set", 3, 3, set_member}, {"unset", 2, 2, BODY{c.map(a[0]).erase(c.text(a[1]));
return a[0];
}
}
, {"hasKey", 2, 2, BODY{return Value::boolean(c.map(a[0]).count(c.text(a[1])) != 0);
}
}
, {"pluck", 1, kMany, BODY{List out;
for (std::size_t i = 1; i < a.size(); ++i) {
  c.map(a[i]);
  if (const Value* found = a[i].find(c.text(a[0]))) out.push_back(*found);
}
return Value::list(std::move(out));
}
}
, {"dig", 3, kMany, dig}, {"pick", 1, kMany, BODY{return chosen(a, c, true);
}
}
, {"omit", 1, kMany, BODY{return chosen(a, c, false);
}
}
, {"merge", 1, kMany, BODY{return merge(a, c, false);
}
}
, {"mergeOverwrite", 1, kMany, BODY{return merge(a, c, true);
}
}
,
    // Go hands these out in any order; what sorts them makes it one.
    {"keys", 0, kMany, BODY{List out;
for (const Value& value : a) {
  for (const auto& [name, member] : c.map(value)) out.push_back(Value::text(name));
}
return c.bounded(std::move(out));
}
}
, {"values", 1, 1, BODY{List out;
for (const auto& [name, member] : c.map(a[0])) out.push_back(member);
return Value::list(std::move(out));
}
}
, {"kindOf", 1, 1, BODY{USE;
return Value::text(std::string(kind_name(a[0])));
}
}
, {"kindIs", 2, 2, BODY{return Value::boolean(kind_name(a[1]) == c.text(a[0]));
}
}
,
}
;
#undef USE
#undef BODY

const Function* function_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                  [&](const Function& function) { return function.name == name; });
  return found == std::end(kFunctions) ? nullptr : found;
}

}  // namespace

bool is_function(std::string_view name) { return name == "and" || name == "or" || function_named(name) != nullptr; }

bool is_unknown_function(std::string_view name) {
  return std::find(std::begin(kUnknown), std::end(kUnknown), name) != std::end(kUnknown);
}

Value call(std::string_view name, const std::vector<Value>& arguments, Call& state) {
  const Function* function = function_named(name);
  Context context{state.error, state.unknown};
  const int count = static_cast<int>(arguments.size());
  if (function == nullptr) return context.fail("there is no such function");
  if (count < function->least || count > function->most) {
    return context.fail("wrong number of args: want " + std::to_string(function->least) + ", got " +
                        std::to_string(count));
  }
  Value value = function->call(arguments, context);
  return state.error.empty() ? value : Value();
}

}  // namespace kubegate::gitops::go_template
