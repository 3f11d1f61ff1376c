// A connection that bytes go over, plain or through TLS, under a deadline.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "validate/http/client.h"

namespace kubegate::http {

class TlsSession;

// Each step is false on a fault, with fault() and error() set.
class Wire {
 public:
  explicit Wire(const HttpLimits& limits);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool connect(const std::string& host, const std::string& port);
  bool connect_unix(const std::string& path);
  bool start_tls(const TlsSettings& settings, const std::string& host);

  bool write(std::string_view bytes);
  // Appends what has come; `ended` where nothing more will.
  bool read(std::string& out, bool& ended);

  HttpFault fault() const { return fault_; }
  const std::string& error() const { return error_; }
  bool fail(std::string error);

 private:
  bool open(int family);
  bool connect_to(const void* address, std::uint32_t size, const std::string& name);
  bool wait(short events);
  bool send(std::string_view bytes);
  bool receive(std::string& out, bool& ended);
  bool flush_tls();
  bool feed_tls();
  bool tls_failed();

  const HttpLimits& limits_;
  int socket_ = -1;
  std::unique_ptr<TlsSession> tls_;
  HttpFault fault_ = HttpFault::kNone;
  std::string error_;
};

}  // namespace kubegate::http
