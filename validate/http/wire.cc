// The idea: the socket never blocks. Whatever must wait does so in wait(), which looks at the deadline and asks whether
// the evaluation was interrupted; TLS works on two buffers in memory, so that it waits there as well and no signal comes
// of a write to a connection that the other side has closed. Tested by policy/rego/builtins/http_send_test.cc.
#include "validate/http/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "validate/base/openssl.h"
#include "validate/base/pem.h"

namespace kubegate::http {
namespace {

using std::chrono::steady_clock;

// As Go's syscall.Errno prints: in lower case.
std::string system_error(int code) {
  std::string text = std::strerror(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] | 32);
  return text;
}

X509Certificate certificate_of(std::string_view der) {
  const unsigned char* at = octets(der);
  return X509Certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

PKey private_key_of(std::string_view pem) {
  const std::unique_ptr<BIO, OpensslDeleter<BIO_free>> bytes(
      BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), INT32_MAX))));
  // No question for a passphrase: a key that has one cannot be read.
  const auto refuse = [](char*, int, int, void*) { return 0; };
  return PKey(bytes == nullptr ? nullptr : PEM_read_bio_PrivateKey(bytes.get(), nullptr, refuse, nullptr));
}

}  // namespace

bool pem_certificates(std::string_view text, std::vector<std::string>& der) {
  PemBlock block;
  bool any = false;
  while (read_pem(text, block)) {
    if (block.type != "CERTIFICATE") continue;
    if (certificate_of(block.bytes) == nullptr) return false;
    der.push_back(std::move(block.bytes));
    any = true;
  }
  return any;
}

bool pem_key_pair(std::string_view certificate, std::string_view key, std::string& error) {
  std::vector<std::string> chain;
  if (!pem_certificates(certificate, chain)) {
    error = "tls: failed to find any PEM data in certificate input";
    return false;
  }
  const PKey own = private_key_of(key);
  if (own == nullptr) {
    error = "tls: failed to find any PEM data in key input";
    return false;
  }
  if (X509_check_private_key(certificate_of(chain[0]).get(), own.get()) == 1) return true;
  error = "tls: private key does not match public key";
  return false;
}

class TlsSession {
 public:
  std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>> context;
  std::unique_ptr<SSL, OpensslDeleter<SSL_free>> ssl;
  BIO* in = nullptr;   // owned by ssl
  BIO* out = nullptr;  // owned by ssl
};

Wire::Wire(const HttpLimits& limits) : limits_(limits) {}

Wire::~Wire() {
  if (socket_ >= 0) ::close(socket_);
}

bool Wire::fail(std::string error) {
  if (fault_ == HttpFault::kNone) {
    fault_ = HttpFault::kFailed;
    error_ = std::move(error);
  }
  return false;
}

bool Wire::wait(short events) {
  constexpr std::int64_t kSlice = 50;  // milliseconds
  while (true) {
    if (limits_.interrupted && limits_.interrupted()) {
      fault_ = HttpFault::kInterrupted;
      return false;
    }
    std::int64_t left = kSlice;
    if (limits_.deadline != steady_clock::time_point::max()) {
      left = std::chrono::ceil<std::chrono::milliseconds>(limits_.deadline - steady_clock::now()).count();
      if (left <= 0) {
        fault_ = HttpFault::kTimedOut;
        error_ = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        return false;
      }
    }
    pollfd waiting{socket_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min(left, kSlice)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return fail("poll: " + system_error(errno));
  }
}

// ---- Connecting ----------------------------------------------------------------------------------------------------

bool Wire::open(int family) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return socket_ >= 0 || fail("socket: " + system_error(errno));
}

bool Wire::connect_to(const void* address, std::uint32_t size, const std::string& name) {
  const auto* to = static_cast<const sockaddr*>(address);
  if (!open(to->sa_family)) return false;
  int code = ::connect(socket_, to, size) == 0 ? 0 : errno;
  if (code == EINPROGRESS || code == EAGAIN) {
    if (!wait(POLLOUT)) return false;
    socklen_t length = sizeof code;
    if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &code, &length) != 0) code = errno;
  }
  return code == 0 || fail("dial " + name + ": connect: " + system_error(code));
}

bool Wire::connect(const std::string& host, const std::string& port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (status != 0) {
    const bool unknown = status == EAI_NONAME || status == EAI_NODATA;
    return fail("dial tcp: lookup " + host + ": " + (unknown ? "no such host" : gai_strerror(status)));
  }
  const std::unique_ptr<addrinfo, decltype([](addrinfo* list) { ::freeaddrinfo(list); })> list(found);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    char text[INET6_ADDRSTRLEN] = "?";
    const bool six = at->ai_family == AF_INET6;
    const void* bytes = six ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(at->ai_addr)->sin6_addr)
                            : &reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr;
    ::inet_ntop(at->ai_family, bytes, text, sizeof text);
    const std::string name = "tcp " + (six ? "[" + std::string(text) + "]" : std::string(text)) + ":" + port;
    if (connect_to(at->ai_addr, at->ai_addrlen, name)) return true;
    if (fault_ != HttpFault::kFailed || at->ai_next == nullptr) return false;
    fault_ = HttpFault::kNone;  // the next address may do
  }
  return fail("dial tcp: lookup " + host + ": no such host");
}

bool Wire::connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return fail("dial unix " + path + ": invalid argument");
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_to(&address, sizeof address, "unix " + path);
}

// ---- Plain bytes ---------------------------------------------------------------------------------------------------

bool Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN || errno == EINTR) {
      if (!wait(POLLOUT)) return false;
    } else {
      return fail("write: " + system_error(errno));
    }
  }
  return true;
}

bool Wire::receive(std::string& out, bool& ended) {
  char bytes[16384];
  while (true) {
    const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n >= 0) {
      ended = n == 0;
      out.append(bytes, static_cast<std::size_t>(n));
      return true;
    }
    if (errno != EAGAIN && errno != EINTR) return fail("read: " + system_error(errno));
    if (!wait(POLLIN)) return false;
  }
}

// ---- TLS -----------------------------------------------------------------------------------------------------------

bool Wire::flush_tls() {
  char bytes[16384];
  for (int n; (n = BIO_read(tls_->out, bytes, sizeof bytes)) > 0;) {
    if (!send({bytes, static_cast<std::size_t>(n)})) return false;
  }
  return true;
}

bool Wire::feed_tls() {
  std::string bytes;
  bool ended = false;
  if (!flush_tls() || !receive(bytes, ended)) return false;
  // An end that TLS has not announced may be somebody else's doing.
  if (ended) return fail("unexpected EOF");
  BIO_write(tls_->in, bytes.data(), static_cast<int>(bytes.size()));
  return true;
}

bool Wire::tls_failed() {
  const long verdict = SSL_get_verify_result(tls_->ssl.get());
  switch (verdict) {
    case X509_V_OK: break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return fail("tls: failed to verify certificate: x509: certificate signed by unknown authority");
    default:
      return fail("tls: failed to verify certificate: x509: " + std::string(X509_verify_cert_error_string(verdict)));
  }
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return fail("tls: " + std::string(reason == nullptr ? "the handshake failed" : reason));
}

bool Wire::start_tls(const TlsSettings& settings, const std::string& host) {
  ERR_clear_error();
  auto session = std::make_unique<TlsSession>();
  session->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = session->context.get();
  if (context == nullptr) return fail("tls: out of memory");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (settings.system_roots) SSL_CTX_set_default_verify_paths(context);
  std::vector<std::string> roots, chain;
  for (const std::string& pem : settings.roots) pem_certificates(pem, roots);
  for (const std::string& der : roots) X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate_of(der).get());
  if (!settings.certificate.empty() && pem_certificates(settings.certificate, chain)) {
    SSL_CTX_use_certificate(context, certificate_of(chain[0]).get());
    for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(context, certificate_of(chain[i]).get());
    SSL_CTX_use_PrivateKey(context, private_key_of(settings.key).get());
  }
  session->ssl.reset(SSL_new(context));
  session->in = BIO_new(BIO_s_mem());
  session->out = BIO_new(BIO_s_mem());
  SSL* ssl = session->ssl.get();
  if (ssl == nullptr || session->in == nullptr || session->out == nullptr) return fail("tls: out of memory");
  SSL_set_bio(ssl, session->in, session->out);
  SSL_set_connect_state(ssl);
  const std::string& name = settings.server_name.empty() ? host : settings.server_name;
  in6_addr number;
  if (::inet_pton(AF_INET, name.c_str(), &number) == 1 || ::inet_pton(AF_INET6, name.c_str(), &number) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, name.c_str());
    SSL_set1_host(ssl, name.c_str());
  }
  tls_ = std::move(session);
  while (true) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl);
    if (done == 1) return flush_tls();
    if (SSL_get_error(ssl, done) != SSL_ERROR_WANT_READ) {
      flush_tls();  // the alert that says why
      return tls_failed();
    }
    if (!feed_tls()) return false;
  }
}

bool Wire::write(std::string_view bytes) {
  if (tls_ == nullptr) return send(bytes);
  ERR_clear_error();
  std::size_t written = 0;
  if (!bytes.empty() && SSL_write_ex(tls_->ssl.get(), bytes.data(), bytes.size(), &written) != 1) return tls_failed();
  return flush_tls();
}

bool Wire::read(std::string& out, bool& ended) {
  if (tls_ == nullptr) return receive(out, ended);
  char bytes[16384];
  while (true) {
    ERR_clear_error();
    const int n = SSL_read(tls_->ssl.get(), bytes, sizeof bytes);
    if (n > 0) {
      ended = false;
      out.append(bytes, static_cast<std::size_t>(n));
      return true;
    }
    const int why = SSL_get_error(tls_->ssl.get(), n);
    if (why == SSL_ERROR_ZERO_RETURN) {
      ended = true;
      return true;
    }
    if (why != SSL_ERROR_WANT_READ) return tls_failed();
    if (!feed_tls()) return false;
  }
}

}  // namespace kubegate::http
