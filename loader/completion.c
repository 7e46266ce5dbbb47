/* SPDX-License-Identifier: GPL-2.0 */
/*
 * completion bash|zsh|fish: a script that asks `completion next` what may come next. completion next [WORD]...: the
 * last word is the one that was begun; each answer is a line, a tab and what it means behind it, and / asks for files.
 */
#include <stdio.h>
#include <string.h>

#include "loader/blocklist.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/domain.h"
#include "loader/json.h"
#include "loader/map_walk.h"
#include "loader/synopsis.h"
#include "syscalls/bpf.h"
#include "syscalls/netlink.h"

#define ENTRIES_MAX 1000 /* more than anybody looks through */

static const struct {
	const char *shell, *script;
} scripts[] = {
	{ "bash", "_bulkhead()\n"
		  "{\n"
		  "	local word words line=${COMP_LINE:0:COMP_POINT}\n"
		  "	read -ra words <<<\"$line\"\n"
		  "	[[ $line != *[[:blank:]] ]] || words+=('')\n"
		  "	line=${words[-1]%\"$2\"}\n"
		  "	COMPREPLY=()\n"
		  "	while IFS=$'\\t' read -r word _; do\n"
		  "		if [[ $word == / ]]; then\n"
		  "			compopt -o filenames 2>/dev/null\n"
		  "			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$2\")\n"
		  "		else\n"
		  "			COMPREPLY+=(\"${word#\"$line\"}\")\n"
		  "		fi\n"
		  "	done < <(\"$1\" completion next \"${words[@]:1}\" 2>/dev/null)\n"
		  "}\n"
		  "complete -F _bulkhead bulkhead\n" },
	{ "zsh", "#compdef bulkhead\n"
		 "_bulkhead() {\n"
		 "	local line tab=$'\\t'\n"
		 "	local -a found\n"
		 "	for line in ${(f)\"$(${(Q)words[1]} completion next "
		 "\"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)\"}; do\n"
		 "		if [[ $line == / ]]; then\n"
		 "			_files\n"
		 "		else\n"
		 "			line=${line//:/\\\\:}\n"
		 "			found+=(\"${line/$tab/:}\")\n"
		 "		fi\n"
		 "	done\n"
		 "	_describe word found\n"
		 "}\n"
		 "if [[ $funcstack[1] == _bulkhead ]]; then _bulkhead; else compdef _bulkhead bulkhead; fi\n" },
	{ "fish", "function __bulkhead\n"
		  "	set -l words (commandline -opc)\n"
		  "	for line in (command $words[1] completion next $words[2..-1] (commandline -ct) 2>/dev/null)\n"
		  "		if test \"$line\" = /\n"
		  "			__fish_complete_path (commandline -ct)\n"
		  "		else\n"
		  "			echo $line\n"
		  "		end\n"
		  "	end\n"
		  "end\n"
		  "complete -c bulkhead -f -a '(__bulkhead)'\n" },
};

static void print_script(const struct options *options, const char *script)
{
	struct json json;

	if (!options->json) {
		fputs(script, stdout);
		return;
	}
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "script", script);
	json_end_object(&json);
	json_finish(&json);
}

/* ---- next ---- */

struct question {
	struct options options;
	const struct command *command;
	const char *verb;  /* its first word, "" */
	const char *begun; /* the last of all */
	struct json *json; /* NULL: lines */
	unsigned entries;  /* of a map that were looked at */
};

static void offer(const struct question *question, const char *word, size_t length, const char *meaning)
{
	size_t begun = strlen(question->begun);

	if (begun > length || memcmp(word, question->begun, begun))
		return;
	if (question->json)
		json_string_n(question->json, word, length);
	else
		printf("%.*s%s%s\n", (int)length, word, meaning ? "\t" : "", meaning ? meaning : "");
}

static void offer_commands(struct question *question)
{
	const struct command *command;

	for (command = commands; *command->name; command++)
		offer(question, command->name, strlen(command->name), command->summary);
}

static void offer_files(struct question *question)
{
	if (question->json)
		json_string(question->json, "/");
	else
		printf("/\n");
}

static int offer_device(const struct link_info *link, void *context)
{
	offer(context, link->name, strlen(link->name), NULL);
	return 0;
}

static void offer_devices(struct question *question)
{
	struct netlink netlink;

	if (netlink_open(&netlink))
		return;
	netlink_link_each(&netlink, offer_device, question);
	netlink_close(&netlink);
}

static int offer_container(const char *name, const struct fw_container *record, void *context)
{
	(void)record;
	offer(context, name, strlen(name), NULL);
	return 0;
}

static void offer_containers(struct firewall *fw, struct question *question)
{
	container_each(fw, offer_container, question);
}

static int offer_domain(const void *key, const void *value, void *context)
{
	struct question *question = context;
	const struct fw_domain *entry = value;
	char room[DOMAIN_TEXT_MAX + 1] = "=";

	(void)key;
	domain_text(entry->name, room + 1);
	if (entry->subtree)
		offer(question, room + 1, strlen(room + 1), NULL);
	if (entry->exact)
		offer(question, room, strlen(room), NULL);
	return ++question->entries == ENTRIES_MAX;
}

static void offer_domains(struct firewall *fw, struct question *question)
{
	map_walk(fw->map_fd[MAP_BLOCKED_DOMAINS], offer_domain, question);
}

static void offer_prefixes(struct firewall *fw, struct question *question)
{
	char room[PREFIX_TEXT_MAX];
	struct prefix_list list;
	size_t i;

	if (blocklist_read(fw, BLOCKED_NOW, &list))
		return;
	for (i = 0; i < ENTRIES_MAX && i < list.n; i++) {
		prefix_print(&list.item[i], room);
		offer(question, room, strlen(room), NULL);
	}
	prefix_list_free(&list);
}

/* Kinds of words; of those that the firewall knows, what it knows. */
static const struct {
	const char *kind;
	bool to_unblock; /* elsewhere it is a new one */
	void (*offer)(struct question *question);
	void (*offer_of)(struct firewall *fw, struct question *question);
} kinds[] = {
	{ "COMMAND", false, offer_commands, NULL }, { "FILE", false, offer_files, NULL },
	{ "PATH", false, offer_files, NULL },       { "DIR", false, offer_files, NULL },
	{ "DEV", false, offer_devices, NULL },      { "IFNAME", false, offer_devices, NULL },
	{ "NAME", false, NULL, offer_containers },  { "DOMAIN", true, NULL, offer_domains },
	{ "PREFIX", true, NULL, offer_prefixes },
};

static void offer_kind(struct question *question, size_t i)
{
	struct firewall fw;

	if (kinds[i].to_unblock && strcmp(question->command->name, "unblock") && strcmp(question->verb, "unblock"))
		return;
	if (kinds[i].offer) {
		kinds[i].offer(question);
	} else if (!firewall_open(&fw, &question->options, FIREWALL_READ, NULL)) {
		kinds[i].offer_of(&fw, question);
		firewall_close(&fw);
	}
}

static void offer_token(const char *token, size_t length, void *context)
{
	size_t n = synopsis_kind(token, length), i;

	if (!n)
		offer(context, token, length, NULL);
	for (i = 0; n && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (n == strlen(kinds[i].kind) && !memcmp(kinds[i].kind, token, n))
			offer_kind(context, i);
}

static void offer_options(const struct question *question)
{
	static const char *const words[] = { "-j", "--json", "-q", "--quiet", "-n", "--dry-run", "--bpffs" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		offer(question, words[i], strlen(words[i]), NULL);
}

/* The options that stand before the command; the directory among them counts for what is asked here. */
static char **pass_options(struct question *question, char **words, char **last)
{
	for (; words < last && **words == '-'; words++)
		if (!strcmp(*words, "--bpffs") && ++words < last)
			question->options.bpffs = *words;
	return words;
}

static void answer(struct question *question, char **words, char **last)
{
	unsigned fit;

	words = pass_options(question, words, last);
	if (words > last) {
		offer_files(question);
	} else if (words == last && *question->begun == '-') {
		offer_options(question);
	} else if (words == last) {
		offer_commands(question);
	} else if ((question->command = command_find(*words++))) {
		question->verb = *words;
		synopsis_walk(question->command->synopsis, words, (unsigned)(last - words), &fit, offer_token,
			      question);
	}
}

static int next(const struct options *options, unsigned n, char **words)
{
	struct question question = { .options = *options, .begun = n ? words[n - 1] : "", .verb = "" };
	struct json json;

	texts_open();
	if (options->json) {
		question.json = &json;
		json_begin(&json, stdout);
		json_array(&json);
	}
	answer(&question, words, words + (n ? n - 1 : 0));
	if (options->json) {
		json_end_array(&json);
		json_finish(&json);
	}
	return EXIT_DONE;
}

int completion_run(const struct options *options, int n_words, char **words, struct error *err)
{
	size_t i;

	if (n_words && !strcmp(words[0], "next"))
		return next(options, (unsigned)n_words - 1, words + 1);
	for (i = 0; n_words == 1 && i < sizeof(scripts) / sizeof(*scripts); i++) {
		if (strcmp(words[0], scripts[i].shell))
			continue;
		print_script(options, scripts[i].script);
		return EXIT_DONE;
	}
	return usage_error(err, "completion %.40s: name one shell: bash, zsh or fish", n_words ? words[0] : "");
}
