// Hostile arguments: each call ends soon, with an answer, an error, or the memory limit, whatever it asks for. The
// evaluation is interrupted after 300 ms, as a caller with a deadline would do it; a call that does not look up by
// then fails the test by its time.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "policy/rego/builtin.h"

namespace kubegate::rego {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kDeadline = std::chrono::milliseconds(300);
constexpr auto kPatience = std::chrono::seconds(100);  // generous: the machine may be busy

std::string repeated(std::string_view text, std::size_t n) {
  std::string out;
  out.reserve(text.size() * n);
  while (n-- > 0) out += text;
  return out;
}

class Limits : public testing::Test {
 protected:
  Value text(std::string_view s) { return make_string(arena_, s); }
  Value number(std::string_view s) { return make_number(arena_, s); }
  static Value integer(std::int64_t i) { return Value::integer(i); }
  Value array(std::size_t n, const std::function<Value(std::size_t)>& item) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < n; ++i) items.push_back(item(i));
    return make_array(arena_, items);
  }
  Value list(std::vector<Value> items) { return make_array(arena_, items); }
  Value object(std::vector<policy::Member> members) { return make_object(arena_, members, policy::EqualKeys::kLast); }
  // `depth` arrays in one another.
  Value nested(int depth) {
    Value v = Value::empty_array();
    while (--depth > 0) v = list({v});
    return v;
  }

  // What the call comes to: "= " and the type, "-", "! " and the message, "memory", or "depth".
  std::string outcome(std::string_view name, std::vector<Value> args) {
    const auto begin = Clock::now();
    context_.interrupted = [begin] { return Clock::now() - begin > kDeadline; };
    std::string out;
    try {
      const Value v = call_builtin(*find_builtin(name), context_, args);
      out = context_.failed() ? "! " + context_.error().message
            : v.defined()     ? "= " + std::string(type_name(v.type()))
                              : "-";
    } catch (const policy::MemoryLimitReached&) {
      out = "memory";
    } catch (const policy::DepthLimitReached&) {
      out = "depth";
    }
    EXPECT_LT(Clock::now() - begin, kPatience) << name;
    return out;
  }

  ValueArena arena_{std::uint64_t{1} << 29};
  BuiltinContext context_{arena_};
};

TEST_F(Limits, TextsThatGrow) {
  const Value many = text(repeated("a", 1000000)), large = text(repeated("b", 100000));
  EXPECT_EQ(outcome("replace", {many, text("a"), large}), "memory");
  EXPECT_EQ(outcome("replace", {many, text(""), large}), "memory");
  EXPECT_EQ(outcome("strings.replace_n", {object({{text("a"), large}}), many}), "memory");
  const std::string replaced = outcome("regex.replace", {many, text("a"), large});
  EXPECT_TRUE(replaced == "memory" || replaced == "! regex.replace: timed out") << replaced;
  EXPECT_EQ(outcome("concat", {large, array(100000, [&](std::size_t) { return text("x"); })}), "memory");
  EXPECT_EQ(outcome("json.marshal_with_options",
                    {array(1000, [](std::size_t i) { return integer(static_cast<std::int64_t>(i)); }),
                     object({{text("indent"), many}})}),
            "memory");
}

TEST_F(Limits, Formats) {
  const Value one = list({integer(1)});
  // Go refuses widths past a million.
  EXPECT_EQ(outcome("sprintf", {text("%1000000000d"), one}), "= string");
  EXPECT_EQ(outcome("sprintf", {text("%.1000000000d"), one}), "= string");
  EXPECT_EQ(outcome("sprintf", {text("%*d"), list({integer(1000000000), integer(1)})}), "= string");
  EXPECT_EQ(outcome("sprintf", {text(repeated("%999999d", 2000)), array(2000, [](std::size_t) { return integer(1); })}),
            "memory");
  EXPECT_EQ(outcome("sprintf", {text(repeated("%[1]s", 20000)), list({text(repeated("b", 1000000))})}), "memory");
  EXPECT_EQ(outcome("time.format", {list({integer(1), text("UTC"), text(repeated("Monday ", 1000000))})}), "= string");
}

TEST_F(Limits, Ranges) {
  EXPECT_EQ(outcome("numbers.range", {integer(0), integer(1000000000000)}), "memory");
  EXPECT_EQ(outcome("numbers.range", {integer(INT64_MIN), integer(INT64_MAX)}), "memory");
  EXPECT_EQ(outcome("numbers.range", {integer(0), number("1e400")}), "memory");
  EXPECT_EQ(outcome("numbers.range_step", {integer(0), integer(INT64_MAX), integer(1)}), "memory");
  EXPECT_EQ(outcome("numbers.range_step", {number("1e400"), integer(0), integer(1)}), "memory");
  EXPECT_EQ(outcome("net.cidr_expand", {text("0.0.0.0/0")}),
            "! net.cidr_expand: the network has more than 4194304 addresses");
  EXPECT_EQ(outcome("net.cidr_expand", {text("::/0")}),
            "! net.cidr_expand: the network has more than 4194304 addresses");
}

TEST_F(Limits, Numbers) {
  const std::string digits(300000, '9');
  EXPECT_EQ(outcome("bits.lsh", {integer(1), integer(1000000000)}), "! bits.lsh: number is too large");
  EXPECT_EQ(outcome("bits.lsh", {integer(1), integer(INT64_MAX)}), "! bits.lsh: number is too large");
  EXPECT_EQ(outcome("bits.rsh", {integer(1), number("1e300")}), "= number");
  EXPECT_EQ(outcome("mul", {number(digits), number(digits)}), "= number");
  EXPECT_EQ(outcome("div", {number(digits), integer(7)}), "! div: number is too large");
  EXPECT_EQ(outcome("plus", {number("1e999999999"), integer(1)}).substr(0, 1), "!");
  EXPECT_EQ(outcome("rem", {number("1e999999999"), integer(7)}).substr(0, 1), "!");
  EXPECT_EQ(outcome("round", {number("1e999999999")}).substr(0, 1), "!");
  EXPECT_EQ(outcome("format_int", {number("1e999999999"), integer(10)}).substr(0, 1), "!");
  EXPECT_EQ(outcome("lt", {number("1e999999999"), number("1e999999998")}), "= boolean");
  EXPECT_EQ(outcome("product", {array(100000, [](std::size_t) { return integer(1000000000000000000); })}), "= number");
  EXPECT_EQ(outcome("product", {array(1000000, [](std::size_t) { return integer(1000000000000000000); })}),
            "! product: number is too large");
  EXPECT_EQ(outcome("to_number", {text("1e999999999")}),
            "! to_number: strconv.ParseFloat: parsing \"1e999999999\": value out of range");
  EXPECT_EQ(outcome("units.parse", {text("1e999999K")}).substr(0, 1), "!");
  EXPECT_EQ(outcome("units.parse_bytes", {text("1e999999999K")}),
            "! units.parse_bytes: units.parse_bytes: exponent too large");
  EXPECT_EQ(outcome("json.unmarshal", {text("1e999999999")}), "! json.unmarshal: invalid number: number too big");
}

TEST_F(Limits, Nesting) {
  EXPECT_EQ(outcome("json.unmarshal", {text(repeated("[", 1000000))}), "! json.unmarshal: exceeded max depth");
  EXPECT_EQ(outcome("json.unmarshal", {text(repeated("[", 9000) + repeated("]", 9000))}), "= array");
  EXPECT_EQ(outcome("yaml.unmarshal", {text(repeated("[", 100000))}).substr(0, 1), "!");
  EXPECT_EQ(outcome("yaml.unmarshal", {text(repeated("- ", 100000))}).substr(0, 1), "!");
  const Value deepest = nested(policy::kMaxValueDepth), wrapped = object({{text("a"), nested(9999)}});
  EXPECT_EQ(outcome("yaml.marshal", {deepest}), "= string");
  EXPECT_EQ(outcome("json.marshal", {deepest}), "= string");
  EXPECT_EQ(outcome("json.marshal_with_options", {deepest, object({{text("indent"), text("")}})}), "= string");
  EXPECT_EQ(outcome("sprintf", {text("%v"), list({nested(9999)})}), "= string");
  EXPECT_EQ(outcome("array.flatten", {deepest}), "= array");
  EXPECT_EQ(outcome("object.subset", {deepest, nested(policy::kMaxValueDepth)}), "= boolean");
  EXPECT_EQ(outcome("object.union", {wrapped, object({{text("a"), nested(9999)}})}), "= object");
  EXPECT_EQ(outcome("json.filter", {wrapped, list({text("a")})}), "= object");
  EXPECT_EQ(outcome("json.remove", {wrapped, list({text("a/0/0")})}), "= object");
  EXPECT_EQ(outcome("sort", {list({nested(9999), nested(9998)})}), "= array");
  EXPECT_EQ(outcome("walk", {nested(1000)}), "= array");
  EXPECT_EQ(outcome("walk", {nested(9999)}), "memory");
  EXPECT_EQ(outcome("walk", {deepest}), "depth");
}

// Values that calls would put too deep.
TEST_F(Limits, DepthOfResults) {
  const auto change = [&](std::string_view op, Value path, Value value) {
    return list({object({{text("op"), text(op)}, {text("path"), path}, {text("value"), value}})});
  };
  const Value way = array(5000, [](std::size_t) { return integer(0); });
  EXPECT_EQ(outcome("json.patch", {nested(6000), change("add", way, nested(5001))}), "depth");
  EXPECT_EQ(outcome("json.patch", {nested(6000), change("replace", way, nested(5001))}), "depth");
  EXPECT_EQ(outcome("json.patch", {nested(6000), change("add", way, nested(5000))}), "= array");
  const Value copy = list({object({{text("op"), text("copy")}, {text("from"), text("")}, {text("path"), way}})});
  EXPECT_EQ(outcome("json.patch", {nested(6000), copy}), "depth");
  EXPECT_EQ(outcome("graph.reachable_paths", {object({{nested(9999), Value::null()}}), list({nested(9999)})}), "depth");
  EXPECT_EQ(outcome("array.concat", {nested(10000), nested(10000)}), "= array");
}

// Copies of the whole into itself: twice the size, or one level deeper, with each.
TEST_F(Limits, Patches) {
  const auto copy = [&](std::string_view path) {
    return object({{text("op"), text("copy")}, {text("from"), text("")}, {text("path"), text(path)}});
  };
  const Value wide = object({{text("a"), array(1000, [&](std::size_t) { return text("x"); })}});
  EXPECT_EQ(outcome("json.patch", {wide, array(60, [&](std::size_t) { return copy("/a/-"); })}),
            "! json.patch: the result is too large");
  const Value deep = object({{text("a"), integer(1)}});
  EXPECT_EQ(outcome("json.patch", {deep, array(100000, [&](std::size_t) { return copy("/a"); })}),
            "! json.patch: the result is too large");
}

TEST_F(Limits, Patterns) {
  const Value many = text(repeated("a", 100000));
  EXPECT_EQ(outcome("regex.match", {text("(a*)*b"), many}), "= boolean");
  EXPECT_EQ(outcome("regex.match", {text("(x+x+)+y"), text(repeated("x", 100000))}), "= boolean");
  EXPECT_EQ(outcome("regex.match", {text("((((a{1,10}){1,10}){1,10}){1,10})"), many}).substr(0, 1), "!");
  EXPECT_EQ(outcome("regex.match", {text(repeated("(", 100000)), many}).substr(0, 1), "!");
  EXPECT_EQ(outcome("regex.match", {text("\\pL{1000}"), many}), "= boolean");
  EXPECT_EQ(outcome("regex.find_all_string_submatch_n", {text(repeated("()", 1000)), many, integer(-1)}),
            "! regex.find_all_string_submatch_n: timed out");
  EXPECT_EQ(outcome("regex.globs_match", {text(repeated("a*", 1000)), text(repeated("a", 1000) + "b")}), "= boolean");
  EXPECT_EQ(outcome("regex.globs_match", {text(repeated(".*", 3000)), text(repeated("[ab]*", 3000))}), "= boolean");
  EXPECT_EQ(outcome("regex.globs_match", {many, many}), "! regex.globs_match: the pattern is too long");
  EXPECT_EQ(outcome("glob.match", {text(repeated("*a", 1000)), Value::null(), many}), "= boolean");
  EXPECT_EQ(outcome("glob.match", {text(repeated("{", 100000)), Value::null(), many}).substr(0, 1), "!");
}

TEST_F(Limits, Searches) {
  const Value many = text(repeated("a", 1000000)), almost = text(repeated("a", 500000) + "b");
  EXPECT_EQ(outcome("indexof", {many, almost}), "= number");
  EXPECT_EQ(outcome("indexof_n", {many, text(repeated("a", 500000))}), "= array");
  EXPECT_EQ(outcome("contains", {many, almost}), "= boolean");
  EXPECT_EQ(outcome("replace", {many, almost, text("x")}), "= string");
  EXPECT_EQ(outcome("split", {many, almost}), "= array");
  EXPECT_EQ(outcome("strings.count", {many, almost}), "= number");
  EXPECT_EQ(outcome("trim", {many, text(repeated("b", 200000) + "a")}), "= string");
}

TEST_F(Limits, Graphs) {
  // Two ways at each of 60 places are 2^60 paths.
  std::vector<policy::Member> members;
  for (int i = 0; i < 60; ++i) {
    const std::string place = std::to_string(i), next = std::to_string(i + 1);
    members.push_back({text(place), list({text(next), text(next + "b")})});
    members.push_back({text(next + "b"), list({text(next)})});
  }
  const std::string paths = outcome("graph.reachable_paths", {object(members), list({text("0")})});
  EXPECT_TRUE(paths == "memory" || paths.starts_with("! ")) << paths;
}

TEST_F(Limits, KeysAndCertificates) {
  const std::string modulus = repeated("_", 200000);
  EXPECT_EQ(outcome("io.jwt.verify_rs256",
                    {text("e30.e30.YQ"), text("{\"kty\":\"RSA\",\"n\":\"" + modulus + "\",\"e\":\"AQAB\"}")})
                .substr(0, 1),
            "!");
  EXPECT_EQ(outcome("io.jwt.decode", {text(repeated("a.", 100000))}),
            "! io.jwt.decode: encoded JWT must have 3 sections, found 100001");
  EXPECT_EQ(outcome("crypto.x509.parse_certificates",
                    {text("-----BEGIN CERTIFICATE-----\n" + repeated("\n-----END ", 50000))}),
            "= array");
  EXPECT_EQ(outcome("crypto.x509.parse_certificates", {text(repeated("A", 1000000))}).substr(0, 1), "!");
}

}  // namespace
}  // namespace kubegate::rego
