/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `bulkhead probe` finds against the version that the kernel says it is: a "no" behind its time is a probe that is
 * wrong. tests/vm/shim compares the same lines with what it finds on the shim that is shaped after this kernel.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "compat/features.h"
#include "tests/vm/guest.h"

/* Major and minor number in one. */
static unsigned version_of(const char *text)
{
	unsigned major = 0, minor = 0;

	sscanf(text, "%u.%u", &major, &minor);
	return major * 1000 + minor;
}

static const char *answer_for(const char *probe, const char *feature)
{
	static char answer[16];
	char text[64];
	const char *at;

	snprintf(text, sizeof(text), "\"%s\":\"", feature);
	at = strstr(probe, text);
	at = at ? at + strlen(text) : "nothing\"";
	snprintf(answer, sizeof(answer), "%.*s", (int)strcspn(at, "\""), at);
	return answer;
}

/* An older kernel may have what was brought back to it. */
static void check(const char *probe, enum feature feature, const char *release)
{
	bool due = version_of(release) >= version_of(feature_since(feature));
	const char *answer = answer_for(probe, feature_name(feature));

	ok(!strcmp(answer, "yes") || (!due && !strcmp(answer, "no")), "%s, since %s: %s", feature_name(feature),
	   feature_since(feature), answer);
}

int probe_tests(void)
{
	const struct ran *ran = bulkhead("-j probe");
	struct utsname host;
	unsigned i;

	uname(&host);
	ok(!ran->status, "probe");
	for (i = 0; i < FEATURE_N; i++)
		check(ran->out, (enum feature)i, host.release);
	return tests_end();
}
