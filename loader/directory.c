/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/directory.h"

#include <dirent.h>
#include <string.h>

bool directory_has_entries(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *item;
	bool has = false;

	while (directory && !has && (item = readdir(directory)))
		has = strcmp(item->d_name, ".") && strcmp(item->d_name, "..");
	if (directory)
		closedir(directory);
	return has;
}
