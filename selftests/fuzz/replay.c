// SPDX-License-Identifier: GPL-2.0
/*
 * replay FILE: what libFuzzer has found worth to keep, through the same function
 * without it.  FILE has an input on each line, in hexadecimal.  Prints how many
 * there were, and how many of them were translated.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern unsigned long translated;

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	size_t room = 0, count = 0;
	char *line = NULL;

	if (!file)
		err(1, "%s", argc == 2 ? argv[1] : "usage: replay FILE");
	while (getline(&line, &room, file) > 0) {
		size_t size = strspn(line, "0123456789abcdef") / 2;
		uint8_t *data = malloc(size);

		for (size_t i = 0; i < size; i++)
			sscanf(line + 2 * i, "%2hhx", &data[i]);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
		count++;
	}
	free(line);
	fclose(file);
	printf("%zu %lu\n", count, translated);
	return 0;
}
