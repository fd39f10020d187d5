// SPDX-License-Identifier: GPL-2.0
/*
 * nat64ctl for libFuzzer: its command line, whose words end with NUL or newline; with
 * FUZZ_LINES a configuration file.  Where no module is loaded each ends before anything
 * is asked of the kernel but that.
 */
#include <getopt.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/nat64ctl.h"

#define WORDS_MAX 32

int tool_main(int argc, char **argv);
void tool_exit(int code) __attribute__((noreturn));

static jmp_buf back;

/* The tool's exit(). */
void tool_exit(int code)
{
	longjmp(back, code + 1);
}

static void run(int count, char **words)
{
	optind = 0;
	out_json = out_pretty = false;
	if (!setjmp(back))
		tool_main(count, words);
}

#ifdef FUZZ_LINES
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char file[32], *words[] = { "nat64ctl", "diff", file, NULL };
	int fd = memfd_create("lines", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	run(3, words);
	close(fd);
	return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[WORDS_MAX + 2] = { "nat64ctl" }, *text, *word;
	int count = 1;

	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = 0;
	for (word = text; word < text + size && count <= WORDS_MAX;
	     word += strlen(word) + 1) {
		word[strcspn(word, "\n")] = 0;
		words[count++] = word;
	}
	run(count, words);
	free(text);
	return 0;
}
#endif
