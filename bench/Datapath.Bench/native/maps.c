// SPDX-License-Identifier: Apache-2.0
/* Map operations as a C program does them: syscall(2) in a loop, with nothing between. A function returns a number of elements, or an errno below 0. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GET_NEXT_KEY 4
#define LOOKUP_BATCH 24

struct element {
	uint64_t fd; /* 32 bits and padding */
	const void *key;
	void *value;
	uint64_t flags;
};

struct batch {
	const void *in_batch;
	void *out_batch;
	void *keys;
	void *values;
	uint32_t count;
	uint32_t fd;
	uint64_t element_flags;
	uint64_t flags;
};

struct slot {
	uint64_t first;
	uint64_t second;
	uint64_t third;
};

/* The same command for each key. A step of 0 uses the same memory each time. */
long twin_each(int fd, int command, const char *keys, size_t key_step, char *values, size_t value_step, long count)
{
	struct element element = { .fd = (uint32_t)fd };

	for (long i = 0; i < count; i++) {
		element.key = keys + i * key_step;
		element.value = values ? values + i * value_step : NULL;
		if (syscall(SYS_bpf, command, &element, sizeof(element)) < 0)
			return -errno;
	}
	return count;
}

/* Writes or removes all elements by one call. */
long twin_write(int fd, int command, void *keys, void *values, long count)
{
	struct batch batch = { .keys = keys, .values = values, .count = (uint32_t)count, .fd = (uint32_t)fd };

	return syscall(SYS_bpf, command, &batch, sizeof(batch)) < 0 ? -errno : (long)batch.count;
}

/* Reads all elements, as many in a call as a portion. */
long twin_read(int fd, char *keys, size_t key_size, char *values, size_t value_size, long room, long portion)
{
	uint64_t place[8] = { 0 }; /* a bucket's number, or a key */
	long count = 0;

	while (count < room) {
		struct batch batch = {
			.in_batch = count ? place : NULL,
			.out_batch = place,
			.keys = keys + count * key_size,
			.values = values + count * value_size,
			.count = (uint32_t)(room - count < portion ? room - count : portion),
			.fd = (uint32_t)fd,
		};

		if (syscall(SYS_bpf, LOOKUP_BATCH, &batch, sizeof(batch)) < 0)
			return errno == ENOENT ? count + (long)batch.count : -errno;
		count += batch.count;
	}
	return count;
}

/* Reads all elements into new memory, key and value side by side, and gives the memory back. */
long twin_list(int fd, size_t key_size, size_t value_size, long portion)
{
	char *keys = malloc(portion * key_size), *values = malloc(portion * value_size), *pairs = NULL;
	uint64_t place[8] = { 0 };
	long count = 0, room = 0;
	int is_last = 0;

	while (!is_last) {
		struct batch batch = {
			.in_batch = count ? place : NULL,
			.out_batch = place,
			.keys = keys,
			.values = values,
			.count = (uint32_t)portion,
			.fd = (uint32_t)fd,
		};

		is_last = syscall(SYS_bpf, LOOKUP_BATCH, &batch, sizeof(batch)) < 0;
		if (is_last && errno != ENOENT) {
			count = -errno;
			break;
		}
		if (count + (long)batch.count > room) {
			room = 2 * (count + (long)batch.count);
			pairs = realloc(pairs, room * (key_size + value_size));
		}
		for (uint32_t i = 0; i < batch.count; i++) {
			char *pair = pairs + count++ * (key_size + value_size);

			memcpy(pair, keys + i * key_size, key_size);
			memcpy(pair + key_size, values + i * value_size, value_size);
		}
	}
	*(volatile char *)pairs; /* or the compiler may see that nobody wants it */
	free(keys);
	free(values);
	free(pairs);
	return count;
}

/* Walks over the keys, each into its own place. */
long twin_walk(int fd, char *keys, size_t key_size, long room)
{
	struct element element = { .fd = (uint32_t)fd };
	long count = 0;

	for (; count < room; count++) {
		element.key = count ? keys + (count - 1) * key_size : NULL;
		element.value = keys + count * key_size; /* the next key, for this command */
		if (syscall(SYS_bpf, GET_NEXT_KEY, &element, sizeof(element)) < 0)
			return errno == ENOENT ? count : -errno;
	}
	return count;
}

/* Fills slots in the memory of a mapped array. */
long twin_fill(struct slot *slots, long count, uint64_t value)
{
	for (long i = 0; i < count; i++)
		slots[i] = (struct slot){ value, (uint64_t)i, value + (uint64_t)i };
	return count;
}
