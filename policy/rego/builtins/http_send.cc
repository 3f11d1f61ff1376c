// http.send: OPA's request and response objects around one exchange, or several where the answer points elsewhere. Rules:
// topdown/http.go, and Go's net/http for what it does by itself (methods and headers of redirects, names of errors).
//
// Within one query the same request is sent once: its answer, or its error, is remembered. There is no memory from one
// query to the next, so `cache` and `force_cache` only make it that answers of every status are remembered. Left out:
// proxies of the environment, HTTP/2, compressed answers (none is asked for).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>

#include "validate/base/base64.h"
#include "policy/rego/builtins/caches.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/go_time.h"
#include "validate/http/client.h"
#include "policy/rego/builtins/json_text.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/uri.h"

namespace kubegate::rego {
namespace {

using http::exchange_http;
using http::HttpFault;
using http::HttpHeader;
using http::HttpLimits;
using http::HttpRequest;
using http::HttpResponse;
using http::is_http_field;
using http::is_http_token;
using http::pem_certificates;
using http::pem_key_pair;
using http::TlsSettings;

using std::chrono::steady_clock;

constexpr std::string_view kParameters[] = {"body",
                                            "cache",
                                            "cache_ignored_headers",
                                            "caching_mode",
                                            "enable_redirect",
                                            "force_cache",
                                            "force_cache_duration_seconds",
                                            "force_json_decode",
                                            "force_yaml_decode",
                                            "headers",
                                            "max_retry_attempts",
                                            "method",
                                            "raise_error",
                                            "raw_body",
                                            "timeout",
                                            "tls_ca_cert",
                                            "tls_ca_cert_env_variable",
                                            "tls_ca_cert_file",
                                            "tls_client_cert",
                                            "tls_client_cert_env_variable",
                                            "tls_client_cert_file",
                                            "tls_client_key",
                                            "tls_client_key_env_variable",
                                            "tls_client_key_file",
                                            "tls_insecure_skip_verify",
                                            "tls_server_name",
                                            "tls_use_system_certs",
                                            "url"};

// An http.Header's canonical form: "Content-Type".
std::string canonical_name(std::string_view name) {
  std::string out(name);
  if (!is_http_token(name)) return out;
  bool upper = true;
  for (char& c : out) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    upper = c == '-';
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

bool read_file(const std::string& path, std::string& out, std::string& error) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    error = "open " + path + ": no such file or directory";
    return false;
  }
  char bytes[4096];
  constexpr std::size_t kMax = std::size_t{1} << 24;
  for (std::size_t n; out.size() < kMax && (n = std::fread(bytes, 1, sizeof bytes, file)) > 0;) out.append(bytes, n);
  std::fclose(file);
  return true;
}

// Path and query as they go over the wire: what must not stand there is escaped.
std::string target_of(const Uri& uri) {
  std::string out = uri.raw_path.empty() ? "/" : "";
  for (const char c : uri.raw_path + (uri.query.empty() && !uri.force_query ? "" : "?" + uri.query)) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      append_percent(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

// A reference seen from a place (RFC 3986, 5.2), both as texts; the fragment goes.
std::string resolved(const Uri& base, std::string_view base_text, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const std::size_t colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?")) return std::string(reference);
  if (reference.starts_with("//")) return base.scheme + ":" + std::string(reference);
  const std::string root(
      base_text.substr(0, std::min(base_text.find_first_of("/?#", base.scheme.size() + 3), base_text.size())));
  std::string path(reference.substr(0, reference.find('?')));
  const std::string query(reference.substr(path.size()));
  if (path.empty()) return root + base.raw_path + query;
  if (path[0] != '/') path = base.raw_path.substr(0, base.raw_path.rfind('/') + 1) + path;
  if (path[0] != '/') path = "/" + path;
  std::vector<std::string> steps;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string step = path.substr(at, slash - at);
    const bool last = slash == path.size(), dots = step == "." || step == "..";
    if (step == ".." && !steps.empty()) steps.pop_back();
    if (!dots) steps.push_back(step);
    if (dots && last) steps.emplace_back();
    at = slash + 1;
  }
  path.clear();
  for (const std::string& step : steps) path += "/" + step;
  return root + path + query;
}

bool is_json(std::string_view type) {
  const std::string media = lower(type.substr(0, type.find(';')));
  const std::size_t begin = media.find_first_not_of(" \t");
  if (begin == std::string::npos) return false;
  const std::string_view name = std::string_view(media).substr(begin, media.find_last_not_of(" \t") - begin + 1);
  return name == "application/json" || (name.starts_with("application/") && name.ends_with("+json"));
}

class Sender {
 public:
  Sender(BuiltinContext& context, Value request) : context_(context), request_(request) {}

  // The answer; undefined with error() or halted().
  Value send() {
    bool remember_all = false;
    if (!check_parameters() || !caching(remember_all)) return Value();
    const std::string key = cache_key();
    if (key.empty()) return Value();
    auto& known = context_.caches().sent;
    if (const auto at = known.find(key); at != known.end()) {
      error_ = at->second.error;
      return at->second.answer;
    }
    const Value answer = exchange();
    static constexpr int kRemembered[] = {200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501};
    if (halted_) return Value();
    const bool remembered = !answer.defined() || remember_all ||
                            std::find(std::begin(kRemembered), std::end(kRemembered), status_) != std::end(kRemembered);
    if (remembered) known[key] = {answer, error_};
    return answer;
  }

  const SendError& error() const { return error_; }
  bool halted() const { return halted_; }

 private:
  // A fault of the request itself, as an error of the built-in.
  bool refuse(std::string message) {
    error_ = {false, false, "eval_builtin_error: http.send: " + message, message};
    return false;
  }
  bool refuse_operand(std::string message) {
    message = "operand 1 " + message;
    error_ = {false, true, "eval_type_error: http.send: " + message, message};
    return false;
  }

  Value parameter(std::string_view name) const { return lookup(request_, name); }

  bool check_parameters() {
    std::vector<Value> unknown, missing;
    for (Cursor c(request_); c.next();) {
      const Value key = c.key();
      const bool known = key.is_string() &&
                         std::find(std::begin(kParameters), std::end(kParameters), key.text()) != std::end(kParameters);
      if (!known) unknown.push_back(key);
    }
    for (const std::string_view key : {"method", "url"}) {
      if (!parameter(key).defined()) missing.push_back(Value::string(key));
    }
    const auto shown = [&](std::vector<Value>& keys) { return to_term(make_set(context_.arena(), keys)); };
    if (!unknown.empty()) return refuse_operand("invalid request parameters(s): " + shown(unknown));
    if (!missing.empty()) return refuse_operand("missing required request parameters(s): " + shown(missing));
    return true;
  }

  // A flag that must be a boolean.
  bool flag(std::string_view name, bool& out) {
    const Value v = parameter(name);
    if (!v.defined()) return true;
    if (!v.is_boolean()) return refuse("invalid value for " + quoted(name) + " field");
    out = v.is_true();
    return true;
  }

  // A flag that goes through strconv.ParseBool.
  bool parsed_flag(std::string_view name, bool& out) {
    const Value v = parameter(name);
    if (!v.defined()) return true;
    const std::string shown = to_term(v);
    if (v.is_boolean() || shown == "1" || shown == "0") {
      out = v.is_true() || shown == "1";
      return true;
    }
    return refuse("strconv.ParseBool: parsing " + quoted(shown) + ": invalid syntax");
  }

  // A text, without quotes around it; "" where it is not given.
  bool text_parameter(std::string_view name, std::string& out) {
    const Value v = parameter(name);
    if (!v.defined()) return true;
    if (!v.is_string()) return refuse(quoted(name) + " must be a string");
    std::string_view t = v.text();
    t.remove_prefix(std::min(t.find_first_not_of('"'), t.size()));
    out = t.substr(0, t.find_last_not_of('"') + 1);
    return true;
  }

  bool caching(bool& remember_all) {
    bool cache = false, force = false;
    if (!flag("cache", cache) || !flag("force_cache", force)) return false;
    remember_all = cache || force;
    if (!force) return true;
    const Value seconds = parameter("force_cache_duration_seconds");
    if (!seconds.defined()) {
      return refuse("'force_cache' set but 'force_cache_duration_seconds' parameter is missing");
    }
    std::int64_t n;
    if (seconds.is_number() && policy::number_to_int64(seconds, n) && n >= INT32_MIN && n <= INT32_MAX) return true;
    return refuse("strconv.ParseInt: parsing " + quoted(to_term(seconds)) + ": invalid syntax");
  }

  // The request as a text, but for the headers that are not to count.
  std::string cache_key() {
    const Value ignored = parameter("cache_ignored_headers"), headers = parameter("headers");
    std::vector<Member> members;
    for (Cursor c(request_); c.next();) {
      if (c.key().text() != "cache_ignored_headers") members.push_back({c.key(), c.value()});
    }
    if (ignored.defined() && headers.is_object()) {
      if (!ignored.is_array() && !ignored.is_set()) {
        refuse("cache_ignored_headers must be an array of strings");
        return "";
      }
      std::vector<Member> kept;
      for (Cursor c(headers); c.next();) {
        bool counts = true;
        for (Cursor i(ignored); i.next();) counts = counts && !equal(i.value(), c.key());
        if (counts) kept.push_back({c.key(), c.value()});
      }
      members.push_back({Value::string("headers"), make_object(context_.arena(), kept, policy::EqualKeys::kLast)});
    }
    return to_term(make_object(context_.arena(), members, policy::EqualKeys::kLast));
  }

  // ---- The request

  bool read_timeout() {
    const Value v = parameter("timeout");
    timeout_ = std::chrono::seconds(5);
    if (!v.defined()) return true;
    std::int64_t ns;
    if (v.is_number()) {
      if (!policy::number_to_int64(v, ns)) {
        return refuse("invalid timeout number value " + to_term(v) + ", must be int64");
      }
    } else if (v.is_string()) {
      std::string error;
      if (!policy::is_json_number(v.text()) || !policy::number_to_int64(Value::number(v.text()), ns)) {
        if (!parse_duration(v.text(), ns, error)) {
          return refuse("invalid timeout value " + to_term(v) + ": " + error);
        }
      }
    } else {
      return refuse_operand("'timeout' must be one of {string, number} but got " + std::string(type_name(v.type())));
    }
    timeout_ = std::chrono::nanoseconds(ns);
    return true;
  }

  bool read_headers() {
    const Value v = parameter("headers");
    if (!v.defined()) return true;
    if (!v.is_object()) return refuse("invalid type for headers key");
    for (Cursor c(v); c.next();) {
      if (!c.value().is_string()) return refuse("invalid type for headers value " + quoted(to_json(c.value())));
      HttpHeader header{canonical_name(c.key().is_string() ? std::string(c.key().text()) : to_json(c.key())),
                        std::string(c.value().text())};
      if (!is_http_token(header.name)) return refuse("net/http: invalid header field name " + quoted(header.name));
      if (!is_http_field(header.value)) {
        return refuse("net/http: invalid header field value for " + quoted(header.name));
      }
      // The client sees to these itself.
      static constexpr std::string_view kOwn[] = {"Connection", "Content-Length", "Transfer-Encoding", "Trailer"};
      if (header.name == "Host") {
        host_header_ = header.value;
      } else if (std::find(std::begin(kOwn), std::end(kOwn), header.name) == std::end(kOwn)) {
        headers_.push_back(std::move(header));
      }
    }
    return true;
  }

  bool client_key(std::string certificate, std::string key, std::string_view why = {}) {
    std::string error;
    if (!pem_key_pair(certificate, key, error)) return refuse(std::string(why) + error);
    tls_.certificate = std::move(certificate);
    tls_.key = std::move(key);
    return true;
  }

  bool add_roots(std::string pem) {
    std::vector<std::string> unused;
    if (!pem_certificates(pem, unused)) return refuse("could not append certificates");
    tls_.roots.push_back(std::move(pem));
    tls_.system_roots = false;
    return true;
  }

  bool read_tls() {
    bool insecure = false, system = false;
    std::string ca, ca_file, ca_variable, cert, cert_file, cert_variable, key, key_file, key_variable, error;
    if (!parsed_flag("tls_insecure_skip_verify", insecure) || !parsed_flag("tls_use_system_certs", system) ||
        !text_parameter("tls_ca_cert", ca) || !text_parameter("tls_ca_cert_file", ca_file) ||
        !text_parameter("tls_ca_cert_env_variable", ca_variable) || !text_parameter("tls_client_cert", cert) ||
        !text_parameter("tls_client_cert_file", cert_file) ||
        !text_parameter("tls_client_cert_env_variable", cert_variable) || !text_parameter("tls_client_key", key) ||
        !text_parameter("tls_client_key_file", key_file) ||
        !text_parameter("tls_client_key_env_variable", key_variable) ||
        !text_parameter("tls_server_name", tls_.server_name)) {
      return false;
    }
    tls_.verify = !insecure;
    if (!cert.empty() && !key.empty() && !client_key(cert, key)) return false;
    if (!cert_file.empty() && !key_file.empty()) {
      cert.clear();
      key.clear();
      if (!read_file(cert_file, cert, error) || !read_file(key_file, key, error)) return refuse(error);
      if (!client_key(cert, key)) return false;
    }
    if (!cert_variable.empty() && !key_variable.empty() &&
        !client_key(environment(cert_variable), environment(key_variable),
                    "cannot extract public/private key pair from envvars " + quoted(cert_variable) + ", " +
                        quoted(key_variable) + ": ")) {
      return false;
    }
    if (!ca.empty()) {
      for (std::size_t at; (at = ca.find("\\n")) != std::string::npos;) ca.replace(at, 2, "\n");
      if (!add_roots(ca)) return false;
    }
    if (!ca_file.empty()) {
      ca.clear();
      if (!read_file(ca_file, ca, error)) return refuse(error);
      if (!add_roots(ca)) return false;
    }
    if (!ca_variable.empty() && !add_roots(environment(ca_variable))) return false;
    if (system) tls_.system_roots = true;
    if (tls_.server_name.empty()) tls_.server_name = host_header_;
    return true;
  }

  bool read_request() {
    if (!text_parameter("method", method_) || !text_parameter("url", url_) || !read_timeout() || !read_headers() ||
        !read_tls() || !parsed_flag("enable_redirect", redirect_)) {
      return false;
    }
    for (char& c : method_) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (method_.empty()) method_ = "GET";
    if (!is_http_token(method_)) return refuse("net/http: invalid method " + quoted(method_));
    if (const Value body = parameter("body"); body.defined()) body_ = to_json(body);
    if (parameter("raw_body").defined() && !text_parameter("raw_body", body_)) return false;
    std::string error;
    Uri uri;
    if (!parse_uri(url_, uri, error)) return refuse("parse " + quoted(url_) + ": " + error);
    if (const std::size_t end = url_.find('#'); end != std::string::npos) url_.resize(end);
    return true;
  }

  // ---- The exchange

  // A fault on the way, in the words of url.Error.
  Value network_fault(std::string_view url, std::string_view why, bool timed_out) {
    std::string op = method_.substr(0, 1) + lower(std::string_view(method_).substr(1));
    const std::string message = op + " " + quoted(url) + ": " + std::string(why);
    error_ = {true, false, message, timed_out ? op + " " + std::string(url) + ": request timed out" : message};
    return Value();
  }

  Value interrupted() {
    halted_ = true;
    return context_.halt(kEvalCancelError, "http.send: timed out (context deadline exceeded)");
  }

  // Where the request goes. False with the reason.
  bool address(const std::string& url, Uri& uri, HttpRequest& out, std::string& error) {
    if (!parse_uri(url, uri, error)) return false;
    if (uri.scheme == "unix" && !uri.query.empty()) {
      std::string query;
      for (std::string_view rest = uri.query; !rest.empty();) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        if (pair.starts_with("socket=")) {
          if (out.unix_socket.empty() && !unescape_url(pair.substr(7), true, out.unix_socket, error)) return false;
        } else {
          (query += query.empty() ? "" : "&") += pair;
        }
      }
      uri.query = query;
      uri.scheme = "http";
    }
    if (uri.scheme != "http" && uri.scheme != "https") {
      error = "unsupported protocol scheme " + quoted(uri.scheme);
      return false;
    }
    if (uri.host.empty()) {
      error = "http: no Host in request URL";
      return false;
    }
    out.tls = uri.scheme == "https";
    out.host = uri.host;
    out.port = !uri.port.empty() ? uri.port : out.tls ? "443" : "80";
    out.target = target_of(uri);
    return true;
  }

  Value exchange() {
    if (!read_request()) return Value();
    int attempts = 1;
    if (const Value v = parameter("max_retry_attempts"); v.defined()) {
      std::int64_t n;
      if (!v.is_number() || !policy::number_to_int64(v, n) || n < 0 || n > INT32_MAX - 1) {
        error_ = {false, false, "", "invalid value " + to_term(v) + " for field \"max_retry_attempts\""};
        error_.message = error_.raised;
        return Value();
      }
      attempts += static_cast<int>(n);
    }
    const std::string method = method_, body = body_;
    const std::vector<HttpHeader> headers = headers_;
    auto delay = std::chrono::milliseconds(0);
    while (true) {
      error_ = {};
      const Value answer = follow();
      if (answer.defined() || halted_ || --attempts == 0) return answer;
      if (!pause(delay)) return interrupted();
      // Rule: util.DefaultBackoff, without its randomness.
      delay = std::min(delay.count() == 0 ? std::chrono::milliseconds(160) : delay * 8 / 5,
                       std::chrono::milliseconds(60000));
      method_ = method;
      body_ = body;
      headers_ = headers;
    }
  }

  bool pause(std::chrono::milliseconds delay) {
    const auto end = steady_clock::now() + delay;
    while (steady_clock::now() < end) {
      if (context_.interrupted && context_.interrupted()) return false;
      const timespec slice{0, 20'000'000};
      ::nanosleep(&slice, nullptr);
    }
    return true;
  }

  // One attempt, redirects included.
  Value follow() {
    HttpLimits limits;
    if (timeout_.count() > 0) limits.deadline = steady_clock::now() + timeout_;
    limits.interrupted = context_.interrupted;
    std::string url = url_, error;
    for (int hops = 0;; ++hops) {
      HttpRequest request;
      Uri uri;
      if (!address(url, uri, request, error)) return network_fault(url, error, false);
      request.method = method_;
      request.body = body_;
      request.headers = {{"Host", hops == 0 && !host_header_.empty() ? host_header_ : uri.authority}};
      const auto given = [&](std::string_view name) {
        return std::any_of(headers_.begin(), headers_.end(), [&](const auto& header) { return header.name == name; });
      };
      if (!given("User-Agent")) request.headers.push_back({"User-Agent", "kubegate"});
      if (uri.has_user && !given("Authorization")) {
        std::string name;
        if (unescape_url(uri.user, false, name, error)) {
          if (name.find(':') == std::string::npos) name += ':';
          request.headers.push_back({"Authorization", "Basic " + encode_base64(name, false, true)});
        }
      }
      request.headers.insert(request.headers.end(), headers_.begin(), headers_.end());

      HttpResponse response;
      const HttpFault fault = exchange_http(request, tls_, limits, response, error);
      if (fault == HttpFault::kInterrupted) return interrupted();
      if (fault != HttpFault::kNone) return network_fault(url, error, fault == HttpFault::kTimedOut);
      const bool moved = response.status == 301 || response.status == 302 || response.status == 303;
      const bool same = response.status == 307 || response.status == 308;
      const auto location = std::find_if(response.headers.begin(), response.headers.end(),
                                         [](const auto& header) { return lower(header.name) == "location"; });
      if (!redirect_ || (!moved && !same) || location == response.headers.end()) return answer(response);
      if (hops == 10) return network_fault(url, "stopped after 10 redirects", false);
      const std::string next = resolved(uri, url, location->value);
      Uri there;
      if (!parse_uri(next, there, error)) return network_fault(next, error, false);
      // What is meant for one host is not told to another.
      if (there.host != uri.host && !there.host.ends_with("." + uri.host)) {
        std::erase_if(headers_, [](const HttpHeader& header) {
          return header.name == "Authorization" || header.name == "Cookie" || header.name == "Www-Authenticate";
        });
      }
      if (moved && method_ != "GET" && method_ != "HEAD") method_ = "GET";
      if (moved) {
        body_.clear();
        std::erase_if(headers_, [](const HttpHeader& header) { return header.name.starts_with("Content-"); });
      }
      url = next;
    }
  }

  // ---- The answer

  Value answer(const HttpResponse& response) {
    ValueArena& arena = context_.arena();
    bool as_json = false, as_yaml = false;
    if (!flag("force_json_decode", as_json) || !flag("force_yaml_decode", as_yaml)) return Value();
    std::map<std::string, std::vector<Value>> by_name;
    for (const HttpHeader& header : response.headers) {
      by_name[lower(header.name)].push_back(make_string(arena, header.value));
    }
    std::string_view type;
    if (const auto at = by_name.find("content-type"); at != by_name.end()) type = at->second[0].text();
    Value body = Value::null();
    std::string ignored;
    if (as_json || is_json(type)) {
      if (!unmarshal_json(arena, response.body, body, ignored)) body = Value::null();
    } else if (as_yaml || type.find("application/yaml") != type.npos || type.find("application/x-yaml") != type.npos) {
      if (!unmarshal_json(arena, response.body, body, ignored) &&
          !unmarshal_yaml(arena, response.body, body, ignored)) {
        body = Value::null();
      }
    }
    std::vector<Member> headers;
    for (const auto& [name, values] : by_name) headers.push_back({make_string(arena, name), make_array(arena, values)});
    status_ = response.status;
    Member members[] = {
        {Value::string("status"), make_string(arena, response.status_text)},
        {Value::string("status_code"), Value::integer(response.status)},
        {Value::string("body"), body},
        {Value::string("raw_body"), make_string(arena, response.body)},
        {Value::string("headers"), make_object(arena, headers, policy::EqualKeys::kLast)},
    };
    return make_object(arena, members, policy::EqualKeys::kLast);
  }

  BuiltinContext& context_;
  Value request_;
  std::string method_, url_, body_, host_header_;
  std::vector<HttpHeader> headers_;
  TlsSettings tls_;
  std::chrono::nanoseconds timeout_{0};
  bool redirect_ = false;
  int status_ = 0;
  SendError error_;
  bool halted_ = false;
};

}  // namespace

Value eval_http_send(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kObject)) return Value();
  const Value raise = lookup(args[0], "raise_error");
  if (raise.defined() && !raise.is_boolean()) return context.fail("invalid value for raise_error field");
  Sender sender(context, args[0]);
  const Value answer = sender.send();
  if (answer.defined() || sender.halted()) return answer;
  const SendError& error = sender.error();
  if (!raise.defined() || raise.is_true()) {
    return error.operand ? context.fail_operand(error.raised) : context.fail(error.raised);
  }
  ValueArena& arena = context.arena();
  Member what[] = {{Value::string("code"),
                    Value::string(error.network ? "eval_http_send_network_error" : "eval_http_send_internal_error")},
                   {Value::string("message"), make_string(arena, error.message)}};
  Member members[] = {{Value::string("status_code"), Value::integer(0)},
                      {Value::string("error"), make_object(arena, what, policy::EqualKeys::kLast)}};
  return make_object(arena, members, policy::EqualKeys::kLast);
}

}  // namespace kubegate::rego
