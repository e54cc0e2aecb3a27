// SPDX-License-Identifier: Apache-2.0
/* A ring buffer's reader in C: what the kernel's documentation asks of one, and nothing more. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUSY (1u << 31)
#define DISCARDED (1u << 30)

struct ring {
	_Atomic uint64_t *consumer;
	_Atomic uint64_t *producer;
	unsigned char *data;
	uint64_t mask;
	size_t page;
	int epoll;
};

struct ring *twin_ring_open(int fd, uint64_t size)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct ring *ring = calloc(1, sizeof(*ring));
	void *consumer, *rest;

	if (!ring)
		return NULL;
	ring->page = (size_t)sysconf(_SC_PAGESIZE);
	ring->mask = size - 1;
	ring->epoll = epoll_create1(EPOLL_CLOEXEC);
	consumer = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rest = mmap(NULL, ring->page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t)ring->page);
	if (ring->epoll < 0 || consumer == MAP_FAILED || rest == MAP_FAILED || epoll_ctl(ring->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return NULL; /* the benchmark ends */
	ring->consumer = consumer;
	ring->producer = rest;
	ring->data = (unsigned char *)rest + ring->page;
	return ring;
}

void twin_ring_close(struct ring *ring)
{
	close(ring->epoll);
	munmap((void *)ring->consumer, ring->page);
	munmap((void *)ring->producer, ring->page + 2 * (ring->mask + 1));
	free(ring);
}

/* Reads what is there; adds the first and the last word of each record of 64 bytes to the sum. */
long twin_ring_drain(struct ring *ring, uint64_t *sum)
{
	uint64_t position = atomic_load_explicit(ring->consumer, memory_order_relaxed), total = 0, end;
	long count = 0;

	while (position != (end = atomic_load_explicit(ring->producer, memory_order_acquire))) {
		while (position != end) {
			unsigned char *record = ring->data + (position & ring->mask);
			uint32_t length = atomic_load_explicit((_Atomic uint32_t *)record, memory_order_acquire);

			if (length & BUSY)
				goto done;
			if (!(length & DISCARDED)) {
				const uint64_t *words = (const uint64_t *)(record + 8);

				total += words[0] + words[7];
				count++;
			}
			position += ((length & ~DISCARDED) + 8 + 7) & ~7u;
		}
		atomic_store_explicit(ring->consumer, position, memory_order_release);
	}
done:
	atomic_store_explicit(ring->consumer, position, memory_order_release);
	*sum += total;
	return count;
}

/* Waits for so many records, and reads them. */
void twin_ring_consume(struct ring *ring, long count, uint64_t *sum)
{
	struct epoll_event event;

	while (count > 0) {
		epoll_wait(ring->epoll, &event, 1, 1000);
		count -= twin_ring_drain(ring, sum);
	}
}
