#include "common/engine/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char harmless[] = "nobody";

/* Of those that there are, this one stays. */
static bool keep_reading(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t reading = CAP_TO_MASK(CAP_DAC_READ_SEARCH);

	if (syscall(SYS_capget, &header, data))
		return false;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= i == CAP_TO_INDEX(CAP_DAC_READ_SEARCH) ? reading : 0;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return !syscall(SYS_capset, &header, data);
}

/* For good: all three of each; the further groups come before, since only root may change them. */
static bool become(const struct passwd *entry)
{
	return !setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) &&
		!setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid);
}

static bool become_user(const char *user, struct text *said, struct fault *fault)
{
	struct passwd *entry;

	errno = 0;
	entry = getpwnam(user);
	if (!entry)
		return fault_set(fault, "--user=%s: %s", user,
			errno ? strerror(errno) : "there is no such user");
	if (!entry->pw_uid && !geteuid())
		return true;
	if (initgroups(user, entry->pw_gid) || !become(entry))
		return fault_set(fault, "--user=%s: %s; only root may become another user", user,
			strerror(errno));
	text_addf(said, "root became %s", user);
	return true;
}

/* What can't be is no reason not to serve: nobody asked for it. */
static bool become_harmless(struct text *said, struct fault *fault)
{
	struct passwd *entry = getpwnam(harmless);

	if (!entry) {
		text_addf(said, "root stays: there is no user %s (--user=NAME)", harmless);
		return true;
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || !become(entry)) {
		text_addf(said, "root stays: it can't become %s: %s", harmless, strerror(errno));
		if (!geteuid() && !getegid())
			return true;
		return fault_set(fault, "cannot give up root: %s; --user=root stays root",
			strerror(errno));
	}
	if (!keep_reading())
		return fault_set(fault, "cannot give up root's capabilities: %s", strerror(errno));
	text_addf(said,
		"root became %s, which may read what root may (--user=NAME: another user, without that)",
		harmless);
	return true;
}

bool privileges_give_up(const char *user, struct text *said, struct fault *fault)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fault_set(fault, "cannot give up privileges: %s", strerror(errno));
	if (user)
		return become_user(user, said, fault);
	if (!geteuid())
		return become_harmless(said, fault);
	if (!keep_reading())
		return fault_set(fault, "cannot give up capabilities: %s", strerror(errno));
	return true;
}
