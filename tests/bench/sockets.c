/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sockets serve ADDRESS PORT: takes connections and ends them; says "ready".
 * sockets connect ADDRESS PORT N: opens N connections, one after the other, each closed by a reset so that no port
 * waits. Prints how many it opened in a second. IPv4.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static int serve(const struct sockaddr_in *address)
{
	int listener = new_socket();

	if (bind(listener, (const void *)address, sizeof(*address)) || listen(listener, 4096)) {
		perror("sockets: listen");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0)
			close(fd);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int connect_one(const struct sockaddr_in *address)
{
	struct linger reset = { .l_onoff = 1 };
	int fd = new_socket(), failed = connect(fd, (const void *)address, sizeof(*address));

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	return failed;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	double start;
	long n;

	if (argc < 4 || inet_pton(AF_INET, argv[2], &address.sin_addr) != 1)
		return 2;
	address.sin_port = htons((unsigned short)atoi(argv[3]));
	if (strcmp(argv[1], "serve") == 0)
		return serve(&address);
	n = argc > 4 ? atol(argv[4]) : 1000;
	start = now();
	for (long i = 0; i < n; i++)
		if (connect_one(&address)) {
			perror("sockets: connect");
			return 1;
		}
	printf("%.0f\n", (double)n / (now() - start));
	return 0;
}
