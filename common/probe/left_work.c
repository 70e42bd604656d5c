#include "common/probe/left_work.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/arena.h"

enum { SECOND_US = 1000000 };

/* Both sides know it; who comes last frees it. */
struct contract {
	left_work *work;
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool done, left;
};

static struct contract *make(left_work *work, void *context)
{
	struct contract *contract = calloc(1, sizeof(*contract));
	pthread_condattr_t monotonic;

	if (!contract)
		out_of_memory();
	contract->work = work;
	contract->context = context;
	pthread_mutex_init(&contract->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&contract->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return contract;
}

static void dissolve(struct contract *contract)
{
	pthread_cond_destroy(&contract->ended);
	pthread_mutex_destroy(&contract->lock);
	free(contract);
}

static void *run(void *context)
{
	struct contract *contract = context;
	bool left;

	contract->work(contract->context);
	pthread_mutex_lock(&contract->lock);
	contract->done = true;
	left = contract->left;
	pthread_cond_signal(&contract->ended);
	pthread_mutex_unlock(&contract->lock);
	if (left)
		dissolve(contract);
	return NULL;
}

/* After the unlock the thread may dissolve what was left to it. */
static bool await(struct contract *contract, int64_t deadline_us)
{
	struct timespec until = { .tv_sec = deadline_us / SECOND_US,
		.tv_nsec = deadline_us % SECOND_US * 1000 };
	bool done;

	pthread_mutex_lock(&contract->lock);
	while (!contract->done &&
		pthread_cond_timedwait(&contract->ended, &contract->lock, &until) != ETIMEDOUT)
		;
	done = contract->done;
	contract->left = !done;
	pthread_mutex_unlock(&contract->lock);
	return done;
}

bool left_work_until(int64_t deadline_us, left_work *work, void *context)
{
	struct contract *contract = make(work, context);
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, contract)) {
		dissolve(contract);
		return true;
	}
	if (!await(contract, deadline_us)) {
		pthread_detach(thread);
		return false;
	}
	pthread_join(thread, NULL);
	dissolve(contract);
	return true;
}
