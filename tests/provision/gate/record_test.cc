// Records there and back, and everything that must not be believed: each byte of an envelope changed, each member of a
// statement missing, doubled, of another type, and one too many.
#include "provision/gate/record.h"

#include <gtest/gtest.h>

#include "provision/gate/envelope.h"
#include "provision/gate/verify.h"
#include "validate/base/base64.h"

namespace kubegate::gate {
namespace {

Time at(std::string_view text) { return parse_time(text).value(); }

Decision decision() {
  Decision out;
  out.subjects = {{"git tree", "gitTree", std::string(40, 'a')}, {"overlays/prod", "sha256", std::string(64, '1')}};
  out.verdict = Verdict::kPass;
  out.tool = "0.1.0";
  out.targets = {"1.28", "1.29"};
  out.schemas = std::string(64, '2');
  out.policies = std::string(64, '3');
  out.configuration = std::string(64, '4');
  out.findings = std::string(64, '5');
  out.trusted_revision = std::string(40, '6');
  out.waivers = {
      {"ignore", "schema/unknown-field", "overlays/prod Deployment web", "a \"reason\"\n", ""},
      {"override", "policy/K8sDenyLatestTag/forbid-latest-tag", "Deployment web", "drill", "2026-12-01T00:00:00Z"}};
  out.previous = std::string(64, '7');
  out.issued = at("2026-11-22T10:00:00Z");
  out.expires = at("2026-11-29T10:00:00Z");
  return out;
}

Plan plan() {
  Plan out;
  out.subjects = {{"overlays/prod", "sha256", std::string(64, '1')}};
  out.decision = std::string(64, '8');
  out.cluster = "0b2f4f0e-0b63-4a3c-9d59-b0f8a1c0a0de";
  out.server = "https://127.0.0.1:6443";
  out.changes = std::string(64, '9');
  out.nonce = std::string(32, 'c');
  out.issued = at("2026-11-22T10:00:00Z");
  out.expires = at("2026-11-22T11:00:00Z");
  return out;
}

struct Signed {
  PrivateKey key = PrivateKey::generate().value();
  std::vector<PublicKey> trusted;
  Envelope envelope;

  explicit Signed(const Record& record) {
    trusted.push_back(key.public_key());
    envelope = {std::string(kPayloadType), write_record(record), {}};
    EXPECT_TRUE(sign(envelope, signer_of(PrivateKey::read(key.pem()).value())).ok());
  }
  std::string text() const { return write_envelope(envelope); }
};

TEST(Record, ComesBackAsItWas) {
  for (const Record& record : {Record(decision()), Record(plan()), Record([] {
                                 Decision first = decision();
                                 first.previous = first.trusted_revision = "";
                                 first.waivers.clear();
                                 return first;
                               }())}) {
    const std::string payload = write_record(record);
    const Result<Record> back = read_record(payload);
    ASSERT_TRUE(back.ok()) << back.error().text() << "\n" << payload;
    EXPECT_EQ(*back, record);
  }
}

TEST(Record, IsAStatementOfInToto) {
  EXPECT_EQ(write_record(plan()),
            R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"overlays/prod","digest":{"sha256":")" +
                std::string(64, '1') +
                R"("}}],"predicateType":"https://kubegate.dev/plan/v1alpha1","predicate":{"decision":")" +
                std::string(64, '8') +
                R"(","cluster":"0b2f4f0e-0b63-4a3c-9d59-b0f8a1c0a0de","server":"https://127.0.0.1:6443","changes":")" +
                std::string(64, '9') + R"(","nonce":")" + std::string(32, 'c') +
                R"(","issued":"2026-11-22T10:00:00Z","expires":"2026-11-22T11:00:00Z"}})");
}

TEST(Record, IsReadStrictly) {
  const struct {
    std::string_view from, to, error;
  } rows[] = {
      {"\"nonce\"", "\"once\"", "predicate lacks the member nonce"},
      {R"("server":"https://127.0.0.1:6443")", R"("server":6443)", "predicate server must be a string"},
      {R"("server":"https://127.0.0.1:6443")", R"("server":"","dryRun":true)",
       "predicate has the member dryRun, which this version does not know"},
      {"cccc\"", "cccC\"", "predicate nonce must be 32 hexadecimal digits"},
      {"2026-11-22T11:00:00Z", "2026-11-31T11:00:00Z", "predicate expires must be a time such as 2026-11-21T23:57:39Z"},
      {"plan/v1alpha1", "plan/v1",
       "statement has the predicate \"https://kubegate.dev/plan/v1\", which this version does not know"},
      {"Statement/v1", "Statement/v0.1",
       "statement is of the type \"https://in-toto.io/Statement/v0.1\" and not https://in-toto.io/Statement/v1"},
      {R"({"sha256":")", R"({"sha512":"0","sha256":")",
       "subject must have one digest, of 64 (sha256) or 40 (git) hexadecimal digits"},
      {R"("subject":[)", R"("subject":[[],)", "subject must be an object"},
      {R"("subject":[)", R"("subjects":[)", "statement lacks the member subject"},
  };
  for (const auto& row : rows) {
    std::string payload = write_record(plan());
    const std::size_t place = payload.find(row.from);
    ASSERT_NE(place, std::string::npos) << row.from;
    payload.replace(place, row.from.size(), row.to);
    const Result<Record> record = read_record(payload);
    ASSERT_FALSE(record.ok()) << payload;
    EXPECT_EQ(record.error().text(), row.error);
  }
  EXPECT_EQ(read_record("{} {}").error().text(), "statement: there is more than one JSON value");
  EXPECT_EQ(read_record("").error().text(), "statement: it is empty");
  std::string twice = write_record(plan());
  twice.insert(1, R"("_type":"https://in-toto.io/Statement/v1",)");
  EXPECT_FALSE(read_record(twice).ok());
}

TEST(Record, IsBelievedInItsTimeOnly) {
  const Signed record(plan());
  const struct {
    std::string_view now, refusal;
  } rows[] = {
      {"2026-11-22T10:30:00Z", ""},
      {"2026-11-22T09:55:00Z", ""},
      {"2026-11-22T09:54:59Z", "was issued at 2026-11-22T10:00:00Z, which is yet to come"},
      {"2026-11-22T10:59:59Z", ""},
      {"2026-11-22T11:00:00Z", "expired at 2026-11-22T11:00:00Z"},
  };
  for (const auto& row : rows) {
    const Verified verified = verify(record.text(), record.trusted, at(row.now));
    EXPECT_EQ(verified.refusal, row.refusal) << row.now;
    EXPECT_EQ(verified.record.has_value(), row.refusal.empty()) << row.now;
  }
}

TEST(Record, IsBelievedOfTrustedKeysOnly) {
  const Time now = at("2026-11-22T10:30:00Z");
  Signed record{Record(decision())};
  const std::vector<PublicKey> strangers = [] {
    std::vector<PublicKey> out;
    out.push_back(PrivateKey::generate()->public_key());
    return out;
  }();
  EXPECT_EQ(verify(record.text(), strangers, now).refusal, "is signed by none of the given keys, or was changed");
  EXPECT_EQ(verify(record.text(), {}, now).refusal, "is signed by none of the given keys, or was changed");
  EXPECT_EQ(verify(record.text(), record.trusted, now).key_ids, std::vector{record.key.public_key().id()});
  // The key id in an envelope is a hint and decides nothing.
  record.envelope.signatures[0].key_id = strangers[0].id();
  EXPECT_EQ(verify(record.text(), record.trusted, now).refusal, "");
  record.envelope.signatures.clear();
  EXPECT_EQ(verify(record.text(), record.trusted, now).refusal, "has no signature");
}

TEST(Record, HoldsForNoOtherType) {
  Signed record{Record(plan())};
  record.envelope.payload_type = "application/json";
  EXPECT_EQ(verify(record.text(), record.trusted, at("2026-11-22T10:30:00Z")).refusal,
            "is signed by none of the given keys, or was changed");
  record.envelope.signatures.clear();
  ASSERT_TRUE(sign(record.envelope, signer_of(PrivateKey::read(record.key.pem()).value())).ok());
  EXPECT_EQ(verify(record.text(), record.trusted, at("2026-11-22T10:30:00Z")).refusal,
            "holds \"application/json\" and not application/vnd.in-toto+json");
}

// Whatever byte is changed: either the record is refused, or it says the same (the hint, and white space of the JSON).
TEST(Record, NoByteOfAnEnvelopeCanBeChanged) {
  const Record said = decision();
  const Signed record(said);
  const std::string text = record.text();
  const Time now = at("2026-11-22T10:30:00Z");
  ASSERT_EQ(verify(text, record.trusted, now).refusal, "");
  int refused = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int flip : {1, 0x20, 0x80}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      const Verified verified = verify(changed, record.trusted, now);
      refused += !verified.record.has_value();
      if (!verified.record) continue;
      EXPECT_EQ(*verified.record, said) << "byte " << i << " of " << text;
    }
    EXPECT_FALSE(verify(text.substr(0, i), record.trusted, now).record && i + 1 < text.size()) << i;
  }
  EXPECT_GT(refused, static_cast<int>(text.size()) * 2);
}

TEST(Envelope, EncodesWhatIsSignedAsDsseSays) {
  // The example of the specification.
  EXPECT_EQ(pre_authentication("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Envelope, SaysWhatIsWrong) {
  std::string many = R"({"payloadType":"a","payload":"","signatures":[)";
  for (std::size_t i = 0; i <= kMaxSignatures; ++i) many += R"({"sig":""},)";
  many.back() = ']';
  many += '}';
  const struct {
    std::string text, error;
  } rows[] = {
      {"", "is no record: it is empty"},
      {"[]", "is no record: a DSSE envelope has the members payloadType, payload and signatures"},
      {R"({"payloadType":"a","payload":"","signatures":{}})",
       "is no record: a DSSE envelope has the members payloadType, payload and signatures"},
      {R"({"payloadType":"a","payload":"?","signatures":[]})", "has a payload that is no base64"},
      {R"({"payloadType":"a","payload":"","signatures":[{"keyid":"x"}]})", "has a signature that is no base64"},
      {many, "has more than 16 signatures"},
      {std::string(kMaxEnvelope + 1, ' '), "is larger than the 16 MiB of a record"},
  };
  for (const auto& row : rows) {
    const Result<Envelope> envelope = read_envelope(row.text);
    ASSERT_FALSE(envelope.ok()) << row.text.substr(0, 80);
    EXPECT_EQ(envelope.error().text(), row.error);
  }
  EXPECT_TRUE(read_envelope(R"({"payloadType":"a","payload":"-_-_","signatures":[],"later":1})").ok());
}

}  // namespace
}  // namespace kubegate::gate
