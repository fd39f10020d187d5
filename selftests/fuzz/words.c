// SPDX-License-Identifier: GPL-2.0
/*
 * nat64ctl's command line for libFuzzer: words end with NUL or newline.  Where no
 * module is loaded each ends before anything is asked of the kernel but that.
 */
#include <getopt.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
	optind = 0;
	out_json = out_pretty = false;
	if (!setjmp(back))
		tool_main(count, words);
	free(text);
	return 0;
}
