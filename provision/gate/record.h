// Records: what the gate says, as in-toto statements (Statement v1) with two predicates.
//
// The *decision* says that exactly these bytes passed exactly these checks with exactly these waivers. Its subjects are
// digests of content, so it holds for the same tree under another commit. The *plan* says that one decision may be carried
// out on one cluster, once, and soon.
//
// A record is read strictly: an unknown member, a missing one or one of another type is a fault, because a reader that
// passes over what it does not understand would pass over a condition.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "validate/base/result.h"

namespace kubegate::gate {

using Time = std::chrono::sys_seconds;

// RFC 3339 in UTC with seconds: "2026-11-21T23:57:39Z". Errors: kData.
std::string format_time(Time time);
Result<Time> parse_time(std::string_view text);

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

// Something with a name and a digest of its content.
struct Subject {
  std::string name;       // "overlays/prod", "git tree"
  std::string algorithm;  // "sha256", "gitTree", "gitCommit"
  std::string digest;     // lower-case hexadecimal

  bool operator==(const Subject&) const = default;
};

enum class Verdict : std::uint8_t { kPass, kFail, kOverridden };

// A finding that does not count, or something that was not looked at.
struct Waiver {
  std::string kind;   // "ignore" in the source, "known" by a list, "excluded" path, "override" by the second key
  std::string rule;   // rule id; "" of an excluded path
  std::string place;  // object or path
  std::string reason;
  std::string expires;  // as format_time; "" where there is no end

  bool operator==(const Waiver&) const = default;
};

struct Decision {
  static constexpr std::string_view kType = "https://kubegate.dev/decision/v1alpha1";

  std::vector<Subject> subjects;  // git tree, then rendered sets, then templates
  Verdict verdict = Verdict::kFail;
  std::string tool;                  // version
  std::vector<std::string> targets;  // Kubernetes versions
  // SHA-256 of what the checks were made of.
  std::string schemas, policies, configuration, findings;
  std::string trusted_revision;  // commit that policies and configuration were read from; "": the judged tree
  std::vector<Waiver> waivers;
  std::string previous;  // SHA-256 of the payload of the record before; "" of the first
  Time issued, expires;

  bool operator==(const Decision&) const = default;
};

struct Plan {
  static constexpr std::string_view kType = "https://kubegate.dev/plan/v1alpha1";

  std::vector<Subject> subjects;  // those of the decision that are carried out
  std::string decision;           // SHA-256 of the decision's payload
  std::string cluster;            // UID of its kube-system namespace
  std::string server;             // as the kubeconfig names it, for people
  std::string changes;            // SHA-256 of the list of changes that was shown
  std::string nonce;              // 32 hexadecimal digits, used once
  Time issued, expires;

  bool operator==(const Plan&) const = default;
};

using Record = std::variant<Decision, Plan>;

inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

// The payload of an envelope; equal records give equal bytes. read_record() of it gives the record back.
std::string write_record(const Record& record);
Result<Record> read_record(std::string_view payload);

}  // namespace kubegate::gate
