/* SPDX-License-Identifier: GPL-2.0 */
/* Writes JSON of each kind into a folder, to begin fuzzing with: json_read_seeds FOLDER */
#include <stdio.h>

static const char *const seeds[] = {
	"{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"prevResult\":{\"ips\":[{\"address\":\"192.0.2.1/"
	"24\"}],\"dns\":{}}}",
	"[0, -1, 12.5e-3, 9223372036854775807, true, false, null, \"\", [[]], {\"a\": {\"b\": [1]}}]",
	"\"\\u0041\\ud834\\udd1e \xc3\xa9 \xf0\x9d\x84\x9e \\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"",
	" {\"a\" : \"b\" ,\n\t\"a\" : [ 1 , 2 ] } ",
};

int main(int argc, char **argv)
{
	char path[512];
	FILE *file;
	size_t i;

	for (i = 0; argc == 2 && i < sizeof(seeds) / sizeof(*seeds); i++) {
		snprintf(path, sizeof(path), "%s/seed-%zu", argv[1], i);
		file = fopen(path, "w");
		if (!file || fputs(seeds[i], file) == EOF || fclose(file))
			return 1;
	}
	return argc != 2;
}
