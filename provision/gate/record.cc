#include "provision/gate/record.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <span>

#include "provision/gate/json.h"
#include "validate/base/base64.h"
#include "validate/report/json_text.h"

namespace kubegate::gate {
namespace {

constexpr std::string_view kStatement = "https://in-toto.io/Statement/v1";
constexpr std::array<std::string_view, 3> kVerdicts = {"PASS", "FAIL", "OVERRIDDEN"};

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void write_subjects(report::CompactJson& json, const std::vector<Subject>& subjects) {
  json.begin_array("subject");
  for (const Subject& subject : subjects) {
    json.begin_object();
    json.member("name", subject.name);
    json.begin_object("digest");
    json.member(subject.algorithm, subject.digest);
    json.end_object();
    json.end_object();
  }
  json.end_array();
}

void write_predicate(report::CompactJson& json, const Decision& decision) {
  json.member("verdict", kVerdicts[static_cast<std::size_t>(decision.verdict)]);
  json.member("tool", decision.tool);
  json.begin_array("targets");
  for (const std::string& target : decision.targets) json.string(target);
  json.end_array();
  json.member("schemas", decision.schemas);
  json.member("policies", decision.policies);
  json.member("configuration", decision.configuration);
  json.member("findings", decision.findings);
  json.member("trustedRevision", decision.trusted_revision);
  json.begin_array("waivers");
  for (const Waiver& waiver : decision.waivers) {
    json.begin_object();
    json.member("kind", waiver.kind);
    json.member("rule", waiver.rule);
    json.member("place", waiver.place);
    json.member("reason", waiver.reason);
    json.member("expires", waiver.expires);
    json.end_object();
  }
  json.end_array();
  json.member("previous", decision.previous);
  json.member("issued", format_time(decision.issued));
  json.member("expires", format_time(decision.expires));
}

void write_predicate(report::CompactJson& json, const Plan& plan) {
  json.member("decision", plan.decision);
  json.member("cluster", plan.cluster);
  json.member("server", plan.server);
  json.member("changes", plan.changes);
  json.member("nonce", plan.nonce);
  json.member("issued", format_time(plan.issued));
  json.member("expires", format_time(plan.expires));
}

// Takes the members of one object, each once, and remembers the first thing that is wrong with them.
class Members {
 public:
  Members(std::string place, JsonNode object, std::string& fault)
      : place_(std::move(place)), object_(object), fault_(fault) {
    if (!object_.is_object()) blame("must be an object");
  }

  JsonNode take(std::string_view name) {
    taken_.push_back(name);
    const JsonNode value = object_[name];
    if (!value) blame("lacks the member " + std::string(name));
    return value;
  }
  void text(std::string_view name, std::string& out) {
    const JsonNode value = take(name);
    const std::optional<std::string_view> text = value.text();
    if (text) {
      out = *text;
    } else if (value) {
      blame(std::string(name) + " must be a string");
    }
  }
  // Of so many hexadecimal digits, or empty where that is allowed.
  void digest(std::string_view name, std::string& out, std::size_t digits = 64, bool optional = false) {
    text(name, out);
    if (!is_hex(out, digits) && !(optional && out.empty())) {
      blame(std::string(name) + " must be " + std::to_string(digits) + " hexadecimal digits");
    }
  }
  void time(std::string_view name, Time& out) {
    std::string written;
    text(name, written);
    const Result<Time> time = parse_time(written);
    if (time) {
      out = *time;
    } else {
      blame(std::string(name) + " " + time.error().message);
    }
  }
  std::vector<JsonNode> list(std::string_view name) {
    const JsonNode value = take(name);
    if (value && !value.is_array()) blame(std::string(name) + " must be a list");
    return value.items();
  }
  void blame(const std::string& what) {
    if (fault_.empty()) fault_ = place_ + " " + what;
  }
  // Nothing may be left.
  void finish() {
    for (const auto& [name, value] : object_.members()) {
      if (std::ranges::find(taken_, name) == taken_.end()) {
        blame("has the member " + std::string(name) + ", which this version does not know");
      }
    }
  }

 private:
  const std::string place_;
  const JsonNode object_;
  std::string& fault_;
  std::vector<std::string_view> taken_;
};

std::vector<Subject> read_subjects(Members& statement, std::string& fault) {
  std::vector<Subject> out;
  for (const JsonNode item : statement.list("subject")) {
    Members members("subject", item, fault);
    Subject subject;
    members.text("name", subject.name);
    const auto digests = members.take("digest").members();
    if (digests.size() == 1) {
      subject.algorithm = digests[0].first;
      subject.digest = digests[0].second.text().value_or("");
    }
    if (!is_hex(subject.digest, subject.algorithm == "sha256" ? 64 : 40)) {
      members.blame("must have one digest, of 64 (sha256) or 40 (git) hexadecimal digits");
    }
    members.finish();
    out.push_back(std::move(subject));
  }
  if (out.empty()) statement.blame("has no subject");
  return out;
}

void read_predicate(Members& members, Decision& decision, std::string& fault) {
  std::string verdict;
  members.text("verdict", verdict);
  const auto found = std::ranges::find(kVerdicts, verdict);
  if (found == kVerdicts.end()) {
    members.blame("verdict must be PASS, FAIL or OVERRIDDEN");
  } else {
    decision.verdict = static_cast<Verdict>(found - kVerdicts.begin());
  }
  members.text("tool", decision.tool);
  for (const JsonNode target : members.list("targets")) {
    decision.targets.emplace_back(target.text().value_or(""));
    if (decision.targets.back().empty()) members.blame("targets must be texts");
  }
  members.digest("schemas", decision.schemas);
  members.digest("policies", decision.policies);
  members.digest("configuration", decision.configuration);
  members.digest("findings", decision.findings);
  members.digest("trustedRevision", decision.trusted_revision, 40, true);
  for (const JsonNode item : members.list("waivers")) {
    Members waiver("waiver", item, fault);
    Waiver& out = decision.waivers.emplace_back();
    waiver.text("kind", out.kind);
    waiver.text("rule", out.rule);
    waiver.text("place", out.place);
    waiver.text("reason", out.reason);
    waiver.text("expires", out.expires);
    if (!out.expires.empty() && !parse_time(out.expires)) waiver.blame("expires must be a time, or empty");
    waiver.finish();
  }
  members.digest("previous", decision.previous, 64, true);
  members.time("issued", decision.issued);
  members.time("expires", decision.expires);
}

void read_predicate(Members& members, Plan& plan, std::string&) {
  members.digest("decision", plan.decision);
  members.text("cluster", plan.cluster);
  members.text("server", plan.server);
  members.digest("changes", plan.changes);
  members.digest("nonce", plan.nonce, 32);
  members.time("issued", plan.issued);
  members.time("expires", plan.expires);
}

template <class T>
Record read_as(Members& statement, std::string& fault) {
  T record;
  record.subjects = read_subjects(statement, fault);
  Members predicate("predicate", statement.take("predicate"), fault);
  read_predicate(predicate, record, fault);
  predicate.finish();
  return record;
}

}  // namespace

std::string format_time(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Result<Time> parse_time(std::string_view text) {
  const Error error{ErrorCode::kData, "", "must be a time such as 2026-11-21T23:57:39Z"};
  constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
  if (text.size() != kShape.size()) return error;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != kShape[i]) return error;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)), std::chrono::month(number(5, 2)),
                                         std::chrono::day(number(8, 2)));
  const int hours = number(11, 2), minutes = number(14, 2), seconds = number(17, 2);
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return error;
  return std::chrono::sys_days(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr);
  return encode_hex({reinterpret_cast<const char*>(digest), length});
}

std::string write_record(const Record& record) {
  std::string out;
  report::CompactJson json(out);
  std::visit(
      [&]<class T>(const T& said) {
        json.begin_object();
        json.member("_type", kStatement);
        write_subjects(json, said.subjects);
        json.member("predicateType", T::kType);
        json.begin_object("predicate");
        write_predicate(json, said);
        json.end_object();
        json.end_object();
      },
      record);
  return out;
}

Result<Record> read_record(std::string_view payload) {
  const JsonDocument document(payload);
  if (!document.fault().empty()) return Error{ErrorCode::kData, "", "statement: " + document.fault()};
  std::string fault, type, predicate_type;
  Members statement("statement", document.root(), fault);
  statement.text("_type", type);
  if (type != kStatement) statement.blame("is of the type \"" + type + "\" and not " + std::string(kStatement));
  statement.text("predicateType", predicate_type);
  Record record;
  if (predicate_type == Decision::kType) {
    record = read_as<Decision>(statement, fault);
  } else if (predicate_type == Plan::kType) {
    record = read_as<Plan>(statement, fault);
  } else {
    statement.blame("has the predicate \"" + predicate_type + "\", which this version does not know");
  }
  statement.finish();
  if (!fault.empty()) return Error{ErrorCode::kData, "", fault};
  return record;
}

}  // namespace kubegate::gate
