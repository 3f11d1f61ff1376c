// http.send against a server on the loopback that answers as it is told, one answer a connection, and is gone after the
// last.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "policy/rego/builtin.h"
#include "policy/value/value.h"
#include "tests/support/http_server.h"

namespace kubegate::rego {
namespace {

class HttpSend : public testing::Test {
 protected:
  HttpSend() { context_.begin_query(0, 0); }

  // The answer to a request, of which only the members that `wanted` names are shown.
  std::string send(const std::string& request, const std::vector<std::string>& wanted = {}) {
    Value v;
    std::string error;
    EXPECT_TRUE(policy::parse_json(arena_, request, v, error)) << request << ": " << error;
    const Value answer = call_builtin(*find_builtin("http.send"), context_, {&v, 1});
    if (context_.failed()) return std::string(context_.error().code) + ": " + context_.error().message;
    if (wanted.empty()) return policy::to_json(answer);
    std::string out;
    for (const std::string& name : wanted) {
      const Value member = policy::lookup(answer, name);
      out += (out.empty() ? "" : " ") + (member.defined() ? policy::to_json(member) : "-");
    }
    return out;
  }
  static std::string get(const std::string& url, const std::string& more = "") {
    return R"({"method": "get", "url": ")" + url + "\"" + more + "}";
  }
  static std::string json_text(const std::string& text) { return policy::to_json(Value::string(text)); }

  ValueArena arena_;
  BuiltinContext context_{arena_};
};

TEST_F(HttpSend, TheAnswerHasStatusHeadersAndBodies) {
  Server server(
      {plain(R"({"a": [1, 2.50]})", "Content-Type: application/json; charset=utf-8\r\nX-A: 1\r\nx-a: 2\r\n")});
  EXPECT_EQ(send(get(server.url("/p?q=1"))),
            R"({"body":{"a":[1,2.50]},"headers":{"content-length":["16"],"content-type":["application/json; )"
            R"(charset=utf-8"],"x-a":["1","2"]},"raw_body":"{\"a\": [1, 2.50]}","status":"200 OK","status_code":200})");
  EXPECT_EQ(server.requests()[0], "GET /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() +
                                      "\r\nUser-Agent: kubegate\r\nConnection: close\r\n\r\n");
}

TEST_F(HttpSend, BodiesAreDecodedByTypeOrByForce) {
  Server server({plain("{\"a\": 1}"), plain("{\"a\": 1}"), plain("a: [1, off]\n"),
                 plain("a: 1\n", "Content-Type: application/yaml\r\n"),
                 plain("{", "Content-Type: application/json\r\n"),
                 plain("[1]", "Content-Type: application/problem+json\r\n")});
  const std::string url = server.url();
  EXPECT_EQ(send(get(url + "1"), {"body"}), "null");
  EXPECT_EQ(send(get(url + "2", R"(, "force_json_decode": true)"), {"body"}), R"({"a":1})");
  EXPECT_EQ(send(get(url + "3", R"(, "force_yaml_decode": true)"), {"body"}), R"({"a":[1,"off"]})");
  EXPECT_EQ(send(get(url + "4"), {"body"}), R"({"a":1})");
  EXPECT_EQ(send(get(url + "5"), {"body", "raw_body"}), R"(null "{")");
  EXPECT_EQ(send(get(url + "6"), {"body"}), "[1]");
}

TEST_F(HttpSend, LengthsChunksAndEndsDelimitBodies) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  Server server({head + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: 1\r\n\r\n",
                 head + "\r\nto the end", "HTTP/1.1 100 Continue\r\n\r\n" + plain("x"),
                 head + "Content-Length: 9\r\n\r\nshort", head + "Transfer-Encoding: gzip\r\n\r\n", "SSH-2.0-x\r\n",
                 "HTTP/1.1 204 No Content\r\n\r\n", head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                 head + "A : 1\r\n\r\n", head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"});
  const std::string url = server.url();
  const auto failed = [&](const std::string& path, const std::string& why) {
    EXPECT_EQ(send(get(url + path)), "eval_builtin_error: http.send: Get \"" + url + path + "\": " + why);
  };
  EXPECT_EQ(send(get(url + "1"), {"raw_body", "headers"}), R"("abc0123456789abcdef" {})");
  EXPECT_EQ(send(get(url + "2"), {"raw_body"}), R"("to the end")");
  EXPECT_EQ(send(get(url + "3"), {"status_code", "raw_body"}), R"(200 "x")");
  failed("4", "unexpected EOF");
  failed("5", "net/http: unsupported transfer encoding: \"gzip\"");
  failed("6", "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"SSH-2.0-x\"");
  EXPECT_EQ(send(get(url + "7"), {"status", "raw_body"}), R"("204 No Content" "")");
  failed("8", "net/http: HTTP/1.x transport connection broken: bad Content-Length \"2\"");
  failed("9", "net/http: HTTP/1.x transport connection broken: malformed MIME header line: A : 1");
  failed("10", "the body is larger than 268435456 bytes");
}

TEST_F(HttpSend, TheRequestCarriesBodyAndHeaders) {
  Server server({plain(""), plain(""), plain("")});
  send(
      R"({"method": "POST", "url": ")" + server.url() +
      R"(", "body": {"b": [1, "<"]}, "headers": {"content-type": "application/json", "host": "h", "user-agent": "me"}})");
  send(R"({"method": "PUT", "url": ")" + server.url() + R"(", "body": 1, "raw_body": "raw"})");
  send(R"({"method": "GET", "url": "http://u%20v:p@127.0.0.1:)" + server.port() + R"(/a%2Fb c#f"})");
  const std::vector<std::string>& got = server.requests();
  EXPECT_EQ(got[0],
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nUser-Agent: me\r\nContent-Length: "
            "18\r\nConnection: close\r\n\r\n{\"b\":[1,\"\\u003c\"]}");
  EXPECT_TRUE(got[1].ends_with("Content-Length: 3\r\nConnection: close\r\n\r\nraw")) << got[1];
  EXPECT_TRUE(got[2].starts_with("GET /a%2Fb%20c HTTP/1.1\r\n")) << got[2];
  EXPECT_NE(got[2].find("\r\nAuthorization: Basic dSB2OnA=\r\n"), std::string::npos) << got[2];
}

TEST_F(HttpSend, AQueryAsksTheSameOnce) {
  Server server(
      {plain("1"), plain("2"), plain("3", "", "500 E"), plain("4", "", "500 E"), plain("5", "", "500 E"), plain("6")});
  const std::string url = server.url();
  EXPECT_EQ(send(get(url), {"raw_body"}), R"("1")");
  EXPECT_EQ(send(get(url), {"raw_body"}), R"("1")");
  EXPECT_EQ(send(get(url, R"(, "headers": {"a": "1"}, "cache_ignored_headers": ["a"])"), {"raw_body"}), R"("2")");
  EXPECT_EQ(send(get(url, R"(, "headers": {"a": "2"}, "cache_ignored_headers": ["a"])"), {"raw_body"}), R"("2")");
  // Only some statuses are remembered, unless the request says so.
  EXPECT_EQ(send(get(url + "e"), {"raw_body"}), R"("3")");
  EXPECT_EQ(send(get(url + "e"), {"raw_body"}), R"("4")");
  const std::string forced = R"(, "force_cache": true, "force_cache_duration_seconds": 1)";
  EXPECT_EQ(send(get(url + "e", forced), {"raw_body"}), R"("5")");
  EXPECT_EQ(send(get(url + "e", forced), {"raw_body"}), R"("5")");
  context_.begin_query(0, 0);
  EXPECT_EQ(send(get(url), {"raw_body"}), R"("6")");
}

TEST_F(HttpSend, RedirectsAreFollowedOnRequest) {
  Server there({plain("there")});
  Server server({plain("", "Location: /next\r\n", "302 Found"), plain("", "Location: ../x/./y?q\r\n", "302 Found"),
                 plain("", "Location: " + there.url() + "\r\n", "307 T"), plain("", "Location: /a\r\n", "303 See"),
                 plain("end")});
  const std::string url = server.url();
  EXPECT_EQ(send(get(url), {"status_code"}), "302");
  EXPECT_EQ(
      send(get(url + "a/b/c", R"(, "enable_redirect": true, "headers": {"Authorization": "secret"})"), {"raw_body"}),
      R"("there")");
  EXPECT_EQ(
      send(R"({"method": "POST", "url": ")" + url + R"(", "raw_body": "b", "enable_redirect": true})", {"raw_body"}),
      R"("end")");
  EXPECT_TRUE(server.requests()[2].starts_with("GET /a/x/y?q HTTP/1.1")) << server.requests()[2];
  EXPECT_NE(server.requests()[2].find("secret"), std::string::npos);
  EXPECT_TRUE(server.requests()[4].starts_with("GET /a HTTP/1.1")) << server.requests()[4];
  EXPECT_EQ(server.requests()[4].find("Content-Length"), std::string::npos);
  // The other server is on the same host, which may hear what this one heard.
  EXPECT_NE(there.requests()[0].find("secret"), std::string::npos);
}

TEST_F(HttpSend, RedirectsEnd) {
  Server server(std::vector<std::string>(11, plain("", "Location: /\r\n", "301 Moved")));
  EXPECT_EQ(send(get(server.url(), R"(, "enable_redirect": true)")),
            "eval_builtin_error: http.send: Get \"" + server.url() + "\": stopped after 10 redirects");
}

TEST_F(HttpSend, AttemptsAreRepeated) {
  Server server({"", plain("again")});
  EXPECT_EQ(send(get(server.url(), R"(, "max_retry_attempts": 1)"), {"raw_body"}), R"("again")");
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(HttpSend, ErrorsAreRaisedOrTold) {
  std::string closed;
  { closed = Server({}).url(); }
  const std::string refused =
      "Get \"" + closed + "\": dial tcp " + closed.substr(7, closed.size() - 8) + ": connect: connection refused";
  EXPECT_EQ(send(get(closed)), "eval_builtin_error: http.send: " + refused);
  EXPECT_EQ(
      send(get(closed, R"(, "raise_error": false)")),
      R"({"error":{"code":"eval_http_send_network_error","message":)" + json_text(refused) + R"(},"status_code":0})");
  EXPECT_EQ(
      send(R"({"method": "get", "bad": 1, "raise_error": false})"),
      R"({"error":{"code":"eval_http_send_internal_error","message":"eval_type_error: http.send: operand 1 invalid )"
      R"(request parameters(s): {\"bad\"}"},"status_code":0})");

  struct Refusal {
    const char* request;
    const char* error;
  };
  const Refusal refusals[] = {
      {R"({"method": "get"})",
       "eval_type_error: http.send: operand 1 missing required request parameters(s): {\"url\"}"},
      {R"({"method": "get", "url": "u", "raise_error": 1})",
       "eval_builtin_error: http.send: invalid value for raise_error field"},
      {R"({"method": 1, "url": "u"})", "eval_builtin_error: http.send: \"method\" must be a string"},
      {R"({"method": "g t", "url": "http://h"})", "eval_builtin_error: http.send: net/http: invalid method \"G T\""},
      {R"({"method": "get", "url": ":x"})", "eval_builtin_error: http.send: parse \":x\": missing protocol scheme"},
      {R"({"method": "get", "url": "ftp://h"})",
       "eval_builtin_error: http.send: Get \"ftp://h\": unsupported protocol scheme \"ftp\""},
      {R"({"method": "get", "url": "http:///x"})",
       "eval_builtin_error: http.send: Get \"http:///x\": http: no Host in request URL"},
      {R"({"method": "get", "url": "http://h", "headers": {"a b": "c"}})",
       "eval_builtin_error: http.send: net/http: invalid header field name \"a b\""},
      {R"({"method": "get", "url": "http://h", "headers": {"a": "c\r\nd: e"}})",
       "eval_builtin_error: http.send: net/http: invalid header field value for \"A\""},
      {R"({"method": "get", "url": "http://h", "headers": {"a": 1}})",
       "eval_builtin_error: http.send: invalid type for headers value \"1\""},
      {R"({"method": "get", "url": "http://h", "headers": 1})",
       "eval_builtin_error: http.send: invalid type for headers key"},
      {R"({"method": "get", "url": "http://h", "timeout": "5x"})",
       "eval_builtin_error: http.send: invalid timeout value \"5x\": time: unknown unit \"x\" in duration \"5x\""},
      {R"({"method": "get", "url": "http://h", "timeout": 1.5})",
       "eval_builtin_error: http.send: invalid timeout number value 1.5, must be int64"},
      {R"({"method": "get", "url": "http://h", "timeout": []})",
       "eval_type_error: http.send: operand 1 'timeout' must be one of {string, number} but got array"},
      {R"({"method": "get", "url": "http://h", "enable_redirect": "true"})",
       "eval_builtin_error: http.send: strconv.ParseBool: parsing \"\\\"true\\\"\": invalid syntax"},
      {R"({"method": "get", "url": "http://h", "cache": 1})",
       "eval_builtin_error: http.send: invalid value for \"cache\" field"},
      {R"({"method": "get", "url": "http://h", "force_cache": true})",
       "eval_builtin_error: http.send: 'force_cache' set but 'force_cache_duration_seconds' parameter is missing"},
      {R"({"method": "get", "url": "http://h", "max_retry_attempts": -1})",
       "eval_builtin_error: http.send: invalid value -1 for field \"max_retry_attempts\""},
      {R"({"method": "get", "url": "https://h", "tls_ca_cert": "x"})",
       "eval_builtin_error: http.send: could not append certificates"},
      {R"({"method": "get", "url": "https://h", "tls_client_cert": "x", "tls_client_key": "y"})",
       "eval_builtin_error: http.send: tls: failed to find any PEM data in certificate input"},
      {R"({"method": "get", "url": "https://h", "tls_ca_cert_file": "/nowhere/x"})",
       "eval_builtin_error: http.send: open /nowhere/x: no such file or directory"},
  };
  for (const Refusal& refusal : refusals) EXPECT_EQ(send(refusal.request), refusal.error) << refusal.request;
}

TEST_F(HttpSend, ASilentServerIsNotWaitedForLongerThanSaid) {
  {
    Server server({"never"}, nullptr, "", true);
    EXPECT_EQ(send(get(server.url(), R"(, "timeout": "1ms")")),
              "eval_builtin_error: http.send: Get " + server.url() + ": request timed out");
  }
  Server server({"never"}, nullptr, "", true);
  context_.interrupted = [asked = 0]() mutable { return ++asked > 1; };
  EXPECT_EQ(send(get(server.url(), R"(, "timeout": "1h")")),
            "eval_cancel_error: http.send: timed out (context deadline exceeded)");
}

TEST_F(HttpSend, UnixSockets) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("kubegate-http-" + std::to_string(getpid()))).string();
  Server server({plain("here")}, nullptr, path);
  std::string escaped;
  for (const char c : path) escaped += c == '/' ? "%2F" : std::string(1, c);
  EXPECT_EQ(send(get("unix://localhost/end?a=b&socket=" + escaped), {"raw_body"}), R"("here")");
  EXPECT_TRUE(server.requests()[0].starts_with("GET /end?a=b HTTP/1.1\r\nHost: localhost\r\n")) << server.requests()[0];
  std::filesystem::remove(path);
}

TEST_F(HttpSend, TlsTrustsWhomItIsTold) {
  const Identity identity;
  const std::string ok = plain("safe");
  Server server({ok, ok, ok, ok}, &identity);
  const std::string url = server.url(), ca = R"(, "tls_ca_cert": )" + json_text(identity.pem);
  EXPECT_EQ(send(get(url, ca), {"raw_body"}), R"("safe")");
  EXPECT_EQ(send(get(url)), "eval_builtin_error: http.send: Get \"" + url +
                                "\": tls: failed to verify certificate: x509: certificate signed by unknown authority");
  EXPECT_EQ(send(get(url, ca + R"(, "tls_server_name": "other")")).find("\"safe\""), std::string::npos);
  EXPECT_EQ(send(get(url, R"(, "tls_insecure_skip_verify": true, "tls_client_cert": )" + json_text(identity.pem) +
                              R"(, "tls_client_key": )" + json_text(identity.key_pem)),
                 {"raw_body"}),
            R"("safe")");
}

}  // namespace
}  // namespace kubegate::rego
