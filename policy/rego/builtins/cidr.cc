// net.cidr_*. Rules: topdown/cidr.go and Go's net. Addresses are 128-bit numbers, IPv4 as ::ffff:a.b.c.d, so that one
// arithmetic serves both; the families never contain each other, as in Go.
#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

using Address = unsigned __int128;

constexpr Address kMapped = static_cast<Address>(0xffff) << 32;

bool is_v4(Address a) { return a >> 32 == 0xffff; }

struct Network {
  Address address;  // as written, or with the host bits off
  int prefix;       // of 128 bits; of IPv4 from 96 on

  Address host_mask() const {
    return prefix == 0 ? ~Address{0} : prefix == 128 ? 0 : (Address{1} << (128 - prefix)) - 1;
  }
  Address first() const { return address & ~host_mask(); }
  Address last() const { return address | host_mask(); }
  bool contains(Address a) const { return is_v4(a) == is_v4(first()) && (a & ~host_mask()) == first(); }
};

std::optional<Address> parse_ip(std::string_view text) {
  if (text.size() > 45 || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  unsigned char bytes[16];
  Address a = 0;
  if (inet_pton(AF_INET, copy.c_str(), bytes) == 1) {
    for (int i = 0; i < 4; ++i) a = a << 8 | bytes[i];
    return kMapped | a;
  }
  if (inet_pton(AF_INET6, copy.c_str(), bytes) != 1) return std::nullopt;
  for (int i = 0; i < 16; ++i) a = a << 8 | bytes[i];
  return a;
}

std::optional<Network> parse_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view ip = text.substr(0, slash), size = text.substr(slash + 1);
  const auto address = parse_ip(ip);
  const bool v4 = ip.find(':') == std::string_view::npos;
  if (!address || size.empty() || size.size() > 9 || size.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  const int prefix = std::stoi(std::string(size));
  if (prefix > (v4 ? 32 : 128)) return std::nullopt;
  Network network{*address, v4 ? prefix + 96 : prefix};
  network.address = network.first();
  return network;
}

std::string ip_text(Address a) {
  if (is_v4(a)) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
      out += std::to_string(static_cast<unsigned>(a >> shift) & 255);
      if (shift > 0) out += '.';
    }
    return out;
  }
  // RFC 5952: the longest run of two zero groups or more is "::".
  unsigned groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(a >> (112 - 16 * i)) & 0xffff;
  int best = -1, length = 1;
  for (int i = 0; i < 8; ++i) {
    int n = 0;
    while (i + n < 8 && groups[i + n] == 0) ++n;
    if (n > length) {
      best = i;
      length = n;
    }
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    char hex[8];
    std::snprintf(hex, sizeof hex, "%x", groups[i]);
    out += hex;
  }
  return out;
}

std::string network_text(const Network& n) {
  const bool v4 = is_v4(n.address) && n.prefix >= 96;
  return ip_text(n.address) + "/" + std::to_string(v4 ? n.prefix - 96 : n.prefix);
}

// The operand as a network; its error names operand 1 whichever it is, as OPA's does.
std::optional<Network> network_operand(BuiltinContext& context, Value v) {
  if (!v.is_string()) {
    wrong_type(context, 1, v, {"string"});
    return std::nullopt;
  }
  const auto network = parse_cidr(v.text());
  if (!network) context.fail("invalid CIDR address: " + std::string(v.text()));
  return network;
}

// Whether `outer` contains the address or network `inner`; nothing with the error set where one is neither.
std::optional<bool> contains_operand(BuiltinContext& context, Value outer, Value inner) {
  const auto network = network_operand(context, outer);
  if (!network) return std::nullopt;
  if (!inner.is_string()) {
    wrong_type(context, 1, inner, {"string"});
    return std::nullopt;
  }
  if (const auto ip = parse_ip(inner.text())) return network->contains(*ip);
  const auto other = parse_cidr(inner.text());
  if (!other) {
    context.fail("not a valid textual representation of an IP address or CIDR: " + std::string(inner.text()));
    return std::nullopt;
  }
  // Prefixes tell where both are plain IPv6: the last address of ::/80 looks like one of IPv4.
  if (!is_v4(network->first()) && !is_v4(other->first())) {
    return network->prefix <= other->prefix && (other->first() & ~network->host_mask()) == network->first();
  }
  return network->contains(other->first()) && network->contains(other->last());
}

// The networks of an operand of net.cidr_contains_matches, each with what names it in the result.
bool match_operand(BuiltinContext& context, Args args, int position, std::vector<Member>& out) {
  const Value v = args[static_cast<std::size_t>(position - 1)];
  if (v.is_string()) out.push_back({v, v});
  for (Cursor c(v); c.next();) {
    const Value item = c.value();
    if (!item.is_string() && (!item.is_array() || count(item) == 0)) {
      context.fail("operand " + std::to_string(position) + ": element must be string or non-empty array");
      return false;
    }
    out.push_back({c.key(), item.is_string() ? item : element(item, 0)});
  }
  return true;
}

// The fewest networks that cover first…last exactly.
void cover(Address first, Address last, std::vector<Network>& out) {
  const int least = is_v4(first) ? 96 : 0;
  for (;;) {
    int prefix = 128;
    while (prefix > least) {
      const Network wider{first, prefix - 1};
      if (wider.first() != first || wider.last() > last) break;
      --prefix;
    }
    out.push_back({first, prefix});
    if (out.back().last() >= last) return;
    first = out.back().last() + 1;
  }
}

}  // namespace

Value eval_net_cidr_is_valid(BuiltinContext&, Args args) {
  return Value::boolean(args[0].is_string() && parse_cidr(args[0].text()).has_value());
}

Value eval_net_cidr_intersects(BuiltinContext& context, Args args) {
  const auto a = network_operand(context, args[0]);
  if (!a) return Value();
  const auto b = network_operand(context, args[1]);
  return b ? Value::boolean(a->contains(b->first()) || b->contains(a->first())) : Value();
}

Value eval_net_cidr_contains(BuiltinContext& context, Args args) {
  const auto result = contains_operand(context, args[0], args[1]);
  return result ? Value::boolean(*result) : Value();
}

Value eval_net_cidr_overlap(BuiltinContext& context, Args args) { return eval_net_cidr_contains(context, args); }

Value eval_net_cidr_contains_matches(BuiltinContext& context, Args args) {
  std::vector<Member> outer, inner;
  if (!match_operand(context, args, 1, outer) || !match_operand(context, args, 2, inner)) return Value();
  std::vector<Value> pairs;
  for (const Member& a : outer) {
    if (context.interrupted && context.interrupted()) {
      return context.halt(kEvalCancelError, "net.cidr_contains_matches: timed out");
    }
    for (const Member& b : inner) {
      const auto result = contains_operand(context, a.value, b.value);
      if (!result) return Value();
      const Value pair[] = {a.key, b.key};
      if (*result) pairs.push_back(make_array(context.arena(), pair));
    }
  }
  return make_set(context.arena(), pairs);
}

Value eval_net_cidr_expand(BuiltinContext& context, Args args) {
  const auto network = network_operand(context, args[0]);
  if (!network) return Value();
  constexpr Address kMaxAddresses = Address{1} << 22;
  std::vector<Value> out;
  const Address last = network->last();
  if (last - network->first() >= kMaxAddresses) {
    return context.halt(kEvalBuiltinError, "net.cidr_expand: the network has more than 4194304 addresses");
  }
  for (Address a = network->first();; ++a) {
    if (out.size() % 1024 == 1023 && context.interrupted && context.interrupted()) {
      return context.halt(kEvalCancelError, "net.cidr_expand: timed out before generating all IP addresses");
    }
    out.push_back(text(context, ip_text(a)));
    context.arena().allocate(sizeof(Value));  // the vector counts against the limit as well
    if (a == last) break;
  }
  return make_set(context.arena(), out);
}

Value eval_net_cidr_merge(BuiltinContext& context, Args args) {
  if (!args[0].is_array() && !args[0].is_set()) return context.fail("operand must be an array");
  struct Range {
    Address first, last;
    std::optional<Network> network;  // what it came from, until it is merged with another
  };
  std::vector<Range> ranges;
  for (Cursor c(args[0]); c.next();) {
    if (!c.value().is_string()) return context.fail("element must be string");
    std::optional<Network> network;
    if (const auto ip = parse_ip(c.value().text())) {
      if (!is_v4(*ip)) return context.fail("IPv6 invalid: needs prefix length");
      // The mask of the address's class.
      const unsigned first_byte = static_cast<unsigned>(*ip >> 24) & 255;
      network = Network{*ip, 96 + (first_byte < 128 ? 8 : first_byte < 192 ? 16 : 24)};
    } else {
      network = network_operand(context, c.value());
      if (!network) return Value();
    }
    ranges.push_back({network->first(), network->last(), network});
  }
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return a.last != b.last ? a.last < b.last : a.first < b.first;
  });
  for (std::size_t i = ranges.size(); i-- > 1;) {
    Range& range = ranges[i];
    const bool lowest = range.first == 0 || range.first == kMapped;
    if ((lowest ? range.first : range.first - 1) > ranges[i - 1].last) continue;
    ranges[i - 1] = {std::min(ranges[i - 1].first, range.first), range.last, std::nullopt};
    ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::vector<Network> networks;
  for (const Range& range : ranges) {
    if (range.network) {
      networks.push_back(*range.network);
    } else {
      cover(range.first, range.last, networks);
    }
  }
  std::vector<Value> out;
  for (const Network& network : networks) out.push_back(text(context, network_text(network)));
  return make_set(context.arena(), out);
}

}  // namespace kubegate::rego
