#include "provision/command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provision/gate/key.h"
#include "provision/gate/verify.h"
#include "validate/command.h"
#include "validate/source/read.h"

namespace kubegate {
namespace {

constexpr int kDone = 0, kRefused = 1, kFailed = 2;

int fail(const Error& error) {
  print_error(error.text());
  return kFailed;
}

int print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? kDone : kFailed;
}

Result<std::string> content_of(const std::string& path, std::uint64_t limit) {
  source::Buffer buffer;
  const auto text = source::read_file(path, limit, buffer);
  if (!text.ok()) return Error{text.error().code, path, text.error().message};
  return std::string(*text);
}

// Writes a file that must not be there yet, and that others may read only where `mode` says so. Whole or not at all.
Result<Done> write_new(const std::string& path, std::string_view text, mode_t mode) {
  const auto error = [&](int number) {
    const std::string why = number == EEXIST
                                ? "is there already, and a key that is gone cannot be had again: name another file"
                                : std::strerror(number);
    return Error{ErrorCode::kIo, path, why};
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return error(errno);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  const int number = written ? 0 : errno;
  ::close(file);
  if (written) return Done{};
  ::unlink(path.c_str());
  return error(number);
}

constexpr std::uint64_t kMaxKey = 64 << 10;

Result<gate::PublicKey> read_public_key(const std::string& path) {
  const auto text = content_of(path, kMaxKey);
  if (!text.ok()) return text.error();
  auto key = gate::PublicKey::read(*text);
  if (!key.ok()) return Error{key.error().code, path, key.error().message};
  return key;
}

int new_key(const std::string& path) {
  const auto key = gate::PrivateKey::generate();
  if (!key.ok()) return fail(key.error());
  const gate::PublicKey open = key->public_key();
  if (const auto done = write_new(path, key->pem(), 0600); !done.ok()) return fail(done.error());
  if (const auto done = write_new(path + ".pub", open.pem(), 0644); !done.ok()) {
    ::unlink(path.c_str());
    return fail(done.error());
  }
  return print(path + ": signs; keep it from others\n" + path + ".pub: checks what it signed; commit it\nkey id " +
               open.id() + "\n");
}

int show_key(const std::string& path) {
  const auto key = read_public_key(path);
  if (!key.ok()) return fail(key.error());
  return print(key->id() + "\n");
}

// ---- Records --------------------------------------------------------------------------------------------------------

void line(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(name).append(name.size() < 14 ? 14 - name.size() : 1, ' ').append(value).append("\n");
}

void describe_subjects(std::string& out, const std::vector<gate::Subject>& subjects) {
  for (const gate::Subject& subject : subjects) {
    line(out, "subject", subject.name + " " + subject.algorithm + ":" + subject.digest);
  }
}

std::string describe(const gate::Decision& decision) {
  constexpr std::string_view kVerdicts[] = {"PASS", "FAIL", "OVERRIDDEN"};
  std::string out = "decision ";
  out.append(kVerdicts[static_cast<std::size_t>(decision.verdict)]).append("\n");
  describe_subjects(out, decision.subjects);
  std::string targets;
  for (const std::string& target : decision.targets) targets += (targets.empty() ? "" : ", ") + target;
  line(out, "targets", targets);
  line(out, "tool", "kubegate " + decision.tool);
  line(out, "schemas", decision.schemas);
  line(out, "policies", decision.policies);
  line(out, "configuration", decision.configuration);
  line(out, "findings", decision.findings);
  line(out, "read from", decision.trusted_revision);
  for (const gate::Waiver& waiver : decision.waivers) {
    std::string text = waiver.kind + " " + waiver.rule + " " + waiver.place + ": " + waiver.reason;
    if (!waiver.expires.empty()) text += " (until " + waiver.expires + ")";
    line(out, "waiver", text);
  }
  line(out, "previous", decision.previous);
  line(out, "issued", gate::format_time(decision.issued));
  line(out, "expires", gate::format_time(decision.expires));
  return out;
}

std::string describe(const gate::Plan& plan) {
  std::string out = "plan\n";
  describe_subjects(out, plan.subjects);
  line(out, "decision", plan.decision);
  line(out, "cluster", plan.cluster + " at " + plan.server);
  line(out, "changes", plan.changes);
  line(out, "nonce", plan.nonce);
  line(out, "issued", gate::format_time(plan.issued));
  line(out, "expires", gate::format_time(plan.expires));
  return out;
}

// Control characters of a record would steer the terminal.
std::string fit_for_terminal(std::string text) {
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) c = '?';
  }
  return text;
}

int show_record(const std::string& path) {
  const auto text = content_of(path, gate::kMaxEnvelope);
  if (!text.ok()) return fail(text.error());
  const auto envelope = gate::read_envelope(*text);
  if (!envelope.ok()) return fail({envelope.error().code, path, envelope.error().message});
  const auto record = gate::read_record(envelope->payload);
  if (!record.ok()) return fail({record.error().code, path, record.error().message});
  std::string out = std::visit([](const auto& said) { return describe(said); }, *record);
  line(out, "digest", gate::sha256_hex(envelope->payload));
  for (const gate::Signature& signature : envelope->signatures) {
    line(out, "signature",
         "by a key that calls itself " + signature.key_id + ", not checked here (kubegate gate verify)");
  }
  return print(fit_for_terminal(std::move(out)));
}

struct VerifyArguments {
  std::string record, at;
  std::vector<std::string> keys;
};

int verify_record(const VerifyArguments& arguments) {
  std::vector<gate::PublicKey> keys;
  for (const std::string& path : arguments.keys) {
    auto key = read_public_key(path);
    if (!key.ok()) return fail(key.error());
    keys.push_back(std::move(*key));
  }
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!arguments.at.empty()) {
    const auto time = gate::parse_time(arguments.at);
    if (!time.ok()) return fail({ErrorCode::kArgument, "--at " + arguments.at, time.error().message});
    now = *time;
  }
  const auto text = content_of(arguments.record, gate::kMaxEnvelope);
  if (!text.ok()) return fail(text.error());
  const gate::Verified verified = gate::verify(*text, keys, now);
  if (!verified.refusal.empty()) {
    print_error(arguments.record + ": " + verified.refusal);
    return kRefused;
  }
  const auto* decision = std::get_if<gate::Decision>(&*verified.record);
  if (decision != nullptr && decision->verdict == gate::Verdict::kFail) {
    print_error(arguments.record + ": the decision is FAIL, so it opens nothing");
    return kRefused;
  }
  std::string out = std::visit([](const auto& said) { return describe(said); }, *verified.record);
  for (const std::string& id : verified.key_ids) line(out, "signed by", id);
  return print(fit_for_terminal(std::move(out)));
}

}  // namespace

void add_keys_command(CLI::App& app, int& exit_code) {
  CLI::App* keys = app.add_subcommand("keys", "Make the keys that records are signed with");
  keys->require_subcommand(1);
  CLI::App* make = keys->add_subcommand("new", "Make a pair of Ed25519 keys: FILE signs, FILE.pub checks");
  const auto path = std::make_shared<std::string>();
  make->add_option("FILE", *path, "Where the private key goes; the public one beside it")->required();
  make->callback([path, &exit_code] { exit_code = new_key(*path); });
  CLI::App* show = keys->add_subcommand("show", "Print the id of a public key");
  show->add_option("FILE", *path, "A public key in PEM")->required();
  show->callback([path, &exit_code] { exit_code = show_key(*path); });
}

void add_gate_command(CLI::App& app, int& exit_code) {
  CLI::App* gate = app.add_subcommand("gate", "Read and check the gate's signed records");
  gate->require_subcommand(1);
  const auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* show = gate->add_subcommand("show", "Print what a record says, believed or not");
  show->add_option("RECORD", arguments->record, "A record: a DSSE envelope in JSON")->required();
  show->callback([arguments, &exit_code] { exit_code = show_record(arguments->record); });
  CLI::App* verify = gate->add_subcommand("verify", "Tell whether a record may be believed");
  verify->add_option("RECORD", arguments->record, "A record: a DSSE envelope in JSON")->required();
  repeatable(*verify, "--key", arguments->keys, "FILE", "A public key that may sign; repeatable")->required();
  verify->add_option("--at", arguments->at, "Judge by this time instead of now: 2026-11-21T23:57:39Z")
      ->type_name("TIME");
  verify->footer("Exit codes: 0 it may be believed, 1 it may not, 2 could not do the work.");
  verify->callback([arguments, &exit_code] { exit_code = verify_record(*arguments); });
}

}  // namespace kubegate
