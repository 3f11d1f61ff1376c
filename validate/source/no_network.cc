// What libgit2 would reach the network by, taken out of it. A run never fetches, so where the archive is linked, the few
// symbols through which its core reaches the transports (HTTP with its TLS and Kerberos, SSH, the git protocol) are
// defined here, as ones that refuse. The linker then leaves the members that hold the real ones in the archive: "no
// network" is a property of the binary, not of how the library is called, and a third of its code and the libraries
// that have no archive (GSSAPI) are not needed at all.
//
// Tested by linking: another libgit2 that needs more of these symbols, or defines one of them beside something that is
// needed, does not link.
#include <git2/errors.h>

extern "C" {

// Whether a request announces its body (git2/opts); read and written by git_libgit2_opts alone.
bool git_http__expect_continue = false;

int git_mbedtls_stream_global_init() { return 0; }
int git_transport_ssh_global_init() { return 0; }

static int refuse() {
  git_error_set_str(GIT_ERROR_NET, "this program does not use the network");
  return GIT_ERROR;
}
int git_mbedtls__set_cert_location(const char*, const char*) { return refuse(); }
int git_smart_subtransport_http(void**, void*, void*) { return refuse(); }
int git_smart_subtransport_ssh(void**, void*, void*) { return refuse(); }
int git_smart_subtransport_git(void**, void*, void*) { return refuse(); }

}  // extern "C"
