/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as kmod/table.c needs, in userspace.  The headers in
 * linux/ are empty; this one is included before them.
 */
#ifndef SHIM_H
#define SHIM_H

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __rcu
#define ____cacheline_aligned_in_smp	__attribute__((aligned(64)))
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define prefetchw(p)		__builtin_prefetch(p, 1)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define reciprocal_scale(x, n)	((u32)((u64)(x) * (n) >> 32))

#define U32_MAX			UINT32_MAX
#define BIT(n)			(1UL << (n))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define fls(x)			((x) ? ilog2(x) + 1 : 0)
#define rounddown_pow_of_two(n)	(1UL << ilog2(n))
#define roundup_pow_of_two(n)	((n) > 1 ? 2UL << ilog2((n) - 1) : 1)

static inline int ilog2(u32 n)
{
	return 31 - __builtin_clz(n);
}

static inline u32 bitrev32(u32 x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(x);
}

static inline u32 get_random_u32(void)
{
	static __thread u64 state;
	static u64 threads;

	if (!state)
		state = __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
	state = state * 6364136223846793005 + 1442695040888963407;
	return state >> 32;
}

/* Races are rare on few processors: let others in where they may do harm. */
static inline void hesitate(void)
{
	if (!(get_random_u32() % 512))
		sched_yield();
}

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, value) \
	(hesitate(), __atomic_store_n(p, value, __ATOMIC_RELEASE))

typedef struct {
	int counter;
} atomic_t;

#define atomic_read(a)		READ_ONCE((a)->counter)
#define atomic_inc(a)	__atomic_fetch_add(&(a)->counter, 1, __ATOMIC_RELAXED)
#define atomic_dec(a)	__atomic_fetch_sub(&(a)->counter, 1, __ATOMIC_RELAXED)

typedef struct {
	pthread_t owner;
} spinlock_t;

#define lockdep_is_held(lock)	(READ_ONCE((lock)->owner) == pthread_self())
#define spin_lock_init(lock)	((lock)->owner = 0)
#define spin_lock_bh		spin_lock
#define spin_unlock_bh		spin_unlock

static inline bool spin_trylock_bh(spinlock_t *lock)
{
	pthread_t nobody = 0;

	return __atomic_compare_exchange_n(&lock->owner, &nobody,
					   pthread_self(), false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void spin_lock(spinlock_t *lock)
{
	assert(!lockdep_is_held(lock));
	while (!spin_trylock_bh(lock))
		sched_yield();
}

static inline void spin_unlock(spinlock_t *lock)
{
	assert(lockdep_is_held(lock));
	smp_store_release(&lock->owner, 0);
}

typedef struct {
	unsigned int sequence;
	spinlock_t *lock;
} seqcount_spinlock_t;

#define seqcount_spinlock_init(s, l) \
	(*(s) = (seqcount_spinlock_t){ .lock = (l) })
#define read_seqcount_retry(s, start) \
	(__atomic_thread_fence(__ATOMIC_ACQUIRE), \
	 READ_ONCE((s)->sequence) != (start))
#define write_seqcount_begin(s) \
	(assert(lockdep_is_held((s)->lock)), \
	 WRITE_ONCE((s)->sequence, (s)->sequence + 1), \
	 __atomic_thread_fence(__ATOMIC_RELEASE))
#define write_seqcount_end(s) \
	smp_store_release(&(s)->sequence, (s)->sequence + 1)

static inline unsigned int read_seqcount_begin(const seqcount_spinlock_t *s)
{
	unsigned int start;

	while ((start = smp_load_acquire(&s->sequence)) & 1)
		sched_yield();
	return start;
}

/* Readers do not wait for long: a grace period excludes them. */
static pthread_rwlock_t rcu_lock =
	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static __thread bool rcu_held;

#define might_sleep()		assert(!rcu_held)
#define cond_resched()		sched_yield()
#define rcu_access_pointer(p)	READ_ONCE(p)
#define rcu_dereference(p) \
	(assert(rcu_held), hesitate(), smp_load_acquire(&(p)))
#define rcu_dereference_protected(p, held)	(assert(held), (p))
#define rcu_assign_pointer(p, value)	smp_store_release(&(p), value)
#define RCU_INIT_POINTER(p, value)	(hesitate(), WRITE_ONCE(p, value))

#define rcu_read_lock() \
	(might_sleep(), pthread_rwlock_rdlock(&rcu_lock), rcu_held = true)
#define rcu_read_unlock() \
	(rcu_held = false, pthread_rwlock_unlock(&rcu_lock))
#define synchronize_rcu() \
	(might_sleep(), pthread_rwlock_wrlock(&rcu_lock), \
	 pthread_rwlock_unlock(&rcu_lock))

/* So many allocations of a hundred fail. */
static unsigned int alloc_failures;

#define kvcalloc(n, size, flags) \
	(get_random_u32() % 100 < alloc_failures ? NULL : calloc(n, size))
#define kvfree(p)		free(p)

struct work_struct {
	void (*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
	pthread_t thread;
	bool pending, cancelled;
};

#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define queue_delayed_work(queue, work, delay) \
	WRITE_ONCE((work)->pending, true)

static inline void *run_delayed_work(void *arg)
{
	struct delayed_work *work = arg;

	while (!READ_ONCE(work->cancelled)) {
		if (__atomic_exchange_n(&work->pending, false,
					__ATOMIC_SEQ_CST))
			work->work.func(&work->work);
		else
			usleep(50);
	}
	return NULL;
}

static inline void INIT_DELAYED_WORK(struct delayed_work *work,
				     void (*func)(struct work_struct *work))
{
	*work = (struct delayed_work){ .work.func = func };
	pthread_create(&work->thread, NULL, run_delayed_work, work);
}

#define cancel_delayed_work_sync(work) \
	(WRITE_ONCE((work)->cancelled, true), \
	 pthread_join((work)->thread, NULL))

#endif /* SHIM_H */
