// `kubegate keys` and `kubegate gate` as processes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "provision/gate/envelope.h"
#include "provision/gate/record.h"
#include "tests/support/folder.h"
#include "tests/support/process.h"

namespace kubegate {
namespace {

class Command : public testing::Test {
 protected:
  int run(const std::vector<std::string>& arguments) {
    const int code = wait_for(start_process(KUBEGATE_BINARY, arguments, folder_.path(), {}));
    out_ = read_text(folder_.path("out"));
    err_ = read_text(folder_.path("err"));
    return code;
  }
  unsigned mode_of(const std::string& name) const {
    struct stat status {};
    return stat(folder_.path(name).c_str(), &status) == 0 ? status.st_mode & 0777u : 0;
  }

  // A record that the key signs; its name.
  std::string make_record(const std::string& key, gate::Verdict verdict) {
    gate::Decision decision;
    decision.subjects = {{"overlays/prod", "sha256", std::string(64, '1')}};
    decision.verdict = verdict;
    decision.tool = "0.1.0";
    decision.targets = {"1.28", "1.29"};
    decision.schemas = decision.policies = decision.configuration = decision.findings = std::string(64, '2');
    decision.waivers = {{"ignore", "schema/type", "Deployment web\x1b[2J", "known for years", ""}};
    decision.issued = gate::parse_time("2026-11-22T10:00:00Z").value();
    decision.expires = gate::parse_time("2026-11-29T10:00:00Z").value();
    gate::Envelope envelope{std::string(gate::kPayloadType), gate::write_record(decision), {}};
    auto signing = gate::PrivateKey::read(read_text(folder_.path(key)));
    EXPECT_TRUE(gate::sign(envelope, gate::signer_of(std::move(signing).value())).ok());
    folder_.add("record.json", gate::write_envelope(envelope));
    return "record.json";
  }

  Folder folder_;
  std::string out_, err_;
};

TEST_F(Command, MakesKeysAndNeverOverThoseThatAreThere) {
  ASSERT_EQ(run({"keys", "new", "gate.key"}), 0) << err_;
  EXPECT_EQ(mode_of("gate.key"), 0600u);
  const std::string secret = read_text(folder_.path("gate.key")), open = read_text(folder_.path("gate.key.pub"));
  EXPECT_EQ(out_.find("PRIVATE"), std::string::npos);
  const std::string id = gate::PublicKey::read(open)->id();
  EXPECT_EQ(out_, "gate.key: signs; keep it from others\ngate.key.pub: checks what it signed; commit it\nkey id " + id +
                      "\n");
  ASSERT_EQ(run({"keys", "show", "gate.key.pub"}), 0) << err_;
  EXPECT_EQ(out_, id + "\n");

  EXPECT_EQ(run({"keys", "new", "gate.key"}), 2);
  EXPECT_EQ(err_,
            "kubegate: gate.key: is there already, and a key that is gone cannot be had again: name another file\n");
  EXPECT_EQ(read_text(folder_.path("gate.key")), secret);
  // A public key that is there already leaves no private one behind.
  folder_.add("other.key.pub", "theirs");
  EXPECT_EQ(run({"keys", "new", "other.key"}), 2);
  EXPECT_EQ(mode_of("other.key"), 0u);
  EXPECT_EQ(read_text(folder_.path("other.key.pub")), "theirs");
  EXPECT_EQ(run({"keys", "show", "gate.key"}), 2);
  EXPECT_EQ(err_,
            "kubegate: gate.key: is a private key, which stays where records are signed; give the public one (.pub)\n");
}

TEST_F(Command, TellsWhetherARecordMayBeBelieved) {
  ASSERT_EQ(run({"keys", "new", "gate.key"}), 0) << err_;
  ASSERT_EQ(run({"keys", "new", "other.key"}), 0) << err_;
  make_record("gate.key", gate::Verdict::kPass);
  const std::vector<std::string> verify = {"gate",         "verify", "record.json",         "--key",
                                           "gate.key.pub", "--at",   "2026-11-23T00:00:00Z"};
  ASSERT_EQ(run(verify), 0) << err_;
  EXPECT_EQ(out_, "decision PASS\nsubject       overlays/prod sha256:" + std::string(64, '1') +
                      "\ntargets       1.28, 1.29\ntool          kubegate 0.1.0\nschemas       " +
                      std::string(64, '2') + "\npolicies      " + std::string(64, '2') + "\nconfiguration " +
                      std::string(64, '2') + "\nfindings      " + std::string(64, '2') +
                      "\nwaiver        ignore schema/type Deployment web?[2J: known for years\n"
                      "issued        2026-11-22T10:00:00Z\nexpires       2026-11-29T10:00:00Z\nsigned by     " +
                      gate::PublicKey::read(read_text(folder_.path("gate.key.pub")))->id() + "\n");
  ASSERT_EQ(run({"gate", "show", "record.json"}), 0) << err_;
  EXPECT_NE(out_.find("not checked here"), std::string::npos);

  const struct {
    std::vector<std::string> arguments;
    int code;
    std::string err;
  } rows[] = {
      {{"--key", "other.key.pub"}, 1, "kubegate: record.json: is signed by none of the given keys, or was changed\n"},
      {{"--key", "gate.key.pub", "--at", "2026-11-30T00:00:00Z"},
       1,
       "kubegate: record.json: expired at 2026-11-29T10:00:00Z\n"},
      {{"--key", "gate.key.pub", "--at", "tomorrow"},
       2,
       "kubegate: --at tomorrow: must be a time such as 2026-11-21T23:57:39Z\n"},
      {{"--key", "missing.pub"}, 2, "kubegate: missing.pub: No such file or directory\n"},
      {{}, 2, "kubegate: --key is required (kubegate gate verify --help tells more)\n"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> arguments = {"gate", "verify", "record.json"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    EXPECT_EQ(run(arguments), row.code) << row.err;
    EXPECT_EQ(err_, row.err);
    EXPECT_EQ(out_, "");
  }

  make_record("gate.key", gate::Verdict::kFail);
  EXPECT_EQ(run(verify), 1);
  EXPECT_EQ(err_, "kubegate: record.json: the decision is FAIL, so it opens nothing\n");
  folder_.add("record.json", "apiVersion: v1");
  EXPECT_EQ(run(verify), 1);
  EXPECT_EQ(run({"gate", "show", "record.json"}), 2);
}

}  // namespace
}  // namespace kubegate
