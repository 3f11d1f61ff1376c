// The names that OPA gives the arguments and results of built-ins. Messages of the type checker show them:
// "want: (collection: any<…>, n: number)". Built-ins that are not here have none (the deprecated ones, and the compiler's
// own). Rule: the types.Named of OPA's ast/builtins.go.
#include <algorithm>
#include <utility>

#include "policy/rego/builtin.h"
#include "policy/rego/type_check.h"

namespace kubegate::rego {
namespace {

// Built-ins that share their names, then the names of the arguments and, last, of the result.
constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"gt gte lt lte neq equal", "x;y;result"},
    {"plus minus mul div rem bits.or bits.and bits.xor and or array.concat", "x;y;z"},
    {"ceil floor round abs lower upper strings.reverse units.parse units.parse_bytes "
     "json.marshal json.unmarshal base64.encode base64.decode base64url.encode "
     "base64url.encode_no_pad base64url.decode urlquery.decode urlquery.encode yaml.marshal "
     "yaml.unmarshal hex.encode hex.decode crypto.md5 crypto.sha1 crypto.sha256",
     "x;y"},
    {"bits.negate", "x;z"},
    {"bits.lsh bits.rsh", "x;s;z"},
    {"intersection union", "xs;y"},
    {"count sum product max min sort", "collection;n"},
    {"array.slice", "arr;start;stop;slice"},
    {"array.reverse", "arr;rev"},
    {"to_number", "x;num"},
    {"regex.match", "pattern;value;result"},
    {"regex.is_valid", "pattern;result"},
    {"regex.find_all_string_submatch_n regex.find_n", "pattern;value;number;output"},
    {"regex.template_match", "template;value;delimiter_start;delimiter_end;result"},
    {"regex.split", "pattern;value;output"},
    {"regex.globs_match", "glob1;glob2;result"},
    {"regex.replace", "s;pattern;value;output"},
    {"strings.any_prefix_match strings.any_suffix_match startswith endswith", "search;base;result"},
    {"concat", "delimiter;collection;output"},
    {"format_int", "number;base;output"},
    {"indexof indexof_n", "haystack;needle;output"},
    {"substring", "value;offset;length;output"},
    {"contains", "haystack;needle;result"},
    {"strings.count", "search;substring;output"},
    {"split", "x;delimiter;ys"},
    {"replace", "x;old;new;y"},
    {"strings.replace_n", "patterns;value;output"},
    {"trim trim_left trim_right", "value;cutset;output"},
    {"trim_prefix", "value;prefix;output"},
    {"trim_suffix", "value;suffix;output"},
    {"trim_space", "value;output"},
    {"sprintf", "format;values;output"},
    {"strings.render_template", "value;vars;result"},
    {"rand.intn", "str;n;y"},
    {"numbers.range", "a;b;range"},
    {"numbers.range_step", "a;b;step;range"},
    {"uuid.rfc4122", "k;output"},
    {"uuid.parse", "uuid;result"},
    {"json.filter", "object;paths;filtered"},
    {"json.remove", "object;paths;output"},
    {"json.patch", "object;patches;output"},
    {"object.subset", "super;sub;result"},
    {"object.union", "a;b;output"},
    {"object.union_n", "objects;output"},
    {"object.remove", "object;keys;output"},
    {"object.filter", "object;keys;filtered"},
    {"object.get", "object;key;default;value"},
    {"object.keys", "object;value"},
    {"json.marshal_with_options", "x;opts;y"},
    {"json.is_valid base64.is_valid yaml.is_valid is_number is_string is_boolean is_array is_set "
     "is_object is_null",
     "x;result"},
    {"urlquery.encode_object", "object;y"},
    {"urlquery.decode_object", "x;object"},
    {"io.jwt.decode", "jwt;output"},
    {"io.jwt.verify_rs256 io.jwt.verify_rs384 io.jwt.verify_rs512 io.jwt.verify_ps256 "
     "io.jwt.verify_ps384 io.jwt.verify_ps512 io.jwt.verify_es256 io.jwt.verify_es384 "
     "io.jwt.verify_es512 io.jwt.verify_eddsa",
     "jwt;certificate;result"},
    {"io.jwt.verify_hs256 io.jwt.verify_hs384 io.jwt.verify_hs512", "jwt;secret;result"},
    {"io.jwt.decode_verify", "jwt;constraints;output"},
    {"io.jwt.encode_sign_raw io.jwt.encode_sign", "headers;payload;key;output"},
    {"time.now_ns", "now"},
    {"time.parse_ns", "layout;value;ns"},
    {"time.parse_rfc3339_ns", "value;ns"},
    {"time.parse_duration_ns", "duration;ns"},
    {"time.format", "x;formatted timestamp"},
    {"time.date", "x;date"},
    {"time.clock walk", "x;output"},
    {"time.weekday", "x;day"},
    {"time.add_date", "ns;years;months;days;output"},
    {"time.diff", "ns1;ns2;output"},
    {"crypto.x509.parse_certificates crypto.x509.parse_and_verify_certificates", "certs;output"},
    {"crypto.x509.parse_and_verify_certificates_with_options", "certs;options;output"},
    {"crypto.x509.parse_certificate_request", "csr;output"},
    {"crypto.x509.parse_keypair", "cert;pem;output"},
    {"crypto.x509.parse_rsa_private_key", "pem;output"},
    {"crypto.parse_private_keys", "keys;output"},
    {"crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512", "x;key;y"},
    {"crypto.hmac.equal", "mac1;mac2;result"},
    {"graph.reachable graph.reachable_paths", "graph;initial;output"},
    {"type_name", "x;type"},
    {"http.send", "request;response"},
    {"rego.metadata.chain", "chain"},
    {"rego.metadata.rule opa.runtime", "output"},
    {"trace", "note;result"},
    {"glob.match", "pattern;delimiters;match;result"},
    {"glob.quote_meta", "pattern;output"},
    {"net.cidr_intersects", "cidr1;cidr2;result"},
    {"net.cidr_expand", "cidr;hosts"},
    {"net.cidr_contains", "cidr;cidr_or_ip;result"},
    {"net.cidr_contains_matches", "cidrs;cidrs_or_ips;output"},
    {"net.cidr_merge", "addrs;output"},
    {"net.cidr_is_valid", "cidr;result"},
    {"net.lookup_ip_addr", "name;addrs"},
    {"semver.is_valid", "vsn;result"},
    {"semver.compare", "a;b;result"},
};

bool lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// In the order of the arguments, the result last; none for what has no names.
std::vector<std::string_view> names_of(std::string_view builtin) {
  std::vector<std::string_view> out;
  for (const auto& [builtins, names] : kNames) {
    if (!lists(builtins, builtin)) continue;
    for (std::string_view rest = names; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      out.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    break;
  }
  return out;
}

std::string list(const std::vector<const RegoType*>& types, const std::vector<std::string_view>& names) {
  std::string out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i > 0) out += ", ";
    if (i < names.size()) out.append(names[i]).append(": ");
    out += to_string(types[i]);
  }
  return "(" + out + ")";
}

}  // namespace

std::vector<std::string> argument_lines(const std::vector<const RegoType*>& have,
                                        const std::vector<const RegoType*>& want, const BuiltinDeclaration* builtin) {
  return {"have: " + list(have, {}),
          "want: " + list(want, builtin == nullptr ? std::vector<std::string_view>() : names_of(builtin->name))};
}

}  // namespace kubegate::rego
