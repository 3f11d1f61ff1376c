// A server of HTTP on the loopback that answers as it is told, one answer a connection, and is gone after the last.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace kubegate {

// A certificate for 127.0.0.1 that is its own authority, with its key.
struct Identity {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  std::string pem, key_pem;

  Identity() {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate);
    pem = drained(out);
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    key_pem = drained(out);
    BIO_free(out);
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

 private:
  static std::string drained(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    BIO_reset(bio);
    return text;
  }
};

class Server {
 public:
  // Answers the connections to come with `answers` in turn; "" hangs up at once. With an identity it speaks TLS; with a
  // path it listens on a Unix socket. `silent`: takes the last request and answers when the client has gone.
  explicit Server(std::vector<std::string> answers, const Identity* identity = nullptr, const std::string& path = "",
                  bool silent = false)
      : answers_(std::move(answers)), identity_(identity), silent_(silent) {
    listener_ = socket(path.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (path.empty()) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof address;
      EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
      EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
      port_ = std::to_string(ntohs(address.sin_port));
    } else {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
      EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    EXPECT_EQ(listen(listener_, 16), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string url(const std::string& path = "/") const {
    return (identity_ == nullptr ? "http://127.0.0.1:" : "https://127.0.0.1:") + port_ + path;
  }
  const std::string& port() const { return port_; }
  // The requests so far; to be asked for when all answers are given.
  const std::vector<std::string>& requests() {
    if (thread_.joinable()) {
      thread_.join();
      thread_ = std::thread([] {});
    }
    return requests_;
  }

 private:
  static bool whole(const std::string& request) {
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    return length == std::string::npos || request.size() - end - 4 >= std::stoul(request.substr(length + 16));
  }

  void serve() {
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      std::string request;
      char bytes[4096];
      if (identity_ != nullptr) {
        SSL_CTX* context = SSL_CTX_new(TLS_server_method());
        SSL_CTX_use_certificate(context, identity_->certificate);
        SSL_CTX_use_PrivateKey(context, identity_->key);
        SSL* ssl = SSL_new(context);
        SSL_set_fd(ssl, client);
        if (SSL_accept(ssl) == 1) {
          for (int n; !whole(request) && (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) {
            request.append(bytes, static_cast<std::size_t>(n));
          }
          SSL_write(ssl, answers_[i].data(), static_cast<int>(answers_[i].size()));
          SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        SSL_CTX_free(context);
      } else if (!answers_[i].empty()) {
        for (ssize_t n; !whole(request) && (n = recv(client, bytes, sizeof bytes, 0)) > 0;) {
          request.append(bytes, static_cast<std::size_t>(n));
        }
        if (silent_ && i + 1 == answers_.size()) {
          while (recv(client, bytes, sizeof bytes, 0) > 0) {}
        } else {
          send(client, answers_[i].data(), answers_[i].size(), MSG_NOSIGNAL);
        }
      }
      requests_.push_back(request);
      close(client);
    }
  }

  std::vector<std::string> answers_, requests_;
  const Identity* identity_;
  bool silent_;
  int listener_ = -1;
  std::string port_;
  std::thread thread_;
};

inline std::string plain(const std::string& body, const std::string& headers = "",
                         const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace kubegate
