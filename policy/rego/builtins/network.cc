// What asks the network: off unless it is switched on. Rules: topdown/net.go.
#include <arpa/inet.h>
#include <netdb.h>

#include "policy/rego/builtins/caches.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {

Value eval_net_lookup_ip_addr(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  const std::string name(args[0].text());
  const std::string key = "net.lookup_ip_addr " + name;
  if (const auto known = context.caches().answers.find(key); known != context.caches().answers.end()) {
    return known->second;
  }
  const auto fail = [&](std::string_view why) { return context.fail("lookup " + name + ": " + std::string(why)); };
  if (name.empty() || name.find('\0') != std::string::npos) return fail("no such host");
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int status = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (status != 0) {
    return fail(status == EAI_NONAME || status == EAI_NODATA ? "no such host" : gai_strerror(status));
  }
  std::vector<Value> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    char text[INET6_ADDRSTRLEN];
    const void* address = nullptr;
    if (at->ai_family == AF_INET) address = &reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr;
    if (at->ai_family == AF_INET6) address = &reinterpret_cast<const sockaddr_in6*>(at->ai_addr)->sin6_addr;
    if (address == nullptr || inet_ntop(at->ai_family, address, text, sizeof text) == nullptr) continue;
    addresses.push_back(make_string(context.arena(), text));
  }
  freeaddrinfo(found);
  return context.caches().answers[key] = make_set(context.arena(), addresses);
}

}  // namespace kubegate::rego
