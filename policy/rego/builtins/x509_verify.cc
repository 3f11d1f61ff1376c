// Chains of certificates, as Go's Certificate.Verify builds them: depth first from the leaf over all candidates, the
// root before the intermediates, each candidate's signature, time, basic constraints and path length checked on the
// way; then the whole chain's key usages and name constraints. The first chain that holds is the answer. At most 100
// signatures are checked. Policy constraints are not followed. Tested by the cases of
// crypto.x509.parse_and_verify_certificates.
#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "policy/rego/builtins/signature.h"
#include "policy/rego/builtins/x509.h"

namespace kubegate::rego {
namespace {

constexpr int kMaxSignatureChecks = 100;
constexpr int kCertSign = 1 << 5;

using Chain = std::vector<const Certificate*>;

const EVP_MD* digest_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kSha256Rsa:
    case SignatureAlgorithm::kSha256Pss:
    case SignatureAlgorithm::kEcdsaSha256: return EVP_sha256();
    case SignatureAlgorithm::kSha384Rsa:
    case SignatureAlgorithm::kSha384Pss:
    case SignatureAlgorithm::kEcdsaSha384: return EVP_sha384();
    case SignatureAlgorithm::kSha512Rsa:
    case SignatureAlgorithm::kSha512Pss:
    case SignatureAlgorithm::kEcdsaSha512: return EVP_sha512();
    default: return nullptr;
  }
}

KeyAlgorithm key_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kSha256Rsa:
    case SignatureAlgorithm::kSha384Rsa:
    case SignatureAlgorithm::kSha512Rsa:
    case SignatureAlgorithm::kSha256Pss:
    case SignatureAlgorithm::kSha384Pss:
    case SignatureAlgorithm::kSha512Pss: return KeyAlgorithm::kRsa;
    case SignatureAlgorithm::kEcdsaSha256:
    case SignatureAlgorithm::kEcdsaSha384:
    case SignatureAlgorithm::kEcdsaSha512: return KeyAlgorithm::kEcdsa;
    case SignatureAlgorithm::kEd25519: return KeyAlgorithm::kEd25519;
    default: return KeyAlgorithm::kUnknown;  // unknown, unsupported, or insecure: MD5, SHA-1
  }
}

bool signed_by(const Certificate& certificate, const Certificate& parent) {
  if ((parent.version == 3 && !parent.basic_constraints) || (parent.basic_constraints && !parent.is_ca)) return false;
  if (parent.key_usage != 0 && !(parent.key_usage & kCertSign)) return false;
  const KeyAlgorithm key = key_of(certificate.signature_algorithm);
  if (key == KeyAlgorithm::kUnknown || key != parent.key.algorithm) return false;
  const bool pss = certificate.signature_algorithm >= SignatureAlgorithm::kSha256Pss &&
                   certificate.signature_algorithm <= SignatureAlgorithm::kSha512Pss;
  const PKey public_key = read_public_key(parent.key_info);
  return public_key != nullptr &&
         signature_holds(public_key.get(), digest_of(certificate.signature_algorithm),
                         pss ? Padding::kPssDigestSalt : Padding::kPkcs1, certificate.tbs, certificate.signature);
}

std::string_view alternative_names_bytes(const Certificate& certificate, bool& present) {
  for (const Extension& extension : certificate.extensions) {
    if (extension.id == Oid{2, 5, 29, 17}) {
      present = true;
      return extension.value;
    }
  }
  present = false;
  return {};
}

bool already_in(const Chain& chain, const Certificate& candidate) {
  bool wanted, present;
  const std::string_view names = alternative_names_bytes(candidate, wanted);
  for (const Certificate* certificate : chain) {
    if (candidate.raw_subject != certificate->raw_subject || candidate.key_info != certificate->key_info) continue;
    const std::string_view other = alternative_names_bytes(*certificate, present);
    if (wanted != present) return false;
    if (other == names) return true;
  }
  return false;
}

class ChainBuilder {
 public:
  ChainBuilder(const std::vector<Certificate>& certificates, const VerifyOptions& options)
      : certificates_(certificates), options_(options) {}

  // Extends `chain` by all that may stand above its last certificate, and tells of every whole chain.
  template <class Tell>
  void build(const Chain& chain, Tell tell) {
    const Certificate& last = *chain.back();
    for (std::size_t i = 0; i + 1 < certificates_.size(); ++i) {
      const Certificate& candidate = certificates_[i];
      const bool root = i == 0;
      if (candidate.raw_subject != last.raw_issuer) continue;
      if (++checks_ > kMaxSignatureChecks) return;
      if (candidate.key.algorithm == KeyAlgorithm::kUnknown || already_in(chain, candidate)) continue;
      if (!signed_by(last, candidate) || !holds(candidate, chain, !root)) continue;
      Chain longer = chain;
      longer.push_back(&candidate);
      if (root) {
        tell(longer);
      } else {
        build(longer, tell);
      }
    }
  }

  bool holds(const Certificate& certificate, const Chain& below, bool intermediate) const {
    if (!certificate.unhandled_critical.empty()) return false;
    const std::int64_t second = 1000000000;
    const __int128 now = options_.now_ns;
    if (now < static_cast<__int128>(certificate.not_before) * second ||
        now > static_cast<__int128>(certificate.not_after) * second) {
      return false;
    }
    if (below.empty()) return true;
    if (intermediate && (!certificate.basic_constraints || !certificate.is_ca)) return false;
    return !certificate.basic_constraints || certificate.max_path_length < 0 ||
           static_cast<std::int64_t>(below.size()) - 1 <= certificate.max_path_length;
  }

 private:
  const std::vector<Certificate>& certificates_;
  const VerifyOptions& options_;
  int checks_ = 0;
};

// Whether some usage asked for is allowed by every certificate of the chain.
bool usages_hold(const Chain& chain, const std::vector<int>& asked) {
  if (std::find(asked.begin(), asked.end(), kAnyUsage) != asked.end()) return true;
  std::vector<int> left = asked.empty() ? std::vector<int>{kServerAuth} : asked;
  for (const Certificate* certificate : chain) {
    const std::vector<int>& allowed = certificate->usages;
    if (allowed.empty() && certificate->unknown_usages.empty()) continue;
    if (std::find(allowed.begin(), allowed.end(), kAnyUsage) != allowed.end()) continue;
    std::erase_if(left, [&](int usage) { return std::find(allowed.begin(), allowed.end(), usage) == allowed.end(); });
    if (left.empty()) return false;
  }
  return true;
}

X509Certificate read_certificate(std::string_view der) {
  const unsigned char* at = octets(der);
  X509Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  // This reads the extensions, which NAME_CONSTRAINTS_check() looks into.
  if (certificate != nullptr) X509_check_purpose(certificate.get(), -1, 0);
  return certificate;
}

bool constraints_hold(const Chain& chain) {
  for (std::size_t above = 1; above < chain.size(); ++above) {
    if (!chain[above]->has_constraints) continue;
    const X509Certificate authority = read_certificate(chain[above]->raw);
    if (authority == nullptr) return false;
    auto* constraints =
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(authority.get(), NID_name_constraints, nullptr, nullptr));
    bool hold = constraints != nullptr;
    for (std::size_t below = 0; hold && below < above; ++below) {
      const X509Certificate certificate = read_certificate(chain[below]->raw);
      hold = certificate != nullptr && NAME_CONSTRAINTS_check(certificate.get(), constraints) == X509_V_OK;
    }
    NAME_CONSTRAINTS_free(constraints);
    if (!hold) return false;
  }
  return true;
}

// ---- Host names ----------------------------------------------------------------------------------------------------

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool host_valid(std::string_view host, bool pattern) {
  if (!pattern && host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host == "*") return false;
  if (pattern && host.starts_with("*.")) host.remove_prefix(2);
  char before = '.';
  for (const char c : host) {
    const bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (!alnum && c != '_' && !((c == '-' || c == '.') && before != '.')) return false;
    before = c;
  }
  return before != '.';
}

// Whether `host` is what the pattern says, whose first label may be `*`.
bool host_matches(std::string_view pattern, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!pattern.starts_with("*.")) return pattern == host;
  const std::size_t period = host.find('.');
  return period != std::string_view::npos && pattern.substr(1) == host.substr(period);
}

bool host_holds(const Certificate& certificate, std::string_view host) {
  std::string candidate(host);
  if (host.size() >= 3 && host.starts_with('[') && host.ends_with(']')) candidate = host.substr(1, host.size() - 2);
  char address[16];
  const bool v4 = inet_pton(AF_INET, candidate.c_str(), address) == 1;
  if (v4 || inet_pton(AF_INET6, candidate.c_str(), address) == 1) {
    const std::string_view wanted(address, v4 ? 4 : 16);
    constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    return std::any_of(certificate.names.ips.begin(), certificate.names.ips.end(), [&](std::string_view ip) {
      return ip == wanted || (v4 && ip.size() == 16 && ip.starts_with(kMapped) && ip.substr(12) == wanted) ||
             (!v4 && ip.size() == 4 && wanted.starts_with(kMapped) && wanted.substr(12) == ip);
    });
  }
  const std::string name = lower(host);
  const bool valid = host_valid(name, false);
  return std::any_of(certificate.names.dns.begin(), certificate.names.dns.end(), [&](std::string_view pattern) {
    const std::string low = lower(pattern);
    if (valid && host_valid(low, true)) return host_matches(low, name);
    return low == name && !low.empty() && low != ".";
  });
}

}  // namespace

Chain verify_chain(const std::vector<Certificate>& certificates, const VerifyOptions& options) {
  const Certificate& leaf = certificates.back();
  ChainBuilder builder(certificates, options);
  if (!builder.holds(leaf, {}, false)) return {};
  if (!options.dns_name.empty() && !host_holds(leaf, options.dns_name)) return {};
  Chain found;
  const auto tell = [&](const Chain& chain) {
    if (found.empty() && usages_hold(chain, options.usages) && constraints_hold(chain)) found = chain;
  };
  if (leaf.raw == certificates.front().raw) {
    tell({&leaf});
  } else {
    builder.build({&leaf}, tell);
  }
  return found;
}

}  // namespace kubegate::rego
